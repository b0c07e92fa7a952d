"""Which published files hold a key: sorted arrays, kept until the files change.

Files that are new or have changed are indexed together, and what was indexed is merged with more of
its size, as in a log-structured merge tree: a look-up goes through a few arrays, however many files
there are. Large arrays lie on the disk, and the memory holds what of them is looked at.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.output.file_columns import open_file
from transforms.output.listing import Listing
from transforms.output.merge import readable
from transforms.output.postings import Keys, Positions, Postings
from transforms.output.storage import FileState
from transforms.records import DayFile

SEGMENT = 1 << 22
"""Entries of an array, at the most: bounds what a merge takes."""

_OUTPUTS = 8
"""Of so many outputs this process keeps what it knows."""
_HASHED = 16
"""Bytes of a key that its hash is made of: as keys are hex digits of hashes, 64 bits."""
_CHUNK = 1 << 18
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 / golden ratio: multiplicative hashing (Knuth, TAOCP 3, 6.4)."""
_INDEXED = ("id", "keys", "duplicates", "text_sha256")


class Held(NamedTuple):
    """What is known of a file.

    Attributes:
        state: when it was read.
        rows: how many it has.
        size: of its data, before compression.
        entries: how many it has in the index: one for each key, however many rows have it.
    """

    state: FileState
    rows: int
    size: int
    entries: int


@dataclass(frozen=True, eq=False)
class _Segment:
    """Some files, as they were read, and their numbers by the hashes of their keys."""

    files: Sequence[tuple[str, Held]]
    postings: Postings


class KeyIndex:
    """The files of an output by the keys of their rows, of their texts and of their duplicates."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._segments: list[_Segment] = []
        self._lock = Lock()

    def holders(self, listing: Listing, files: Iterable[DayFile], hashes: Keys) -> list[DayFile]:
        """Return those of `files` that hold one of some keys, given by `key_hashes`.

        By chance, there may be one among them that holds none.

        Raises:
            FileNotFoundError: a file has been replaced since it was listed.
            NewsbeamError: one cannot be read.
        """
        paths = {listing.path(file): file for file in files}
        states = {path: listing.state(file) for path, file in paths.items()}
        with self._lock:
            self._add(states)
            found = {path for segment in self._segments for path in self._find(segment, hashes)}
        return [file for path, file in paths.items() if path in found]

    def facts(self, listing: Listing, file: DayFile) -> Held:
        """Return what is known of a file; raises as `holders` does."""
        path, state = listing.path(file), listing.state(file)
        with self._lock:
            self._add({path: state})
            return self._held[path]

    def keep(self, paths: Collection[str]) -> None:
        """Forget all files but these: they are gone."""
        with self._lock:
            for path in self._held.keys() - paths:
                del self._held[path]

    @property
    def nbytes(self) -> int:
        """The memory it takes, without what lies on the disk."""
        return sum(segment.postings.nbytes for segment in self._segments)

    def _find(self, segment: _Segment, hashes: Keys) -> Iterable[str]:
        hits = segment.postings.find(hashes, len(segment.files))
        for number in np.unique(hits.rows).tolist():
            if self._is_current(segment.files[number]):
                yield segment.files[number][0]

    def _is_current(self, file: tuple[str, Held]) -> bool:
        """Return whether this is what is known of the file, and not what was known before."""
        path, held = file
        return self._held.get(path) is held

    def _add(self, states: Mapping[str, FileState]) -> None:
        new: list[tuple[str, Held]] = []
        hashes: list[Keys] = []
        entries = 0
        try:
            for path, state in states.items():
                if (known := self._held.get(path)) and known.state == state:
                    continue
                own, held = _read(path, state)
                new.append((path, held))
                hashes.append(own)
                entries += len(own)
                if entries >= SEGMENT:
                    full, new, hashes, entries = (new, hashes), [], [], 0
                    self._append(*full)
        finally:
            if new:
                self._append(new, hashes)

    def _append(self, new: list[tuple[str, Held]], hashes: list[Keys]) -> None:
        counts = np.array([held.entries for _, held in new], np.int64)
        self._segments.append(_Segment(new, Postings(np.concatenate(hashes), counts)))
        self._held |= new  # not before their entries are there
        while len(self._segments) > 1 and self._are_alike(*self._segments[-2:]):
            self._segments[-2:] = self._merged(self._segments[-2:])
        live = sum(held.entries for held in self._held.values())
        if sum(len(segment.postings.entries) for segment in self._segments) > 2 * live:
            self._segments = [one for old in self._segments for one in self._merged([old])]
        for segment in self._segments:
            segment.postings.spill()

    @staticmethod
    def _are_alike(older: _Segment, newer: _Segment) -> bool:
        sizes = len(older.postings.entries), len(newer.postings.entries)
        return sizes[0] < 2 * sizes[1] and sum(sizes) <= SEGMENT

    def _merged(self, parts: Sequence[_Segment]) -> list[_Segment]:
        """Return a segment of all files of `parts` that are current; none if there are none."""
        files: list[tuple[str, Held]] = []
        places: list[Positions] = []
        for part in parts:
            is_current = np.array([self._is_current(file) for file in part.files])
            numbers = len(files) - 1 + np.cumsum(is_current)
            places.append(np.where(is_current, numbers, -1).astype(np.int64))
            files += [file for file in part.files if self._is_current(file)]
        if not files:
            return []
        return [_Segment(files, Postings.merged([part.postings for part in parts], places))]


_indexes: OrderedDict[str, KeyIndex] = OrderedDict()
_lock = Lock()


def index_of(root: str) -> KeyIndex:
    """Return what this process knows of the output `root`."""
    with _lock:
        index = _indexes.setdefault(root, KeyIndex())
        _indexes.move_to_end(root)
        if len(_indexes) > _OUTPUTS:
            _indexes.popitem(last=False)
        return index


def _read(path: str, state: FileState) -> tuple[Keys, Held]:
    """Return the hashes of the keys of a file, and what is to be known of it."""
    with readable(path), open_file(path, state) as file:
        metadata = file.metadata
        table = file.read(columns=list(_INDEXED))
    own, duplicates = table["keys"].combine_chunks(), table["duplicates"].combine_chunks()
    others = pc.struct_field(duplicates.flatten(), "id")
    values = (table["id"], own.flatten(), others, table["text_sha256"])
    # Each once, as `_find` takes no more entries of a key than there are files.
    hashes = np.unique(np.concatenate([key_hashes(array) for array in values]))
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return hashes, Held(state, len(table), size, len(hashes))


def key_hashes(keys: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return a hash of the first `_HASHED` bytes of each key: uint64, shape (keys,)."""
    chunks = keys.chunks if isinstance(keys, pa.ChunkedArray) else [keys]
    parts = [
        _hashes(chunk.slice(start, _CHUNK).cast(pa.binary()))
        for chunk in chunks
        for start in range(0, len(chunk), _CHUNK)
    ]
    return np.concatenate([*parts, np.empty(0, np.uint64)])


def _hashes(keys: pa.Array) -> NDArray[np.uint64]:
    _, offsets, content = keys.buffers()
    bounds = np.frombuffer(offsets, np.int32)[keys.offset : keys.offset + len(keys) + 1]
    data = np.frombuffer(content or b"\0", np.uint8)
    places = bounds[:-1, None] + np.arange(_HASHED)
    within = places < bounds[1:, None]
    heads = np.where(within, data[np.minimum(places, len(data) - 1)], 0).astype(np.uint8)
    halves = np.ascontiguousarray(heads).view(np.uint64)
    mixed: NDArray[np.uint64] = (halves[:, 0] ^ (halves[:, 1] * _ODD)) * _ODD
    return mixed ^ (mixed >> np.uint64(32))
