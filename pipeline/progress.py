"""How far a run is, and the live line that shows it on a terminal."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.progress_bar import ProgressBar
from rich.text import Text

from pipeline.outcome import Counts
from pipeline.time_spans import span_text
from transforms.pulse import work_done
from transforms.text.counted import counted

_WEIGHTS = {"parse": 4, "clean": 1, "encode": 12, "summarize": 2, "classify": 1}
"""Share of each step in the time of a batch, roughly, for a bar that moves evenly."""
_TEXTS = 20
"""Texts of an article that the encoder reads, roughly: its title and sentences."""
_SURE_SECONDS = 5
"""After so long, the time that is left is told."""


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        total_bytes: size of all files.
        read_bytes: size of the files and parts of files that have been read.
        done_bytes: of these, those of finished batches.
        documents: documents read, those of the current batch included.
        batch: documents of the batch under way; 0 between batches.
        batches: batches that were begun.
        feeds: that are asked.
        feeds_done: of these, those that have answered.
        counts: what became of the documents of the finished batches.
    """

    total_bytes: int = 0
    read_bytes: int = 0
    done_bytes: int = 0
    documents: int = 0
    batch: int = 0
    batches: int = 0
    feeds: int = 0
    feeds_done: int = 0
    counts: Counts = field(default_factory=Counts)
    _before: tuple[Counter[str], int] = field(default_factory=lambda: (Counter(), 0))

    def begin_batch(self, documents: int) -> None:
        """Note that a batch of so many documents begins."""
        _, steps, texts = work_done()
        self._before = (steps, texts)
        self.batch, self.batches = documents, self.batches + 1

    def end_batch(self, counts: Counts) -> None:
        """Note that the batch is published; `counts` are those of the run so far."""
        self.counts, self.batch, self.done_bytes = counts, 0, self.read_bytes

    def of_batch(self) -> tuple[str, int, int]:
        """Return the step that the batch is in, its documents there, and texts done by models."""
        step, steps, texts = work_done()
        return step, steps[step] - self._before[0][step], texts - self._before[1]

    def share(self) -> float:
        """Return about how much of the work is done, 0 to 1."""
        if not self.total_bytes:  # of feeds nobody knows what they will bring
            return self.feeds_done / (self.feeds + 1) if self.feeds else 0.0
        done = self.done_bytes + self._share_of_batch() * (self.read_bytes - self.done_bytes)
        return min(done / self.total_bytes, 0.999)

    def _share_of_batch(self) -> float:
        if not self.batch:
            return 0.0
        _, steps, texts = work_done()
        done = {step: (steps[step] - self._before[0][step]) / self.batch for step in _WEIGHTS}
        done["encode"] = (texts - self._before[1]) / (self.batch * _TEXTS)
        parts = (weight * min(1.0, done[step]) for step, weight in _WEIGHTS.items())
        return sum(parts) / sum(_WEIGHTS.values())


def describe(progress: Progress, seconds: float) -> str:
    """Return in a line what goes on; `seconds` is how long it has.

    >>> describe(Progress(feeds=18, feeds_done=12), 3.0)
    'polling 18 feeds, 12 done · 0 read'
    """
    parts = []
    if progress.batch:
        step, documents, texts = progress.of_batch()
        count = (
            f"{texts} texts"
            if step == "encode"
            else f"{min(documents, progress.batch)} of {progress.batch}"
        )
        parts.append(f"batch {progress.batches}: {step} {count}" if step else "starting")
    if progress.feeds_done < progress.feeds:
        parts.append(f"polling {counted(progress.feeds, 'feed')}, {progress.feeds_done} done")
    counts, rejected = progress.counts, progress.counts.rejected.total()
    parts.append(f"{progress.documents} read")
    if counts.read:
        parts += [f"{counts.written} written"] + [f"{rejected} rejected"] * bool(rejected)
        parts.append(f"{counts.read / max(seconds, 1e-6):.0f}/s")
    share = progress.share()
    if share and progress.total_bytes and seconds > _SURE_SECONDS:
        parts.append(f"{span_text(seconds / share * (1 - share))} left")
    return " · ".join(parts)


class _Share(BarColumn):
    def __init__(self, progress: Progress) -> None:
        super().__init__(bar_width=20)
        self._progress = progress

    def render(self, task: Task) -> ProgressBar:
        task.completed = self._progress.share()
        return super().render(task)


class _Line(ProgressColumn):
    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress, self._started = progress, time.monotonic()

    def render(self, _task: Task) -> Text:
        return Text(describe(self._progress, time.monotonic() - self._started))


@contextmanager
def live_progress(console: Console) -> Iterator[Progress]:
    """Yield the progress of a run, shown on `console` while it works if that is a terminal."""
    progress = Progress()
    if not console.is_terminal:
        yield progress
        return
    columns = (SpinnerColumn(), _Share(progress), _Line(progress), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        bar.add_task("", total=1.0)
        yield progress
