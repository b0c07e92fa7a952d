"""An article as it is compared with others, and which of two is the first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from transforms.output.postings import Keys
from transforms.output.versions import Precedence
from transforms.records import Article, Partition
from transforms.relate.near.signature import Overlap, signature
from transforms.relate.near.telling import Telling
from transforms.text.date_sources import STATED_SOURCES

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NearOptions:
    """What counts as a near-duplicate.

    Attributes:
        days: how far apart the two may be published.
        contained: least part of the shorter text that the other one holds too.
        jaccard: least part of both texts together that they share; keeps out round-ups, which
            hold short articles whole. Both from benchmarks/duplicates.py.
        drop: whether an article that nearly repeats another one gets no row. One that has a row
            keeps it, so every new article then counts as later than all that have one.
    """

    days: int = 3
    contained: float = 0.55
    jaccard: float = 0.25
    drop: bool = False

    def accepts(self, shared: Overlap) -> bool:
        """Return whether texts with this overlap nearly repeat each other."""
        return shared.contained >= self.contained and shared.jaccard >= self.jaccard


class Rank(NamedTuple):
    """Which of two texts is the first: the smaller one.

    Attributes:
        has_no_row: whether it is to be dropped rather than a published row.
        precedence: of equal ones; the time in microseconds since 1970.
    """

    has_no_row: bool
    precedence: Precedence[int]


@dataclass(frozen=True, eq=False)
class Node:
    """An article as it is compared.

    Attributes:
        rank: its place in the order.
        text: clean; empty where retention has removed it.
        home: the partition of its row; `None` for an article of the batch.
        linked: for a row, the id in its `duplicate_of`.
        known_keys: its signature, where that is made already.
    """

    rank: Rank
    text: str
    home: Partition | None = None
    linked: str | None = None
    known_keys: Keys | None = None

    @property
    def id(self) -> str:
        """The article's id."""
        return self.rank.precedence.id

    @property
    def time(self) -> int:
        """When it was published: microseconds since 1970."""
        return self.rank.precedence.published_at

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return _EPOCH + self.time * _MICROSECOND

    @property
    def shingles(self) -> frozenset[str]:
        """What is compared."""
        return self.telling.shingle_set

    @cached_property
    def telling(self) -> Telling:
        """What its text tells."""
        return Telling(self.text)

    @cached_property
    def keys(self) -> Keys:
        """Its signature."""
        return signature(self.text) if self.known_keys is None else self.known_keys


def microseconds(time: datetime | None) -> int:
    """Return `time` as microseconds since 1970."""
    assert time is not None
    return (time - _EPOCH) // _MICROSECOND


def node_of(article: Article, has_no_row: bool) -> Node:
    """Return an article of a batch as it is compared; see `Rank` for `has_no_row`."""
    is_guessed = article.date_source not in STATED_SOURCES
    place = Precedence(is_guessed, microseconds(article.published_at), article.id)
    return Node(Rank(has_no_row, place), article.text, known_keys=article.near_keys)
