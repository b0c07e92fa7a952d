"""Published articles, chosen and grouped for who reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, itemgetter, or_
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join, require_output

COLUMNS = (
    "id",
    "published_at",
    "date_source",
    "title",
    "source",
    "url",
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
_GUESSED = ("file", "run")
"""Sources of a date that the article does not state."""

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
            (undated if row["date_source"] in _GUESSED else dated).append(row)
        if len(dated) >= limit:
            break
    return (dated + undated)[:limit]


def rows_by_day(root: str, wanted: Wanted = ALL) -> Iterator[list[Row]]:
    """Yield the published rows of each day, the newest day and its newest row first.

    Raises:
        ConfigError: `root` holds no output.
    """
    files = day_files(root)
    if not files:
        require_output(root)
    for day in sorted({file.date for file in files}, reverse=True):
        if wanted.has_day(day):
            yield _rows(root, day, wanted)


@rereads
def _rows(root: str, day: str, wanted: Wanted) -> list[Row]:
    columns = [*COLUMNS, "text"] if wanted.words else COLUMNS
    tables = [read_columns(join(root, file.path), columns) for file in day_files(root, day)]
    if not tables:  # the day has gone meanwhile
        return []
    table, expression = pa.concat_tables(tables), wanted.expression(day)
    chosen = (table if expression is None else table.filter(expression)).select(COLUMNS)
    return sorted(_as_rows(chosen), key=itemgetter(_TIME), reverse=True)


def _as_rows(table: pa.Table) -> list[Row]:
    """Return the rows of `table`; Arrow would import pandas for a time, too."""
    moments = table[_TIME].cast(pa.int64())
    rows: list[Row] = table.set_column(COLUMNS.index(_TIME), _TIME, moments).to_pylist()
    for row in rows:
        row[_TIME] = _EPOCH + timedelta(microseconds=row[_TIME])
    return rows


def newest_day(root: str) -> str | None:
    """Return the newest day that has articles."""
    return max((file.date for file in day_files(root)), default=None)


def by_story(rows: Iterable[Row]) -> list[list[Row]]:
    """Return rows grouped by story, in the order of each one's first row.

    The first of a group is its first row that repeats no other one.
    """
    stories = _grouped(rows, lambda row: row["story_id"] or row["id"])
    return [sorted(story, key=lambda row: bool(row["duplicate_of"])) for story in stories.values()]


def grouped_by(rows: Iterable[Row], by: str) -> list[tuple[str, list[list[Row]]]]:
    """Return groups with their headings, largest first; each holds stories, as `by_story` does.

    Args:
        rows: to be grouped.
        by: `story`, which gives one group without a heading, `topic` or `source`.
    """
    if by == "story":
        stories = sorted(by_story(rows), key=len, reverse=True)
        return [("", stories)]
    heading = _topic if by == "topic" else _source
    groups = sorted(_grouped(rows, heading).items(), key=lambda group: -len(group[1]))
    return [(f"{name} · {len(group)}", by_story(group)) for name, group in groups]


def _grouped(rows: Iterable[Row], key: Any) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _topic(row: Row) -> str:
    return row["topic"] or "(no topic is certain)"


def _source(row: Row) -> str:
    return row["source"] or urlsplit(row["url"] or "").hostname or "(no source)"
