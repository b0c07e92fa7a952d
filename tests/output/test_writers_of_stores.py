"""Several writers to one output in a store: each row is there once, whoever comes in between."""

from datetime import UTC, date, datetime

import pytest
from builders import make_published
from obstore.exceptions import GenericError

from pipeline.upkeep.compact import compact
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.output import publish, stores
from transforms.output.days import _InPlace, recover
from transforms.output.file_columns import read_columns
from transforms.output.key_index import _indexes
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.state import Merging
from transforms.output.storage import join
from transforms.output.store_client import ChangedError
from transforms.records import Partition

DAY = "2026-10-01"
HOME = Partition(DAY, 0)


def row(number, **changes):
    published = datetime(2026, 10, 1, number // 60, number % 60, tzinfo=UTC)
    return article_row(make_published(number, published_at=published, **changes), "run")


def ids(root):
    return sorted(
        id_
        for file in day_files(root)
        for id_ in read_columns(join(root, file.path), ["id"])["id"].to_pylist()
    )


def ids_of(*numbers):
    return sorted(row(number)["id"] for number in numbers)


def write(root, *numbers, **changes):
    return publish_partition(root, HOME, [row(number, **changes) for number in numbers])


@pytest.fixture
def before_put(monkeypatch):
    """Return what lets another writer in, once, just before this one puts an object."""
    real = stores.put

    def let_in(other):
        def put(path, content, expected=None):
            monkeypatch.setattr(stores, "put", real)
            other()
            return real(path, content, expected)

        monkeypatch.setattr(stores, "put", put)

    return let_in


def test_another_writer_adds_to_the_same_file(bucket, before_put):
    write(bucket, 1)
    before_put(lambda: write(bucket, 2))
    done = write(bucket, 3)
    assert ids(bucket) == ids_of(1, 2, 3)
    assert done.ids == {row(3)["id"]}


def test_another_writer_adds_the_same_article(bucket, before_put):
    before_put(lambda: write(bucket, 1))
    write(bucket, 1, text="A newer text of the same article.")
    assert ids(bucket) == ids_of(1)


def test_another_writer_replaces_a_file_that_was_listed(bucket, monkeypatch):
    write(bucket, 1)
    real = publish._places

    def places(*args):
        monkeypatch.setattr(publish, "_places", real)
        write(bucket, 2)
        _indexes.clear()  # another process would have its own
        return real(*args)

    monkeypatch.setattr(publish, "_places", places)
    assert write(bucket, 3).ids == {row(3)["id"]}
    assert ids(bucket) == ids_of(1, 2, 3)


def test_another_writer_fills_the_file(bucket, before_put, monkeypatch):
    monkeypatch.setattr(publish, "FILE_ROWS", 3)
    write(bucket, 1)
    before_put(lambda: write(bucket, 2, 3))
    write(bucket, 2, 4)
    assert ids(bucket) == ids_of(1, 2, 3, 4)
    assert len(day_files(bucket)) == 2


def test_another_writer_removes_the_last_row(bucket, before_put):
    write(bucket, 1)
    before_put(lambda: publish_partition(bucket, HOME, removals=[row(1)["id"]]))
    write(bucket, 2)
    assert ids(bucket) == ids_of(2)


def test_a_row_that_comes_while_the_last_one_is_removed(bucket, before_put):
    write(bucket, 1)
    before_put(lambda: write(bucket, 2))
    publish_partition(bucket, HOME, removals=[row(1)["id"]])
    assert ids(bucket) == ids_of(2)


def test_the_answer_to_a_put_is_lost(bucket, monkeypatch):
    real, lost = stores.obstore.put, []

    def put(*args, **kwargs):
        answer = real(*args, **kwargs)
        if not lost:
            lost.append(answer)
            raise GenericError("the connection was closed")
        return answer

    monkeypatch.setattr(stores.obstore, "put", put)
    write(bucket, 1)
    assert lost
    assert ids(bucket) == ids_of(1)


def test_a_day_that_others_change_all_the_time(bucket, monkeypatch):
    def put(path, _content, _expected=None):
        raise ChangedError(0, f"{path} was changed")

    monkeypatch.setattr(stores, "put", put)
    with pytest.raises(publish.NewsbeamError, match="changed all the time"):
        write(bucket, 1)


@pytest.fixture
def files(bucket, monkeypatch):
    """Return an output with a day of four files, each of two rows."""
    monkeypatch.setattr(publish, "FILE_ROWS", 2)
    with upkeep(bucket, "test") as done:
        for first in range(0, 8, 2):
            done.paths |= write(bucket, first, first + 1).paths
    monkeypatch.setattr(publish, "FILE_ROWS", 1500)
    return bucket


def run_compact(root):
    with upkeep(root, "compact") as done:
        return list(compact(root, date(2026, 12, 1), 2**30, done))


@pytest.mark.parametrize("kept", range(5))
def test_a_compaction_is_killed(files, monkeypatch, kept):
    """After the new file, and before each old one: the next writer goes on."""
    root, real, done = files, _InPlace.replace, []

    def replace(day, file, content):
        if len(done) == kept:
            raise KeyboardInterrupt
        done.append(file)
        real(day, file, content)

    monkeypatch.setattr(_InPlace, "replace", replace)
    if kept < 4:
        with pytest.raises(KeyboardInterrupt):
            run_compact(root)
        assert len(set(ids(root))) == 8
    monkeypatch.setattr(_InPlace, "replace", real)
    recover(root)
    assert len(day_files(root)) == (1 if kept < 4 else 4)
    run_compact(root)
    assert ids(root) == ids_of(*range(8))
    assert len(day_files(root)) == 1
    assert not Merging.read(root).into
    assert not verify_output(root).problems


@pytest.mark.parametrize("killed", [False, True])
def test_a_row_is_added_to_a_file_that_is_compacted(files, monkeypatch, killed):
    root, real = files, _InPlace.replace
    late = row(1, text="A correction of the article arrives meanwhile.")

    def replace(day, file, content):
        monkeypatch.setattr(_InPlace, "replace", real)
        publish_partition(root, HOME, [late])
        if killed:
            raise KeyboardInterrupt
        real(day, file, content)

    monkeypatch.setattr(_InPlace, "replace", replace)
    if killed:
        with pytest.raises(KeyboardInterrupt):
            run_compact(root)
        recover(root)
    else:
        run_compact(root)
    [file] = day_files(root)
    table = read_columns(join(root, file.path), ["id", "text_sha256"])
    texts = dict(zip(table["id"].to_pylist(), table["text_sha256"].to_pylist(), strict=True))
    assert sorted(texts) == ids_of(*range(8))
    assert texts[late["id"]] == late["text_sha256"]
