"""The threads that read: one polls folders, one polls feeds, and both fill the intake."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field

from apache_beam.io.filesystem import BeamIOError

from pipeline.feeds import FeedSource
from pipeline.settings import Plan
from pipeline.watch.intake import Intake, IntakeClosedError, Mark
from pipeline.watch.new_files import SETTLED, FolderSource
from pipeline.watch.status import Status
from transforms.errors import ConfigError, FeedsRefusedError
from transforms.read import read_documents

FOLDERS, FEEDS = "folders", "feeds"

_END_SECONDS = 20.0
"""How long the end of the process waits for a thread in the middle of a read."""


def read_folders(source: FolderSource, intake: Intake, plan: Plan, status: Status) -> None:
    """Put the documents of all new files into the intake, each file followed by its mark."""
    files = source.new_files()
    status.files = source.count
    for file in files:
        for document in read_documents(file, plan.config.input.max_bytes, plan.bounds):
            intake.put(document)
        intake.put(Mark(FOLDERS, source.take(file)))


def read_folders_once(source: FolderSource, intake: Intake, plan: Plan, status: Status) -> None:
    """As `read_folders`, and again for files so new that they may have been incomplete."""
    read_folders(source, intake, plan, status)
    if source.is_waiting:
        time.sleep(SETTLED)
        read_folders(source, intake, plan, status)


def read_feeds(source: FeedSource, intake: Intake) -> None:
    """Put the items of all feeds that are due into the intake, each feed followed by its mark."""
    if not source.due():
        return
    with contextlib.closing(source.documents()) as documents:
        for document in documents:
            _mark(source, intake)
            if document is not None:
                intake.put(document)
    _mark(source, intake)
    if fault := source.fault():
        raise FeedsRefusedError(fault)


def _mark(source: FeedSource, intake: Intake) -> None:
    if noted := source.take_noted():
        intake.put(Mark(FEEDS, noted))


@contextlib.contextmanager
def reading(
    passes: dict[str, Callable[[], None]],
    intake: Intake,
    status: Status,
    poll_seconds: float | None,
    cancel: Callable[[], None],
) -> Iterator[None]:
    """Repeat each of `passes` in a thread of its own while the `with` lasts.

    A fault that may pass is noted in `status` and the pass is tried again; any other exception
    fails the intake.

    Args:
        passes: what to repeat, by the source's name.
        intake: closed at the end of the `with`.
        status: see above.
        poll_seconds: time between two passes; `None`: one pass each, then the intake ends.
        cancel: ends what a pass waits for.
    """
    repeater = _Repeater(intake, status, poll_seconds)
    threads = [
        threading.Thread(target=repeater.repeat, args=(name, one_pass), daemon=True)
        for name, one_pass in passes.items()
    ]
    for thread in threads:
        thread.start()
    ender = threading.Thread(target=_end_after, args=(threads, intake), daemon=True)
    ender.start()
    try:
        yield
    finally:
        repeater.stop.set()
        intake.close()
        cancel()
        for thread in threads:
            thread.join(_END_SECONDS)


def _end_after(threads: list[threading.Thread], intake: Intake) -> None:
    for thread in threads:
        thread.join()
    intake.end()


@dataclass
class _Repeater:
    intake: Intake
    status: Status
    poll_seconds: float | None
    stop: threading.Event = field(default_factory=threading.Event)

    def repeat(self, name: str, one_pass: Callable[[], None]) -> None:
        while not self.stop.is_set():
            try:
                one_pass()
                self.status.faults.pop(name, None)
            except IntakeClosedError:
                return
            except (OSError, BeamIOError, ConfigError, FeedsRefusedError) as error:
                self.status.faults[name] = str(error)
            except CancelledError:
                if not self.stop.is_set():
                    raise
            except BaseException as error:  # raised again where the batches are made
                self.intake.fail(error)
                return
            if self.poll_seconds is None or self.stop.wait(self.poll_seconds):
                return
