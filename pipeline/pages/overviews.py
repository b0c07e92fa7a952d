"""What a site has of several days: the first page, the topics' pages, the feeds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.pages import feed_files
from pipeline.pages.day import NO_TOPIC, Day, Story, read_day
from pipeline.pages.names import topic_page
from pipeline.pages.rendering import render
from transforms.output.folders import folder_version, replaced_folder
from transforms.output.storage import publish

TOPIC_DAYS = 7
"""Days that a topic's page is made of; more, where none of these has a story of it."""
TOPIC_STORIES = 100
"""Stories of a topic's page at most."""
HEADLINES = 7
"""Of each of the newest days, on the first page."""
HEADLINE_DAYS = 3
LISTED_DAYS = 31
"""Days that the first page lists; older ones are folded up."""


class Head(BaseModel):
    """A headline on the first page."""

    model_config = ConfigDict(frozen=True)

    id: str
    headline: str
    language: str | None
    direction: str
    sources: int


class DaySummary(BaseModel):
    """What is known of a day that has its pages.

    Attributes:
        date: the day.
        made_of: changes with anything that its pages are made of.
        stories: how many.
        articles: how many.
        topics: the stories of each topic.
        headlines: of its first stories.
    """

    model_config = ConfigDict(frozen=True)

    date: date
    made_of: str
    stories: int
    articles: int
    topics: dict[str, int]
    headlines: list[Head]


def replaced(folder: Path) -> AbstractContextManager[Path]:
    """Return an empty folder that takes the place of `folder` at the end of a `with`."""
    return replaced_folder(folder, folder_version(folder))


def summary_of(day: Day, made_of: str) -> DaySummary:
    """Return what is known of a day whose pages are made of `made_of`."""
    heads = [
        Head(
            id=story.id,
            headline=story.lead.headline,
            language=story.lead.language,
            direction=story.lead.direction,
            sources=len(story.sources),
        )
        for story in day.stories[:HEADLINES]
    ]
    return DaySummary(
        date=day.date,
        made_of=made_of,
        stories=len(day.stories),
        articles=len(day.reports),
        topics=dict(day.topics),
        headlines=heads,
    )


def write_overviews(root: str, site: Path, days: Sequence[DaySummary], address: str) -> None:
    """Write the first page, the topics' pages and the feeds; `days` are newest first."""
    counts: Counter[str] = Counter()
    for day in days:
        counts.update(day.topics)
    counts.pop(NO_TOPIC, None)
    read = list(_days_of_topics(root, days))
    with replaced(site / "topics") as new:
        for topic in counts:
            path = new / topic_page(topic).rpartition("/")[2]
            path.write_bytes(_topic_page(topic, read))
    values = {
        "root": "",
        "days": days,
        "topics": counts.most_common(),
        "most_articles": max(day.articles for day in days),
        "newest": HEADLINE_DAYS,
        "listed": LISTED_DAYS,
    }
    publish(str(site / "index.html"), render("index.html", **values))
    stories = feed_files.newest(read)
    made_at = datetime.now(UTC)
    publish(str(site / "atom.xml"), feed_files.atom(stories, made_at, address))
    publish(str(site / "feed.json"), feed_files.json_feed(stories, address))


def _days_of_topics(root: str, days: Iterable[DaySummary]) -> Iterator[Day]:
    """Yield the newest days, and older ones as long as these have topics that no newer one has."""
    seen = {NO_TOPIC}
    for number, day in enumerate(days):
        if number < TOPIC_DAYS or day.topics.keys() - seen:
            seen |= day.topics.keys()
            yield read_day(root, day.date, texts=False)


def _topic_page(topic: str, days: Iterable[Day]) -> bytes:
    found: list[tuple[date, list[tuple[Story, int]]]] = []
    left = TOPIC_STORIES
    for day in days:
        every = [(story, at) for at, story in enumerate(day.stories) if topic in story.topics]
        if every and left > 0:
            found.append((day.date, every[:left]))
            left -= len(every)
    count = sum(len(stories) for _, stories in found)
    return render("topic.html", root="../", topic=topic, days=found, count=count)
