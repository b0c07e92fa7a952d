import errno

import pytest

from transforms.errors import ConfigError, NewsbeamError
from transforms.output import storage


def test_publish_replaces_the_whole_file_and_leaves_nothing_else(tmp_path):
    path = storage.join(str(tmp_path), "date=2026-10-01/part-00.parquet")
    storage.publish(path, b"first")
    storage.publish(path, b"second")
    assert storage.read_bytes(path) == b"second"
    assert storage.list_files(storage.join(str(tmp_path), "date=*/*")) == [path]
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["part-00.parquet"]


def test_failed_publish_keeps_the_old_file(tmp_path, monkeypatch):
    path = str(tmp_path / "part-00.parquet")
    storage.publish(path, b"first")

    def disk_full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        storage.publish(path, b"second")
    assert storage.read_bytes(path) == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["part-00.parquet"]


def test_missing_file_reads_as_none(tmp_path):
    assert storage.read_bytes(str(tmp_path / "none")) is None
    assert storage.list_files(str(tmp_path / "none" / "date=*" / "*")) == []


def test_remove_takes_an_empty_folder_along(tmp_path):
    kept, gone = tmp_path / "a" / "kept", tmp_path / "b" / "gone"
    for path in (kept, kept.with_name("gone"), gone):
        storage.publish(str(path), b"x")
    storage.remove(str(kept.with_name("gone")))
    storage.remove(str(gone))
    assert kept.exists()
    assert not gone.parent.exists()


def test_leftovers_of_a_killed_run_are_removed(tmp_path):
    storage.publish(str(tmp_path / "date=2026-10-01" / "part-00.parquet"), b"x")
    (tmp_path / "date=2026-10-01" / ".part-00.parquet.123.tmp").write_bytes(b"half")
    storage.remove_leftovers(str(tmp_path))
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["part-00.parquet"]


@pytest.mark.parametrize("path", ["hdfs://a/b", "inmemory://newsbeam/b", "ftp://a/b"])
def test_a_filesystem_that_is_not_known_is_named(path):
    message = f"output.path: {path}/?.*use a folder, s3://, gs://, az://"
    with pytest.raises(ConfigError, match=message):
        storage.join(path, "_runs")
    storage.require_filesystem("output.path", "out")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.EACCES, "denied"), ConfigError),
        (OSError(errno.EROFS, "read-only"), ConfigError),
        (OSError(errno.ENOTDIR, "a file"), ConfigError),
        (OSError(errno.ENAMETOOLONG, "long"), ConfigError),
        (PermissionError("without a number"), ConfigError),
        (FileNotFoundError("no such bucket"), ConfigError),
        (OSError(errno.ENOSPC, "full"), NewsbeamError),
        (OSError(errno.EDQUOT, "quota"), NewsbeamError),
        (OSError(errno.EIO, "disk"), NewsbeamError),
        (ConnectionRefusedError(errno.ECONNREFUSED, "store"), NewsbeamError),
        (TimeoutError("store"), NewsbeamError),
    ],
)
def test_what_passes_is_no_wrong_setting(error, kind):
    failure = storage.path_failure("out cannot be written", error, "; choose another")
    assert type(failure) is kind
    assert str(failure).endswith("; choose another") == (kind is ConfigError)
