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

from pipeline.config import Config
from pipeline.manifest import Manifest
from pipeline.run import encoder_record, new_run_id
from pipeline.verify.checksums import file_records

MOST_SECONDS = 3600.0


class Record:
    """Keeps the manifest that the next batch belongs to."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._manifest: Manifest | None = None
        self._turn = 0
        self._clock = 0.0

    def took(self, turn: int) -> None:
        """Note a turn at the lock, by its number: they are counted over all writers."""
        if turn != self._turn + 1:
            self._manifest = None
        self._turn = turn

    @contextlib.contextmanager
    def batch(self) -> Iterator[Manifest]:
        """Yield the manifest for one batch; check its balance and write it, however that ends.

        Raises:
            BalanceError: not every input is accounted for.
        """
        manifest = self._current()
        before, manifest.published = manifest.published, set()
        manifest.status, manifest.finished_at = "running", None
        manifest.write()
        try:
            yield manifest
            manifest.counts.check()
            manifest.status = "done"
        except BaseException as error:
            manifest.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            manifest.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            manifest.encoder = encoder_record(self._config, used=manifest.counts.written > 0)
            manifest.seconds = time.monotonic() - self._clock
            manifest.finished_at = datetime.now(UTC)
            # What made the batch fail matters more than a manifest that cannot be written either.
            with contextlib.suppress(OSError) if manifest.error else contextlib.nullcontext():
                root = self._config.output.path
                manifest.files |= file_records(root, manifest.published)
                manifest.published |= before
                manifest.write()

    def _current(self) -> Manifest:
        now = datetime.now(UTC)
        if self._manifest is not None:
            is_old = time.monotonic() - self._clock > MOST_SECONDS
            is_new_day = self._manifest.started_at.date() != now.date()
            if not (is_old or is_new_day):
                return self._manifest
        self._manifest = Manifest(new_run_id(now), "running", now, self._config, "watch")
        self._clock = time.monotonic()
        return self._manifest
