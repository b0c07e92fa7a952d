"""Remove texts and rows that are older than they may be kept.

Age counts in whole UTC days from `published_at`, which is the folder. A row without its text keeps
its keys, versions and the hash of the text, so an input that is read again is found unchanged and
brings nothing back. Each step can be done twice, so what was killed is simply run again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console

from pipeline.manifest import drop_pages
from pipeline.plain_table import plain_table
from pipeline.upkeep.session import Upkeep
from pipeline.upkeep.verify.published_files import FileFacts
from pipeline.upkeep.verify.relations import check_links, mend_links
from transforms.letters import letter_files, letter_lines
from transforms.models.cache import drop_results
from transforms.output.days import changing_day
from transforms.output.file_columns import read_columns
from transforms.output.history import FOLDER as REVISIONS
from transforms.output.listing import by_day, day_files
from transforms.output.merge import decode_table, encode_table, sort_rows
from transforms.output.schema import rows_table
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.records import TEXT_REMOVED, DayFile, add_flags

_LINK_DAYS = 31
"""A near-duplicate is linked over fewer days (`near.days`)."""


def retain(root: str, text_from: str, rows_from: str, done: Upkeep) -> Counter[str]:
    """Remove the texts of days before `text_from`, and days before `rows_from`; return what went.

    Kept versions go likewise, and dead letters of days before either, as they hold whole inputs.
    The output's lock has to be held.
    """
    counts: Counter[str] = Counter()
    last = max(text_from, rows_from)
    for day, files in by_day(day_files(root)):
        if day < last:
            _retain_day(root, day, files, day < rows_from, counts, done)
    for path in list_files(join(root, f"{REVISIONS}/date=*/*.parquet")):
        if _day(path) < rows_from:
            counts["versions"] += 1
            remove(path)
        elif _day(path) < text_from and (content := (cut := _without_texts(path)).content):
            counts["texts"] += cut.rows
            publish(path, content)
    for path in letter_files(root):
        if _day(path) < last:
            counts["dead_letters"] += sum(1 for _ in letter_lines(path))
            remove(path)
    # A page names inputs that were rejected on its day.
    if pages := drop_pages(root, lambda path: _day_of_run(path) < last):
        counts["run_pages"] = pages
    if rows_from:
        drop_results(root)
        done.paths |= _relink(root, rows_from)
    return counts


def _retain_day(  # noqa: PLR0913, PLR0917 (one day's part of what `retain` has)
    root: str,
    day: str,
    files: Sequence[DayFile],
    without_rows: bool,
    counts: Counter[str],
    done: Upkeep,
) -> None:
    with changing_day(root, day) as change:
        for file in files:
            path = join(root, file.path)
            change.expect(file)
            cut = _removed(path) if without_rows else _without_texts(path)
            counts[cut.what] += cut.rows
            if cut.rows:
                change.replace(file, cut.content)
        done.check()
    done.paths |= change.created | change.changed


class _Cut(NamedTuple):
    """What a file loses, how many of it, and its content afterwards, if any."""

    what: str
    rows: int
    content: bytes | None


def _removed(path: str) -> _Cut:
    return _Cut("rows", len(read_columns(path, ("id",))), None)


def _day(path: str) -> str:
    return path.split("/")[-2].removeprefix("date=")


def _day_of_run(path: str) -> str:
    name = path.rpartition("/")[2]
    return f"{name[:4]}-{name[4:6]}-{name[6:8]}"


def _without_texts(path: str) -> _Cut:
    has_text = [TEXT_REMOVED not in flags for flags in _flags(path)]
    if not any(has_text):
        return _Cut("texts", 0, None)
    table = decode_table(read_bytes(path) or b"", path)
    rows = [
        row | {"text": "", "near_keys": None, "flags": list(add_flags(row["flags"], TEXT_REMOVED))}
        for row in table.filter(pa.array(has_text)).to_pylist()
    ]
    others = table.filter(pc.invert(pa.array(has_text)))
    content = encode_table(sort_rows(pa.concat_tables([others, rows_table(rows)])))
    return _Cut("texts", len(rows), content)


def _flags(path: str) -> Iterable[list[str]]:
    return (flags or [] for flags in read_columns(path, ("flags",))["flags"].to_pylist())


def _relink(root: str, rows_from: str) -> set[str]:
    """Clear the links to rows that are gone; return the paths of the files that changed."""
    first = date.fromisoformat(rows_from)
    linked, targets = (
        (first + timedelta(days=days)).isoformat() for days in (_LINK_DAYS, 2 * _LINK_DAYS)
    )
    files = [file for file in day_files(root) if file.date < targets]
    rows = {file: len(read_columns(join(root, file.path), ("id",))) for file in files}
    problems = check_links(root, [FileFacts(file, count) for file, count in rows.items()])
    ids = {p.id for p in problems if p.code == "dangling_link" and p.path[:15] < f"date={linked}"}
    return mend_links(root, files, ids)


def print_retained(console: Console, counts: Counter[str]) -> None:
    """Print what went."""
    table = plain_table(None, "what", "removed")
    table.columns[1].justify = "right"
    for what in ("texts", "rows", "versions", "dead_letters", "run_pages"):
        table.add_row(what.replace("_", " "), f"{counts[what]:,}")
    console.print(table)
