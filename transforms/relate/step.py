"""Say how an article relates to others: what it nearly repeats, and which story it belongs to.

It stands right before `write`, where every article surely gets its row: so nothing is linked to an
article that is rejected later, and none is dropped in favour of one.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.deadletter import TryMap
from transforms.models.loaders import Encoders
from transforms.output.file_columns import rereads
from transforms.output.listing import Listing
from transforms.output.merge import Amendment, Removal
from transforms.output.versions import listing
from transforms.records import Article, Duplicate, Partition
from transforms.relate.near.links import Links, find_near
from transforms.relate.near.neighbours import COLUMNS as NEAR_COLUMNS
from transforms.relate.near.neighbours import Look
from transforms.relate.near.nodes import NearOptions
from transforms.relate.near.recent import recent_rows
from transforms.relate.near.signature import signature
from transforms.relate.stories import COLUMNS as STORY_COLUMNS
from transforms.relate.stories import StoryArticle, StoryOptions, assign_stories, story_article
from transforms.text.words import count_words

STEP = "relate"
DESCRIBE = "describe"

Change = tuple[Partition, Amendment]

_NOTHING = Amendment("")


class Related(NamedTuple):
    """What becomes of a batch.

    `articles` are to be published; `links` change rows that are published already, and must be
    published first; `duplicate` counts the articles that get no row; `copies` maps an article's id
    to that of another one with its text, whose story it shares; `apart` are pairs of ids that share
    no story.
    """

    articles: list[Article]
    links: list[Change]
    duplicate: int
    copies: dict[str, str]
    apart: frozenset[tuple[str, str]] = frozenset()


def link_articles(
    articles: Iterable[Article],
    look: Look,
    options: NearOptions,
    left: Collection[tuple[Partition, str]] = (),
) -> Related:
    """Return `articles` with `duplicate_of`, and `near_keys`, less those that are dropped.

    A dropped one, and what has exactly its text, stand in the `duplicates` of the first.

    Args:
        articles: one per id.
        look: finds published rows (`recent_rows`).
        options: what counts as near, and whether it is dropped.
        left: rows that are taken out, with their partitions.
    """
    batch = {a.id: a if a.near_keys is not None else signed(a) for a in articles}
    found = find_near(batch.values(), look, options, left)
    extra = _dropped(batch, found)
    kept = [
        replace(
            article,
            duplicate_of=found.duplicate_of.get(id_),
            duplicates=(*article.duplicates, *extra.get(id_, _NOTHING).duplicates),
            listed=(*article.listed, *extra.get(id_, _NOTHING).listed),
        )
        for id_, article in batch.items()
        if id_ not in found.without_row
    ]
    links = [(home, Amendment(id_, duplicate_of=first)) for home, id_, first in found.relinked]
    links += [
        (found.rows[first], amendment) for first, amendment in extra.items() if first in found.rows
    ]
    copies = found.copies | found.duplicate_of
    return Related(kept, links, len(found.without_row), copies, found.apart)


def _dropped(batch: Mapping[str, Article], found: Links) -> dict[str, Amendment]:
    """Return what is dropped, by the first article with its text: what that is to learn."""
    dropped: dict[str, Amendment] = {}
    for id_ in sorted(found.without_row):
        article, first = batch[id_], found.duplicate_of[id_]
        known = dropped.get(first, _NOTHING)
        own = Duplicate(id_, article.url or article.uri)
        dropped[first] = Amendment(
            first,
            duplicates=(*known.duplicates, own, *article.duplicates),
            listed=(*known.listed, listing(article), *article.listed),
        )
    return dropped


def join_stories(
    articles: Iterable[Article],
    look: Look,
    options: StoryOptions,
    copies: Mapping[str, str],
    apart: Container[tuple[str, str]] = frozenset(),
) -> list[Article]:
    """Return `articles` with their `story_id`; one that has it keeps it.

    Args:
        articles: one per id, after `describe_article` and `link_articles`.
        look: finds published rows (`recent_rows`).
        options: what counts as one event.
        copies: see `Related`.
        apart: see `Related`.
    """
    batch = list(articles)
    compared = [
        StoryArticle(a.id, a.published_at, a.story_names, a.story_vector)
        for a in batch
        if a.published_at and a.story_names is not None and a.story_vector is not None
    ]
    stories = assign_stories(
        compared,
        look([article.published_at for article in compared]),
        options,
        copies,
        {a.id: a.story_id for a in batch if a.story_id},
        apart,
    )
    return [replace(article, story_id=stories.get(article.id)) for article in batch]


def describe(article: Article, encoders: Encoders | None, *, signs: bool) -> Article:
    """Return `article` with all that whoever publishes compares and counts of its text.

    Args:
        article: with its sentences and vectors.
        encoders: of these, where stories are looked for.
        signs: whether near-duplicates are looked for.
    """
    counted = signed(article) if signs else replace(article, word_count=count_words(article.text))
    return describe_article(counted, encoders) if encoders else counted


def signed(article: Article) -> Article:
    """Return `article` with its signature and the number of its words."""
    words = count_words(article.text)
    return replace(article, near_keys=signature(article.text), word_count=words)


def describe_article(article: Article, encoders: Encoders) -> Article:
    """Return `article`, which has sentences and vectors, with what stories are found by."""
    _, _, names, vector = story_article(article, encoders.of(article.language).mark)
    return replace(article, story_names=names, story_vector=vector)


@dataclass
class DescribeArticles(beam.PTransform):
    """Give every article what is made of its text alone, so that one publisher need not do it.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.

    Attributes:
        errors: receives the dead letters.
        encoders: see `describe`.
        signs: see `describe`.
    """

    errors: ErrorHandler
    encoders: Encoders | None
    signs: bool

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles."""
        work = partial(describe, encoders=self.encoders, signs=self.signs)
        return articles | TryMap(work, DESCRIBE, self.errors)


@rereads
def relate(
    articles: Sequence[Article],
    removals: Iterable[tuple[Partition, Removal]],
    root: str,
    near: NearOptions | None,
    stories: StoryOptions | None,
) -> Related:
    """Link near-duplicates to the first of them, and give every article its story.

    The articles of one batch meet each other and the published rows in one place: for the holder of
    the output's lock.

    Args:
        articles: one per id, after `describe`.
        removals: rows that are taken out.
        root: the output.
        near: what counts as a near-duplicate; `None`: they are not looked for.
        stories: what counts as one event; `None`: no stories.
    """
    left = [(home, removal.id) for home, removal in removals]
    listing = Listing(root)
    related = Related(list(articles), [], 0, {})
    if near:
        look = partial(recent_rows, listing, days=near.days, columns=NEAR_COLUMNS)
        related = link_articles(articles, look, near, left)
    if stories:
        # The first that a copy is linked to may lie further back than its story reaches.
        days = max(stories.days, near.days if near else 0)
        look = partial(recent_rows, listing, days=days, columns=STORY_COLUMNS)
        joined = join_stories(related.articles, look, stories, related.copies, related.apart)
        related = related._replace(articles=joined)
    return related
