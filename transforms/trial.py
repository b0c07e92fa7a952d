"""Work on one document in a process of its own, to see whether a process survives it.

The process is a fork of this one: it has all that the work needs, such as a file that is read
halfway, and its death harms nobody. Of what it shares with this one it keeps only what it can read:
it has no lock of the output, and reads files from places of its own. It does not outlive this one.
"""

import contextlib
import ctypes
import fcntl
import gc
import logging
import os
import resource
import signal
import stat
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from transforms import bounds

STILL_SECONDS = 60.0
"""Seconds of hardly any processor time after which nobody can tell what becomes of the process: it
waits for a thread that a fork does not have, or for a disk."""
_HARDLY = 0.01
"""Share of a processor: the thread that looks at bounds takes less."""

_LOOK = 0.02
_COSTLY, _UNKNOWN = 3, 4
"""Exit codes."""
_PR_SET_PDEATHSIG = 1
_FIRST_OWN = 3
"""File descriptors below are the standard streams."""
_FILES = Path("/proc/self/fd")


def end_alone(work: Callable[[], bool]) -> str:
    """Return how a process of its own ended at `work`; nothing if it survived, or nobody can tell.

    Args:
        work: returns whether it kept its bounds; what it raises says nothing of the process.
    """
    if not sys.platform.startswith("linux"):
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        parent, child = os.getpid(), os.fork()
    if not child:
        _work_and_exit(work, parent)
    try:
        return _told(_status(child))
    except ChildProcessError:  # the system was told to forget children that have ended
        return ""
    except BaseException:
        _end(child)
        raise


def _told(status: int | None) -> str:
    if status is None:
        return ""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"was ended by {signal.strsignal(number) or 'a signal'} ({number})"
    code = os.WEXITSTATUS(status)
    if code in {0, _UNKNOWN}:
        return ""
    return "took more than its bounds" if code == _COSTLY else f"ended with code {code}"


def _status(child: int) -> int | None:
    """Return what the system says of the end of a process; `None`: it stood still, and is ended."""
    seconds, since = _seconds_of(child), time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() - since > STILL_SECONDS:
            used = _seconds_of(child) - seconds
            if used < _HARDLY * STILL_SECONDS:
                _end(child)
                return None
            seconds, since = seconds + used, time.monotonic()
        time.sleep(_LOOK)


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _seconds_of(process: int) -> float:
    """Return the processor time of another process, see clock_getcpuclockid(3)."""
    with contextlib.suppress(OSError):
        return time.clock_gettime((~process << 3) | 2)
    return 0.0


def _work_and_exit(work: Callable[[], bool], parent: int) -> None:
    """Do the work in this process, which is a fork, and end it."""
    code = _UNKNOWN
    try:
        _begin(parent)
        code = 0 if work() else _COSTLY
    except BaseException:  # nothing may get back to where the parent goes on
        code = _UNKNOWN
    finally:
        os._exit(code)


def _begin(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError
    logging.disable()  # who survives says it again
    gc.freeze()  # what the parent has dropped is the parent's to clear away
    _own_files()
    with contextlib.suppress(OSError):  # where memory lacks, this process is to end, not that one
        Path("/proc/self/oom_score_adj").write_text("1000")
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(bounds.HANG_SECONDS)
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))


def _own_files() -> None:
    """Have files that are read be read from places of their own, and close all others."""
    for name in os.listdir(_FILES):  # noqa: PTH208 (one call, while files are opened and closed)
        number = int(name)
        if number < _FIRST_OWN:
            continue
        with contextlib.suppress(OSError):  # the listing's own
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
            if not stat.S_ISREG(os.fstat(number).st_mode) or flags & os.O_ACCMODE != os.O_RDONLY:
                os.close(number)
                continue
            place = os.lseek(number, 0, os.SEEK_CUR)
            own = os.open(_FILES / name, os.O_RDONLY | os.O_CLOEXEC)
            os.lseek(own, place, os.SEEK_SET)
            os.dup2(own, number, inheritable=False)
            os.close(own)
