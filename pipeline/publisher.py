"""Publish batches: `dedupe`, `relate` and `write` as plain calls, one batch after the other.

Everything that looks at the output and at a whole batch happens here, in the process that holds the
output's lock. One ordered publisher is enough for any size (docs/scale.md); what scales with
machines is everything before it. Run, watch, replay and the last step of an engine's graph call the
same functions.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pipeline.outcome import Outcome
from pipeline.settings import Plan
from transforms.dedupe import step as dedupe_step
from transforms.dedupe.step import Deduped, DedupeOptions, dedupe
from transforms.letters import publish_dead_letters
from transforms.output.merge import Amendment, Removal
from transforms.pulse import timed
from transforms.records import Article, DeadLetter, Partition, Withdrawal
from transforms.relate import step as relate_step
from transforms.relate.step import relate
from transforms.write import STEP as WRITE
from transforms.write import WriteOptions, write

Element = Article | Withdrawal
"""What reaches the publisher, besides dead letters."""


def sift(elements: Iterable[Element], plan: Plan) -> Deduped:
    """Return what is to be described and published of a batch, given what is published now."""
    config = plan.config
    options = DedupeOptions(
        config.output.path,
        config.output.buckets,
        config.retention.rows,
        fetches=config.fetch.full_text,
        drops_near=config.near.policy == "drop",
    )
    with timed(dedupe_step.STEP):
        return dedupe(elements, options, datetime.now(UTC).date())


def publish(articles: Sequence[Article], sifted: Deduped, plan: Plan, run_id: str) -> Outcome:
    """Publish a batch that has been described; return what became of it.

    For the holder of the output's lock, who has held it since `sift`.

    Args:
        articles: those of `sifted`, described, less those that were rejected on the way.
        sifted: what `sift` said of the batch.
        plan: all settings.
        run_id: of the run that writes.
    """
    output = plan.config.output
    with timed(relate_step.STEP):
        related = relate(articles, sifted.removals, output.path, plan.near, plan.stories)
    options = WriteOptions(output.path, output.buckets, run_id, output.revisions)
    changes: list[tuple[Partition, Amendment | Removal]] = list(sifted.amendments)
    changes += sifted.removals
    with timed(WRITE):
        written = write(related.articles, related.links, changes, options)
    outcome = Outcome(
        feeds=written.feeds, created=written.files.created, changed=written.files.changed
    )
    outcome.count(dedupe_step.STEP, sifted.counts)
    kept = Counter(accepted=len(related.articles), duplicate=related.duplicate)
    outcome.count(relate_step.STEP, kept)
    outcome.count(WRITE, written.counts)
    for reason, count in sifted.withheld.items():
        outcome.rejected[f"{dedupe_step.STEP}.{reason}"] += count
    return outcome


def keep_letters(
    letters: Sequence[DeadLetter], root: str, started_at: datetime, run_id: str
) -> None:
    """Publish dead letters in `_rejected/` below `root`, on the day on which the run started."""
    publish_dead_letters(root, f"{started_at:%Y-%m-%d}", run_id, letters)
