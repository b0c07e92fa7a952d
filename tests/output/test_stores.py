"""Object stores: what a put promises, what is fetched, and what is said where a store refuses."""

import errno
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.exceptions import GenericError

from transforms.output import store_client, stores
from transforms.output.file_columns import open_file
from transforms.output.storage import list_files, list_states, open_binary
from transforms.output.store_client import ChangedError, StoreError


def test_a_put_holds_only_under_its_condition(bucket):
    path = f"{bucket}/a"
    first = stores.put(path, b"1", expected="")
    with pytest.raises(ChangedError, match=f"^.*{path}: "):
        stores.put(path, b"2", expected="")
    second = stores.put(path, b"2", expected=first)
    with pytest.raises(ChangedError):
        stores.put(path, b"3", expected=first)
    assert stores.read(path) == (b"2", second)
    stores.put(path, b"4")
    assert stores.read(path)[0] == b"4"
    stores.delete(path)
    stores.delete(path)
    assert stores.read(path) is None
    assert stores.look(path) is None


def test_of_many_that_replace_one_object_one_wins(bucket):
    path = f"{bucket}/a"
    version = stores.put(path, b"0", expected="")
    barrier = threading.Barrier(8)

    def replace(number):
        barrier.wait()
        try:
            return bool(stores.put(path, b"%d" % number, expected=version))
        except ChangedError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replace, range(1, 9))) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_put_whose_answer_was_lost(bucket, monkeypatch, arrived):
    path = f"{bucket}/a"
    version = stores.put(path, b"0", expected="")
    real = stores.obstore.put

    def lost(*args, **kwargs):
        if arrived:
            real(*args, **kwargs)
        raise GenericError("the connection was closed")

    monkeypatch.setattr(stores.obstore, "put", lost)
    if arrived:
        assert stores.put(path, b"1", expected=version) == stores.read(path)[1]
    else:
        with pytest.raises(OSError, match="the connection was closed") as failed:
            stores.put(path, b"1", expected=version)
        assert failed.value.errno == errno.EIO


def test_listing_passes_over_what_does_not_match(bucket):
    names = ["date=2026-10-01/part-00.parquet", "date=2026-10-02/part-00.parquet"]
    for name in (
        *names,
        "date=2026-10-01/_x",
        "_runs/a.json",
        "date=2026-10-01/deep/part-1.parquet",
    ):
        stores.put(f"{bucket}/{name}", b"12")
    found = list_states(f"{bucket}/date=*/part-*.parquet")
    assert list(found) == [f"{bucket}/{name}" for name in names]
    assert {state.size for state in found.values()} == {2}
    assert list_files(f"{bucket}/date=2026-10-01/part-*.parquet") == [f"{bucket}/{names[0]}"]
    assert len(list_files(f"{bucket}/**")) == 5
    assert list_files(f"{bucket}/none/*") == []


def test_only_what_is_asked_for_is_fetched(bucket, monkeypatch):
    content = io.BytesIO()
    texts = [f"{number:06d}" * 100 for number in range(20_000)]
    pq.write_table(
        pa.table({"id": range(20_000), "text": texts}),
        content,
        compression=None,
        use_dictionary=False,
    )
    path = f"{bucket}/a.parquet"
    stores.put(path, content.getvalue())
    fetched = []
    real = stores.read_range

    def read_range(path, start, end, tag):
        fetched.append(end - start)
        return real(path, start, end, tag)

    monkeypatch.setattr(stores, "read_range", read_range)
    with open_file(path) as file:
        assert file.read(columns=["id"])["id"].to_pylist() == list(range(20_000))
    assert sum(fetched) < len(content.getvalue()) / 4
    assert len(fetched) <= 3
    with open_file(path) as file:
        assert file.read()["text"].to_pylist() == texts
    with open_binary(path) as file:
        assert file.read() == content.getvalue()


def test_a_file_that_is_replaced_while_it_is_read_is_gone(bucket):
    path = f"{bucket}/a"
    stores.put(path, b"1" * (3 << 20))
    with open_binary(path) as file:
        file.read(10)
        stores.put(path, b"2" * (3 << 20))
        with pytest.raises(FileNotFoundError, match="replaced while it was read"):
            file.read()
    with pytest.raises(FileNotFoundError):
        open_binary(f"{bucket}/b")


def test_what_a_store_refuses_is_said_in_one_line(bucket):
    nowhere = "s3://no-such-bucket/out/a"
    for ask in (stores.read, stores.listing, lambda path: stores.put(path, b"")):
        with pytest.raises(StoreError, match=f"^{nowhere} cannot be .*: NoSuchBucket: ") as failed:
            ask(nowhere)
        assert failed.value.errno == errno.ENOENT
        assert "Correct the address, or create the bucket" in str(failed.value)


def test_other_credentials_are_other_clients(bucket, monkeypatch):
    stores.put(f"{bucket}/a", b"1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(store_client, "_RETRIES", {"max_retries": 0})
    with pytest.raises(OSError, match=r"127\.0\.0\.1:9") as failed:
        stores.read(f"{bucket}/a")
    assert not isinstance(failed.value, FileNotFoundError)
