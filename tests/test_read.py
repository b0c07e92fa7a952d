"""Reading: which files are found, and what becomes of files that are broken."""

import bz2
import gzip
import os
from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.io.filesystems import FileSystems
from apache_beam.runners.portability import fn_api_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler
from backports import zstd

from transforms.deadletter import SplitDeadLetters
from transforms.errors import ConfigError
from transforms.formats.base import PAYLOAD_CAP, FileInfo
from transforms.formats.feeds.feed_entry import ENTRY_TYPE
from transforms.input_files import appearing, match_files
from transforms.read import ReadDocuments, read_documents
from transforms.records import DeadLetter

NOW = datetime(2024, 6, 1, tzinfo=UTC)
COMPRESS = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd.compress}


def clock():
    return NOW


def info(path):
    return FileInfo(str(path), path.stat().st_size if path.exists() else 0, None, NOW)


def read(path, **options):
    return list(read_documents(info(path), **options))


def reasons(items):
    return [item.reason for item in items if isinstance(item, DeadLetter)]


@pytest.fixture
def tree(tmp_path):
    for name in (
        "b.txt",
        "a/c.html",
        "a/d/e.txt",
        ".hidden.txt",
        "_log.txt",
        "a/_tmp/x.txt",
        "a/.g/y",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


PATTERNS = [
    ([""], ["a/c.html", "a/d/e.txt", "b.txt"]),
    (["", "b.txt"], ["a/c.html", "a/d/e.txt", "b.txt"]),
    (["a/"], ["a/c.html", "a/d/e.txt"]),
    (["b.txt"], ["b.txt"]),
    (["*.txt"], ["b.txt"]),
    (["**/*.txt"], ["a/d/e.txt"]),
    (["a/*/*.txt"], ["a/d/e.txt"]),
    (["_log.txt"], ["_log.txt"]),
    (["a/_tmp"], ["a/_tmp/x.txt"]),
]


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS)
def test_match_files(tree, patterns, expected):
    found = match_files([f"{tree}/{pattern}" for pattern in patterns], clock)
    assert [file.uri for file in found] == [f"{tree}/{name}" for name in expected]
    assert all(file.fetched_at == NOW and file.modified_at and file.size == 1 for file in found)


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS)
def test_what_appears_is_what_match_files_finds(tree, patterns, expected):
    found = set()
    for files in (appearing(f"{tree}/{pattern}") for pattern in patterns):
        (result,) = FileSystems.match([files.glob])
        found |= {file.path for file in result.metadata_list if files.is_visible(file)}
    assert found == {f"{tree}/{name}" for name in expected}


def test_a_folder_may_appear_later(tmp_path):
    glob, folder, _ = appearing(f"{tmp_path}/later")
    assert (glob, folder) == (f"{tmp_path}/later/**", f"{tmp_path}/later/")


def test_inputs_that_cannot_be_reached_are_named():
    with pytest.raises(ConfigError, match=r"input\.paths: hdfs://a/b: there is no hdfs:// here"):
        match_files(["hdfs://a/b"], clock)


def test_match_files_makes_a_relative_path_absolute(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert [file.uri for file in match_files(["a/c.html"], clock)] == [f"{tree}/a/c.html"]


@pytest.mark.parametrize("pattern", ["no/such", "*.pdf", "empty"])
def test_match_files_says_what_it_looked_for(tree, pattern):
    (tree / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"matches no file .looked for /"):
        match_files([f"{tree}/{pattern}"], clock)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_read_compressed(tmp_path, suffix):
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](b"Hello ") + COMPRESS[suffix](b"world"))
    (item,) = read(path)
    assert (item.content, item.media_type) == (b"Hello world", "text/plain")


@pytest.mark.parametrize("suffix", COMPRESS)
def test_read_truncated(tmp_path, suffix):
    lines = [f'{{"n": {n}, "x": "{os.urandom(40).hex()}"}}'.encode() for n in range(20_000)]
    path = tmp_path / f"a.jsonl{suffix}"
    whole = COMPRESS[suffix](b"\n".join(lines))
    path.write_bytes(whole[: len(whole) * 9 // 10])
    *items, last = read(path)
    assert [item.content for item in items] == lines[: len(items)]
    assert len(items) > 20_000 * 0.4  # bz2 has blocks of 900 kB, all or nothing
    assert (last.step, last.reason) == ("read", "corrupt_compression")
    assert last.payload == path.read_bytes()[:PAYLOAD_CAP]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_read_damaged(tmp_path, suffix):
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(b"this was never compressed")
    assert reasons(read(path)) == ["corrupt_compression"]


def test_read_truncated_gzip_keeps_every_whole_line(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"n": %d}\n' % n for n in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])
    known = gzip.zlib.decompressobj(31).decompress(path.read_bytes())
    assert len(read(path)) == known.count(b"\n") + 1  # and one dead letter


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_decompression_bomb_is_not_swallowed(tmp_path, suffix):
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](b" " * (30 << 20)))
    (item,) = read(path)
    assert item.reason == "too_large"
    assert len(item.payload) == PAYLOAD_CAP


def test_read_what_cannot_be_read(tmp_path):
    (tmp_path / "a.doc").write_bytes(b"x")
    (tmp_path / "a.txt").write_bytes(b"")
    assert reasons(read(tmp_path / "a.doc")) == ["unknown_format"]
    assert reasons(read(tmp_path / "a.txt")) == ["empty_file"]
    (tmp_path / "b.txt").mkdir()
    assert reasons(read(tmp_path / "b.txt")) == ["unreadable"]


def test_read_documents_in_a_pipeline(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"n": 1}\n{"n": 2}')
    (tmp_path / "b.doc").write_bytes(b"x")
    with beam.Pipeline(runner=fn_api_runner.FnApiRunner()) as pipeline:
        files = pipeline | beam.Create(match_files([str(tmp_path)], clock))
        with ErrorHandler(beam.Map(lambda letter: letter.reason)) as errors:
            documents = (
                files
                | ReadDocuments()
                | SplitDeadLetters("read", errors)
                | beam.Map(lambda document: document.line)
            )
        assert_that(documents, equal_to([1, 2]), label="documents")
        assert_that(errors.output(), equal_to(["unknown_format"]), label="errors")


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstd.compress])
def test_a_web_archive_is_known_by_its_start_whatever_its_name(tmp_path, compress):
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>One.</p>"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/1\r\n"
        "WARC-Date: 2024-05-13T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    path = tmp_path / "crawl.bad"
    path.write_bytes(compress(head.encode() + page + b"\r\n\r\n"))
    [document] = read(path)
    assert (document.line, reasons([document])) == (1, [])


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b", b"\x1f\x8bbroken", b"WARC", b"\x28\xb5\x2f\xfd"]
)
def test_what_does_not_start_like_one_is_unknown(tmp_path, content):
    (tmp_path / "a.doc").write_bytes(content)
    assert reasons(read(tmp_path / "a.doc")) == ["unknown_format"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"%PDF-1.7\n1 0 obj", "it is a PDF; make a text of it first"),
        (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml word/document.xml", "a document of Word"),
        (b"PK\x03\x04\x14\x00\x00\x00mimetypeapplication/epub+zip", "an e-book"),
        (b"PK\x03\x04\x14\x00xl/workbook.xml", "a workbook of Excel; save its sheet as CSV"),
        (b"PK\x03\x04\x14\x00news/a.html", "an archive (zip); unpack it first"),
        (b"{\\rtf1\\ansi Ferry", "a document in RTF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
    ],
)
@pytest.mark.parametrize("name", ["a.pdf", "a.html", "a.txt", "a.csv"])
def test_what_is_no_text_is_told_whatever_its_name(tmp_path, head, said, name):
    (tmp_path / name).write_bytes(head + b"\x00\x01" * 50)
    (item,) = read(tmp_path / name)
    assert item.reason == "unknown_format"
    assert said in item.detail


PAGE = "<!DOCTYPE html><html><body><p>One.</p></body></html>"
FEED = "<?xml version='1.0'?><rss><channel><item><title>One</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", PAGE, "text/html"),
        ("a.md", f"\n{PAGE}", "text/html"),
        ("a.json", PAGE, "text/html"),
        ("a.html", FEED, ENTRY_TYPE),
        ("a.txt", FEED, ENTRY_TYPE),
        ("a.json", f"\ufeff{FEED}", ENTRY_TYPE),
        ("a.txt", '{"title": "One", "text": "Two."}\n{"title": "Three"}\n', "application/json"),
        ("a.html", '[{"title": "One", "text": "Two."}]', "application/json"),
        ("a.txt", "One {two}: <three>", "text/plain"),
        ("a.md", "A page begins with <html>.", "text/markdown"),
        ("a.md", '{"title": "Ferry late"}\n\nIt sails again.', "text/markdown"),
        ("a.markdown", '{"title": "Ferry late"}\n\nIt sails again.', "text/markdown"),
        ("a.html", "<p>One.</p>", "text/html"),
        ("a.html", "<?xml version='1.0'?><html xmlns='urn:xhtml'/>", "text/html"),
    ],
)  # fmt: skip
def test_content_tells_where_a_name_is_wrong(tmp_path, name, content, kind):
    (tmp_path / name).write_text(content, "utf-8")
    first, *_ = read(tmp_path / name)
    assert first.media_type == kind


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.html", "a.jsonl", "a.txt"])
def test_compression_that_the_name_does_not_tell(tmp_path, suffix, name):
    (tmp_path / name).write_bytes(COMPRESS[suffix](b'{"title": "One"}'))
    (item,) = read(tmp_path / name)
    assert item.content == b'{"title": "One"}'
