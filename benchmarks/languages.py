"""Topics and stories in other languages than English, by the encoder of the extra `multilingual`.

    python benchmarks/languages.py

Reads `other_languages.toml`: articles in ten languages that were invented for this, with the topics
that fit each, and which of them tell of one event. No threshold was chosen on them: topics and
stories are those of the embedded encoder's, on English.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from transforms.classify.phrases import TopicVectors, classify_article, topic_vectors
from transforms.classify.topics import load_topics
from transforms.encode import MAX_SENTENCES, encode_articles
from transforms.models.loaders import EncoderLoader
from transforms.models.pinned import EMBEDDED, MULTILINGUAL
from transforms.records import Article
from transforms.relate.stories import assign_stories, story_article
from transforms.text.news_lines import news_lines

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).with_name("other_languages.toml")
NOW = datetime(2026, 11, 2, tzinfo=UTC)
Items = list[dict[str, Any]]


def read_articles() -> Items:
    """Return the articles with what is known of them."""
    items: Items = tomllib.loads(FILE.read_text("utf-8"))["article"]
    return items


def encoded(items: Items, load: EncoderLoader) -> list[Article]:
    """Return the articles with sentences and vectors, in order."""
    articles = [
        Article(
            id=f"{number:032d}",
            uri=f"{number}",
            fetched_at=NOW,
            title=item["title"],
            text=item["text"],
            language=item["language"],
            published_at=NOW,
        )
        for number, item in enumerate(items)
    ]
    done = encode_articles(articles, load(), MAX_SENTENCES)
    return [one for one in done if isinstance(one, Article)]


def accepted(items: Items, articles: list[Article], topics: TopicVectors) -> Iterator[bool | None]:
    """Yield of each article whether its topic fits; `None` where it has none."""
    for item, article in zip(items, articles, strict=True):
        topic = classify_article(article, topics, ()).topic
        yield topic in item["topics"] if topic else None


def print_topics(items: Items, articles: list[Article], topics: TopicVectors) -> None:
    """Print how many topics fit, in each language and in all."""
    found: dict[str, list[bool | None]] = defaultdict(list)
    for item, right in zip(items, accepted(items, articles, topics), strict=True):
        found[item["language"]].append(right)
    every = [right for answers in found.values() for right in answers]
    print(f"\nOther languages: {len(items)} articles, IPTC topics")
    for language, answers in found.items():
        print(f"  {language}: {answers.count(True)} of {len(answers)} fit")
    print(
        f"  all: {every.count(True)} of {len(every)} fit, {every.count(None)} have none, "
        f"{every.count(False)} are wrong"
    )


def print_stories(items: Items, articles: list[Article], mark: bytes) -> None:
    """Print how many pairs on one event are joined, and how many others are."""
    stories = assign_stories([story_article(article, mark) for article in articles], [])
    true, joined, wrong = 0, 0, 0
    for (one, left), (other, right) in combinations(zip(items, articles, strict=True), 2):
        is_same = "event" in one and one["event"] == other.get("event")
        is_joined = stories[left.id] == stories[right.id]
        true, joined = true + is_same, joined + (is_same and is_joined)
        wrong += is_joined and not is_same
    print(f"  stories: {joined} of {true} pairs on one event are joined, and {wrong} others")


def print_common() -> None:
    """Print how much all news has in common, as each encoder sees it."""
    embedded = EncoderLoader(EMBEDDED)().encode(news_lines()).mean(axis=0)
    lengths = {MULTILINGUAL.name: EncoderLoader(MULTILINGUAL)().centre, EMBEDDED.name: embedded}
    print("\nLength of the mean vector of lines of news, before it is taken from others:")
    for name, mean in lengths.items():
        assert mean is not None
        print(f"  {name}: {np.linalg.norm(mean):.2f}")


def main() -> None:
    """Print all."""
    items, load = read_articles(), EncoderLoader(MULTILINGUAL)
    print_common()
    articles = encoded(items, load)
    topics = topic_vectors(load_topics(ROOT / "configs" / "topics" / "iptc.yaml"), load())
    print_topics(items, articles, topics)
    print_stories(items, articles, load.mark)


if __name__ == "__main__":
    main()
