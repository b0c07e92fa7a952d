"""Processes that documents kill, for tests."""

import os
import signal

from transforms.under_way import keeping_journal


def dying(place, known, work):
    """Do `work` in a process that it kills; return the ends that the next one knows of."""
    if (child := os.fork()) == 0:
        with keeping_journal(place, known):
            work()
        os._exit(1)  # it was not killed
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    with keeping_journal(place, known) as kept:
        return dict(kept.ends)


def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
