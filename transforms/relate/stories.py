"""Stories: which articles report the same event, in their own words."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.output.postings import Positions
from transforms.output.row_index import Columns, RecentRows
from transforms.records import Article
from transforms.relate.near.nodes import microseconds
from transforms.relate.near.sharing import (
    DAY,
    Day,
    Sharing,
    batch_by_date,
    days_of,
    sharing,
    within_days,
)
from transforms.relate.story_names import (
    NAMES,
    Names,
    has_words,
    name_weights,
    only_names,
    story_names,
)
from transforms.relate.story_vectors import quantise, story_vector
from transforms.text.senders import news_end

COLUMNS = Columns(group="story_id", keys="story_names", vector="story_vector")

_SHORT = 0.3
"""What two articles need less to be one story if they hardly say anything, in proportion to the
names and words that they lack to `NAMES`: what they share is then all there is."""

_ENOUGH = 4
"""Names and words in common at the least for that, each counted once: fewer may be one person's or
company's, who is in the news for something else, or a place with two events."""

_ROWS_PER_NAME = 200
"""Rows of a day looked at per name, the earliest: bounds what a name in every article costs."""

_ROWS_WITH_NAME = 4096
"""The same where names are counted apart from words."""

_COMPARED = 64
"""Articles of a day that one is compared with: those with most names in common."""


_PAIRS = 4096
"""Vectors compared at once: bounds the memory that takes."""


@dataclass(frozen=True)
class StoryOptions:
    """What counts as the same event.

    Attributes:
        days: how far apart two of its articles may be published.
        threshold: least value of cosine of the vectors + `names_weight` * cosine of the names,
            where the latter is the number in common / geometric mean of the numbers of names.
        names_weight: see `threshold`.
        min_cosine: least cosine of the vectors.
        min_names: least number of names in common; a rare one counts as two, other words do not
            count.
    """

    days: int = 5
    threshold: float = 1.0
    names_weight: float = 0.75
    min_cosine: float = 0.55
    min_names: int = 2


class StoryArticle(NamedTuple):
    """What is compared of an article.

    Attributes:
        id: of the article.
        published_at: of the article.
        names: from `story_names.story_names`.
        vector: from `quantise`; all zeros where there is none.
    """

    id: str
    published_at: datetime
    names: Names
    vector: NDArray[np.int8]


def story_article(article: Article, mark: bytes = b"") -> StoryArticle:
    """Return what is to be compared of `article`, which has sentences and vectors.

    Args:
        article: with sentences and vectors.
        mark: of the encoder of its vectors, see `story_names`.
    """
    assert article.vectors is not None
    assert article.published_at is not None
    names = story_names(article.title, article.sentences, article.language, mark)
    vectors = article.vectors[: 1 + news_end(article.sentences)]
    return StoryArticle(article.id, article.published_at, names, quantise(story_vector(vectors)))


class _Match(NamedTuple):
    """A similar article; the best of two is the larger.

    Attributes:
        score: how similar.
        earliness: the time it was published, negated.
        id: of the article.
        story: its story; empty for one of the batch, whose story is yet to be given.
    """

    score: float
    earliness: int
    id: str
    story: str


_NO_LINKS: Mapping[str, str] = MappingProxyType({})


def assign_stories(  # noqa: PLR0913, PLR0917 (what is known of the articles, each by itself)
    articles: Iterable[StoryArticle],
    known: Iterable[RecentRows],
    options: StoryOptions = StoryOptions(),
    duplicate_of: Mapping[str, str] = _NO_LINKS,
    given: Mapping[str, str] = _NO_LINKS,
    apart: Container[tuple[str, str]] = frozenset(),
) -> dict[str, str]:
    """Return the story of each article: the id of the article that it began with.

    An article joins the story of the one that it is most similar to, or begins its own. So a
    `story_id` once given stays, whatever joins later: an article that is dated earlier joins too,
    and two stories that turn out to be one stay two. The order of `articles` does not matter.

    Args:
        articles: a batch, one per id.
        known: what is published, from `recent_rows` with `COLUMNS`.
        options: see there.
        duplicate_of: near-duplicates, id -> id of the first; they belong to its story.
        given: articles that have a story already.
        apart: pairs of ids, the smaller first, that overlap and are on different events.
    """
    ordered = sorted(articles, key=lambda article: (article.published_at, article.id))
    times = np.array([microseconds(article.published_at) for article in ordered], np.int64)
    wanted = {article.id for article in ordered} | set(duplicate_of.values())
    published = dict(given)
    matches: defaultdict[int, list[_Match]] = defaultdict(list)
    batch = batch_by_date(
        [article.id for article in ordered],
        times,
        [article.names for article in ordered],
        [article.vector for article in ordered],
    )
    for day in days_of(known, batch):
        for part in day.published:
            began = part.groups.take(part.rows_of(wanted)).to_pylist()
            published |= {story: story for story in began}
            published |= {id_: story or id_ for id_, story in part.groups_of(wanted).items()}
        near = within_days(times, day.date, options.days)
        for position, match in _similar(ordered[near], times[near], day, options):
            id_ = ordered[near.start + position].id
            if (min(id_, match.id), max(id_, match.id)) not in apart:
                matches[near.start + position].append(match)
    stories: dict[str, str] = {}
    for position, article in enumerate(ordered):
        first = duplicate_of.get(article.id, article.id)
        own = published.get(article.id) or stories.get(first) or published.get(first)
        if not own and position in matches:
            best = max(matches[position])
            own = best.story or stories[best.id]
        stories[article.id] = own or article.id
    return stories


def _similar(
    ordered: Sequence[StoryArticle], times: Positions, day: Day, options: StoryOptions
) -> Iterator[tuple[int, _Match]]:
    """Yield for each article those of a day on its event: all published, and before it in order.

    Published ones may be dated after it, if it is late; these have a limit of their own.
    """
    if not ordered:
        return
    day = day._replace(published=[rows for rows in day.published if _has_vectors(rows, ordered[0])])
    if not day.parts:
        return
    limit = options.days * DAY
    first = within_days(times, day.date, 0).start
    chosen: list[Sharing] = []
    for found in sharing(day.parts, [article.names for article in ordered], _ROWS_PER_NAME):
        gaps = found.times - times[found.query]
        near = (np.abs(gaps) <= limit) & (found.shared >= options.min_names)
        near &= (found.parts != len(day.published)) | (first + found.rows < found.query)
        if near.any():
            for side in (near & (gaps <= 0), near & (gaps > 0)):
                places = np.flatnonzero(side)[:_COMPARED]
                chosen.append(Sharing(found.query, *(column[places] for column in found[1:])))
    yield from _matches(ordered, day, chosen, options)


def _has_vectors(rows: RecentRows, article: StoryArticle) -> bool:
    """Return whether `rows` may be compared with `article`: they are of the same encoder."""
    return rows.vectors is not None and rows.vectors.shape[1] == len(article.vector)


def _matches(
    ordered: Sequence[StoryArticle], day: Day, chosen: Sequence[Sharing], options: StoryOptions
) -> Iterator[tuple[int, _Match]]:
    """Yield those of `chosen` that are on the same event, with the number of the article."""
    if not chosen:
        return
    queries = np.repeat([found.query for found in chosen], [len(found.rows) for found in chosen])
    columns = (
        np.concatenate(column) for column in zip(*(found[1:] for found in chosen), strict=True)
    )
    parts, rows, times, shared = columns
    for number in np.unique(parts).tolist():
        part, here = day.parts[number], np.flatnonzero(parts == number)
        scores = _scores(ordered, part, queries[here], rows[here], shared[here], options)
        likely = scores >= options.threshold
        here, scores = here[likely], scores[likely]
        for query in np.unique(queries[here]).tolist():
            article, own = ordered[query], queries[here] == query
            named = _names_shared(article, part, rows[here[own]]) >= options.min_names
            for place, score in zip(
                here[own][named].tolist(), scores[own][named].tolist(), strict=True
            ):
                row = int(rows[place])
                id_ = part.ids[row].as_py()
                story = (part.groups[row].as_py() or id_) if part.home else ""
                if id_ != article.id:
                    yield query, _Match(score, -int(times[place]), id_, story)


def _names_shared(article: StoryArticle, rows: RecentRows, others: Positions) -> Positions:
    """Return how many names each of `others` shares with `article`; a rare one counts as two."""
    names = only_names(article.names)
    hits = rows.postings.find(names, _ROWS_WITH_NAME)
    order = np.argsort(hits.rows)
    found = hits.rows[order]
    totals = np.append(0, np.cumsum(name_weights(names)[hits.positions[order]], dtype=np.int64))
    ends, starts = (np.searchsorted(found, others, side) for side in ("right", "left"))
    counts: Positions = totals[ends] - totals[starts]
    return counts


def _scores(  # noqa: PLR0913, PLR0917 (pairs, each side by itself)
    ordered: Sequence[StoryArticle],
    part: RecentRows,
    queries: Positions,
    rows: Positions,
    shared: Positions,
    options: StoryOptions,
) -> NDArray[np.float64]:
    """Return how similar pairs are: of some of `ordered`, and as many rows.

    It is 0 where the row's vector is not near enough, or absent.
    """
    assert part.vectors is not None
    own = np.stack([article.vector for article in ordered])
    cosines = np.empty(len(rows), np.float64)
    for start in range(0, len(rows), _PAIRS):
        here = slice(start, start + _PAIRS)
        # Sums of 384 products of bytes are exact in float32: no matter in which order.
        left = own[queries[here]].astype(np.float32)
        right = part.vectors[rows[here]].astype(np.float32)
        norms = np.sqrt(_products(left, left)) * np.sqrt(_products(right, right))
        cosines[here] = _products(left, right) / np.maximum(norms, 1e-12)
    counts = np.array([len(article.names) for article in ordered])[queries]
    lengths = np.sqrt(part.postings.lengths[rows] * counts)
    has_more = np.array([has_words(article.names) for article in ordered])[queries]
    score = cosines + options.names_weight * shared / lengths
    score += np.where(has_more & (shared >= _ENOUGH), _SHORT * (1 - lengths / NAMES), 0.0)
    return np.where(cosines >= options.min_cosine, score, 0.0)


def _products(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the product of each vector with that of the other side."""
    products: NDArray[np.float64] = np.einsum("ij,ij->i", left, right).astype(np.float64)
    return products
