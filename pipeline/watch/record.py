"""The manifests of a process that never ends.

One manifest for each batch would flood `_runs/`, and one for the whole process could not say in
which order it and other writers changed a file. So a manifest covers the batches of at most an
hour, and none that come after another writer's turn. It says `running` while a batch is under way
and `done` in between, so that a process that is killed while it waits leaves nothing open.
"""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline.manifest import Manifest, concluded
from pipeline.pages.run_page import leave_page
from pipeline.run_ids import new_run_id
from pipeline.settings import Plan
from transforms.pulse import restart_clock, slowest_documents

MOST_SECONDS = 3600.0


class Record:
    """Keeps the manifest that the next batch belongs to; each leaves a page when it ends."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._manifest: Manifest | None = None
        self._turn = 0
        self._clock = 0.0

    def took(self, turn: int) -> None:
        """Note a turn at the lock, by its number: they are counted over all writers."""
        if turn != self._turn + 1:
            self.close()
        self._turn = turn

    @contextlib.contextmanager
    def batch(self) -> Iterator[Manifest]:
        """Yield the manifest for one batch; check its balance and write it, however that ends.

        Raises:
            BalanceError: not every input is accounted for.
        """
        manifest = self._current()
        manifest.status, manifest.finished_at = "running", None
        manifest.write()
        with concluded(self._plan, manifest, self._clock):
            yield manifest

    def close(self) -> None:
        """End the manifest, if there is one: what comes next belongs to another."""
        if self._manifest is not None:
            leave_page(
                self._manifest.config.output.path, self._manifest.run_id, slowest_documents()
            )
        self._manifest = None

    def _current(self) -> Manifest:
        now = datetime.now(UTC)
        if self._manifest is not None:
            is_old = time.monotonic() - self._clock > MOST_SECONDS
            is_new_day = self._manifest.started_at.date() != now.date()
            if not (is_old or is_new_day):
                return self._manifest
            self.close()
        config = self._plan.config
        run_id = new_run_id(now, config.output.path)
        self._manifest = Manifest(run_id, "running", now, config, "watch")
        self._clock = time.monotonic()
        restart_clock()
        return self._manifest
