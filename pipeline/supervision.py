"""A process that documents cannot end twice: bounds enforced, and what is under way noted.

For commands that read documents in this process. On engines, a worker that dies is the engine's
matter: it tries the bundle again, and gives up in the end.
"""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from pipeline import __version__
from pipeline.lock.lock import guard_file
from transforms.bounds import enforced
from transforms.output.state import Suspects
from transforms.under_way import ENDS, Journal, keeping_journal

_MOST = 10_000
"""Suspects that are remembered: the latest."""


@contextlib.contextmanager
def supervised(root: str) -> Iterator[Callable[[], None]]:
    """Supervise the work on documents for the output `root` while the `with` lasts.

    Yields what writes down who is a suspect; both are for the holder of the output's lock.

    Raises:
        ConfigError: what earlier processes left cannot be read.
    """
    known = Suspects.read(root)
    is_ours = known.newsbeam == __version__  # another version may cope with them
    ends = {(s, name): n for s, names in known.ends.items() for name, n in names.items()}
    guard = guard_file(root)
    place = guard.with_name(f"{guard.name}.documents")
    with enforced(), keeping_journal(place, ends if is_ours else {}) as journal:
        keep = partial(_keep, root, journal)
        keep()
        yield keep


def _keep(root: str, journal: Journal) -> None:
    if not journal.is_changed:
        return
    condemned = {noted: ends for noted, ends in journal.ends.items() if ends >= ENDS}
    latest = dict(list(journal.ends.items())[-_MOST:])
    steps: dict[str, dict[str, int]] = {}
    for (step, name), ends in {**condemned, **latest}.items():
        steps.setdefault(step, {})[name] = ends
    Suspects(newsbeam=__version__, ends=steps).write(root)
    journal.is_changed = False
