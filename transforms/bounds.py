"""Bounds on what one document may cost: processor time, and memory.

A thread of its own looks at both, a few times a second, and stops the work on a document by an
exception at the next step of the interpreter. For the main thread a timer does so too, whose signal
regular expressions heed. Code in C that never returns heeds neither, and keeps every other thread
from running; then the kernel ends the process, by its processor time too (`enforced`), and whoever
starts it again passes over the document (`under_way`).

The clock on the wall counts nowhere: a machine that is busy or asleep changes nothing.
"""

import contextlib
import ctypes
import faulthandler
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

_T = TypeVar("_T")

TICK = 0.1
"""Seconds between two looks."""
HANG_SECONDS = 600
"""Processor time of the process, while no other thread runs, after which the kernel ends it."""

_AGAIN = 1.0
"""Seconds after which an exception that some code has swallowed is raised again."""
_TIMER, _SIGNAL = signal.ITIMER_PROF, signal.SIGPROF
_TIMER_SECONDS = 0.5
"""Of processor time, between two signals."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_STDERR = 2


@dataclass(frozen=True)
class Bounds:
    """What one document may cost in one step.

    Attributes:
        seconds: of processor time, of the thread that works on it.
        memory: bytes by which the process may grow meanwhile.
    """

    seconds: float = 300.0
    memory: int = 2**30


USUAL = Bounds()


class TooCostlyError(BaseException):
    """A document has cost more than it may. No `Exception`, which libraries would swallow."""


@dataclass
class _Work:
    """Work on a document, in one thread.

    Attributes:
        bounds: see there.
        thread: number of the thread.
        clock: of its processor time, and `started` at which time of it.
        grown_from: memory of the process at the start.
        open: whether it goes on.
        excess: which bound it has passed, if any.
        told_at: when it was last told so.
    """

    bounds: Bounds
    thread: int
    clock: int
    started: float
    grown_from: int
    open: bool = True
    excess: str = ""
    told_at: float = 0.0

    def check(self, memory: int) -> None:
        """Note whether a bound is passed."""
        if time.clock_gettime(self.clock) - self.started > self.bounds.seconds:
            self.excess = f"more than {self.bounds.seconds:g} s of processor time"
        elif memory - self.grown_from > self.bounds.memory:
            self.excess = f"more than {self.bounds.memory / 2**20:g} MiB of memory"


@dataclass
class _Watch:
    """The thread that looks, and what it looks at."""

    works: dict[int, _Work] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    memory: int = 0
    signals: bool = False
    hard: bool = False
    _thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self.memory = _memory()
            self._thread = threading.Thread(target=self._run, name="bounds", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            self.memory = _memory()
            with self.lock:
                if self.hard:
                    _limit_process(time.process_time() + HANG_SECONDS)
            for work in list(self.works.values()):
                with self.lock:
                    if work.open:
                        self._look_at(work)

    def _look_at(self, work: _Work) -> None:
        work.check(self.memory)
        now = time.monotonic()
        if not work.excess or now - work.told_at < _AGAIN:
            return
        work.told_at = now
        if self.signals and work.thread == threading.main_thread().ident:
            signal.pthread_kill(work.thread, _SIGNAL)
        else:
            _raise_in(work.thread, TooCostlyError)

    def on_signal(self, *_: object) -> None:
        """Raise what ends the work of the main thread, if it is to be ended."""
        work = self.works.get(threading.get_ident())
        if work and work.open:
            work.check(self.memory)
            if work.excess:
                raise TooCostlyError


_watch = _Watch()


def _begin_anew() -> None:
    """After a fork: threads are not inherited."""
    global _watch  # noqa: PLW0603 (one a process)
    _watch = _Watch()


os.register_at_fork(after_in_child=_begin_anew)


def within(bounds: Bounds, work: Callable[[], _T]) -> _T:
    """Return `work()`; it is stopped where it passes a bound. Within other work, that one's hold.

    Raises:
        TooCostlyError: it did; says which.
    """
    thread = threading.get_ident()
    if thread in _watch.works:
        return work()
    _watch.start()
    started = _Work(bounds, thread, _clock(thread), time.thread_time(), _watch.memory)
    _watch.works[thread] = started
    try:
        try:
            return work()
        finally:
            _end(started)
    except (TooCostlyError, Exception) as error:
        _end(started)  # the exception may have come in the middle of it
        if started.excess:  # some code may have made another one of it
            raise TooCostlyError(started.excess) from error
        raise


def _end(work: _Work) -> None:
    with _watch.lock:
        work.open = False
        if work.told_at:
            _raise_in(work.thread, None)
    _watch.works.pop(work.thread, None)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise `error` in a thread at its next step; `None` takes back what is still to be raised."""
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


def _clock(thread: int) -> int:
    if hasattr(time, "pthread_getcpuclockid"):
        return time.pthread_getcpuclockid(thread)
    return time.CLOCK_PROCESS_CPUTIME_ID  # macOS: of all threads together


def _memory() -> int:
    """Return the bytes of memory that the process has, 0 where the system does not say."""
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * _PAGE
    return 0


@contextlib.contextmanager
def enforced() -> Iterator[None]:
    """Have signals and the kernel enforce bounds while the `with` lasts; for the main thread.

    Before the kernel ends the process, standard error gets the line that each thread had come to:
    any of them may be the one that the kernel tells.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _watch.start()
    limits, handler = resource.getrlimit(resource.RLIMIT_CPU), signal.getsignal(_SIGNAL)
    signal.signal(_SIGNAL, _watch.on_signal)
    timer = signal.setitimer(_TIMER, _TIMER_SECONDS, _TIMER_SECONDS)
    faulthandler.register(signal.SIGXCPU, _STDERR, all_threads=True, chain=True)
    _watch.signals = _watch.hard = True
    try:
        yield
    finally:
        with _watch.lock:
            _watch.signals = _watch.hard = False
            resource.setrlimit(resource.RLIMIT_CPU, limits)
        signal.setitimer(_TIMER, *timer)
        signal.signal(_SIGNAL, handler)
        faulthandler.unregister(signal.SIGXCPU)


def _limit_process(seconds: float) -> None:
    """Have the kernel end the process once it has used so much processor time in all."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(seconds)
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))
