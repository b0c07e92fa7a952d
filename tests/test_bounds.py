"""What one document may cost: processor time and memory, never the clock on the wall."""

import contextlib
import re
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest
from command import ROOT

from transforms.bounds import Bounds, TooCostlyError, enforced, within

SOON = Bounds(seconds=0.3)
SMALL = Bounds(seconds=60, memory=64 << 20)


def spin():
    while True:
        pass


def backtrack():
    """Ask a regular expression for what it finds out in years."""
    re.fullmatch("(a|aa)+", "a" * 90 + "b")


def swallow():
    """Spin in code that catches every `Exception` there is."""
    while True:
        with contextlib.suppress(Exception):
            spin()


def insist():
    """Spin in code that catches everything, once."""
    try:
        spin()
    except:  # noqa: E722 (as libraries do)
        spin()


def replace():
    """Spin in code that makes another error of everything."""
    try:
        spin()
    except BaseException as error:
        raise ValueError("a bad feed") from error


def grow():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


@pytest.fixture(params=["with signals", "without"])
def way(request):
    with enforced() if request.param == "with signals" else contextlib.nullcontext():
        yield request.param


@pytest.mark.parametrize("work", [spin, swallow, insist, replace])
def test_work_without_end_is_stopped(way, work):
    started = time.thread_time()
    with pytest.raises(TooCostlyError, match=r"more than 0\.3 s of processor time"):
        within(SOON, work)
    assert 0.3 <= time.thread_time() - started < 5


def test_a_regular_expression_is_stopped_by_a_signal():
    with enforced(), pytest.raises(TooCostlyError):
        within(SOON, backtrack)


def test_work_that_grows_is_stopped(way):
    with pytest.raises(TooCostlyError, match="more than 64 MiB of memory"):
        within(SMALL, grow)


def test_work_in_another_thread_is_stopped(way):
    found = []

    def run():
        try:
            within(SOON, spin)
        except TooCostlyError as error:
            found.append(str(error))
        found.append(within(SOON, lambda: sum(range(1000))))  # and nothing is left of it

    thread = threading.Thread(target=run)
    thread.start()
    within(Bounds(seconds=60), thread.join)
    assert found == ["more than 0.3 s of processor time", 499500]


def test_the_clock_on_the_wall_does_not_count(way):
    assert within(Bounds(seconds=0.2), lambda: time.sleep(1)) is None


def test_the_processor_time_of_others_does_not_count(way):
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            pass

    other = threading.Thread(target=busy)
    other.start()
    try:
        within(Bounds(seconds=0.5), lambda: time.sleep(1))
    finally:
        stop.set()
        other.join()


def test_what_ends_in_time_is_returned_and_what_it_raises_is_raised(way):
    assert within(SOON, lambda: 7) == 7
    with pytest.raises(KeyError, match="own"):
        within(SOON, lambda: {}["own"])
    assert within(SOON, lambda: within(Bounds(seconds=0.001), lambda: sum(range(10**6)))) > 0


def test_nothing_of_the_enforcing_is_left_behind():
    def settings():
        limits, handler = resource.getrlimit(resource.RLIMIT_CPU), signal.getsignal(signal.SIGPROF)
        return limits, handler, signal.getitimer(signal.ITIMER_PROF)

    before = settings()
    with enforced():
        within(SOON, lambda: None)
        assert settings() != before
    assert settings() == before


HANGING = """
import collections, itertools
from transforms import bounds
bounds.HANG_SECONDS = 2
with bounds.enforced():
    import time; time.sleep(0.5)
    endless = itertools.repeat(0)
    bounds.within(bounds.Bounds(seconds=0.1), lambda: collections.deque(endless, maxlen=0))
"""


def test_code_that_never_returns_is_ended_by_the_kernel_which_says_where():
    done = subprocess.run(
        [sys.executable, "-c", HANGING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGXCPU
    assert "in <lambda>" in done.stderr
