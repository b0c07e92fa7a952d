"""The last step of a graph that an engine runs: batches come to a worker, which publishes them.

No promise of an engine about order or exclusion is relied on: some run one key twice at once, and a
job goes on when whoever started it has died. The worker that publishes holds the output's lock
itself, for one batch at a time, so several workers, jobs and commands take turns.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import apache_beam as beam

from pipeline.graph import apply_models
from pipeline.journal import write_entry
from pipeline.lock.lock import output_lock
from pipeline.publisher import keep_letters, publish, sift
from pipeline.runners.chains import Chain
from pipeline.runners.options import LocalOptions
from pipeline.settings import Plan
from transforms.dedupe.step import STEP as DEDUPE
from transforms.records import Article, DeadLetter, Withdrawal
from transforms.windows import Repeat

TURN_SECONDS = 3600.0
"""How long a worker waits for its turn at the lock; then its batch fails, and is tried again."""


class RunContext(NamedTuple):
    """What belongs to a run and not to its config.

    Attributes:
        run_id: its id.
        started_at: when it started (UTC).
    """

    run_id: str
    started_at: datetime


Arrived = Article | Withdrawal | DeadLetter | Repeat
"""What reaches the last step."""


@dataclass
class PublishBatches(beam.PTransform):
    """Publish each list of `Arrived`; articles that have not been described yet are.

    Bounded and unbounded input alike. A batch that is tried again finds its rows unchanged. Returns
    the names of the batches' entries in the journal.
    """

    plan: Plan
    context: RunContext

    def expand(self, batches: beam.PCollection[list[Arrived]]) -> beam.PCollection[str]:
        """Return the names of the entries."""
        return batches | "publish" >> beam.ParDo(_PublishFn(self.plan, self.context))


class _PublishFn(beam.DoFn):
    def __init__(self, plan: Plan, context: RunContext) -> None:
        self._plan, self._context = plan, context

    def process(self, batch: list[Arrived]) -> Iterator[str]:
        yield publish_batch(list(batch), self._plan, self._context)


def publish_batch(batch: list[Arrived], plan: Plan, context: RunContext) -> str:
    """Publish what arrived, and write it into the journal; return the name of the entry.

    Raises:
        OutputLockedError: others held the lock for longer than `TURN_SECONDS`, or took it over.
    """
    root, (run_id, started_at) = plan.config.output.path, context
    letters = [element for element in batch if isinstance(element, DeadLetter)]
    articles = [element for element in batch if isinstance(element, Article)]
    withdrawals = [element for element in batch if isinstance(element, Withdrawal)]
    repeats = [element for element in batch if isinstance(element, Repeat)]
    with output_lock(root, "run", run_id, wait=TURN_SECONDS):
        sifted = sift([*articles, *withdrawals], plan)
        described, late = _described(sifted.articles, plan)
        letters = [*letters, *sifted.letters, *late]
        keep_letters(letters, root, started_at, run_id)
        outcome = publish(described, sifted, plan, run_id)
        outcome.read = len(batch) - len(withdrawals)
        outcome.count(DEDUPE, Counter(unchanged=len(repeats)))
        outcome.reject(letters)
        name = _entry_name([*articles, *letters, *repeats])
        write_entry(root, run_id, name, outcome)
    return name


def _entry_name(elements: Iterable[Article | DeadLetter | Repeat]) -> str:
    """Return the name of the entry of a batch, whatever the order of its elements."""
    digest = hashlib.sha256()
    for key in sorted(_key(element) for element in elements):
        digest.update(key.encode() + b"\0")
    return digest.hexdigest()[:32]


def _key(element: Article | DeadLetter | Repeat) -> str:
    """Return what tells an input from all others, also from the same one that arrives again."""
    if isinstance(element, Repeat):
        return element.token
    content = element.text_sha256 if isinstance(element, Article) else element.step
    return f"{element.id} {element.uri} {element.line} {element.fetched_at} {content}"


def _described(articles: list[Article], plan: Plan) -> tuple[list[Article], list[DeadLetter]]:
    """Return `articles`, all of them described, and dead letters of those that could not be.

    Before the models, an article was left out if it needed no row by what was published then.
    Should it need one now, as what it repeated was removed or changed, it is described here.
    """
    waiting = [article for article in articles if not article.summary_method]
    if not waiting:
        return articles, []
    with ThreadPoolExecutor(1) as thread:  # Beam keeps what it counts by thread
        chain = Chain(apply_models, plan, LocalOptions([]))
        passed = thread.submit(chain.run, waiting).result()
    done = [article for article in articles if article.summary_method]
    return [*done, *passed.elements], passed.letters
