"""What a watching process says of itself: to the terminal, the log, probes and Prometheus."""

import time
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pipeline.metrics import FeedCollector, tell_build
from pipeline.outcome import Counts
from transforms.pulse import last_beat

RATE_SECONDS = 60.0
STUCK_SECONDS = 900.0
"""A process without a sign of progress for so long is not alive. Within a batch each batch of a
model, answer of an endpoint and page is one."""

_LAGS = 1000
_BUCKETS = (0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


class Done(NamedTuple):
    """A batch that is published.

    Attributes:
        counts: what became of its documents.
        seconds: how long it took.
        lags: seconds from when each document was read to when it was published.
    """

    counts: Counts
    seconds: float
    lags: list[float]


class Status:
    """The state of the process. One thread writes it, others read.

    Attributes:
        phase: `starting`, `waiting` (for documents), `working`, `locked` (another process writes to
            the output) or `stopping`.
        detail: more on that.
        counts: of all batches.
        batches: how many were published.
        last_batch_at: when the last one was.
        faults: what is wrong with a source now, by its name.
        folders: files that are there.
    """

    def __init__(self, output: str = "") -> None:
        self.started_at = datetime.now(UTC)
        self.phase = "starting"
        self.detail = ""
        self.counts = Counts()
        self.batches = 0
        self.last_batch_at: datetime | None = None
        self.faults: dict[str, str] = {}
        self.files = 0
        self.queued = self.queued_bytes = 0
        self._beat = time.monotonic()
        self._lags: deque[float] = deque(maxlen=_LAGS)
        self._recent: deque[tuple[float, int]] = deque()
        self.registry = CollectorRegistry()
        self._owed: dict[str, int] = {}  # what later batches showed to be something else
        self._make_metrics()
        tell_build(self.registry)
        self.registry.register(FeedCollector(output))

    def enter(self, phase: str, detail: str = "") -> None:
        """Begin another phase; a sign of life."""
        self.phase, self.detail = phase, detail
        self._beat = time.monotonic()

    def queue(self, documents: int, size: int) -> None:
        """Say what waits for its batch."""
        self.queued, self.queued_bytes = documents, size

    def add(self, done: Done) -> None:
        """Count a batch."""
        self.counts.add(done.counts)
        self.batches += 1
        self.last_batch_at = datetime.now(UTC)
        self._lags.extend(done.lags)
        self._recent.append((time.monotonic(), done.counts.read))
        for outcome, count in done.counts.balance().items():
            if outcome != "in":
                owed = self._owed.get(outcome, 0) + count
                self._documents.labels(outcome).inc(max(0, owed))
                self._owed[outcome] = min(0, owed)
        for key, count in done.counts.rejected.items():
            self._rejected.labels(*key.split(".", 1)).inc(count)
        self._faults.inc(done.counts.faults + done.counts.page_faults)
        for plugin, count in done.counts.plugin_faults.items():
            self._plugin_faults.labels(plugin).inc(count)
        self._batch_seconds.observe(done.seconds)
        for lag in done.lags:
            self._lag_seconds.observe(lag)

    @property
    def rate(self) -> float:
        """Documents a second in the last `RATE_SECONDS`, or since the start if that is less."""
        now = time.monotonic()
        while self._recent and self._recent[0][0] < now - RATE_SECONDS:
            self._recent.popleft()
        age = (datetime.now(UTC) - self.started_at).total_seconds()
        return sum(count for _, count in list(self._recent)) / max(1.0, min(age, RATE_SECONDS))

    def lag(self, percent: float) -> float | None:
        """Return this percentile of the last seconds from reading to row; `None` before any."""
        lags = list(self._lags)
        return float(np.percentile(lags, percent)) if lags else None

    @property
    def silent_for(self) -> float:
        """Seconds since the last sign of life: a phase that began, or work within a batch."""
        return time.monotonic() - max(self._beat, last_beat())

    @property
    def is_alive(self) -> bool:
        """Whether the process makes progress."""
        return self.silent_for < STUCK_SECONDS

    @property
    def is_ready(self) -> bool:
        """Whether what comes now will be published."""
        return self.is_alive and self.phase in ("waiting", "working")

    def _make_metrics(self) -> None:
        registry = self.registry
        self._documents = Counter(
            "newsbeam_documents", "Documents by outcome.", ["outcome"], registry=registry
        )
        self._rejected = Counter(
            "newsbeam_rejected", "Dead letters.", ["step", "reason"], registry=registry
        )
        self._faults = Counter(
            "newsbeam_faults", "Documents that met a fault of newsbeam.", registry=registry
        )
        self._plugin_faults = Counter(
            "newsbeam_plugin_faults",
            "Documents that met a fault of a plug-in.",
            ["plugin"],
            registry=registry,
        )
        self._batch_seconds = Histogram(
            "newsbeam_batch_seconds", "Time of a batch.", registry=registry, buckets=_BUCKETS
        )
        self._lag_seconds = Histogram(
            "newsbeam_lag_seconds",
            "Time from reading a document to its outcome.",
            registry=registry,
            buckets=_BUCKETS,
        )
        gauges = {
            "queued_documents": ("Documents read and not yet in a batch.", lambda: self.queued),
            "queued_bytes": ("Bytes of these.", lambda: self.queued_bytes),
            "input_files": ("Files below the watched folders.", lambda: self.files),
            "source_faults": ("Sources that have a fault now.", lambda: len(self.faults)),
            "ready": ("1 if what comes now will be published.", lambda: float(self.is_ready)),
            "last_batch_timestamp_seconds": (
                "When the last batch was published.",
                lambda: self.last_batch_at.timestamp() if self.last_batch_at else 0.0,
            ),
        }
        for name, (text, read) in gauges.items():
            Gauge(f"newsbeam_{name}", text, registry=registry).set_function(read)
