"""How far a run is, and the live line that shows it on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar

from pipeline.outcome import Counts


@dataclass
class Progress:
    """How far a run is; a listener is called after every change.

    Attributes:
        total_bytes: size of all files.
        read_bytes: size of the files and parts of files that have been read.
        done_bytes: of these, those of finished batches.
        documents: documents read, those of the current batch included.
        counts: what became of the documents of the finished batches.
    """

    total_bytes: int = 0
    read_bytes: int = 0
    done_bytes: int = 0
    documents: int = 0
    counts: Counts = field(default_factory=Counts)
    listener: Callable[["Progress"], None] = lambda progress: None

    def changed(self) -> None:
        """Tell the listener."""
        self.listener(self)


@contextmanager
def live_progress(console: Console) -> Iterator[Progress]:
    """Yield the progress of a run, shown on `console` while it works if that is a terminal."""
    if not console.is_terminal:
        yield Progress()
        return
    columns = (
        SpinnerColumn(),
        BarColumn(20),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting")

        def listen(progress: Progress) -> None:
            counts = progress.counts
            bar.update(
                task,
                # Not more than all but one byte: a finished bar's clock stands still.
                total=progress.total_bytes + 1,
                completed=progress.done_bytes,
                description=f"{progress.documents} read · {counts.written} written · "
                f"{counts.rejected.total()} rejected",
            )

        yield Progress(listener=listen)
