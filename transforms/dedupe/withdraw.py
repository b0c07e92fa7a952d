"""What sources took back: it leaves the output, and older versions of it do not come back.

`OUT/_state/withdrawn.json` remembers the identity key of each article taken back, and since when. A
version that its source touched after that is published again.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from transforms.output.ledger import Known
from transforms.output.merge import Removal
from transforms.output.state import Withdrawn
from transforms.output.versions import Edition
from transforms.records import Article, Partition, Withdrawal

Withdrawals = Mapping[str, datetime]
"""Identity key -> since when the article is taken back."""


class Standing(NamedTuple):
    """What remains of a batch and the published rows that concern it.

    `refused` are the articles that are taken back; `removals` the rows that have to go.
    """

    articles: list[Article]
    refused: list[Article]
    known: list[Known]
    removals: list[tuple[Partition, Removal]]


def take_back(
    articles: Iterable[Article], known: Iterable[Known], withdrawn: Withdrawals
) -> Standing:
    """Part what stands from what is taken back.

    Args:
        articles: of a batch.
        known: the published rows that they, or `withdrawn`, concern.
        withdrawn: what was taken back, now or earlier.
    """
    standing = Standing([], [], [], [])
    for article in articles:
        gone = _is_withdrawn((article.id, *article.keys), Edition.of_article(article), withdrawn)
        (standing.refused if gone else standing.articles).append(article)
    for entry in known:
        keys = entry.row["id"], *entry.row["keys"]
        if _is_withdrawn(keys, Edition.of_row(entry.row), withdrawn):
            standing.removals.append((entry.home, Removal(entry.row["id"])))
        else:
            standing.known.append(entry)
    return standing


def _is_withdrawn(keys: Iterable[str], edition: Edition, withdrawn: Withdrawals) -> bool:
    """Return whether the last of the times at which one of `keys` was taken back is not past."""
    times = [withdrawn[key] for key in keys if key in withdrawn]
    touched = edition.touched_at
    return bool(times) and (touched is None or touched <= max(times))


def remember(root: str, withdrawals: Iterable[Withdrawal]) -> Withdrawals:
    """Add `withdrawals` to what is remembered below `root`; return all of it.

    Remembering one again, or an older one, changes nothing. The output's lock has to be held.

    Raises:
        ConfigError: what is remembered cannot be read.
    """
    before = Withdrawn.read(root).withdrawn
    after = dict(before)
    for key, at in withdrawals:
        after[key] = max(at, after.get(key, at))
    _keep(root, before, after)
    return after


def drop_withdrawals(root: str, keys: Collection[str]) -> None:
    """Forget what was taken back of the articles with these identity keys; raises as `remember`."""
    before = Withdrawn.read(root).withdrawn
    _keep(root, before, {key: at for key, at in before.items() if key not in keys})


def _keep(root: str, before: Withdrawals, after: Withdrawals) -> None:
    if after != before:
        Withdrawn(withdrawn=dict(sorted(after.items()))).write(root)
