"""Versions of one article: which one is current, what its revision and its date are.

The column `versions` holds a line for each version seen (`Version`); `Edition` is what is compared
of two versions, whether it is of a row, of an article that arrives, or of one that a row lists.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from transforms.records import TEASER, Article, Listed
from transforms.text.date_sources import DATE_SOURCES, STATED_SOURCES
from transforms.text.words import letters

_WAITING, _PLAIN, _TEASER = _MARKS = ("waiting", "", "teaser")
"""What became of a teaser: its page is awaited; nothing; its page was published in its place."""


_Flags = NDArray[np.bool_]
_Times = NDArray[np.int64]


class Version(NamedTuple):
    """One line of the column `versions`.

    Attributes:
        content: hash of title and text.
        stated: the stated date of the article, `@` before it; empty if it has none.
        mark: what became of it, if it is a teaser (`_MARKS`).
    """

    content: str
    stated: str = ""
    mark: str = _PLAIN

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Return the version that `text` stands for.

        >>> Version.parse("teaser:0123@2026-10-01")
        Version(content='0123', stated='@2026-10-01', mark='teaser')
        """
        mark, _, rest = (
            text.partition(":") if text.startswith((_TEASER, _WAITING)) else ("", "", text)
        )
        content, at, date = rest.partition("@")
        return cls(content, at + date, mark)

    def __str__(self) -> str:
        return f"{self.mark}:" * bool(self.mark) + self.content + self.stated


def version(article: Article) -> str:
    """Return the version of `article`: a hash of title and text, `@` and its stated date.

    A file's own time and the run's time are no part of it: they change when nothing has.
    """
    content = hashlib.sha256(f"{article.title}\0{article.text}".encode()).hexdigest()[:16]
    if article.published_at is None or article.date_source not in STATED_SOURCES:
        return content
    return f"{content}@{article.published_at.isoformat()}"


def content_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what two articles share if they share a row: the text, and the headline's letters.

    A paper that prints a report under a headline of its own has a row of its own, a near-duplicate,
    and so have two pages that say no more than "Watch the video".
    """
    return row["text_sha256"], letters(row["title"] or "")


def teaser_version(of_teaser: str) -> str:
    """Return the version of a teaser whose page was published in its place: no revision of it."""
    return str(Version.parse(of_teaser)._replace(mark=_TEASER))


def has_page(versions: Iterable[str]) -> bool:
    """Return whether the page of a teaser was published among these versions."""
    return any(Version.parse(text).mark == _TEASER for text in versions)


def waiting_version(of_teaser: str) -> str:
    """Return the version of a teaser whose page is to be tried again.

    The teaser's own version then counts as not seen yet, so that it is no "unchanged" next time.
    """
    return str(Version.parse(of_teaser)._replace(mark=_WAITING))


def revision(versions: Iterable[str]) -> int:
    """Return how many contents are among `versions`.

    >>> revision(["a@2026-10-01", "a@2026-10-02", "b"])
    2
    """
    parsed = (Version.parse(text) for text in versions)
    return len({version.content for version in parsed if version.mark != _TEASER})


def union_versions(left: Iterable[str], right: Iterable[str]) -> list[str]:
    """Return the versions of both, sorted; of a teaser, only what became of it last.

    >>> union_versions(["teaser:a", "b"], ["a"])
    ['b', 'teaser:a']
    >>> union_versions(["waiting:a"], ["a"])
    ['a']
    """
    last: dict[Version, Version] = {}
    for one in map(Version.parse, (*left, *right)):
        key = one._replace(mark=_PLAIN)
        last[key] = max(last.get(key, one), one, key=lambda seen: _MARKS.index(seen.mark))
    return sorted(map(str, last.values()))


class Edition(NamedTuple):
    """What is compared of versions of an article.

    Attributes:
        versions: those that were seen.
        modified_at: when its source says that it last changed it.
        published_at: see `Article`.
        date_source: where that comes from.
        is_teaser: whether the text is only that of a teaser; `None` while its page may still come.
    """

    versions: frozenset[str]
    modified_at: datetime | None
    published_at: datetime | None
    date_source: str | None
    is_teaser: bool | None = None

    @classmethod
    def of_article(cls, article: Article) -> "Edition":
        """Return that of an article that arrives."""
        seen = frozenset(article.versions or (version(article),))
        return cls(seen, article.modified_at, article.published_at, article.date_source)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Edition":
        """Return that of a row; `flags` of `None` say that its page may still come."""
        flags = row["flags"]
        is_teaser = None if flags is None else TEASER in flags
        dates = row["modified_at"], row["published_at"], row["date_source"]
        return cls(frozenset(row["versions"]), *dates, is_teaser)

    @classmethod
    def of_listed(cls, listed: Listed) -> "Edition":
        """Return that of an article that a row lists."""
        return cls(frozenset(listed.versions), listed.touched_at, None, None)

    @property
    def touched_at(self) -> datetime | None:
        """When its source says that it last changed it; `None` if it does not say."""
        return self.modified_at or (
            self.published_at if self.date_source in STATED_SOURCES else None
        )

    @property
    def date(self) -> tuple[datetime, str]:
        """`published_at` and `date_source`, of an edition that has them."""
        assert self.published_at is not None
        assert self.date_source is not None
        return self.published_at, self.date_source

    def is_replaced_by(self, new: "Edition") -> bool:
        """Return whether `new`, which arrives later, takes the place of this.

        The source's own `modified_at` decides, against the stated date of a version that has none.
        Where that does not tell, `new` does unless this version was seen before: then it is an old
        one that comes again.
        """
        if any(teaser_version(text) in self.versions for text in new.versions - self.versions):
            return False  # the teaser of what is published
        if new.is_teaser and self.is_teaser is False:
            return False  # its page could not be had this time
        if self.modified_at or new.modified_at:
            before, after = self.touched_at, new.touched_at
            if before and after and before != after:
                return after > before
        return not new.versions <= self.versions


def union_listed(*parts: Iterable[Listed]) -> tuple[Listed, ...]:
    """Return what was seen of each listed article, in order of their ids.

    What the latest says of its text holds; where that does not tell, the last one given.
    """
    union: dict[str, Listed] = {}
    for item in (item for part in parts for item in part):
        known = union.get(item.id, item)
        is_older = known.touched_at and item.touched_at and item.touched_at < known.touched_at
        last = known if is_older else item
        union[item.id] = last._replace(
            touched_at=last.touched_at or known.touched_at,
            versions=tuple(union_versions(known.versions, item.versions)),
        )
    return tuple(union[id_] for id_ in sorted(union))


def listing(article: Article) -> Listed:
    """Return what a row that lists `article` is to remember of it."""
    touched_at = Edition.of_article(article).touched_at
    return Listed(article.id, touched_at, article.text_sha256, tuple(sorted(article.versions)))


def listed_of(row: Mapping[str, Any]) -> tuple[Listed, ...]:
    """Return the column `listed` of a row."""
    return tuple(Listed(**item | {"versions": tuple(item["versions"])}) for item in row["listed"])


def best_date(stays: Edition, other: Edition) -> tuple[datetime, str]:
    """Return `published_at` and `date_source` for the row of the edition that stays.

    Its own, unless the other's comes from a more trusted source, or both are mere file or run
    times: then the earlier one, since the article existed by then.
    """

    def rank(edition: Edition) -> tuple[int, float]:
        published_at, date_source = edition.date
        is_stated = date_source in STATED_SOURCES
        return DATE_SOURCES.index(date_source), 0.0 if is_stated else published_at.timestamp()

    return min((stays, other), key=rank).date  # a tie leaves `stays`


_Time = TypeVar("_Time", datetime, int)


class Precedence(NamedTuple, Generic[_Time]):
    """The place of an article among those with its text: the smallest is the first one's.

    Stated dates come before others: the time of a file that was copied says when we got it.

    Attributes:
        is_guessed: whether its date is not stated.
        published_at: when it was published: a time, or microseconds since 1970.
        id: the article's.
    """

    is_guessed: bool
    published_at: _Time
    id: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Precedence[datetime]":
        """Return the place of a row."""
        is_guessed = row["date_source"] not in STATED_SOURCES
        return Precedence(is_guessed, row["published_at"], row["id"])


def may_be_before(place: Precedence[int], guessed: _Flags, times: _Times) -> _Flags:
    """Return which of many articles may be before that of `place`, as their ids are not known.

    >>> place = Precedence(False, 5, "a")
    >>> may_be_before(place, np.array([True, False, False]), np.array([1, 5, 9])).tolist()
    [False, True, False]
    """
    is_alike = guessed == place.is_guessed
    found: _Flags = (guessed < place.is_guessed) | is_alike & (times <= place.published_at)
    return found


def may_be_behind(place: Precedence[int], guessed: _Flags, times: _Times) -> _Flags:
    """Return which of many articles may be behind that of `place`, as their ids are not known."""
    is_alike = guessed == place.is_guessed
    found: _Flags = (guessed > place.is_guessed) | is_alike & (times >= place.published_at)
    return found
