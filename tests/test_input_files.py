"""What lies in an input besides files of news: links, pipes, names in any encoding."""

import os
import socket
from datetime import UTC, datetime

import pytest
from apache_beam.io.filesystem import FileMetadata

from transforms import local_files
from transforms.errors import ConfigError
from transforms.input_files import appearing, input_links, match_files
from transforms.read import read_documents

NOW = datetime(2026, 10, 5, tzinfo=UTC)
FOREIGN = os.fsdecode(b"caf\xe9 %41.txt")


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    monkeypatch.setattr(local_files, "_told", set())


def matched(*patterns, **options):
    patterns = [str(pattern) for pattern in patterns]
    return match_files(patterns, lambda: NOW, may_be_none=True, **options)


def names(*patterns, **options):
    return [file.uri.rpartition("/in/")[2] for file in matched(*patterns, **options)]


@pytest.fixture
def source(tmp_path):
    """Yield an input with one file, and a file outside of it."""
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/a.txt").write_text("The council opened a bridge.")
    (tmp_path / "secret.txt").write_text("root:x:0:0")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/b.txt").write_text("Another bridge.")
    return tmp_path / "in"


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def link_to(target):
    return lambda path: path.symlink_to(target)


ODD = {
    "a named pipe": (make_pipe, "is a named pipe"),
    "a socket": (make_socket, "is a socket"),
    "a device": (link_to("/dev/zero"), "is a link that leads out of the input"),
    "a link that leads out": (link_to("../secret.txt"), "is a link that leads out of the input"),
    "an absolute link": (link_to("/etc/passwd"), "is a link that leads out of the input"),
    "a link to itself": (link_to("odd.txt"), "is passed over: Too many levels of symbolic links"),
    "a link to nothing": (link_to("gone.txt"), ""),
    "a folder": (lambda path: path.mkdir(), ""),
    "a link to a folder": (link_to("../other"), ""),
    "a link to its own folder": (link_to("."), ""),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("pattern", ["", "*", "**", "?dd.txt", "*a.*"])
def test_what_is_no_file_is_passed_over_with_a_word(source, caplog, odd, pattern):
    make, said = ODD[odd]
    make(source / "odd.txt")
    found = names(f"{source}/{pattern}")
    assert found == ([] if pattern == "?dd.txt" else ["a.txt"])
    once = bool(said) and pattern != "*a.*"
    assert [said in record.message for record in caplog.records] == [True] * once
    names(f"{source}/{pattern}")  # it is not said again at every look
    assert len(caplog.records) == once


@pytest.mark.parametrize("odd", ODD)
def test_a_stream_sees_the_same(source, odd):
    ODD[odd][0](source / "odd.txt")
    files = appearing(str(source), input_links([str(source)], follow_links=False))
    there = [FileMetadata(str(path), 1, 1.0) for path in (source / "a.txt", source / "odd.txt")]
    assert [files.is_visible(file) for file in there] == [True, False]


def test_links_within_the_input_are_followed(source):
    """As Kubernetes mounts a volume: `a.txt -> ..data/a.txt`, `..data -> ..2026`."""
    (source / "..2026").mkdir()
    (source / "..2026/c.txt").write_text("x")
    (source / "..data").symlink_to("..2026")
    (source / "c.txt").symlink_to("..data/c.txt")
    (source / "d.txt").symlink_to("../other/b.txt")
    assert names(source) == ["a.txt", "c.txt"]
    assert names(source, source.parent / "other") == [
        *("a.txt", "c.txt", "d.txt"),
        f"{source.parent}/other/b.txt",
    ]


def test_a_link_that_is_named_itself_is_followed(source):
    (source / "link.txt").symlink_to("../secret.txt")
    assert names(f"{source}/link.txt") == ["link.txt"]
    (source / "folder").symlink_to("../other")
    assert names(f"{source}/folder") == ["folder/b.txt"]
    assert names(f"{source}/folder/*.txt") == ["folder/b.txt"]


def test_all_links_are_followed_on_request_and_a_loop_ends(source):
    (source / "link.txt").symlink_to("../secret.txt")
    (source / "folder").symlink_to("../other")
    (source / "sub/up").symlink_to("..")
    (source / "self.txt").symlink_to("self.txt")
    assert names(source, follow_links=True) == ["a.txt", "folder/b.txt", "link.txt"]
    os.mkfifo(source / "pipe.txt")
    (source / "zero.txt").symlink_to("/dev/zero")
    assert names(source, follow_links=True) == ["a.txt", "folder/b.txt", "link.txt"]


def test_a_pipe_that_is_named_matches_no_file(source):
    os.mkfifo(source / "pipe.txt")
    with pytest.raises(ConfigError, match="matches no file"):
        match_files([f"{source}/pipe.txt"], lambda: NOW)


def test_a_file_that_becomes_a_pipe_is_not_waited_for(source):
    [file] = matched(source)
    (source / "a.txt").unlink()
    os.mkfifo(source / "a.txt")
    [letter] = read_documents(file)
    assert (letter.reason, "no regular file" in letter.detail) == ("unreadable", True)


def test_a_file_that_is_gone_has_no_documents(source):
    [file] = matched(source)
    (source / "a.txt").unlink()
    assert list(read_documents(file)) == []
    assert list(read_documents(file._replace(uri=f"{source}/a.xyz"))) == []


def test_nothing_is_said_of_an_input_that_is_one_file(source, caplog):
    assert names(source / "a.txt") == ["a.txt"]
    assert caplog.records == []


def test_a_folder_that_cannot_be_listed_is_named(source, caplog, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("/sub"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(source) == ["a.txt"]
    assert "sub cannot be listed: Permission denied" in caplog.text


def test_a_name_that_is_no_text_is_percent_encoded(source):
    (source / FOREIGN).write_text("A bridge opens.\n\nThe council opened it on Monday.")
    (source / os.fsdecode(b"no\xff\xfeformat.xyz")).write_bytes(b"x")
    files = matched(source)
    assert [file.uri.rpartition("/")[2] for file in files] == [
        *("a.txt", "caf%E9 %41.txt", "no%FF%FEformat.xyz")
    ]
    _, named, unknown = [item for file in files for item in read_documents(file)]
    assert (named.uri, b"Monday" in named.content) == (f"{source}/caf%E9 %41.txt", True)
    assert (unknown.reason, unknown.payload) == ("unknown_format", b"x")
    # Its address, as dead letters and messages have it, names it again.
    assert [file.uri for file in matched(unknown.uri)] == [unknown.uri]
    assert names(f"{source}/caf%E9 %41.txt") == []  # a name with its own % is not unique then
    assert names(f"{source}/*%FF*") == []


@pytest.mark.parametrize("name", ["100%.txt", "a%41.txt", "[x].txt", "a*.txt", "a?.txt", "é.txt"])
def test_a_name_that_means_something_else_too_is_itself_where_it_is_there(source, name):
    (source / name).write_text("x")
    assert names(f"{source}/{name}") == [name]


@pytest.mark.parametrize("seconds", [0, 1, 253_402_300_800, 2**40, -(2**33)])
def test_a_time_that_no_calendar_has_is_none(source, seconds):
    os.utime(source / "a.txt", (seconds, seconds))
    [file] = matched(source)
    assert file.modified_at is None or 1600 < file.modified_at.year < 10000


def test_a_pattern_that_is_none_is_named(source):
    with pytest.raises(ConfigError, match="no pattern"):
        match_files([f"{source}/[z-a].txt"], lambda: NOW)
