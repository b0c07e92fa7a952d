"""What the commands that maintain an output have in common: the lock, and a manifest."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.config import TableConfig
from pipeline.lock.lock import OutputLock, output_lock
from pipeline.manifest import newest_manifest, write_manifest
from pipeline.run_ids import new_run_id
from pipeline.settings import table_settings
from transforms.output.days import recover
from transforms.output.folders import remove_replaced
from transforms.output.tables import TableSettings


@dataclass
class Upkeep:
    """One use of a command.

    Attributes:
        run_id: names its manifest, and the rows it writes.
        paths: of the files that it changed or removed, below the output.
        facts: what else the manifest is to say.
        lock: on the output.
    """

    run_id: str
    paths: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)
    lock: OutputLock | None = None

    def check(self) -> None:
        """Make sure, right before something is replaced, that the lock is still held.

        Raises:
            OutputLockedError: this process was suspended for so long that another has it now.
        """
        if self.lock:
            self.lock.check()


@contextlib.contextmanager
def upkeep(root: str, command: str, wait: float = 0) -> Iterator[Upkeep]:
    """Hold the lock of `root`, and keep a manifest of what the body changes.

    The manifest is written at the start, as `running`, and at the end, however that comes.

    Raises:
        OutputLockedError: another process writes to the output for longer than `wait` seconds.
    """
    with output_lock(root, command, wait=wait) as lock:
        started = datetime.now(UTC)
        recover(root)
        run_id = f"{new_run_id(started, root)}-{command.split(maxsplit=1)[0]}"
        done = Upkeep(run_id, lock=lock)
        write_manifest(root, done.run_id, command, started, "running")
        status = "failed"
        try:
            yield done
            status = "done"
        finally:
            remove_replaced()
            # What made it fail matters more than a manifest that cannot be written either.
            with contextlib.nullcontext() if status == "done" else contextlib.suppress(OSError):
                write_manifest(root, done.run_id, command, started, status, done.paths, done.facts)


def table_of(root: str) -> TableSettings | None:
    """Return which table follows the output, if any: that of the last run that wrote to it."""
    newest = newest_manifest(root, "config")
    output = newest[1]["config"].get("output", {}) if newest else {}
    return table_settings(root, TableConfig(**output.get("table", {})))
