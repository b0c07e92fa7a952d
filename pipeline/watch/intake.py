"""What is read and not yet in a batch: bounded, so that a burst waits where it is."""

import threading
import time
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from pipeline.batches import document_size
from pipeline.feeds import Document


class IntakeClosedError(Exception):
    """The process ends; whoever reads is to stop."""


@dataclass(frozen=True)
class Mark:
    """Says that everything a source has put in before it is to be remembered as read.

    Attributes:
        source: which source.
        what: what it is to remember.
    """

    source: Hashable
    what: Any


@dataclass(frozen=True)
class Batch:
    """Documents to be published, and what may be remembered afterwards."""

    documents: list[Document] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Intake:
    """A queue of documents between the threads that read and the one that publishes.

    `put` waits while the queue is full. Marks keep their place among the documents.

    Args:
        most: documents in the queue, and in a batch.
        most_bytes: their bytes; one document more may go above it.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._items: deque[Document | Mark] = deque()
        self._changed = threading.Condition()
        self._first_at: float | None = None
        self._closed = self._ended = False
        self._failure: BaseException | None = None
        self.documents = self.size = 0

    def put(self, item: Document | Mark) -> None:
        """Add `item`, when there is room for it.

        Raises:
            IntakeClosedError: the queue was closed.
        """
        with self._changed:
            if not isinstance(item, Mark):
                self._changed.wait_for(lambda: self._closed or not self._is_full())
                self.documents += 1
                self.size += document_size(item)
            if self._closed:
                raise IntakeClosedError
            if self._first_at is None:
                self._first_at = time.monotonic()
            self._items.append(item)
            self._changed.notify_all()

    def take(self, wait: float, idle: float) -> Batch | None:
        """Return the next batch, empty after `idle` seconds without one; `None` at the end.

        Args:
            wait: seconds from the first item on in which a batch is to fill up.
            idle: seconds to wait for the first item.

        Raises:
            BaseException: what `fail` was told.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._over(), idle)
            if self._first_at is not None:
                left = self._first_at + wait - time.monotonic()
                self._changed.wait_for(lambda: self._is_full() or self._over(), max(0, left))
            if self._failure:
                raise self._failure
            if self._closed or (self._ended and not self._items):
                return None
            return self._cut()

    def end(self) -> None:
        """Say that nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Drop what is in the queue, and refuse what comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Have `take` raise `error`: a source cannot go on."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _over(self) -> bool:
        return self._closed or self._ended or self._failure is not None

    def _is_full(self) -> bool:
        return self.documents >= self._most or self.size >= self._most_bytes

    def _cut(self) -> Batch:
        """Return everything that is there: `put` sees to it that it is no more than a batch."""
        documents = [item for item in self._items if not isinstance(item, Mark)]
        marks = [item for item in self._items if isinstance(item, Mark)]
        self._items.clear()
        self.documents = self.size = 0
        self._first_at = None
        self._changed.notify_all()
        return Batch(documents, marks)
