"""The last step: publish what the steps before it made, and take out what it replaces."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from transforms.output.folders import remove_replaced
from transforms.output.history import full_rows, keep_replaced
from transforms.output.ledger import Known, look_up
from transforms.output.merge import Amendment, Removal, Row, merge_versions
from transforms.output.publish import Changes, Published, publish_day
from transforms.output.schema import article_row
from transforms.records import Article, Partition, home_of

STEP = "write"

_Change = Row | Amendment | Removal
_Changes = Iterable[tuple[Partition, _Change]]


class Written(NamedTuple):
    """What was published.

    Attributes:
        counts: articles whose row is new or another one, and those whose row needed no change. An
            article whose row this run had written, and now replaced or took out, is counted anew.
        feeds: of those counted as written, by the address of the feed that listed them.
        files: that came, changed or went.
    """

    counts: Counter[str]
    feeds: Counter[str]
    files: Published


class WriteOptions(NamedTuple):
    """Where rows are published.

    Attributes:
        root: the output.
        buckets: per day.
        run_id: the run that writes.
        keep_replaced: whether replaced versions are kept (see `history`).
    """

    root: str
    buckets: int
    run_id: str
    keep_replaced: bool = False


def write(
    articles: Iterable[Article],
    links: _Changes,
    changes: Iterable[tuple[Partition, Amendment | Removal]],
    options: WriteOptions,
) -> Written:
    """Publish the rows of articles, and changes to rows that are published.

    New links to an article are published before it: where a crash comes in between, the next run
    reads the article again.

    A row that moves to another day, or gives way to another article, is removed after that was
    published, and only if it was: nothing is lost by a crash in between, which the next run mends,
    nor where what comes in its place is rejected on the way. Likewise, an article leaves the
    duplicates of another once it has its own row.

    For the holder of the output's lock.

    Args:
        articles: one per id.
        links: see `Related`.
        changes: see `Deduped`.
        options: see there.

    Raises:
        NewsbeamError: a file that is there cannot be read.
        OSError: one cannot be written. Days before it are published, the others as they were.
    """
    root, files = options.root, Published()
    at_once: list[tuple[Partition, _Change]] = []
    afterwards: list[tuple[Partition, Amendment | Removal]] = []
    for change in changes:
        # In one step with what may come in their place: a newer version of what was taken back.
        (afterwards if look_for(change[1]) else at_once).append(change)
    for date, day in _by_day(links):
        files = files.plus(publish_day(root, date, day))
    rows = [_row(article, options) for article in articles]
    if options.keep_replaced:
        keep_replaced(root, [row for _, row in rows])
    done = Published()
    for date, day in _by_day([*rows, *at_once]):
        done = done.plus(publish_day(root, date, day))
    files = files.plus(done)
    due = list(_due(root, afterwards))
    gone = Published()
    for date, day in _by_day(due):
        gone = gone.plus(publish_day(root, date, day))
    files = files.plus(gone)
    remove_replaced()
    written = {row["id"]: row["feed"] for _, row in rows if row["id"] in done.ids}
    counts = Counter(written=len(written), unchanged=len(rows) - len(written))
    taken = _taken_out(due, gone, options.run_id)
    anew = {id_ for id_ in written if done.runs.get(id_) == options.run_id or taken.get(id_) == id_}
    replaced = Counter(unchanged=len(anew))
    replaced += Counter("duplicate" for id_, successor in taken.items() if successor != id_)
    counts.update(replaced)
    counts["written"] -= replaced.total()
    feeds = Counter(feed for id_, feed in written.items() if feed and id_ not in anew)
    return Written(counts, feeds, files)


def _taken_out(
    changes: Iterable[tuple[Partition, Amendment | Removal]], gone: Published, run_id: str
) -> dict[str, str | None]:
    """Return the articles of which a row was removed that this run had written: their successors.

    An article whose row moved is its own.
    """
    removals = {change.id: change for _, change in changes if isinstance(change, Removal)}
    runs = gone.runs.items()
    return {id_: removals[id_].successor for id_, run in runs if run == run_id and id_ in removals}


def _row(article: Article, options: WriteOptions) -> tuple[Partition, Row]:
    """Return the row of `article`, and where it goes."""
    home = home_of(article, options.buckets)
    row = article_row(article, options.run_id)
    # The row of an older version, which only brings a better date to a newer one.
    old = full_rows(options.root, article.origin, article.id) if article.origin else []
    if old:
        row = merge_versions(old[0], row) | {"duplicate_of": row["duplicate_of"]}
    return home, row


def _due(
    root: str, changes: Sequence[tuple[Partition, Amendment | Removal]]
) -> Iterator[tuple[Partition, Amendment | Removal]]:
    """Yield the changes that may be made, now that rows and links are published."""
    awaited = {id_ for _, change in changes for id_ in look_for(change)}
    known: dict[str, list[Known]] = defaultdict(list)
    for item in look_up(root, awaited, set()) if awaited else ():
        for id_ in awaited & {item.row["id"], *(d["id"] for d in item.row["duplicates"])}:
            known[id_].append(item)
    for home, change in changes:
        if is_due(change, home, [item for id_ in look_for(change) for item in known[id_]]):
            yield home, change


def look_for(change: Amendment | Removal) -> list[str]:
    """Return the ids of which there must be a row before `change`."""
    if isinstance(change, Amendment):
        return [item.id for item in change.parted]
    return [] if change.successor is None else [change.successor]


def is_due(change: Amendment | Removal, home: Partition, known: Sequence[Known]) -> bool:
    """Return whether what `change` waits for has come.

    Args:
        change: to a row.
        home: the partition of the row.
        known: the published rows that have an id that `look_for` names, or list it.
    """
    others = [item.row for item in known if (item.home, item.row["id"]) != (home, change.id)]
    ids = {row["id"] for row in others}
    listed = {(row["id"], item["id"]) for row in others for item in row["duplicates"]}
    if isinstance(change, Amendment):  # what parts may have become another one's duplicate
        return (ids | {id_ for _, id_ in listed}).issuperset(look_for(change))
    if change.successor in {None, change.id}:
        return change.successor is None or change.id in ids
    return (change.successor, change.id) in listed  # an older row of the successor does not count


def _by_day(changes: _Changes) -> Iterator[tuple[str, dict[int, Changes]]]:
    """Yield each day that changes, in order, with the changes to its rows by their bucket."""
    parts: dict[str, dict[int, tuple[list[Row], list[Amendment], list[str]]]] = {}
    for home, change in changes:
        day = parts.setdefault(home.date, {})
        rows, amendments, removals = day.setdefault(home.bucket, ([], [], []))
        if isinstance(change, Amendment):
            amendments.append(change)
        elif isinstance(change, Removal):
            removals.append(change.id)
        else:
            rows.append(change)
    for date, day in sorted(parts.items()):
        yield date, {bucket: Changes(*part) for bucket, part in day.items()}
