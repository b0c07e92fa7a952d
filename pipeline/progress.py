"""The live line of a run, on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar

from pipeline.run import Progress


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
