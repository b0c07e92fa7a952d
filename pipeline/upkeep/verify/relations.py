"""What must hold of `duplicate_of` and `story_id`: they lead to rows, and no further.

Memory is bounded as in `ids`: references are followed in passes, by the digits they begin with.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.ids import ROWS_PER_PASS, prefixes
from pipeline.upkeep.verify.published_files import FileFacts
from transforms.output.file_columns import read_columns
from transforms.output.merge import Amendment
from transforms.output.publish import Changes, publish_files
from transforms.output.storage import join
from transforms.records import DayFile

LINK_CODES = frozenset({"dangling_link", "link_to_copy"})

_COLUMNS = ("id", "duplicate_of", "story_id")


class _Target(NamedTuple):
    """A row that others refer to."""

    duplicate_of: str | None
    story_id: str | None


def check_links(
    root: str, facts: Sequence[FileFacts], rows_per_pass: int = ROWS_PER_PASS
) -> Iterator[Problem]:
    """Yield rows linked to one that is missing or itself linked, and stories that went elsewhere.

    A story's first article may be gone; if it is there, it must be in its story.
    """
    files = [fact.file for fact in facts if fact.readable]
    for prefix in prefixes(sum(fact.rows for fact in facts), rows_per_pass):
        links = [(file, _referring(root, file, "duplicate_of", prefix)) for file in files]
        stories = [(file, _referring(root, file, "story_id", prefix)) for file in files]
        wanted = {id_ for _, found in (*links, *stories) for id_ in found.values()}
        rows = _targets(root, files, wanted)
        for file, found in links:
            yield from _link_problems(file, found, rows)
        for file, found in stories:
            yield from _story_problems(file, found, rows)


def mend_links(root: str, files: Sequence[DayFile], ids: Collection[str]) -> set[str]:
    """Link the rows `ids` to the first article that their links lead to, if to any.

    Returns the paths of the files that changed.
    """
    links: dict[str, str] = {}
    rows: dict[str, DayFile] = {}
    for file in files if ids else ():
        table = read_columns(join(root, file.path), _COLUMNS[:2])
        rows |= dict.fromkeys(table["id"].to_pylist(), file)
        linked = table.filter(pc.is_valid(table["duplicate_of"]))
        links |= dict(
            zip(linked["id"].to_pylist(), linked["duplicate_of"].to_pylist(), strict=True)
        )
    changes = defaultdict(list)
    for id_ in sorted(set(ids) & links.keys()):
        first = _end(id_, links)
        changes[rows[id_]].append(Amendment(id_, duplicate_of=first if first in rows else None))
    parts = {file: Changes(amendments=amendments) for file, amendments in changes.items()}
    return set(publish_files(root, parts).paths)


def _end(id_: str, links: Mapping[str, str]) -> str | None:
    """Return where the links from `id_` end; `None` if they lead back."""
    seen = {id_}
    while following := links.get(id_):
        if following in seen:
            return None
        id_ = following
        seen.add(id_)
    return id_


def _referring(root: str, file: DayFile, column: str, prefix: str) -> dict[str, str]:
    """Return what the rows of `file` refer to, beginning with `prefix`: id -> id."""
    table = read_columns(join(root, file.path), ("id", column))
    chosen = pc.starts_with(table[column], prefix)
    if column == "story_id":  # most articles are their own story
        chosen = pc.and_(chosen, pc.not_equal(table[column], table["id"]))
    found = table.filter(chosen.fill_null(False))
    return dict(zip(found["id"].to_pylist(), found[column].to_pylist(), strict=True))


def _targets(root: str, files: Sequence[DayFile], wanted: set[str]) -> dict[str, _Target]:
    ids = pa.array(sorted(wanted), pa.string())
    rows: dict[str, _Target] = {}
    for file in files if wanted else ():
        table = read_columns(join(root, file.path), _COLUMNS)
        for row in table.filter(pc.is_in(table["id"], ids)).to_pylist():
            rows[row["id"]] = _Target(row["duplicate_of"], row["story_id"])
    return rows


def _link_problems(
    file: DayFile, links: Mapping[str, str], rows: Mapping[str, _Target]
) -> Iterator[Problem]:
    for id_, first in links.items():
        if first not in rows:
            detail = f"it is linked to {first}, which has no row"
            yield Problem("dangling_link", file.path, detail, True, id=id_)
        elif rows[first].duplicate_of or first == id_:
            detail = f"it is linked to {first}, which is itself linked"
            yield Problem("link_to_copy", file.path, detail, True, id=id_)


def _story_problems(
    file: DayFile, stories: Mapping[str, str], rows: Mapping[str, _Target]
) -> Iterator[Problem]:
    for id_, story in stories.items():
        if story in rows and rows[story].story_id != story:
            detail = f"its story began with {story}, which is in story {rows[story].story_id}"
            yield Problem("wrong_story", file.path, detail, id=id_)
