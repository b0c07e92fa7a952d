"""Articles that are not published: those that were forgotten, and those older than rows are kept.

They are counted as rejected, and nothing of them is kept: a dead letter would hold what must not be
held. `OUT/_state/forgotten.json` has only a hash of each identity key, from which neither the
address nor the text can be told.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from transforms.output.state import Forgotten
from transforms.records import Article

FORGOTTEN = "forgotten"
"""Reason: `newsbeam forget` removed the article."""
EXPIRED = "expired"
"""Reason: it was published before the first day of which rows are kept."""


class Parted(NamedTuple):
    """The articles that may be published, and how many may not, by reason."""

    articles: list[Article]
    withheld: Counter[str]


def part_withheld(
    articles: Iterable[Article], forgotten: Collection[str], kept_from: str = ""
) -> Parted:
    """Part what may be published from what may not.

    Args:
        articles: with their dates.
        forgotten: see `load_forgotten`.
        kept_from: see `first_kept`.
    """
    parted = Parted([], Counter())
    for article in articles:
        assert article.published_at is not None
        if is_forgotten((article.id, *article.keys), forgotten):
            parted.withheld[FORGOTTEN] += 1
        elif article.published_at.strftime("%Y-%m-%d") < kept_from:
            parted.withheld[EXPIRED] += 1
        else:
            parted.articles.append(article)
    return parted


def first_kept(today: date, days: int | None) -> str:
    """Return the first day that is kept, `YYYY-MM-DD`, if the last `days` are; empty: all.

    >>> first_kept(date(2026, 10, 31), 30)
    '2026-10-01'
    """
    return (today - timedelta(days=days)).isoformat() if days is not None else ""


def is_forgotten(keys: Iterable[str], forgotten: Collection[str]) -> bool:
    """Return whether an article that answers to `keys` is forgotten."""
    return bool(forgotten) and any(hashed(key) in forgotten for key in keys)


def hashed(key: str) -> str:
    """Return the hash by which a forgotten identity key is remembered, 32 hex digits."""
    return hashlib.sha256(f"forgotten\0{key}".encode()).hexdigest()[:32]


def load_forgotten(root: str) -> frozenset[str]:
    """Return the hashed keys of what is forgotten below `root`.

    Raises:
        ConfigError: they cannot be read.
    """
    return Forgotten.read(root).forgotten


def remember_forgotten(root: str, keys: Iterable[str]) -> None:
    """Remember that the articles with these identity keys are forgotten.

    The output's lock has to be held.
    """
    before = load_forgotten(root)
    after = before | {hashed(key) for key in keys}
    if after != before:
        Forgotten(forgotten=after).write(root)
