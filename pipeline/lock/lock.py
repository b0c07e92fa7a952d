"""One writer per output.

Two things make the lock. The claim (`claims.py`) is a small file in `OUT/_lock` that names its
owner and is renewed while the owner lives; it works across machines and in object stores. The guard
is an operating system's lock on a local file, which the kernel drops the moment its owner dies.

Who holds the guard that a claim names knows that the claim's owner is dead, however it ended:
process numbers, which are used again and differ between containers, need not be asked. A claim
under another guard, so of another machine, is dead when it was not renewed for `STALE` seconds.
"""

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.lock.claims import FOLDER, Claims, claims_of
from pipeline.lock.owner import Owner, decode_owner, guard_name, now_text, this_process
from pipeline.time_spans import span_text
from transforms.errors import NewsbeamError
from transforms.output.fence import fenced
from transforms.output.storage import is_local, local_path, path_failure
from transforms.output.store_client import ChangedError

HEARTBEAT = 15.0
"""Seconds between two renewals of a claim."""
STALE = 300.0
"""Seconds without renewal after which another machine's claim is dead: 20 renewals missed."""
_WATCH = 2.5 * HEARTBEAT
"""Seconds for which such a claim is watched before it is taken: clocks may differ."""
_POLL = 0.5
_BY_SETTING = frozenset({"run", "replay", "watch"})
"""Commands that wait as long as `run.lock_wait_seconds` says; others have an option for it."""

_log = logging.getLogger(__name__)


class OutputLockedError(NewsbeamError):
    """Another process writes to the output, or has taken it over."""


@dataclass
class OutputLock:
    """A lock that is held."""

    root: str
    owner: Owner
    claims: Claims
    number: int

    def check(self) -> None:
        """Raise `OutputLockedError` if this process has lost the lock.

        Another takes it over only from one that showed no sign of life for `STALE` seconds, such as
        a machine that was asleep, and removes its claim; or the folder of the lock was removed. The
        claim is known by its token, as numbers begin again in a new folder.
        """
        if self._is_held():
            return
        taker = decode_owner(self.claims.read(_latest(self.claims)))
        if taker is None:
            why = "is gone: somebody removed it, while this process held it"
        else:
            who = taker.describe(datetime.now(UTC))
            why = f"was taken over by {who}, because this process showed no sign of life for long"
        raise OutputLockedError(
            f"the lock on {self.root} {why}. What it published is whole; run it again"
        )

    def renew(self) -> None:
        """Give a sign of life."""
        self.owner = replace(self.owner, renewed_at=now_text())
        self.claims.replace(self.number, self.owner.encode())

    def release(self) -> None:
        """Give the lock back, if it is still ours."""
        if self._is_held():
            self.claims.replace(self.number, replace(self.owner, released=True).encode())

    def _is_held(self) -> bool:
        # A sign of life that comes late can bring back a claim whose successor has removed it.
        if _latest(self.claims) != self.number:
            return False
        claim = decode_owner(self.claims.read(self.number))
        return claim is not None and claim.token == self.owner.token


@contextlib.contextmanager
def output_lock(
    root: str,
    command: str,
    run_id: str = "",
    *,
    wait: float = 0,
    stale_after: float | None = None,
) -> Iterator[OutputLock]:
    """Hold the lock on the output `root`.

    Args:
        root: the output.
        command: what is being done, and `run_id`: by which run; for the message others get.
        run_id: see there.
        wait: seconds to wait for another owner to end.
        stale_after: seconds without a sign of life after which another machine's lock is dead;
            `STALE` unless given.

    Raises:
        OutputLockedError: another process still holds it; or it was taken over while the body ran.
        ConfigError: it cannot be written, for want of a right or for its name.
        NewsbeamError: it cannot be written now, as on a full disk; or another writer that had lost
            the lock has changed what the body was about to change.
    """
    try:
        claims = claims_of(root)
        file = guard_file(root)
        file.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait
        guard = _hold_guard(file, claims, root, command, wait)
    except OSError as error:
        raise _unwritable(root, error) from error
    with guard:
        me = this_process(command, run_id, file)
        stale = STALE if stale_after is None else stale_after
        lock = _acquire(root, claims, me, deadline, stale)
        stop = threading.Event()
        beat = threading.Thread(target=_beat, args=(lock, stop), daemon=True)
        beat.start()
        try:
            with fenced(root, lock.check), _told_by_its_cause(lock):
                yield lock
        finally:
            stop.set()
            beat.join()
            with contextlib.suppress(OSError):  # a full disk; the kernel drops the guard anyway
                lock.release()


@contextlib.contextmanager
def _told_by_its_cause(lock: OutputLock) -> Iterator[None]:
    """Have whatever fails since another took the lock over, or meddled, say just that.

    Who was suspended for long finds files gone that it has just listed, and much else that nobody
    else's code foresees.
    """
    try:
        yield
    except OutputLockedError:
        raise
    except Exception as error:
        with contextlib.suppress(OSError):  # what it failed by says more
            lock.check()
        if isinstance(error, ChangedError):
            raise NewsbeamError(f"{error}. What is published is whole; run it again") from error
        raise


def lock_owner(root: str) -> Owner | None:
    """Return who holds the lock on `root`, `None` if nobody does.

    One that died on another machine counts as an owner for `STALE` seconds.
    """
    claims = claims_of(root)
    owner = decode_owner(claims.read(_latest(claims)))
    if owner is None or owner.released or owner.silent_for(datetime.now(UTC)) > STALE:
        return None
    guard = guard_file(root)
    with contextlib.suppress(OSError):  # held, or not ours to look at
        if guard_name(guard) == owner.guard:
            with FileLock(guard, timeout=0):
                return None
    return owner


def _hold_guard(
    guard_file: Path, claims: Claims, root: str, command: str, wait: float
) -> contextlib.AbstractContextManager[object]:
    """Return the guard, held until the end of its `with`."""
    try:
        return FileLock(guard_file).acquire(timeout=wait, poll_interval=_POLL)
    except Timeout as timeout:
        raise _locked(root, decode_owner(claims.read(_latest(claims))), command) from timeout


def _acquire(
    root: str, claims: Claims, me: Owner, deadline: float, stale_after: float
) -> OutputLock:
    """Return the lock with `me` as its owner; the guard is held."""
    while True:
        try:
            latest = _latest(claims)
            holder = decode_owner(claims.read(latest))
            free = latest == 0 or _is_dead(claims, latest, holder, me, stale_after)
            if free and (owner := _take(claims, latest + 1, me)):
                return OutputLock(root, owner, claims, latest + 1)
        except OSError as error:
            raise _unwritable(root, error) from error
        if not free and time.monotonic() >= deadline:
            raise _locked(root, holder, me.command)
        time.sleep(_POLL if not free else 0)


def _is_dead(
    claims: Claims, number: int, holder: Owner | None, me: Owner, stale_after: float
) -> bool:
    """Return whether the owner of a claim has ended, or must be taken to have."""
    if holder is None:
        return False
    if holder.released or holder.guard == me.guard:
        return True
    if holder.silent_for(datetime.now(UTC)) <= stale_after:
        return False
    _log.warning(
        "taking over a lock without a sign of life: %s", holder.describe(datetime.now(UTC))
    )
    time.sleep(min(_WATCH, stale_after))
    return decode_owner(claims.read(number)) == holder


def _take(claims: Claims, number: int, me: Owner) -> Owner | None:
    """Claim `number`; return the owner that the claim names, or `None` if another was faster."""
    owner = replace(me, acquired_at=now_text(), renewed_at=now_text(), token=uuid.uuid4().hex)
    if not claims.create(number, owner.encode()):
        return None
    if _latest(claims) != number:  # one that was read long ago: later ones have come and gone
        claims.remove(number)
        return None
    for old in claims.numbers():
        if old < number:
            claims.remove(old)
    return owner


def _beat(lock: OutputLock, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT):
        try:
            lock.check()
            lock.renew()
        except OSError as error:  # a passing fault; the next sign of life may succeed
            _log.warning("the lock on %s could not be renewed: %s", lock.root, error)
        except OutputLockedError:
            return  # the owner finds out when it checks


def _latest(claims: Claims) -> int:
    return max(claims.numbers(), default=0)


def guard_file(root: str) -> Path:
    """Return the local file whose lock guards `root`: inside it, or for an object store in /tmp."""
    if is_local(root):
        return local_path(root) / FOLDER / "guard"
    digest = hashlib.sha256(root.rstrip("/").encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"newsbeam-{os.getuid()}" / f"{digest}.lock"


def _locked(root: str, owner: Owner | None, command: str) -> OutputLockedError:
    """Return the error of a `command` that another keeps from writing."""
    by_setting = command in _BY_SETTING
    wait = "--set run.lock_wait_seconds=SECONDS" if by_setting else "--wait SECONDS"
    live = owner if owner and not owner.released else None
    who = live.describe(datetime.now(UTC)) if live else "another process that is just starting"
    stop = f", or stop it there (kill {live.pid})" if live else ""
    return OutputLockedError(
        f"{root} is being written by {who}. Nothing was done. Wait for it, here with {wait}{stop}. "
        "The lock of a process that has died is taken over by itself: at once on its own machine, "
        f"elsewhere after {span_text(STALE)}"
    )


def _unwritable(root: str, error: OSError) -> NewsbeamError:
    return path_failure(f"output.path: {root} cannot be locked for writing", error)
