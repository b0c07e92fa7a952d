"""Bring a table to what the plain layout holds."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from transforms.output.file_columns import open_file
from transforms.output.merge import readable
from transforms.output.schema import COLUMNS, SCHEMA, to_current_schema
from transforms.output.state import TableFiles
from transforms.output.storage import FileState, join, list_states
from transforms.output.tables import TableSettings, open_table
from transforms.output.tables.table_rows import TableSink, changed_rows, table_rows

COMMIT_BYTES = 2**26
"""Bytes of changed files in one commit, at the most, unless they are of one day: bounds memory. A
batch has less; it takes more to fill a new table from an old output."""

_DAY = re.compile(r"date=(\d{4}-\d\d-\d\d)/[^/]+\.parquet$")

_FILLED = " ".join(c.name for c in COLUMNS if c.since > 1 and not c.nullable)
"""Columns that older files hold something in: a table that has just got one is written anew."""


def follow_output(root: str, settings: TableSettings | None) -> None:
    """Bring the table, if there is one, to what the output holds; see `sync_table`.

    Raises:
        ConfigError: its library is not installed, or it cannot lie there.
    """
    if settings:
        sync_table(root, open_table(settings))


def follow_for_good(root: str, settings: TableSettings) -> None:
    """Bring the table to what the output holds, and let nothing be left of what it held before.

    Raises:
        ConfigError: see `follow_output`.
    """
    sink = open_table(settings)
    sync_table(root, sink)
    sink.drop_history()


def sync_table(root: str, sink: TableSink, commit_bytes: int = COMMIT_BYTES) -> int:
    """Bring the table to what the plain layout below `root` holds; return the commits it took.

    Files are compared with what was seen of them last time. Of those that changed, the rows that
    the table does not hold as they are replace those of the same ids, and ids that a day no longer
    has are taken out. What was seen is recorded (`TableFiles`) after the commit: one that dies in
    between finds nothing to do.

    For the holder of the output's lock.

    Raises:
        NewsbeamError: a file cannot be read.
    """
    identity = f"{sink.identity} {_FILLED}"
    state = TableFiles.read(root)
    seen = state.files if state.table == identity else None
    now, done = _file_states(root), dict(seen or {})
    changed = {path for path in {*now, *done} if now.get(path) != done.get(path)}
    days = {_day_of(path) for path in changed}
    if seen is None:  # nothing is known of this table: it may hold days that are gone
        days |= sink.days()
    commits = 0
    for group in _groups(
        days, {path: now[path].size for path in changed & now.keys()}, commit_bytes
    ):
        here = {path for path in {*now, *done} if _day_of(path) in group}
        commits += _commit(
            root, sink, group, here & changed & now.keys(), (here & now.keys()) - changed
        )
        done = {path: state for path, state in done.items() if path not in here}
        done |= {path: now[path] for path in here & now.keys()}
        TableFiles(table=identity, files=dict(sorted(done.items()))).write(root)
    return commits


def _commit(
    root: str,
    sink: TableSink,
    days: Collection[date],
    changed: Iterable[str],
    unchanged: Iterable[str],
) -> bool:
    """Commit the rows of the files that changed; return whether there was anything to do."""
    tables = [_read(root, path) for path in sorted(changed)]
    rows = table_rows(pa.concat_tables([SCHEMA.empty_table(), *tables]))
    kept = [_read(root, path, ["id"]).column("id") for path in sorted(unchanged)]
    staying = pa.chunked_array([chunk for ids in kept for chunk in ids.chunks], pa.string())
    known = sink.ids(days)
    leaving = known.filter(pc.invert(pc.is_in(known, staying)))
    fresh = changed_rows(rows, sink.rows(days, leaving) if len(leaving) else ())
    same = rows["id"].filter(pc.invert(pc.is_in(rows["id"], fresh["id"])))
    old = leaving.filter(pc.invert(pc.is_in(leaving, same))).to_pylist()
    if not len(fresh) and not old:
        return False
    sink.commit(fresh, old, days)
    return True


def _read(root: str, path: str, columns: list[str] | None = None) -> pa.Table:
    """Return these columns of a file, or all of them in today's schema."""
    with readable(path):
        table = open_file(join(root, path)).read(columns=columns)
        return table if columns else to_current_schema(table)


def _groups(days: Iterable[date], sizes: Mapping[str, int], most: float) -> Iterator[set[date]]:
    """Yield the days in groups whose files have no more than `most` bytes, or one day each."""
    group: set[date] = set()
    total = 0.0
    for day in sorted(days):
        size = sum(own for path, own in sizes.items() if _day_of(path) == day)
        if group and total + size > most:
            yield group
            group, total = set(), 0.0
        group.add(day)
        total += size
    if group:
        yield group


def _day_of(path: str) -> date:
    match = _DAY.search(path)
    assert match is not None
    return date.fromisoformat(match[1])


def _file_states(root: str) -> dict[str, FileState]:
    """Return the state of each file of rows, by its path below `root`."""
    states = list_states(join(root, "date=*/part-*.parquet"))
    return {"/".join(path.rsplit("/", 2)[-2:]): state for path, state in states.items()}
