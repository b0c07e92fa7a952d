import numpy as np
import pytest

from transforms.output import key_index, postings
from transforms.output.key_index import Held, KeyIndex
from transforms.output.storage import FileState
from transforms.records import DayFile

SHARED = [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(1, 6)]


class Files:
    """Stands for a listing, whose files hold keys of our own."""

    def __init__(self):
        self.keys, self.states, self.reads = {}, {}, []

    def path(self, file):
        return file.path

    def state(self, file):
        return self.states[file]

    def write(self, file, keys):
        self.keys[file] = np.array(sorted(keys), np.uint64)
        self.states[file] = FileState(len(keys), str(len(self.reads) + len(self.states)))

    def read(self, path, state):
        [file] = [file for file in self.keys if file.path == path]
        self.reads.append(file)
        return self.keys[file], Held(state, len(self.keys[file]), 10, len(self.keys[file]))


@pytest.fixture
def files(monkeypatch):
    found = Files()
    monkeypatch.setattr(key_index, "_read", found.read)
    return found


@pytest.mark.parametrize(("segment", "spilled"), [(1 << 22, 1 << 19), (300, 1)])
def test_the_files_that_hold_a_key_are_found_whatever_changed(files, monkeypatch, segment, spilled):
    monkeypatch.setattr(key_index, "SEGMENT", segment)
    monkeypatch.setattr(postings, "_SPILLED", spilled)
    index, chance = KeyIndex(), np.random.default_rng(5)
    for step in range(120):
        file = DayFile(f"2026-10-{1 + int(chance.integers(30)):02d}", 0, int(chance.integers(3)))
        if file in files.keys and chance.random() < 0.3:
            del files.keys[file], files.states[file]
        else:
            files.write(file, set(chance.integers(1, 2**63, 20).tolist()) | {SHARED[step % 5]})
        index.keep({file.path for file in files.keys})
        shared = SHARED[int(chance.integers(5))]
        own = [int(keys[-1]) for keys in files.keys.values()][:2]
        wanted = np.array([shared, *own, 1], np.uint64)
        held = [f for f in files.keys if {*wanted.tolist()} & {*files.keys[f].tolist()}]
        assert index.holders(files, files.keys, wanted) == held
        live = sum(map(len, files.keys.values()))
        assert sum(len(one.postings.entries) for one in index._segments) <= 2 * live
        assert len(index._segments) <= 8 + 2 * live // segment
    read = len(files.reads)
    assert read <= 120, "each is read when it has changed, and then not again"
    first = next(iter(files.keys))
    assert index.facts(files, first).rows == len(files.keys[first])
    assert len(files.reads) == read
    assert (index.nbytes < 8 * live) == (spilled == 1)


def test_a_file_that_was_away_is_in_the_index_once(files):
    index, one, other = KeyIndex(), DayFile("2026-10-01", 0, 0), DayFile("2026-10-02", 0, 0)
    files.write(one, SHARED)
    files.write(other, range(1, 200))
    for kept in (files.keys, [other], files.keys):
        index.keep({file.path for file in kept})
        index.holders(files, kept, np.array(SHARED[:1], np.uint64))
    current = [held for one in index._segments for held in one.files if index._is_current(held)]
    assert len(current) == len(files.keys)


def test_a_file_whose_entries_could_not_be_made_is_read_again(files, monkeypatch):
    index, file = KeyIndex(), DayFile("2026-10-01", 0, 0)
    files.write(file, SHARED)
    wanted = np.array(SHARED[:1], np.uint64)
    with monkeypatch.context() as patch:
        patch.setattr(key_index, "Postings", fails)
        with pytest.raises(MemoryError):
            index.holders(files, [file], wanted)
    assert index.holders(files, [file], wanted) == [file]


def fails(*_args):
    raise MemoryError


def test_no_more_arrays_lie_on_the_disk_than_a_process_may_open(monkeypatch):
    monkeypatch.setattr(postings, "_SPILLED", 1)
    monkeypatch.setattr(postings, "_MOST_MAPPED", len(postings._mapped) + 2)
    arrays = [postings.on_disk(np.arange(n)) for n in range(5, 9)]
    assert [postings.in_memory(array) for array in arrays] == [0, 0, 56, 64]
    assert [array.tolist() for array in arrays] == [list(range(n)) for n in range(5, 9)]
    del arrays[0]
    assert postings.in_memory(postings.on_disk(np.arange(3))) == 0


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_an_array_for_which_the_disk_has_no_room_stays_in_memory(monkeypatch, error):
    class Full(np.memmap):
        def __new__(cls, *_args, **_kwargs):
            raise error

    monkeypatch.setattr(postings, "_SPILLED", 1)
    monkeypatch.setattr(np, "memmap", Full)
    array = np.arange(9)
    assert postings.on_disk(array) is array
