"""What a step does with what cannot go on: every step rejects in the same way, each by itself.

`TryMap` is for steps that look at one article; `attempt_all` is for those that look at a batch.
What counts as a fault of a document, and what does not, is settled in `isolation`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.bounds import USUAL, Bounds
from transforms.errors import NewsbeamError, Rejected
from transforms.isolation import caught, condemned, tried
from transforms.named_code import PluginError
from transforms.pulse import timed
from transforms.records import Article, DeadLetter, RawDocument, dead_letter
from transforms.under_way import ENDS_OF_BATCHES, journal, name_of

REJECTED = "rejected"
"""Tag of the output that carries dead letters."""


class _SplitFn(beam.DoFn):
    """Send dead letters sideways, count both ways in the namespace of `step`."""

    def __init__(self, step: str) -> None:
        self._accepted = Metrics.counter(step, "accepted")
        self._rejected = Metrics.counter(step, REJECTED)

    def process(self, element: Any) -> Iterator[Any]:
        if isinstance(element, DeadLetter):
            self._rejected.inc()
            yield TaggedOutput(REJECTED, element)
        else:
            self._accepted.inc()
            yield element


@dataclass
class SplitDeadLetters(beam.PTransform):
    """Pass on what is no `DeadLetter`; hand each `DeadLetter` to `errors`.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    step: str
    errors: ErrorHandler

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return the elements that are no dead letters."""
        outputs = elements | "split" >> beam.ParDo(_SplitFn(self.step)).with_outputs(
            REJECTED, main="accepted"
        )
        self.errors.add_error_pcollection(outputs[REJECTED])
        return outputs.accepted


def attempt(
    element: RawDocument | Article,
    function: Callable[[Any], Any],
    step: str,
    bounds: Bounds = USUAL,
) -> Any:
    """Return `function(element)`, or the dead letter of `element` if it cannot go on."""
    outcome = tried(lambda: function(element), step, element, bounds)
    if isinstance(outcome, Rejected):
        return dead_letter(element, step, outcome.reason, outcome.detail)
    return outcome


Work = Callable[[Sequence[Article]], Iterable[Article | DeadLetter]]


def attempt_all(
    articles: Sequence[Article],
    work: Work,
    step: str,
    probe: Callable[[], Sequence[Article]],
    afresh: Work | None = None,
) -> list[Article | DeadLetter]:
    """Return what `work` makes of a batch; an article at which it raises harms no other.

    A batch that raises is halved until the article is found. Whether it is the article, or the
    model that fails at everything, tells the probe.

    Args:
        articles: a batch.
        work: on articles, together.
        step: in which it is done.
        probe: returns an article that `work` surely can work on.
        afresh: does the same to it, but takes nothing from a cache; `work` if that has none.

    Raises:
        NewsbeamError: `work` is that of a plug-in, and fails at the probe too.
        Exception: what `work` raised, if it fails at the probe too, or if what it says is that
            something else fails than an article.
    """
    with timed(step):
        return _attempt_all(articles, work, step, lambda: list((afresh or work)(probe())))


def _attempt_all(
    articles: Sequence[Article], work: Work, step: str, probe: Callable[[], object]
) -> list[Article | DeadLetter]:
    kept = journal()
    if kept is None:
        return _halved(articles, work, step, probe)
    done: list[Article | DeadLetter] = []
    together: list[Article] = []
    noted = f"{step}, in batches"  # the step may do more to an article, which clears nobody here
    for article in articles:
        name = name_of(article)
        if kept.is_condemned(noted, name, ENDS_OF_BATCHES):
            why = condemned(step, ENDS_OF_BATCHES)
            done.append(dead_letter(article, step, why.reason, why.detail))
        elif kept.is_suspect(noted, name):
            with kept.working(noted, [name]):
                done += _halved([article], work, step, probe)
        else:
            together.append(article)
    with kept.working(noted, [name_of(article) for article in together]):
        return done + _halved(together, work, step, probe)


def _halved(
    articles: Sequence[Article], work: Work, step: str, probe: Callable[[], object]
) -> list[Article | DeadLetter]:
    if not articles:
        return []
    outcome = caught(lambda: list(work(articles)))
    if not isinstance(outcome, Rejected):
        return outcome
    if len(articles) > 1:
        middle = len(articles) // 2
        halves = articles[:middle], articles[middle:]
        return [item for half in halves for item in _halved(half, work, step, probe)]
    try:
        probe()
    except Rejected:  # on purpose: it works
        pass
    except PluginError as error:
        raise NewsbeamError(
            f"{error}\nIt fails at every article. Mend the plug-in (newsbeam check tries it), or "
            "name another one, and run again: what was published is whole."
        ) from error
    return [dead_letter(articles[0], step, outcome.reason, outcome.detail)]


@dataclass
class TryMap(beam.PTransform):
    """Apply `function` to every element; one that cannot go on becomes a dead letter.

    What says that something else fails than the element, such as a full disk, fails the bundle.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    function: Callable[[Any], Any]
    step: str
    errors: ErrorHandler
    bounds: Bounds = USUAL

    def expand(self, elements: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return what `function` returned for the accepted elements."""
        return (
            elements
            | "try" >> beam.Map(attempt, self.function, self.step, self.bounds)
            | SplitDeadLetters(self.step, self.errors)
        )
