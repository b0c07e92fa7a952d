"""A day changes in one step: what a reader sees of it, and what a failure leaves."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from builders import make_published

from pipeline.upkeep.compact import compact
from pipeline.upkeep.session import upkeep
from transforms.errors import NewsbeamError
from transforms.output import days, folders, key_index
from transforms.output.days import changing_day
from transforms.output.disk import remove_leftovers
from transforms.output.file_columns import read_columns
from transforms.output.filecache import FileCache
from transforms.output.folders import LISTING_SECONDS, can_exchange, remove_replaced
from transforms.output.ledger import look_up
from transforms.output.listing import Listing, day_files
from transforms.output.merge import Amendment, encode_table
from transforms.output.publish import Changes, publish_day, publish_files, publish_partition
from transforms.output.schema import article_row, rows_table
from transforms.records import DayFile, Partition
from transforms.relate.near import recent
from transforms.relate.near.neighbours import COLUMNS

DAY = "2026-10-01"
ROOT = Path(__file__).parents[2]


def row(number, **fields):
    published_at = datetime(2026, 10, 1, 0, number % 60, tzinfo=UTC)
    return article_row(make_published(number, published_at=published_at, **fields), "run")


def content(*numbers):
    return encode_table(rows_table([row(number) for number in numbers]))


@pytest.fixture
def output(tmp_path):
    """Return an output with a day of three files in two buckets."""
    with changing_day(str(tmp_path), DAY) as day:
        for bucket, numbers in ((0, (1, 2)), (0, (3,)), (1, (4,))):
            day.add(bucket, content(*numbers))
    (tmp_path / f"date={DAY}" / "notes.txt").write_text("mine")
    return tmp_path


def ids_of(root, file):
    return read_columns(str(Path(root, file.path)), ["id"])["id"].to_pylist()


def ids_at(*numbers):
    return [row(number)["id"] for number in numbers]


def names(output):
    return sorted(path.name for path in (output / f"date={DAY}").iterdir())


def inodes(output):
    return {path.name: path.stat().st_ino for path in (output / f"date={DAY}").iterdir()}


def leftovers(output):
    return list(output.glob(".*.tmp"))


def test_what_is_rewritten_gets_a_new_number_and_the_rest_stays(output):
    before = inodes(output)
    with changing_day(str(output), DAY) as day:
        day.replace(DayFile(DAY, 0, 0), content(1))
        day.replace(DayFile(DAY, 1, 0), None)
        day.add(1, content(5))
        assert inodes(output) == before
    assert names(output) == [
        *("notes.txt", "part-00-0001.parquet", "part-00-0002.parquet", "part-01-0001.parquet")
    ]
    after = inodes(output)
    assert {name for name in after if after[name] == before.get(name)} == {
        *("notes.txt", "part-00-0001.parquet")
    }
    assert day.moved == {DayFile(DAY, 0, 0): DayFile(DAY, 0, 2), DayFile(DAY, 1, 0): None}
    assert day.created == {f"date={DAY}/part-00-0002.parquet", f"date={DAY}/part-01-0001.parquet"}
    assert day.changed == {f"date={DAY}/part-00.parquet", f"date={DAY}/part-01.parquet"}


def test_the_old_folder_stays_while_a_reader_may_list_it(output):
    descriptor = os.open(output / f"date={DAY}", os.O_RDONLY)
    try:
        with changing_day(str(output), DAY) as day:
            day.replace(DayFile(DAY, 0, 0), content(1))
        assert "part-00.parquet" in os.listdir(descriptor)  # noqa: PTH208 (by its descriptor)
        assert len(leftovers(output)) == 1
        remove_replaced()
        assert leftovers(output) == os.listdir(descriptor) == []  # noqa: PTH208 (likewise)
    finally:
        os.close(descriptor)
    assert LISTING_SECONDS > 0


def test_a_killed_process_leaves_a_folder_that_the_next_one_removes(output):
    with changing_day(str(output), DAY) as day:
        day.replace(DayFile(DAY, 0, 0), content(1))
    assert leftovers(output)
    remove_leftovers(output)
    assert leftovers(output) == []
    remove_replaced()


def test_nothing_changes_where_nothing_is_to(output):
    before = inodes(output)
    with changing_day(str(output), DAY) as day:
        pass
    assert inodes(output) == before
    assert day.created == day.changed == set()


def test_a_number_never_comes_back(tmp_path):
    root = str(tmp_path)
    publish_partition(root, Partition(DAY, 0), [row(1)])
    publish_partition(root, Partition(DAY, 0), removals=[row(1)["id"]])
    publish_partition(root, Partition(DAY, 0), [row(2)])
    assert day_files(root) == [DayFile(DAY, 0, 1)]


def test_the_last_row_takes_its_day_with_it(output):
    (output / f"date={DAY}" / "notes.txt").unlink()
    with changing_day(str(output), DAY) as day:
        for file in day_files(str(output), DAY):
            day.replace(file, None)
    remove_replaced()
    assert list(output.iterdir()) == []


@pytest.mark.parametrize("failing", ["body", "link", "exchange"])
def test_a_failure_leaves_the_day_as_it_was(output, monkeypatch, failing):
    before = inodes(output)

    def fail(*_):
        raise OSError(28, "No space left on device")

    if failing == "link":
        monkeypatch.setattr(days, "link_others", fail)
    if failing == "exchange":
        monkeypatch.setattr("transforms.output.folders.exchange", fail)

    def work():
        with changing_day(str(output), DAY) as day:
            day.replace(DayFile(DAY, 0, 0), content(1))
            if failing == "body":
                fail()

    with pytest.raises(OSError, match="No space"):
        work()
    assert inodes(output) == before
    assert leftovers(output) == []


def test_a_full_disk_says_nothing_of_what_the_filesystem_can(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr("transforms.output.folders.exchange", full)
        with pytest.raises(OSError, match="No space"):
            can_exchange(str(tmp_path))
    assert can_exchange(str(tmp_path))
    assert not can_exchange("memory://bucket/out")


@pytest.fixture(params=["no exchange", "a folder in it"])
def plain(request, output, monkeypatch):
    """Return an output whose day cannot be exchanged."""
    if request.param == "no exchange":
        monkeypatch.setattr(days, "can_exchange", lambda _: False)
    else:
        (output / f"date={DAY}" / "sub").mkdir()
    return output


def test_without_exchange_files_are_replaced_under_their_names(plain):
    before = set(names(plain))
    done = publish_partition(str(plain), Partition(DAY, 0), [row(1, text="Another text."), row(9)])
    assert set(names(plain)) == before
    assert done.created == set()
    assert done.changed == {f"date={DAY}/part-00.parquet", f"date={DAY}/part-00-0001.parquet"}
    assert done.now(DayFile(DAY, 0, 0)) == DayFile(DAY, 0, 0)
    gone = publish_files(str(plain), {DayFile(DAY, 1, 0): Changes(removals=[row(4)["id"]])})
    assert gone.changed == {f"date={DAY}/part-01.parquet"}
    assert gone.now(DayFile(DAY, 1, 0)) is None
    assert set(names(plain)) == before - {"part-01.parquet"}
    assert len(look_up(str(plain), {row(n)["id"] for n in (1, 2, 3, 4, 9)}, set())) == 4


def test_a_command_that_must_change_a_day_in_one_step_refuses_it(output):
    (output / f"date={DAY}" / "sub").mkdir()
    before = names(output)
    message = "sub does not belong"
    with (
        pytest.raises(NewsbeamError, match=message),
        changing_day(str(output), DAY, must_exchange=True) as day,
    ):
        day.replace(DayFile(DAY, 0, 0), None)
    assert names(output) == before


def test_nothing_is_kept_in_memory_of_files_that_are_gone(tmp_path):
    root = str(tmp_path)
    for number in range(20):
        publish_day(root, DAY, {0: Changes([row(number)])})
        look_up(root, {row(number)["id"]}, set())
        times = [datetime(2026, 10, 1, tzinfo=UTC)]
        assert len(list(recent.recent_rows(recent.Listing(root), times, 3, COLUMNS))) == 1
    remove_replaced()
    [path] = [f"{root}/{file.path}" for file in day_files(root)]
    assert key_index.index_of(root)._held.keys() <= {path}
    assert {held for held, _ in recent._files._held if held.startswith(root)} <= {path}


def test_a_cache_that_is_too_small_keeps_a_part(tmp_path):
    cache, loads = FileCache(limit=50), []
    paths = [tmp_path / str(number) for number in range(10)]
    for path in paths:
        path.touch()

    def load(path):
        loads.append(path)
        return np.zeros(10, np.uint8)

    for _ in range(100):
        for path in paths:
            cache.get(str(path), None, partial(load, path))
    assert 300 < len(loads) < 800  # all 1000, if the least recently used went first


def test_a_file_that_is_replaced_while_it_is_looked_up(output, monkeypatch):
    wanted, listed = row(1)["id"], []

    def state(listing, file):
        if not listed:
            listed.append(file)
            publish_partition(listing.root, Partition(DAY, 0), [row(1, text="Newer.")])
        return real(listing, file)

    real = Listing.state
    monkeypatch.setattr(Listing, "state", state)
    [found] = look_up(str(output), {wanted}, set())
    assert found.row["text_sha256"] == row(1, text="Newer.")["text_sha256"]


@pytest.mark.parametrize(
    ("moment", "there"), [("require_lock", []), ("require_lock", [0]), ("exchange", [0])]
)
def test_another_writer_replaces_the_day_first(tmp_path, monkeypatch, moment, there):
    """As on a disk that machines share, where one was suspended for long and lost its lock."""
    root, real = str(tmp_path), getattr(folders, moment)
    publish_partition(root, Partition(DAY, 0), [row(number) for number in there])

    def late(*arguments):
        monkeypatch.setattr(folders, moment, real)
        publish_partition(root, Partition(DAY, 0), [row(1), row(2)])
        return real(*arguments)

    monkeypatch.setattr(folders, moment, late)
    done = publish_partition(root, Partition(DAY, 0), [row(2), row(3)])
    found = [id_ for file in day_files(root) for id_ in ids_of(root, file)]
    assert sorted(found) == sorted(row(number)["id"] for number in [*there, 1, 2, 3])
    assert all((tmp_path / path).exists() for path in done.created)
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("publish", ["day", "files"])
def test_another_writer_replaces_a_file_that_was_listed(tmp_path, monkeypatch, publish):
    """As one that was suspended right before its last step, and had lost the lock meanwhile."""
    root, real = str(tmp_path), days.read_bytes
    publish_partition(root, Partition(DAY, 0), [row(1), row(2)])

    def late(path):
        monkeypatch.setattr(days, "read_bytes", real)
        publish_partition(root, Partition(DAY, 0), [row(3)])
        remove_replaced()
        return real(path)

    monkeypatch.setattr(days, "read_bytes", late)
    change = Changes(amendments=[Amendment(row(1)["id"], keys=("another",))])
    if publish == "day":
        done = publish_day(root, DAY, {0: change})
    else:
        done = publish_files(root, {DayFile(DAY, 0, 0): change})
    found = {item.row["id"]: item.row for item in look_up(root, {*ids_at(1, 2, 3)}, set())}
    assert found.keys() == {*ids_at(1, 2, 3)}
    assert "another" in found[row(1)["id"]]["keys"]
    assert done.ids == {row(1)["id"]}


def test_no_row_is_taken_out_of_a_file_that_took_the_place_of_another(output):
    """The one of two that is to stay may lie there."""
    publish_partition(str(output), Partition(DAY, 0), [row(1, text="Another text.")])
    done = publish_files(str(output), {DayFile(DAY, 0, 0): Changes(removals=ids_at(1))})
    assert done.ids == set()
    assert len(look_up(str(output), {*ids_at(1)}, set())) == 1


def test_a_day_that_never_stays_is_given_up(output, monkeypatch):
    def change(*_):
        publish_day(str(output), DAY, {1: Changes([row(50 + next(numbers))])})

    def gone(path):
        with monkeypatch.context() as context:
            context.setattr(days, "read_bytes", real)
            change()
        return real(path)

    numbers, real = count(), days.read_bytes
    monkeypatch.setattr(days, "read_bytes", gone)
    with pytest.raises(NewsbeamError, match="what else writes to it"):
        publish_day(str(output), DAY, {0: Changes([row(1, text="Another text.")])})


def test_another_process_takes_a_new_day_for_a_leftover(output, monkeypatch):
    """As one that has lost the lock, and goes on clearing up."""
    real = days.write_new

    def swept(path, content):
        if path.name.startswith("part-01"):
            monkeypatch.setattr(days, "write_new", real)
            remove_leftovers(output)
        real(path, content)

    monkeypatch.setattr(days, "write_new", swept)
    changes = {0: Changes([row(5)]), 1: Changes([row(6)])}
    done = publish_day(str(output), DAY, changes)
    wanted = {*ids_at(*range(1, 7))}
    assert {item.row["id"] for item in look_up(str(output), wanted, set())} == wanted
    assert done.ids == {*ids_at(5, 6)}
    remove_replaced()
    assert leftovers(output) == []


def test_a_reader_never_sees_a_row_twice_or_half_a_file(tmp_path):
    """DuckDB polls while a day is published to, edited, and compacted."""
    root = str(tmp_path)
    day = [row(number, text=f"The text number {number}. " * 50) for number in range(40)]
    publish_day(root, DAY, {0: Changes(day[:20])})
    reader = subprocess.Popen(
        [sys.executable, ROOT / "benchmarks" / "chaos_reader.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with reader:
        must = [article["id"] for article in day[:20]]
        request = {"path": root, "must": must, "moving": []}
        print(json.dumps(request), file=reader.stdin, flush=True)
        assert reader.stdout.readline() == "watching\n"
        for number in range(60):
            edited = row(number % 20, text=f"Edited {number}. " * 50, versions=(f"v{number}",))
            new = day[20 + number // 3]
            publish_day(root, DAY, {0: Changes([edited, new])})
            if number % 10 == 9:
                with upkeep(root, "compact") as done:
                    list(compact(str(tmp_path), date(2027, 1, 1), 2**26, done))
        print(file=reader.stdin, flush=True)
        seen = json.loads(reader.stdout.readline())
        reader.stdin.close()
    remove_replaced()
    assert seen["faults"] == []
    assert seen["polls"] > 0
    assert len(look_up(root, {article["id"] for article in day}, set())) == 40
