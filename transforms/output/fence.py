"""Whether this process may still change an output.

Who holds the lock on an output says here how to ask for it. Whatever is then changed below that
output asks right before the change is made, after all that takes time: a process that was suspended
for so long that another has taken its lock over changes nothing more. No caller can forget to ask,
as that is done where files are written (`storage`, `folders`).
"""

import contextlib
import os
from collections.abc import Callable, Iterator

from transforms.output.store_client import scheme_of

OWN = ("_lock/", "_runs/", "_watch/")
"""Folders in which each process writes files of its own, with or without the lock."""

_asked: dict[str, Callable[[], None]] = {}
"""By output: raises where the lock was lost."""


@contextlib.contextmanager
def fenced(root: str, ask: Callable[[], None]) -> Iterator[None]:
    """Have `ask` called before each change below the output `root`, while the body runs.

    Args:
        root: the output; one may be fenced by one lock at a time.
        ask: raises where this process may change nothing more.
    """
    key = _place(root) + "/"
    assert key not in _asked, f"{root} is locked twice in one process"
    _asked[key] = ask
    try:
        yield
    finally:
        del _asked[key]


def require_lock(path: str) -> None:
    """Raise what the holder of the lock on the output of `path` raises, if it was lost.

    Outputs that nobody in this process has locked are not asked about.
    """
    place = _place(path) if _asked else ""
    for root, ask in list(_asked.items()):
        if place.startswith(root) and not place[len(root) :].startswith(OWN):
            ask()


def _place(path: str) -> str:
    """Return the one name of a file or folder that goes by several."""
    if scheme_of(path):
        return path.rstrip("/")
    return os.path.abspath(path.removeprefix("file://"))  # noqa: PTH100 (links stay)
