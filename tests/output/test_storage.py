import errno
import os

import pytest
from builders import take_over

from pipeline.lock.lock import OutputLockedError, output_lock
from transforms.errors import ConfigError, NewsbeamError
from transforms.output import disk, storage


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
    disk.remove_leftovers(tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["part-00.parquet"]


def test_a_folder_that_goes_while_leftovers_are_looked_for(tmp_path, monkeypatch):
    """As the old folder of a day that another writer has just replaced."""
    gone = tmp_path / ".date=2026-10-01.0.tmp"
    gone.mkdir()
    (tmp_path / ".a.tmp").touch()
    real = os.scandir

    def late(path="."):
        if str(path) == str(gone) and gone.exists():
            gone.rmdir()
        return real(path)

    monkeypatch.setattr(os, "scandir", late)
    disk.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_that_another_took_for_a_leftover_is_written_again(tmp_path, monkeypatch):
    real = disk.require_lock

    def swept(path):
        monkeypatch.setattr(disk, "require_lock", real)
        disk.remove_leftovers(tmp_path)

    monkeypatch.setattr(disk, "require_lock", swept)
    storage.publish(str(tmp_path / "a.json"), b"{}")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"{}"]


def test_who_has_lost_the_lock_removes_no_leftovers(tmp_path):
    (tmp_path / ".date=2026-10-01.0.tmp").mkdir()
    with output_lock(str(tmp_path), "run") as held:
        take_over(held)
        with pytest.raises(OutputLockedError):
            disk.remove_leftovers(tmp_path)
    assert (tmp_path / ".date=2026-10-01.0.tmp").exists()


def test_containers_on_one_disk_that_have_the_same_number_share_no_temporary_name(tmp_path):
    names = {disk.temporary_path(tmp_path / "a") for _ in range(100)}
    assert len(names) == 100


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
