"""Versions of one article: which one is current, what its revision and its date are.

A row is a mapping with at least the columns `versions`, `modified_at`, `published_at`,
`date_source`: a published row, or what is known of an arriving article.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from transforms.records import TEASER, Article, Listed
from transforms.text.dates import DATE_SOURCES

STATED_SOURCES = frozenset({"record", "feed", "page", "path"})
"""Date sources that say something about the article, not about our copy of it."""


_TEASER = "teaser:"
_WAITING = "waiting:"


def version(article: Article) -> str:
    """Return the version of `article`: a hash of title and text, `@` and its stated date.

    A file's own time and the run's time are no part of it: they change when nothing has.
    """
    content = hashlib.sha256(f"{article.title}\0{article.text}".encode()).hexdigest()[:16]
    if article.published_at is None or article.date_source not in STATED_SOURCES:
        return content
    return f"{content}@{article.published_at.isoformat()}"


def teaser_version(of_teaser: str) -> str:
    """Return the version of a teaser whose page was published in its place: no revision of it."""
    return _TEASER + of_teaser


def has_page(versions: Iterable[str]) -> bool:
    """Return whether the page of a teaser was published among these versions."""
    return any(v.startswith(_TEASER) for v in versions)


def waiting_version(of_teaser: str) -> str:
    """Return the version of a teaser whose page is to be tried again.

    The teaser's own version then counts as not seen yet, so that it is no "unchanged" next time.
    """
    return _WAITING + of_teaser


def revision(versions: Iterable[str]) -> int:
    """Return how many contents are among `versions`.

    >>> revision(["a@2026-10-01", "a@2026-10-02", "b"])
    2
    """
    contents = (v.removeprefix(_WAITING) for v in versions if not v.startswith(_TEASER))
    return len({content.partition("@")[0] for content in contents})


def is_replaced(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether `new`, which arrives later, takes the place of `old`.

    The source's own `modified_at` decides, against the stated date of a version that has none.
    Where that does not tell, `new` does unless this version was seen before: then it is an old one
    that comes again.
    """
    seen = set(old["versions"])
    if {teaser_version(v) for v in new["versions"]} & seen:
        return False  # the teaser of what is published
    if TEASER in new.get("flags", ()) and TEASER not in old.get("flags", new["flags"]):
        return False  # its page could not be had this time
    if old["modified_at"] or new["modified_at"]:
        before, after = last_touched(old), last_touched(new)
        if before and after and before != after:
            return after > before
    return not set(new["versions"]) <= seen


def last_touched(row: Mapping[str, Any]) -> datetime | None:
    """Return when the source says that it last changed the article, `None` if it does not say."""
    stated = row["published_at"] if row["date_source"] in STATED_SOURCES else None
    return row["modified_at"] or stated


def union_versions(left: Iterable[str], right: Iterable[str]) -> list[str]:
    """Return the versions of both, sorted; of a teaser, only what became of it last.

    >>> union_versions(["teaser:a", "b"], ["a"])
    ['b', 'teaser:a']
    >>> union_versions(["waiting:a"], ["a"])
    ['a']
    """
    both = {*left, *right}
    outdated = {v.removeprefix(_TEASER) for v in both if v.startswith(_TEASER)}
    outdated |= {waiting_version(v.removeprefix(_TEASER)) for v in both}
    return sorted(both - outdated)


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
    stated = article.published_at if article.date_source in STATED_SOURCES else None
    versions = tuple(sorted(article.versions))
    return Listed(article.id, article.modified_at or stated, article.text_sha256, versions)


def listed_of(row: Mapping[str, Any]) -> tuple[Listed, ...]:
    """Return the column `listed` of a row."""
    return tuple(
        Listed(**item | {"versions": tuple(item["versions"])})
        for item in row["listed"] or ()  # an earlier version of newsbeam did not keep it
    )


def is_news(listed: Listed, row: Mapping[str, Any]) -> bool:
    """Return whether `row` is a newer version of a listed article than all that were seen."""
    old = {
        "versions": listed.versions,
        "modified_at": listed.touched_at,
        "published_at": None,
        "date_source": "run",
    }
    return is_replaced(old, row)


def best_date(stays: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return `published_at` and `date_source` for the row that stays.

    Its own, unless the other version's comes from a more trusted source, or both are mere file or
    run times: then the earlier one, since the article existed by then.
    """

    def rank(row: Mapping[str, Any]) -> tuple[int, float]:
        stated = row["date_source"] in STATED_SOURCES
        trust = DATE_SOURCES.index(row["date_source"])
        return trust, 0.0 if stated else row["published_at"].timestamp()

    best = min((stays, other), key=rank)  # a tie leaves `stays`
    return best["published_at"], best["date_source"]
