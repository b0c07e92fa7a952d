"""Stories of short texts: `short_stories.toml`, invented news of 30 to 80 words.

`benchmarks/duplicates.py stories` prints it. English is read by the embedded encoder, what is in
other languages by that of the extra `multilingual`, as in a run. The events in odd places (`seen`)
were looked at while the rule was made; of those in even places the counts were seen, and at the end
which wrong pairs are joined.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from transforms.encode import MAX_SENTENCES, encode_articles
from transforms.models.loaders import EncoderLoader
from transforms.models.pinned import EMBEDDED, MULTILINGUAL
from transforms.records import Article
from transforms.relate.stories import StoryArticle, StoryOptions, assign_stories, story_article

FILE = Path(__file__).with_name("short_stories.toml")
START = datetime(2026, 10, 1, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """Where an article stands in the file.

    Attributes:
        event: the number of its event; of other news, that of the event it is easily taken for.
        is_other: whether it is other news.
        is_english: whether it is in English.
    """

    event: int
    is_other: bool
    is_english: bool


def read() -> tuple[list[Article], list[Told]]:
    """Return all articles, and where they stand."""
    articles: list[Article] = []
    places: list[Told] = []
    for event, entry in enumerate(tomllib.loads(FILE.read_text("utf-8"))["event"]):
        language = entry.get("language", "en")
        for one in (*entry["articles"], *entry["others"]):
            number = len(articles)
            time = START + timedelta(days=one.get("day", 0), minutes=number)
            articles.append(_article(one, number, language, time))
            places.append(Told(event, one in entry["others"], language == "en"))
    return articles, places


def _article(one: dict[str, Any], number: int, language: str, time: datetime) -> Article:
    return Article(
        id=f"{number:032d}",
        uri="",
        fetched_at=START,
        title=one["title"],
        text=one["text"],
        language=language,
        published_at=time,
    )


def compared(articles: Sequence[Article]) -> list[StoryArticle]:
    """Return what stories compare of each article."""
    parts: dict[EncoderLoader, list[Article]] = {}
    for article in articles:
        model = EMBEDDED if article.language == "en" else MULTILINGUAL
        parts.setdefault(EncoderLoader(model, "fp32"), []).append(article)
    return [
        story_article(article, load.mark)
        for load, part in parts.items()
        for article in encode_articles(part, load(), MAX_SENTENCES)
        if isinstance(article, Article)
    ]


def main(thresholds: Sequence[float]) -> None:
    """Print recall and precision over pairs, of each half and language, by threshold."""
    articles, places = read()
    described = compared(articles)
    print(f"Short texts: {len(articles)} invented ones on {places[-1].event + 1} events")
    print("       threshold  pairs joined  wrong pairs  (seen, not seen)")
    for language, is_english in (("English", True), ("others", False)):
        for threshold in thresholds:
            stories = assign_stories(described, [], StoryOptions(threshold=threshold))
            given = [stories[article.id] for article in articles]
            true, wanted, wrong = [0, 0], [0, 0], [0, 0]
            for (one, left), (other, right) in combinations(zip(places, given, strict=True), 2):
                if one.is_english != is_english or other.is_english != is_english:
                    continue
                half = one.event % 2
                is_same = one.event == other.event and not one.is_other and not other.is_other
                wanted[half] += is_same
                true[half] += is_same and left == right
                wrong[half] += left == right and not is_same
            print(
                f"{language:8} {threshold:7.2f}  {sum(true):3} of {sum(wanted):3}"
                f"  {sum(wrong):11}  ({true[0]} of {wanted[0]} and {wrong[0]} wrong,"
                f" {true[1]} of {wanted[1]} and {wrong[1]} wrong)"
            )


if __name__ == "__main__":
    main((0.9, 0.96, 1.0, 1.04, 1.1))
