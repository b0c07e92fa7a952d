"""Published articles, chosen for who reads them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, itemgetter, or_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join, require_output
from transforms.redaction import redacted
from transforms.text.date_sources import STATED_SOURCES

COLUMNS = (
    "id",
    "published_at",
    "date_source",
    "title",
    "source",
    "url",
    "uri",
    "authors",
    "language",
    "topic",
    "topic_score",
    "summary",
    "faithfulness",
    "word_count",
    "revision",
    "duplicates",
    "duplicate_of",
    "story_id",
    "flags",
)
_SEARCHED = ("title", "summary", "text")
_TIME = "published_at"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""The first and the last moment."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which articles are wanted; by default all.

    Attributes:
        start: the first moment of publication.
        end: the first moment after it.
        topic: a label, or a part of one, in any case.
        language: its code, such as `en`.
        words: all are in the title, the summary or the text, in any case.
    """

    start: datetime = EVER[0]
    end: datetime = EVER[1]
    topic: str | None = None
    language: str | None = None
    words: tuple[str, ...] = ()

    def has_day(self, day: str) -> bool:
        """Return whether an article of a UTC day can be among them."""
        return (
            self.start.date().isoformat() <= day and datetime.fromisoformat(f"{day}T00Z") < self.end
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that `expression` asks for."""
        content = {"topic": self.topic, "language": self.language}
        searched = _SEARCHED if self.words else ()
        return (_TIME, *(name for name, value in content.items() if value), *searched)

    def expression(self, day: str) -> pc.Expression | None:
        """Return what holds for their rows of a day; `None` if all of them are wanted.

        Arrow imports pandas, where that is installed, to take a value: half a second.
        """
        parts = [*self._of_period(day), *self._of_content()]
        return reduce(and_, parts) if parts else None

    def _of_period(self, day: str) -> Iterator[pc.Expression]:
        midnight = datetime.fromisoformat(f"{day}T00Z")
        moment, published = pa.timestamp("us", "UTC"), pc.field(_TIME)
        if self.start > midnight:
            yield published >= pa.scalar(self.start, moment)
        if self.end - midnight < timedelta(days=1):
            yield published < pa.scalar(self.end, moment)

    def _of_content(self) -> Iterator[pc.Expression]:
        if self.topic:
            yield pc.match_substring(pc.field("topic"), self.topic, ignore_case=True)
        if self.language:
            code = self.language.lower()
            language = pc.utf8_lower(pc.field("language"))
            yield (language == code) | pc.starts_with(language, f"{code}-")
        for word in self.words:
            fields = map(pc.field, _SEARCHED)
            found = [pc.match_substring(field, word, ignore_case=True) for field in fields]
            yield reduce(or_, found)


ALL = Wanted()


def select_rows(root: str, wanted: Wanted = ALL, limit: int = 20) -> list[Row]:
    """Return at most `limit` published rows, newest first; those without a stated date last.

    Raises:
        ConfigError: `root` holds no output.
    """
    dated: list[Row] = []
    undated: list[Row] = []
    for rows in rows_by_day(root, wanted):
        for row in rows:
            (dated if is_dated(row) else undated).append(row)
        if len(dated) >= limit:
            break
    return (dated + undated)[:limit]


def rows_by_day(root: str, wanted: Wanted = ALL) -> Iterator[list[Row]]:
    """Yield the published rows of each day, the newest day and its newest row first.

    Raises:
        ConfigError: `root` holds no output.
    """
    for _, table in tables_by_day(root, COLUMNS, wanted):
        yield as_rows(table.select(COLUMNS))


def count_rows(root: str, wanted: Wanted = ALL) -> int:
    """Return how many published rows there are."""
    return sum(table.num_rows for _, table in tables_by_day(root, (), wanted))


def tables_by_day(
    root: str, columns: Sequence[str], wanted: Wanted = ALL
) -> Iterator[tuple[str, pa.Table]]:
    """Yield each day, the newest first, with these columns of its rows, and those of `asked`.

    Raises:
        ConfigError: `root` holds no output.
    """
    files = day_files(root)
    if not files:
        require_output(root)
    for day in sorted({file.date for file in files}, reverse=True):
        if wanted.has_day(day) and (table := _table(root, day, columns, wanted)):
            yield day, table


def rows_of_day(root: str, day: str, ids: Collection[str]) -> list[Row]:
    """Return the rows of a day that have these ids."""
    table = _table(root, day, COLUMNS)
    if table is None:
        return []
    # A list of ids would have Arrow import pandas.
    known = table["id"].to_pylist()
    found = [table.slice(place, 1) for place, id_ in enumerate(known) if id_ in ids]
    return as_rows(pa.concat_tables(found)) if found else []


@rereads
def _table(root: str, day: str, columns: Sequence[str], wanted: Wanted = ALL) -> pa.Table | None:
    names = list(dict.fromkeys((*columns, *wanted.asked)))
    tables = [read_columns(join(root, file.path), names) for file in day_files(root, day)]
    if not tables:  # the day has gone meanwhile
        return None
    table, expression = pa.concat_tables(tables), wanted.expression(day)
    return table if expression is None else table.filter(expression)


def as_rows(table: pa.Table) -> list[Row]:
    """Return the rows of `table`, newest first; Arrow would import pandas for a time, too."""
    moments = table[_TIME].cast(pa.int64())
    index = table.schema.get_field_index(_TIME)
    rows: list[Row] = table.set_column(index, _TIME, moments).to_pylist()
    for row in rows:
        if "uri" in row:
            row["uri"] = redacted(row["uri"])
        row[_TIME] = _EPOCH + timedelta(microseconds=row[_TIME])
    return sorted(rows, key=itemgetter(_TIME), reverse=True)


def is_dated(row: Row) -> bool:
    """Return whether the article of `row` states its date."""
    return row["date_source"] in STATED_SOURCES


def time_of(row: Row) -> str:
    """Return when the article of `row` was published; if it does not say so, whose time stands in.

    >>> when = datetime(2026, 10, 1, 6, 5, tzinfo=UTC)
    >>> time_of({"published_at": when, "date_source": "feed"})
    '2026-10-01 06:05 UTC'
    >>> time_of({"published_at": when, "date_source": "file"})
    'undated (file of 2026-10-01 06:05 UTC)'
    """
    moment = f"{row[_TIME]:%Y-%m-%d %H:%M} UTC"
    if is_dated(row):
        return moment
    return f"undated ({'file of' if row['date_source'] == 'file' else 'read'} {moment})"


def topic_labels(root: str) -> list[str]:
    """Return the labels of the topics that articles have."""
    labels: set[str] = set()
    for _, table in tables_by_day(root, ["topic"]):
        labels.update(filter(None, pc.unique(table["topic"]).to_pylist()))
    return sorted(labels)


def newest_day(root: str) -> str | None:
    """Return the newest day that has articles."""
    return max((file.date for file in day_files(root)), default=None)


def story_of(row: Row) -> str:
    """Return the story of a row; an article that was compared with no others is its own."""
    return str(row["story_id"] or row["id"])


def by_story(rows: Iterable[Row]) -> list[list[Row]]:
    """Return rows grouped by story, in the order of each one's first row.

    The first of a group is its first row that repeats no other one.
    """
    stories: dict[str, list[Row]] = {}
    for row in rows:
        stories.setdefault(story_of(row), []).append(row)
    return [sorted(story, key=lambda row: bool(row["duplicate_of"])) for story in stories.values()]
