"""A document that was under way in two ends of a process is tried in a process of its own."""

import fcntl
import os
import signal
import threading
from functools import partial

from builders import make_raw
from deaths import dying, kill

from transforms import trial
from transforms.bounds import Bounds
from transforms.deadletter import attempt
from transforms.isolation import each_tried
from transforms.under_way import ENDS, LAST_END, keeping_journal, name_of

RAW = make_raw(b"A text that a library dies of.")
NAME = name_of(RAW)
TWICE = {("parse", NAME): ENDS}
TESTS = os.getpid()


def len_of(raw):
    return len(raw.content)


def test_who_survives_alone_is_read_as_any_other(tmp_path):
    """Two kills from outside condemn nobody."""
    parent = os.getpid()
    tried = os.memfd_create("tried")

    def work(raw):
        os.write(tried, b"here" if os.getpid() == parent else b"alone ")
        return len_of(raw)

    with keeping_journal(tmp_path / "documents", TWICE) as kept:
        assert attempt(RAW, work, "parse") == 30
        assert kept.ends == {}
    assert os.pread(tried, 20, 0) == b"here"  # what is written to is the parent's alone
    os.close(tried)


def test_what_kills_in_company_only_is_passed_over_after_the_third_end(tmp_path):
    def kill_here(_):
        if os.getppid() == TESTS:  # no grandchild of the tests, in which it is tried
            kill()

    place = tmp_path / "documents"
    ends = dying(place, TWICE, lambda: attempt(RAW, kill_here, "parse"))
    assert ends == {("parse", NAME): LAST_END}
    with keeping_journal(place, ends):
        assert "when the process ended, 3 times" in attempt(RAW, len_of, "parse").detail


def test_an_end_while_it_is_tried_alone_is_an_end(tmp_path):
    """Else one that takes the whole machine along would be tried again for ever."""

    def kill_both(_):
        os.kill(os.getppid(), signal.SIGKILL)

    ends = dying(tmp_path / "documents", TWICE, lambda: attempt(RAW, kill_both, "parse"))
    assert ends == {("parse", NAME): LAST_END}


def test_one_that_takes_too_much_alone_is_passed_over(tmp_path):
    def compute(_):
        while True:
            pass

    with keeping_journal(tmp_path / "documents", TWICE) as kept:
        letter = attempt(RAW, compute, "parse", Bounds(seconds=0.05))
        assert kept.ends == {("parse", NAME): LAST_END}
    assert "a process that only tried it took more than its bounds" in letter.detail


def test_one_that_stands_still_alone_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "STILL_SECONDS", 0.2)
    parent = os.getpid()

    def wait(raw):
        if os.getpid() != parent:
            threading.Event().wait()
        return len_of(raw)

    with keeping_journal(tmp_path / "documents", TWICE):
        assert attempt(RAW, wait, "parse") == 30


def test_a_file_is_read_on_from_where_it_was(tmp_path):
    path = tmp_path / "parts"
    path.write_bytes(b"one.two.tre.")
    twice = {("read", name_of((str(path), number))): ENDS for number in (0, 2)}
    file = os.open(path, os.O_RDONLY)
    parts = iter(partial(os.read, file, 4), b"")
    with keeping_journal(tmp_path / "documents", twice) as kept:
        assert list(each_tried(parts, "read", (str(path),))) == [b"one.", b"two.", b"tre."]
        assert kept.ends == {}
    os.close(file)


def test_who_tries_alone_holds_no_lock_and_does_not_outlive(tmp_path):
    guard = tmp_path / "guard"

    def die_beside(_):
        os.kill(os.getppid(), signal.SIGKILL)
        threading.Event().wait()

    def work():
        held = os.open(guard, os.O_RDWR | os.O_CREAT)
        fcntl.flock(held, fcntl.LOCK_EX)
        attempt(RAW, die_beside, "parse")

    read, write = os.pipe()  # which ends when nobody writes any more
    os.set_inheritable(write, True)
    dying(tmp_path / "documents", TWICE, work)
    with guard.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(write)
    assert os.read(read, 1) == b""
    os.close(read)
