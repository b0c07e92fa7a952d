"""What a page tells of a day: its stories, each with the articles that report it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from pipeline.show import story_of
from pipeline.source_names import host_of, source_of, web_address
from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join
from transforms.text.printable import one_line

COLUMNS = (
    "id",
    "title",
    "url",
    "uri",
    "source",
    "published_at",
    "language",
    "topic",
    "summary",
    "summary_method",
    "faithfulness",
    "duplicate_of",
    "duplicates",
    "story_id",
    "flags",
    "text",
)

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
)
"""Languages of Arabic, Hebrew, Syriac and Thaana script."""

NO_TOPIC = "no topic"
"""Stands for the topic of articles for which none is certain enough."""

_STUBS = frozenset({"paywall_stub", "teaser", "link_list", "short"})
"""Flags of articles that say little: another one of the story is told in full."""
_HEADLINE = 90
"""Characters of the summary that stand for a headline, where there is none."""


@dataclass(frozen=True)
class Report:
    """An article as a page shows it.

    Attributes:
        id: of the article.
        headline: its title, or the beginning of its summary.
        url: its http(s) address, if it has one.
        source: who published it, as far as anything says so.
        published_at: UTC.
        language: ISO 639-1 code, if known.
        topic: its best topic, or `NO_TOPIC`.
        summary: of its text.
        is_own_words: whether the summary is made of the article's own sentences.
        faithfulness: support of the summary by the text, 0 to 1, if known.
        copies: addresses of articles with exactly its text.
        repeats: whether it nearly repeats another article.
        is_stub: whether its text is only a beginning.
        text: its paragraphs; empty where `retain` removed it.
    """

    id: str
    headline: str
    url: str | None
    source: str
    published_at: datetime
    language: str | None
    topic: str
    summary: str
    is_own_words: bool
    faithfulness: float | None
    copies: tuple[str, ...]
    repeats: bool
    is_stub: bool
    text: str

    @property
    def made(self) -> str | None:
        """Return how a summary that is not in the article's own words was made."""
        if self.is_own_words:
            return None
        checked = self.faithfulness is not None
        share = f"; the article supports {self.faithfulness:.0%} of it" if checked else ""
        return f"Written by a model{share}."

    @property
    def direction(self) -> str:
        """Return the direction of its text, as HTML names it."""
        if self.language is None:
            return "auto"
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True)
class Story:
    """The articles of a day on one event.

    Attributes:
        id: `story_id` of its rows.
        reports: those that nearly repeat no other come first; the first one is told in full.
    """

    id: str
    reports: tuple[Report, ...]

    @property
    def lead(self) -> Report:
        """Return the article that is told in full."""
        return self.reports[0]

    @property
    def others(self) -> list[Report]:
        """Return the articles that tell it in words of their own."""
        return [report for report in self.reports[1:] if not report.repeats]

    @property
    def repeats(self) -> list[Report]:
        """Return the articles that nearly repeat another one."""
        return [report for report in self.reports[1:] if report.repeats]

    @cached_property
    def sources(self) -> list[str]:
        """Return who reports it, the lead's source first; those of exact copies count."""
        names = [name for report in self.reports for name in (report.source, *_hosts(report))]
        return list(dict.fromkeys(names))

    @cached_property
    def topics(self) -> list[str]:
        """Return the topics of its articles, most frequent first."""
        counts = Counter(report.topic for report in self.reports)
        return [topic for topic, _ in counts.most_common() if topic != NO_TOPIC] or [NO_TOPIC]

    @property
    def articles(self) -> int:
        """Return how many articles it has, exact copies included."""
        return sum(1 + len(report.copies) for report in self.reports)


@dataclass(frozen=True)
class Day:
    """A UTC day: its stories, those of most sources first."""

    date: date
    stories: tuple[Story, ...]

    @cached_property
    def reports(self) -> list[Report]:
        """Return its articles, exact copies not among them."""
        return [report for story in self.stories for report in story.reports]

    @cached_property
    def topics(self) -> Counter[str]:
        """Return the stories of each topic."""
        return self._count(lambda story: story.topics)

    @cached_property
    def sources(self) -> Counter[str]:
        """Return the stories of each source."""
        return self._count(lambda story: story.sources)

    @cached_property
    def languages(self) -> Counter[str]:
        """Return the stories of each language, `und` standing for an unknown one."""
        return self._count(lambda story: {report.language or "und" for report in story.reports})

    @cached_property
    def hours(self) -> list[int]:
        """Return the articles of each hour."""
        counts = Counter(report.published_at.hour for report in self.reports)
        return [counts[hour] for hour in range(24)]

    def _count(self, values: Callable[[Story], Iterable[str]]) -> Counter[str]:
        return Counter(value for story in self.stories for value in values(story))


@rereads
def read_day(root: str, day: date, *, texts: bool = True) -> Day:
    """Return what is published of a day; without `texts`, those of its articles are empty.

    Raises:
        OSError: a file of it cannot be read.
    """
    columns = [name for name in COLUMNS if texts or name != "text"]
    files = day_files(root, day.isoformat())
    tables = [read_columns(join(root, file.path), columns) for file in files]
    rows = pa.concat_tables(tables).to_pylist() if tables else []
    return Day(day, make_stories(rows))


def make_stories(rows: Iterable[dict[str, Any]]) -> tuple[Story, ...]:
    """Return the stories of `rows`: those of most sources first, then the newest."""
    found: dict[str, list[Report]] = {}
    for row in rows:
        found.setdefault(story_of(row), []).append(make_report(row))
    stories = [Story(id_, _in_order(reports)) for id_, reports in found.items()]
    return tuple(sorted(stories, key=_rank))


def _rank(story: Story) -> tuple[int, int, float, str]:
    newest = max(report.published_at for report in story.reports)
    return -len(story.sources), -story.articles, -newest.timestamp(), story.id


def _in_order(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Return the articles of a story: own words before repeats, whole ones before stubs, newest."""
    return tuple(
        sorted(
            reports,
            key=lambda report: (
                report.repeats,
                report.is_stub,
                -report.published_at.timestamp(),
                report.id,
            ),
        )
    )


def make_report(row: dict[str, Any]) -> Report:
    """Return the article of a row."""
    copies = (web_address(copy["url"]) for copy in row["duplicates"])
    return Report(
        id=row["id"],
        headline=row["title"] or one_line(row["summary"], _HEADLINE) or "(no title)",
        url=web_address(row["url"]),
        source=source_of(row),
        published_at=row["published_at"],
        language=row["language"],
        topic=row["topic"] or NO_TOPIC,
        summary=row["summary"],
        is_own_words=row["summary_method"].startswith("extractive"),
        faithfulness=row["faithfulness"],
        copies=tuple(dict.fromkeys(filter(None, copies))),
        repeats=bool(row["duplicate_of"]),
        is_stub=not _STUBS.isdisjoint(row["flags"]),
        text=row.get("text", ""),
    )


def _hosts(report: Report) -> list[str]:
    """Return the hosts of the exact copies, but for the article's own."""
    own = host_of(report.url)
    return [host for host in map(host_of, report.copies) if host and host != own]
