"""The three records that travel through the graph.

A `RawDocument` (bytes as read) becomes an `Article`, which every later step refines; a `DeadLetter`
leaves sideways from any step. All are immutable, and all times are aware and UTC.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

RECORD_MEDIA_TYPE = "application/json"
"""One JSON object holding the fields of one article: a line of JSONL, a CSV row, a Parquet row."""

TEASER = "teaser"
"""Flag: a feed's introduction or title only; the page has the rest."""
NO_TITLE = "no_title"  # Flag: the source has no title.
TEXT_REMOVED = "text_removed"  # Flag: the text is kept no longer; `text_sha256` is its hash.


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One article as it was read, before anything is understood.

    Attributes:
        uri: where it was read; a path or URL.
        media_type: what `content` is; chooses the parser.
        content: the bytes of this one article, decompressed.
        fetched_at: when it was read.
        modified_at: the file's own time, where its filesystem tells one.
        line: 1-based position in a file that holds many articles; `None` for a whole file.
    """

    uri: str
    media_type: str
    content: bytes
    fetched_at: datetime
    modified_at: datetime | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic's label and its score, a probability-like value in [0, 1]."""

    label: str
    score: float


class Duplicate(NamedTuple):
    """An article with headline and text of a published one: its id, and its url or else its uri."""

    id: str
    url: str


class Listed(NamedTuple):
    """What was seen of an article that a row lists as its duplicate: what tells a new text of it.

    Attributes:
        id: of the article.
        touched_at: when its source says that it last changed it, `None` if it does not say.
        text_sha256: of the text that it had then.
        versions: of it that were seen, sorted (`versions.version`).
    """

    id: str
    touched_at: datetime | None
    text_sha256: str
    versions: tuple[str, ...]


class Withdrawal(NamedTuple):
    """The article with the identity key `key` was taken back by its source, `at` this time."""

    key: str
    at: datetime


class Partition(NamedTuple):
    """Where a row lives: its UTC day (`YYYY-MM-DD`) and the bucket of its id."""

    date: str
    bucket: int


def bucket_of(id_: str, buckets: int) -> int:
    """Return the bucket of an article's id, of so many a day."""
    return crc32(id_.encode()) % buckets


class DayFile(NamedTuple):
    """One file of a partition; `number` counts them from 0."""

    date: str
    bucket: int
    number: int

    @property
    def partition(self) -> Partition:
        """The partition that it is a part of."""
        return Partition(self.date, self.bucket)

    @property
    def path(self) -> str:
        """The file, relative to the output.

        >>> DayFile("2026-10-01", 0, 0).path, DayFile("2026-10-01", 0, 7).path
        ('date=2026-10-01/part-00.parquet', 'date=2026-10-01/part-00-0007.parquet')
        """
        number = f"-{self.number:04d}" if self.number else ""
        return f"date={self.date}/part-{self.bucket:02d}{number}.parquet"


@dataclass(frozen=True, slots=True)
class Article:
    """One news article, from `parse` to `write`.

    Attributes:
        id: stable identity, 32 hex digits (see `identity.article_id`).
        uri: where it was read.
        fetched_at: when it was read; published as `ingested_at`.
        title: headline; empty when the source has none.
        text: body; paragraphs separated by one blank line once cleaned.
        line: position in a file of many articles.
        source_id: the item's own id in its source, if it has one.
        url: canonical web address.
        source: publisher or site name.
        feed: address of the feed that listed it.
        authors: names, in the order given.
        section: of the paper or site, as the source names it.
        language: ISO 639-1 code, `None` while unknown.
        published_at: when it was published.
        date_source: where `published_at` came from: one of `date_sources.DATE_SOURCES`.
        modified_at: when the source says it last changed it.
        flags: snake_case remarks, sorted, each once (docs/schema.md lists them).
        raw: what it was parsed from, so that a rejection keeps the original; `clean` drops it.
        text_sha256: hex digest of the cleaned `text`; set by `clean`.
        sentences: sentences of `text` in order; set by `encode`.
        vectors: float32, shape (1 + len(sentences), dim), unit length; row 0 is the title (all
            zeros when there is none); set by `encode`.
        summary: the published summary.
        summary_method: `extractive`, ... : how it was made.
        summary_model: name of the model that made it.
        faithfulness: support of the summary by the text, in [0, 1].
        topic: the top topic's label, `None` when no topic is certain enough.
        topic_score: of the top topic, also when it is not certain enough.
        topics: every topic scoring above the threshold, best first.
        embedding: article vector, float32 (dim,); kept only where it is to be published.
        embedding_model: name of the encoder that `embedding` is of.
        keys: identity keys of the article, best first; two articles that share one are the same.
        versions: of this article that were seen; `dedupe` sets it and the next three.
        duplicates: articles under another id with the same headline and text.
        listed: what was seen of each of them.
        origin: where a row with a newer version of it lies, to which it only brings a better date.
        duplicate_of: id of the article that this one nearly repeats; set by `relate`.
        near_keys: MinHash keys of the text, uint64 (see `near.signature`); `describe` sets these:
        story_names: hashed names and rare words, uint32.
        story_vector: vector in int8.
        word_count: of the text.
        story_id: id of the article that its story began with; set by `relate`.
    """

    id: str
    uri: str
    fetched_at: datetime
    title: str
    text: str
    line: int | None = None
    source_id: str | None = None
    url: str | None = None
    source: str | None = None
    feed: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    date_source: str | None = None
    modified_at: datetime | None = None
    flags: tuple[str, ...] = ()
    raw: RawDocument | None = field(default=None, repr=False)
    text_sha256: str = ""
    sentences: tuple[str, ...] = field(default=(), repr=False)
    vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    summary: str = ""
    summary_method: str = ""
    summary_model: str = ""
    faithfulness: float | None = None
    topic: str | None = None
    topic_score: float | None = None
    topics: tuple[TopicScore, ...] = ()
    embedding: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    embedding_model: str | None = None
    keys: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    listed: tuple[Listed, ...] = ()
    origin: Partition | None = None
    duplicate_of: str | None = None
    near_keys: NDArray[np.uint64] | None = field(default=None, repr=False, compare=False)
    story_id: str | None = None
    story_names: NDArray[np.uint32] | None = field(default=None, repr=False, compare=False)
    story_vector: NDArray[np.int8] | None = field(default=None, repr=False, compare=False)
    word_count: int | None = None


def home_of(article: Article, buckets: int) -> Partition:
    """Return the one partition in which the row of `article` lives."""
    assert article.published_at is not None
    day = article.published_at.strftime("%Y-%m-%d")
    return Partition(day, bucket_of(article.id, buckets))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One input that could not become a row, kept whole so that it can be replayed.

    Attributes:
        step: the step that rejected it.
        reason: snake_case code (docs/schema.md lists them).
        detail: one sentence for a person.
        uri: where the input was read.
        line: its position there, if it was one of many.
        media_type: what `payload` is.
        payload: the original bytes, or the article as a JSON record once `clean` has passed it.
        fetched_at: when the input was read.
        modified_at: the time of the file it was read from, where that is known.
    """

    step: str
    reason: str
    detail: str
    uri: str
    line: int | None
    media_type: str
    payload: bytes
    fetched_at: datetime
    modified_at: datetime | None = None

    @property
    def id(self) -> str:
        """Identity: the same input rejected by the same step is one dead letter."""
        key = f"{self.step}\0{self.uri}\0{self.line}\0".encode() + self.payload
        return hashlib.sha256(key).hexdigest()[:32]


def wants_page(article: Article) -> bool:
    """Return whether the article is only a teaser, and its page is known."""
    return is_teaser(article.flags, article.url)


def is_teaser(flags: Collection[str], url: str | None) -> bool:
    """Return whether an article with these flags and address is a teaser whose page is known."""
    return TEASER in flags and url is not None


def add_flags(flags: tuple[str, ...], *new: str) -> tuple[str, ...]:
    """Return `flags` with `new` added, sorted, each once.

    >>> add_flags(("b",), "a", "b")
    ('a', 'b')
    """
    return tuple(sorted({*flags, *new}))


def article_record(article: Article) -> dict[str, Any]:
    """Return the fields of `article` as the JSON record that `parse` reads back."""
    fields = {
        "id": article.source_id,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "authors": list(article.authors),
        "source": article.source,
        "feed": article.feed,
        "section": article.section,
        "language": article.language,
        "date": article.published_at and article.published_at.isoformat(),
        "modified": article.modified_at and article.modified_at.isoformat(),
    }
    return {name: value for name, value in fields.items() if value}


def dead_letter(element: RawDocument | Article, step: str, reason: str, detail: str) -> DeadLetter:
    """Return the dead letter for `element`, holding its original bytes where they are known."""
    raw = element if isinstance(element, RawDocument) else element.raw
    if raw is None:
        assert isinstance(element, Article)
        record = json.dumps(article_record(element), ensure_ascii=False).encode()
        raw = RawDocument(
            element.uri, RECORD_MEDIA_TYPE, record, element.fetched_at, line=element.line
        )
    times = raw.fetched_at, raw.modified_at
    return DeadLetter(step, reason, detail, raw.uri, raw.line, raw.media_type, raw.content, *times)
