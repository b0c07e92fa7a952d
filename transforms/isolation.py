"""One document never stops the rest: the one place that catches what a document makes code raise.

Our code and forty libraries read what anybody writes. Whatever they raise at a document is a fault
of newsbeam with that document, and of nothing else: it becomes a `Rejected` with the reason
`fault`, which says what was raised and where. The next document goes on. What a plug-in raises
becomes the same, called the plug-in's fault (`of_plugin`).

Raised on is what says that something else fails: the machine (a full disk, no memory for anybody),
the settings or the output (`NewsbeamError`), or that the process is to stop (`KeyboardInterrupt`).
"""

import errno
import itertools
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from typing import TypeVar

from transforms.bounds import USUAL, Bounds, TooCostlyError, within
from transforms.compression import CompressionError
from transforms.errors import FAULT, NewsbeamError, Rejected
from transforms.named_code import PluginError
from transforms.pulse import advance, timed
from transforms.records import Article, RawDocument
from transforms.redaction import message_of
from transforms.text.printable import one_line
from transforms.trial import end_alone
from transforms.under_way import ENDS, LAST_END, journal, name_of

STEP = "any"
TOO_COSTLY = "too_costly"
"""Reason: it took more processor time or memory than one document may."""
REASONS = frozenset({FAULT, TOO_COSTLY})

_T = TypeVar("_T")

NO_ROOM = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN,
})  # fmt: skip
"""What the system answers whatever is asked of it."""
_MACHINE = NO_ROOM | {errno.EIO}
"""And where it is not a matter of the name, which a document may have given."""
_ROOM = 64 << 20
"""Bytes that can be had again once a document that asked for too many is dropped."""
_DETAIL = 300
"""Most characters of a detail."""
_PACKAGES = ("transforms.", "pipeline.")
_AROUND = frozenset({__name__, within.__module__})


def tried(
    work: Callable[[], _T],
    step: str,
    document: RawDocument | Article | tuple[object, ...],
    bounds: Bounds = USUAL,
) -> _T | Rejected:
    """Return `work()`, or why `document` cannot become a row.

    Args:
        work: on this one document.
        step: in which the work is done.
        document: or what else it is told by.
        bounds: on what it may cost.

    Raises:
        Exception: what says that the machine, the output or the settings fail.
    """
    advance(step)
    place = str(document[0]) if isinstance(document, tuple) else document.uri
    with timed(step, place):
        kept = journal()
        if kept is None:
            return caught(work, bounds)
        name = name_of(document)
        if kept.is_condemned(step, name):
            return condemned(step)
        if kept.is_condemned(step, name, ENDS):
            with kept.noting(step, [name]):
                how = end_alone(lambda: _keeps_bounds(work, bounds))
            if how:
                kept.condemn(step, name)
                return condemned(step, how=how)
        with kept.working(step, [name]):
            return caught(work, bounds)


def each_tried(
    parts: Iterator[_T], step: str, source: tuple[object, ...], bounds: Bounds = USUAL
) -> Iterator[_T | Rejected]:
    """Yield `parts`; where the next one cannot be had, the last thing is why.

    Args:
        parts: of a file, such as its documents.
        step: in which they are parted.
        source: what the file is told by.
        bounds: on what each part may cost.

    Raises:
        Exception: as `tried`.
    """
    for number in itertools.count():
        outcome = tried(lambda: next(parts, None), step, (*source, number), bounds)
        if outcome is not None:
            yield outcome
        if outcome is None or isinstance(outcome, Rejected):
            return


def condemned(step: str, ends: int = LAST_END, how: str = "") -> Rejected:
    """Return why a document is passed over.

    Args:
        step: that it was under way in when processes ended.
        ends: how many.
        how: a process that worked on nothing else ended; else only the others tell.
    """
    if how:
        told = f"{ENDS} times, and a process that only tried it {how}"
    else:
        told = f"{ends} times: a crash, a lack of memory, or no end"
    return Rejected(
        FAULT,
        f"it was under way in {step} when the process ended, {told}. "
        "It is tried again by the next version of newsbeam",
    )


def _keeps_bounds(work: Callable[[], object], bounds: Bounds) -> bool:
    outcome = caught(work, bounds)
    return not (isinstance(outcome, Rejected) and outcome.reason == TOO_COSTLY)


def caught(work: Callable[[], _T], bounds: Bounds | None = None) -> _T | Rejected:
    """Return `work()`, or why what it works on cannot become a row; raises as `tried`."""
    try:
        return within(bounds, work) if bounds else work()
    except Rejected as rejected:
        return rejected
    except TooCostlyError as error:
        return Rejected(TOO_COSTLY, f"{error}; the bounds are input.cpu_seconds and memory_mb")
    except Exception as error:
        return rejection(error)


def of_plugin(name: str, work: Callable[[], _T]) -> _T:
    """Return `work()`, which the plug-in `name` does.

    Raises:
        PluginError: it raised what is neither `Rejected` nor a sign that its input cannot be read,
            or that the machine fails.
        Exception: those.
    """
    try:
        return work()
    except CompressionError:
        raise
    except (Exception, SystemExit) as error:
        is_own = isinstance(error, sqlite3.Error)  # its database is none of ours
        if not (is_own or _is_of_document(error)):
            raise
        raise PluginError(name, error) from error


def rejection(error: Exception) -> Rejected:
    """Return what `error`, raised at a document, makes of it.

    Raises:
        Exception: `error`, if it says that something else than the document fails.
    """
    if not _is_of_document(error):
        raise error
    return _fault(error)


def _is_of_document(error: BaseException) -> bool:
    """Return whether `error` does not say that something else than a document fails."""
    if isinstance(error, NewsbeamError | sqlite3.Error):
        return False
    if isinstance(error, OSError):
        return error.errno not in _MACHINE
    return not isinstance(error, MemoryError) or _has_room()


def _has_room() -> bool:
    """Return whether memory can be had, now that the work that asked for too much has ended."""
    try:
        return len(bytearray(_ROOM)) == _ROOM
    except MemoryError:
        return False


def _fault(error: Exception) -> Rejected:
    """Return what is to be known of an error that a document has caused: type, place, message."""
    if isinstance(error, PluginError):
        return Rejected(FAULT, one_line(message_of(error), _DETAIL))
    frames = (
        (frame.f_globals.get("__name__", ""), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    )
    ours = [
        f"{module}:{line}"
        for module, line in frames
        if module.startswith(_PACKAGES) and module not in _AROUND
    ]
    place = f" in {ours[-1]}" if ours else ""
    told = f"{type(error).__name__}{place}: {message_of(error)}"
    return Rejected(FAULT, one_line(told, _DETAIL))
