"""Remove articles from an output, for good: a takedown.

First is remembered what is forgotten, so that no run publishes it again. Then it leaves every file:
rows, kept versions, dead letters, what other rows say of it, manifests. Last, every file is
searched. Each step can be done twice, so a `forget` that was killed is simply run again.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.manifest import drop_pages
from pipeline.upkeep.replay import documents_of
from pipeline.upkeep.session import Upkeep
from pipeline.upkeep.takedown import Forgotten
from pipeline.upkeep.traces import Names, find_traces
from transforms.bounds import USUAL
from transforms.dedupe.withdraw import drop_withdrawals
from transforms.errors import ConfigError
from transforms.formats.base import ParseOptions
from transforms.identity import article_id, link_key
from transforms.isolation import caught
from transforms.letters import Line, rewrite_letters
from transforms.models.cache import drop_results
from transforms.output.days import changing_day
from transforms.output.file_columns import read_columns
from transforms.output.folders import remove_replaced
from transforms.output.history import FOLDER as REVISIONS
from transforms.output.listing import by_day, day_files
from transforms.output.merge import Row, decode_table, encode_table, sort_rows
from transforms.output.schema import rows_table
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.output.tables import TableSettings, check_table
from transforms.output.tables.sync import follow_for_good
from transforms.output.versions import Precedence
from transforms.output.withheld import remember_forgotten
from transforms.parse import parse_document
from transforms.records import Article, RawDocument

_ID_DIGITS = 32
_MAX_BYTES = 2**31
_LINKS = (
    *("id", "keys", "url", "duplicates", "duplicate_of", "story_id"),
    *("published_at", "date_source"),
)

Heirs = Mapping[tuple[str, str], str]
"""`duplicate_of` or `story_id`, and an id that goes -> the id that takes its place there. An
article on the same event is no copy, so the two may differ."""


def names_of(ids: Sequence[str], urls: Sequence[str]) -> Names:
    """Return the names by which articles are to be found.

    Raises:
        ConfigError: an id or address cannot be that of an article.
    """
    for id_ in ids:
        if len(id_) != _ID_DIGITS or set(id_) - set("0123456789abcdef"):
            raise ConfigError(f"--id {id_}: an id is 32 hex digits, as in the column id")
    for url in urls:
        if link_key(url) is None:
            raise ConfigError(f"--url {url}: no http(s) address of one page")
    if not ids and not urls:
        raise ConfigError("name what is to be forgotten: --id ID, --url URL")
    keys = {article_id(uri="", whole_file=False, id_scope="", url=url) for url in urls}
    return Names(frozenset(ids), frozenset()).plus(keys, map(link_key, urls))


def unknown_names(root: str, ids: Sequence[str], urls: Sequence[str]) -> list[str]:
    """Return those of the names that no row, kept version or listed duplicate has."""
    wanted = {name: names_of([name], []) for name in ids}
    wanted |= {name: names_of([], [name]) for name in urls}
    for path in _files(root):
        for row in _links(path):
            articles = [(row["keys"], row["url"])]
            articles += [([item["id"]], item["url"]) for item in row["duplicates"]]
            for name in [n for n in wanted if any(wanted[n].has(*a) for a in articles)]:
                del wanted[name]
    return list(wanted)


def forget(root: str, names: Names, done: Upkeep, table: TableSettings | None = None) -> Forgotten:
    """Remove the articles called `names` from the output `root`; return what went and what is left.

    Their own rows go last, since they tell all names: so whatever was killed can be found again.
    The output's lock has to be held.

    Raises:
        ConfigError: the library of the table that follows the output is not installed.
    """
    if table:
        check_table(table)
    result = Forgotten()
    counts = result.counts
    names = _all_names(root, names)
    remember_forgotten(root, names.keys)
    counts["dead_letters"] += rewrite_letters(
        root, lambda line: None if _letter_is_of(line, names) else line.content
    )
    for path in list_files(join(root, "_runs/*.json")):
        counts["manifests"] += _clean_manifest(path, names)
    # A page shows examples of dead letters by their ids, which tell nothing of an article.
    any_letter = counts["dead_letters"] > 0
    if pages := drop_pages(root, lambda path: any_letter or names.are_in(read_bytes(path) or b"")):
        counts["run_pages"] = pages
    drop_withdrawals(root, names.keys)  # they stay out anyway
    drop_results(root)
    heirs = _heirs(root, names)
    last = frozenset(heirs.values())  # they tell who takes the place of what goes
    passes: tuple[Callable[[Row], bool], ...] = (
        lambda row: row["id"] not in last and not _is_meant(row, names),
        lambda row: row["id"] in last,
        lambda row: _is_meant(row, names),
    )
    for is_its_turn in passes:
        clean = partial(_cleaned, names=names, heirs=heirs, is_its_turn=is_its_turn, counts=counts)
        for path in _kept_versions(root):
            done.check()
            _replace_version(path, clean(path))
        for date, files in by_day(day_files(root)):
            with changing_day(root, date) as day:
                for file in files:
                    day.expect(file)
                    if (cleaned := clean(join(root, file.path))) is not None:
                        day.replace(file, cleaned or None)
                done.check()
            done.paths |= day.created | day.changed
    remove_replaced()
    beside = []
    if table:
        follow_for_good(root, table)
        beside = [] if table.catalog or table.path.startswith(join(root, "")) else [table.path]
    result.searched, result.traces = find_traces(root, names, *beside)
    return result


def _files(root: str) -> list[str]:
    """Return the files of kept versions, and those of rows."""
    return _kept_versions(root) + [join(root, file.path) for file in day_files(root)]


def _kept_versions(root: str) -> list[str]:
    return list_files(join(root, f"{REVISIONS}/date=*/*.parquet"))


def _replace_version(path: str, content: bytes | None) -> None:
    if content:
        publish(path, content)
    elif content is not None:
        remove(path)


def _links(path: str) -> list[Row]:
    """Return what the rows of a file say of articles."""
    rows = read_columns(path, _LINKS).to_pylist()
    return [row | {"duplicates": row["duplicates"] or []} for row in rows]


def _is_meant(row: Row, names: Names) -> bool:
    return names.has(row["keys"], row["url"])


def _all_names(root: str, names: Names) -> Names:
    """Return `names`, and all others that the rows of the articles know for them."""
    while True:
        more = names
        for path in _files(root):
            for row in _links(path):
                if _is_meant(row, more):
                    more = more.plus(row["keys"], [link_key(row["url"] or "")])
                for item in row["duplicates"]:
                    if more.has([item["id"]], item["url"]):
                        more = more.plus([item["id"]], [link_key(item["url"])])
        if more == names:
            return names
        names = more


def _heirs(root: str, names: Names) -> Heirs:
    """Return who takes the place of an article that goes: the first of those linked to it."""
    firsts: dict[tuple[str, str], Precedence[datetime]] = {}
    for file in day_files(root):
        for row in _links(join(root, file.path)):
            if not _is_meant(row, names):
                place = Precedence.of(row)
                for column in ("duplicate_of", "story_id"):
                    if row[column] in names.keys:
                        link = column, row[column]
                        firsts[link] = min(firsts.get(link, place), place)
    return {link: place.id for link, place in firsts.items()}


def _cleaned(
    path: str,
    names: Names,
    heirs: Heirs,
    is_its_turn: Callable[[Row], bool],
    counts: Counter[str],
) -> bytes | None:
    """Return a file without the articles, and without what other rows say of them.

    That is nothing if no row is left, and `None` if there is nothing to take out.
    """
    touched = [
        is_its_turn(row) and (_is_meant(row, names) or _is_linked(row, names))
        for row in _links(path)
    ]
    if not any(touched):
        return None
    table = decode_table(read_bytes(path) or b"", path)
    rows = table.filter(pa.array(touched)).to_pylist()
    stay = [_unlinked(row, names, heirs, counts) for row in rows if not _is_meant(row, names)]
    counts["versions" if REVISIONS in path else "rows"] += len(rows) - len(stay)
    counts["relinked"] += len(stay)
    others = table.filter(pc.invert(pa.array(touched)))
    kept = sort_rows(pa.concat_tables([others, rows_table(stay)]))
    return encode_table(kept) if len(kept) else b""


def _is_linked(row: Row, names: Names) -> bool:
    return bool({row["duplicate_of"], row["story_id"]} & names.keys) or any(
        names.has([item["id"]], item["url"]) for item in row["duplicates"]
    )


def _unlinked(row: Row, names: Names, heirs: Heirs, counts: Counter[str]) -> Row:
    """Return `row` without what it says of the articles."""
    kept = [item for item in row["duplicates"] if not names.has([item["id"]], item["url"])]
    kept_ids = {item["id"] for item in kept}
    counts["duplicates"] += len(row["duplicates"]) - len(kept)
    first, story = row["duplicate_of"], row["story_id"]
    if first in names.keys:
        heir = heirs.get(("duplicate_of", first))
        first = None if heir == row["id"] else heir
    return row | {
        "duplicates": kept,
        "listed": [item for item in row["listed"] if item["id"] in kept_ids],
        "duplicate_of": first,
        "story_id": heirs.get(("story_id", story)) if story in names.keys else story,
    }


def _letter_is_of(line: Line, names: Names) -> bool:
    """Return whether a dead letter names one of the articles, or holds it."""
    if names.are_in(line.content):
        return True
    if line.stored is None:
        return False
    if names.are_in(line.stored.letter.payload):
        return True
    for document in documents_of(line.stored, _MAX_BYTES):
        if isinstance(document, RawDocument):
            parsed = caught(partial(parse_document, document, ParseOptions()), USUAL)
            if isinstance(parsed, Article) and names.has((parsed.id, *parsed.keys), parsed.url):
                return True
    return False


def _clean_manifest(path: str, names: Names) -> bool:
    """Take the names out of a manifest, such as the address of an input; return whether it did."""
    content = read_bytes(path) or b""
    if not names.are_in(content):
        return False

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return "[forgotten]" if names.are_in(value.encode()) else value
        if isinstance(value, list):
            return [cleaned(item) for item in value]
        if isinstance(value, dict):
            return {cleaned(key): cleaned(item) for key, item in value.items()}
        return value

    manifest = cleaned(json.loads(content))
    publish(path, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())
    return True
