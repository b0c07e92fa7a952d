"""Who holds the lock on an output."""

import contextlib
import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.time_spans import span_text


@dataclass(frozen=True)
class Owner:
    """Who holds, or held, the lock. Times are UTC, in ISO 8601.

    Attributes:
        command: what it does, such as `run`.
        run_id: its run, if it is one.
        host: name of its machine, and `pid`: its process there.
        guard: the local file whose lock the kernel drops when it dies.
        acquired_at: since when it has held the lock.
        renewed_at: its last sign of life.
        released: whether it has given the lock back.
        token: tells two claims apart.
    """

    command: str
    run_id: str
    host: str
    pid: int
    guard: str
    acquired_at: str
    renewed_at: str
    released: bool = False
    token: str = ""

    def encode(self) -> bytes:
        """Return the content of a claim."""
        return json.dumps(asdict(self), indent=2).encode()

    def silent_for(self, now: datetime) -> float:
        """Return the seconds since its last sign of life."""
        return (now - datetime.fromisoformat(self.renewed_at)).total_seconds()

    def describe(self, now: datetime) -> str:
        """Return who it is and how old its lock is, for a person."""
        age = (now - datetime.fromisoformat(self.acquired_at)).total_seconds()
        run = f" ({self.run_id})" if self.run_id else ""
        return (
            f"newsbeam {self.command}{run}, process {self.pid} on {self.host}, since "
            f"{self.acquired_at[:19]} UTC ({span_text(age)}), last sign of life "
            f"{span_text(self.silent_for(now))} ago"
        )


def decode_owner(content: bytes | None) -> Owner | None:
    """Return the owner that a claim names, `None` if it names none."""
    try:
        return Owner(**json.loads(content or b"null"))
    except (ValueError, TypeError):
        return None


def this_process(command: str, run_id: str, guard_file: Path) -> Owner:
    """Return this process as an owner, under the guard `guard_file`."""
    guard = guard_name(guard_file)
    return Owner(command, run_id, socket.gethostname(), os.getpid(), guard, now_text(), now_text())


def guard_name(file: Path) -> str:
    """Return what tells this guard from all others anywhere: kernel, device and inode."""
    stat = file.stat()
    return f"{_kernel()}/{stat.st_dev}/{stat.st_ino}"


def _kernel() -> str:
    """Return what tells this running kernel from every other."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{uuid.getnode():012x}"


def now_text() -> str:
    """Return the time, UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
