"""What this process is working on, noted where its death does not erase it.

A library can end the process, or never return: no exception says which document it was. So before
each document the thread that works on it writes what it is into a file of the process, and erases
it afterwards. The file is not flushed to the disk: it only has to outlive the process. The kernel
drops the lock on it the moment the process dies, so the next one knows what to read.

A document that was under way in several ends of a process, and in between was never done, is
tried in a process of its own (`trial`), and passed over from then on if that ends too; or if this
one ends once more, as some documents kill in company only. Several that were under way together, in
a batch of a model, are suspects: next time each is tried by itself.

Not every end is the fault of a document: machines fail, and people and schedulers kill. So whatever
a suspect survives clears it, at once and for the next process too.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transforms.records import Article, RawDocument

ENDS = 2
"""Ends of a process in which a document was under way by itself, after which it is tried alone."""
LAST_END = 3
"""After which it is passed over."""
ENDS_OF_BATCHES = 4
"""Likewise in a step that works on batches, which takes long: an end in company counts once."""

_LANE = 1 << 16
"""Bytes of the file for one thread: the names of 3,400 documents. The first lane is for those that
were suspects and were done."""
_SUFFIX = ".under_way"

Noted = tuple[str, str]
"""A step, and the name of a document."""


def name_of(thing: RawDocument | Article | tuple[object, ...]) -> str:
    """Return a name of 16 hex digits, another one where the content is another."""
    if isinstance(thing, Article):
        if thing.raw is None:
            return name_of((thing.id, thing.text_sha256))
        thing = thing.raw
    digest = hashlib.blake2b(digest_size=8)
    if isinstance(thing, RawDocument):
        digest.update(thing.content)
        thing = (thing.uri, thing.line)
    digest.update(repr(thing).encode())
    return digest.hexdigest()


@dataclass
class Journal:
    """The notes of this process, and what is known of earlier ones.

    Attributes:
        ends: ends of a process in which a document was under way, by step and name.
        is_changed: whether `ends` is another than was given.
    """

    ends: dict[Noted, int]
    _file: int
    is_changed: bool = False
    _lanes: list[int] = field(default_factory=list)
    _made: int = 1
    _cleared: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def working(self, step: str, names: Sequence[str]) -> Iterator[None]:
        """Note that these documents are under way in `step` while the `with` lasts.

        At its end the process has survived them: they are suspects no more. An order to stop, such
        as a `KeyboardInterrupt`, says nothing of them.
        """
        with self.noting(step, names):
            yield
            if self.ends:
                self._clear(step, names)

    @contextlib.contextmanager
    def noting(self, step: str, names: Sequence[str]) -> Iterator[None]:
        """Note the same, where the end of the `with` clears nobody."""
        lane = self._take_lane()
        note = json.dumps([step, *names[: _LANE // 20]]).encode() + b"\n"
        os.pwrite(self._file, note, lane)
        notes = _of_thread.__dict__.setdefault("notes", [])
        notes.append((lane, note))
        try:
            yield
        finally:
            notes.pop()
            os.pwrite(self._file, b"\n", lane)
            self._lanes.append(lane)

    @contextlib.contextmanager
    def pausing(self) -> Iterator[None]:
        """Note nothing of this thread while the `with` lasts."""
        notes = list(_of_thread.__dict__.get("notes", ()))
        for lane, _ in notes:
            os.pwrite(self._file, b"\n", lane)
        try:
            yield
        finally:
            for lane, note in notes:
                os.pwrite(self._file, note, lane)

    def is_suspect(self, step: str, name: str) -> bool:
        """Return whether the document was under way when a process ended."""
        return (step, name) in self.ends

    def is_condemned(self, step: str, name: str, most: int = LAST_END) -> bool:
        """Return whether it is to be passed over: it was under way in `most` ends."""
        return self.ends.get((step, name), 0) >= most

    def condemn(self, step: str, name: str) -> None:
        """Have the document be passed over from now on."""
        with self._lock:
            self.ends[step, name] = LAST_END
            self.is_changed = True

    def _take_lane(self) -> int:
        with self._lock:
            if self._lanes:
                return self._lanes.pop()
            self._made += 1
            return (self._made - 1) * _LANE

    def _clear(self, step: str, names: Sequence[str]) -> None:
        for name in names:
            with self._lock:
                if self.ends.pop((step, name), None) is None:
                    continue
                self.is_changed = True
                note = json.dumps([step, name]).encode() + b"\n"
                if self._cleared + len(note) <= _LANE:
                    os.pwrite(self._file, note, self._cleared)
                    self._cleared += len(note)


_of_thread = threading.local()
"""Its `notes`: where it has written what, the outermost first."""
_open: list[Journal] = []
os.register_at_fork(after_in_child=_open.clear)  # it is the parent's


def journal() -> Journal | None:
    """Return the journal of this process, if it keeps one."""
    return _open[-1] if _open else None


@contextlib.contextmanager
def nothing_under_way() -> Iterator[None]:
    """Have an end of the process say nothing of the document at hand while the `with` lasts.

    For what is loaded once, when the first document needs it: it takes long, and is no matter of
    that document.
    """
    kept = journal()
    with kept.pausing() if kept else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def keeping_journal(place: Path, known: Mapping[Noted, int]) -> Iterator[Journal]:
    """Keep a journal while the `with` lasts.

    Args:
        place: a local path; files of this name and more lie beside each other.
        known: ends of earlier processes, as `Journal.ends`; those that left their notes since are
            added.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    ends = dict(known)
    is_changed = False
    for left in _left_behind(place):
        is_changed |= left.count_into(ends)
    path = place.with_name(f"{place.name}.{uuid.uuid4().hex}{_SUFFIX}")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = Journal(ends, file, is_changed)
        _open.append(kept)
        try:
            yield kept
        finally:
            _open.remove(kept)
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


@dataclass(frozen=True)
class _Left:
    """What a dead process has noted: suspects that it had done, and what was under way, by lane."""

    cleared: Sequence[Noted]
    lanes: Sequence[Sequence[Noted]]

    def count_into(self, ends: dict[Noted, int]) -> bool:
        """Add this end of a process to `ends`; return whether that changed them."""
        before = dict(ends)
        for noted in self.cleared:
            ends.pop(noted, None)
        for lane in self.lanes:
            for noted in lane:
                times = ends.get(noted, 0)
                ends[noted] = times + 1 if len(lane) == 1 else max(times, 1)
        return ends != before


def _left_behind(place: Path) -> Iterator[_Left]:
    """Yield what processes that are dead have noted, and remove their files."""
    for path in place.parent.glob(f"{place.name}.*{_SUFFIX}"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its process lives
            content = file.read()
            path.unlink()
            cleared = [noted for line in content[:_LANE].splitlines() for noted in _decoded(line)]
            starts = range(_LANE, len(content), _LANE)
            lanes = [content[start : start + _LANE].partition(b"\n")[0] for start in starts]
            yield _Left(cleared, [list(_decoded(line)) for line in lanes])


def _decoded(line: bytes) -> Iterator[Noted]:
    with contextlib.suppress(ValueError, TypeError):  # cut off by the end of the process
        step, *names = json.loads(line or b"[null]")
        yield from ((step, name) for name in names)
