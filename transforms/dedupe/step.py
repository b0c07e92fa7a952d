"""Find out which articles need a row, and what is to change in rows that are published."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from transforms.deadletter import REJECTED
from transforms.dedupe.resolve import resolve
from transforms.dedupe.withdraw import remember, take_back
from transforms.output.ledger import look_up
from transforms.output.merge import Amendment, Removal
from transforms.output.withheld import EXPIRED, FORGOTTEN, first_kept, load_forgotten, part_withheld
from transforms.records import Article, DeadLetter, Partition, Withdrawal, dead_letter

STEP = "dedupe"
WITHDRAWN = "withdrawn"
"""Reason: its source has taken the article back."""
REASONS = frozenset({EXPIRED, FORGOTTEN, WITHDRAWN})


class DedupeOptions(NamedTuple):
    """How articles are compared with what is published.

    Attributes:
        root: the output.
        buckets: per day.
        kept_days: of which rows are kept, earlier articles are only counted; `None`: all.
        fetches: whether teasers get the text of their page later.
        drops_near: whether near-duplicates, too, are listed and get no row.
    """

    root: str
    buckets: int = 1
    kept_days: int | None = None
    fetches: bool = False
    drops_near: bool = False


class Deduped(NamedTuple):
    """What becomes of a batch.

    Attributes:
        articles: those that need a row: new ones, and new versions.
        amendments: what rows that are published are to learn.
        removals: rows that have to go.
        letters: of articles that their source has taken back.
        counts: of the others, by name.
        withheld: articles of which nothing is kept, by reason.
    """

    articles: list[Article]
    amendments: list[tuple[Partition, Amendment]]
    removals: list[tuple[Partition, Removal]]
    letters: list[DeadLetter]
    counts: Counter[str]
    withheld: Counter[str]


def dedupe(
    elements: Iterable[Article | Withdrawal], options: DedupeOptions, today: date
) -> Deduped:
    """Return what becomes of the articles of a batch, which meet each other and the ledger here.

    A `Withdrawal` takes the row of its article out, if that is not newer. For the holder of the
    output's lock.

    Args:
        elements: of the batch, in any order.
        options: see there.
        today: UTC.
    """
    everything, root = list(elements), options.root
    articles, withheld = part_withheld(
        (element for element in everything if isinstance(element, Article)),
        load_forgotten(root),
        first_kept(today, options.kept_days),
    )
    withdrawals = [element for element in everything if isinstance(element, Withdrawal)]
    keys = {key for article in articles for key in (article.id, *article.keys)}
    keys |= {withdrawal.key for withdrawal in withdrawals}
    known = look_up(root, keys, {article.text_sha256 for article in articles})
    standing = take_back(articles, known, remember(root, withdrawals))
    resolution = resolve(
        standing.articles,
        standing.known,
        options.buckets,
        teasers_wait=options.fetches,
        drops_near=options.drops_near,
    )
    letters = [
        dead_letter(article, STEP, WITHDRAWN, "its source has taken it back")
        for article in standing.refused
    ]
    counts = Counter(
        unchanged=resolution.unchanged,
        duplicate=resolution.duplicate,
        accepted=len(resolution.articles),
    )
    counts[REJECTED] = len(letters) + withheld.total()
    return Deduped(
        resolution.articles,
        resolution.amendments,
        [*standing.removals, *resolution.removals],
        letters,
        counts,
        withheld,
    )
