"""`newsbeam watch`: keep up with feeds and folders, one bounded batch after the other.

Readers fill a bounded intake; this thread takes what is there, at most `watch.max_batch` documents
or what came in `watch.max_wait_seconds`, and runs the graph on it. Only when its rows are published
are the files and feeds remembered that it stands for. So a process that is killed reads them again,
and what was published already is found unchanged.

The lock on the output is held for one batch at a time, so that other writers (a replay, verify
--fix, a run) get their turn in between. Another lock keeps a second watching process away.
"""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pipeline.batches import Chains, run_batch
from pipeline.feeds import FeedNews, FeedSource
from pipeline.lock.lock import OutputLock, OutputLockedError, output_lock
from pipeline.settings import Plan
from pipeline.supervision import supervised
from pipeline.upkeep.resummarize import resummarize
from pipeline.watch.intake import Batch, Intake, Mark
from pipeline.watch.new_files import FolderSource
from pipeline.watch.readers import (
    FEEDS,
    FOLDERS,
    read_feeds,
    read_folders,
    read_folders_once,
    reading,
)
from pipeline.watch.record import Record
from pipeline.watch.status import Done, Status
from transforms.heaps import give_back, limit_heaps
from transforms.output.days import recover
from transforms.output.storage import join
from transforms.text.counted import counted

SESSION = "_watch"
"""Where, below the output, the lock lies that keeps a second watching process away."""

_IDLE = 1.0
_BUSY_SECONDS = 30.0
_REST_SECONDS = 1.0
"""After `_BUSY_SECONDS` of batches without a pause, the lock is left free for longer than those
who wait for it need to notice (half a second)."""

_AGAIN_SECONDS = 900.0
"""Between two looks for summaries that a model failed to write, while there is nothing else."""


@dataclass(frozen=True)
class Limits:
    """When to end by itself.

    Attributes:
        once: when everything that is there now is published.
        until: at that time.
        max_batches: after so many batches.
    """

    once: bool = False
    until: datetime | None = None
    max_batches: int | None = None


class Watch:
    """One watching process.

    Args:
        plan: all settings.
        limits: when it ends by itself.
        status: told what happens.
        tell: called after each batch.
    """

    def __init__(
        self,
        plan: Plan,
        limits: Limits,
        status: Status,
        tell: Callable[[Done], None] = lambda done: None,
    ) -> None:
        self._plan = plan
        self._config = config = plan.config
        self._limits = limits
        self._status = status
        self._tell = tell
        self._root = config.output.path
        self._intake = Intake(config.watch.max_batch, config.run.batch_bytes)
        self._feeds = FeedSource(plan)
        self._folders = FolderSource(
            self._root, config.input.paths, follow_links=config.input.follow_links
        )
        self._record = Record(plan)
        self._chains = Chains(plan)
        self._news = FeedNews(Counter(), Counter())
        self._keep_suspects: Callable[[], None] = lambda: None
        self._stop = threading.Event()
        self._free_at = self._again_at = time.monotonic()

    def stop(self) -> None:
        """Have `run` finish its batch and return; safe in a signal handler and in any thread."""
        self._stop.set()
        self._status.phase = "stopping"
        self._intake.close()

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def run(self) -> None:
        """Work until a limit is reached, or `stop` is called.

        Raises:
            OutputLockedError: another process watches for this output.
            BalanceError: not every document of a batch is accounted for.
        """
        limit_heaps()
        with ExitStack() as stack:
            stack.callback(self._record.close)
            if self._begin(stack):
                self._clear(stack)
                self._plan.encoders.first()
                self._work()
        self._status.enter("stopping")

    def _begin(self, stack: ExitStack) -> bool:
        """Have `stack` keep a second watching process away; return whether `stop` did not come."""
        root, deadline = join(self._root, SESSION), self._config.run.lock_wait_seconds
        deadline += time.monotonic()
        while not self._stop.is_set():
            left = deadline - time.monotonic()
            try:
                stack.enter_context(output_lock(root, "watch", wait=max(0, min(_IDLE, left))))
            except OutputLockedError as error:
                if left <= 0:
                    raise
                self._status.enter("starting", str(error))
            else:
                return True
        return False

    def _work(self) -> None:
        with self._reading():
            while (batch := self._next()) is not None:
                if not (batch.documents or batch.marks):
                    self._write_summaries_again()
                elif self._publish(batch):
                    give_back()
                    self._rest()

    def _clear(self, stack: ExitStack) -> None:
        with ExitStack() as turn:
            if self._turn(turn):
                recover(self._root)
                self._keep_suspects = stack.enter_context(supervised(self._root))

    def _reading(self) -> Any:
        config, intake, status = self._config, self._intake, self._status
        passes: dict[str, Callable[[], None]] = {}
        if config.input.paths:
            read = read_folders_once if self._limits.once else read_folders
            passes[FOLDERS] = partial(read, self._folders, intake, self._plan, status)
        if config.input.feeds:
            passes[FEEDS] = partial(read_feeds, self._feeds, intake)
        pause = None if self._limits.once else config.watch.poll_seconds
        return reading(passes, intake, status, pause, self._feeds.cancel)

    def _next(self) -> Batch | None:
        """Return the next batch, empty if none comes soon; `None` at the end."""
        limits, status, intake = self._limits, self._status, self._intake
        left = (limits.until - datetime.now(UTC)).total_seconds() if limits.until else _IDLE
        enough = limits.max_batches is not None and status.batches >= limits.max_batches
        if self._stop.is_set() or enough or left <= 0:
            return None
        status.enter("waiting")
        started = time.monotonic()
        batch = intake.take(self._config.watch.max_wait_seconds, min(_IDLE, left))
        if time.monotonic() - started >= _REST_SECONDS:
            self._free_at = time.monotonic()
        return batch

    def _publish(self, batch: Batch) -> bool:
        """Publish a batch and remember what it stands for; return whether that was done."""
        with ExitStack() as stack:
            if (lock := self._turn(stack)) is None:
                return False
            if batch.documents:
                self._run(batch)
            lock.check()
            self._remember(batch.marks)
            self._keep_suspects()
        return True

    def _run(self, batch: Batch) -> None:
        self._status.enter("working", f"on {counted(len(batch.documents), 'document')}")
        started = time.monotonic()
        fetched = [document.fetched_at for document in batch.documents]
        with self._record.batch() as manifest:
            result = run_batch(self._chains, manifest, batch.documents, self._root)
        self._news = self._news.plus(result.news)
        now = datetime.now(UTC)
        lags = [(now - at).total_seconds() for at in fetched]
        done = Done(result.outcome.counts, time.monotonic() - started, lags)
        self._status.add(done)
        self._status.queue(self._intake.documents, self._intake.size)
        self._tell(done)

    def _remember(self, marks: Iterable[Mark]) -> None:
        if files := [mark.what for mark in marks if mark.source == FOLDERS]:
            self._folders.keep(files)
        if noted := [state for mark in marks if mark.source == FEEDS for state in mark.what]:
            self._feeds.keep(noted, self._news)
            for state in noted:
                self._news.new.pop(state.url, None)
                self._news.waiting.pop(state.url, None)

    def _turn(self, stack: ExitStack) -> OutputLock | None:
        """Return the lock on the output, held by `stack`; `None` if `stop` comes first."""
        while not self._stop.is_set():
            try:
                lock = stack.enter_context(output_lock(self._root, "watch", wait=_IDLE))
            except OutputLockedError as error:
                self._status.enter("locked", str(error))
                continue
            self._record.took(lock.number)
            return lock
        return None

    def _write_summaries_again(self) -> None:
        """Have summaries written that a model failed to write, unless that was tried just now."""
        if time.monotonic() < self._again_at:
            return
        self._again_at = time.monotonic() + _AGAIN_SECONDS
        with contextlib.suppress(OutputLockedError):
            resummarize(self._plan, most=self._config.watch.max_batch)

    def _rest(self) -> None:
        if time.monotonic() - self._free_at > _BUSY_SECONDS:
            self._stop.wait(_REST_SECONDS)
            self._free_at = time.monotonic()
