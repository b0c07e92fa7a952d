"""WARC archives: pages out of records, and what damage leads to."""

import contextlib
import gzip
import io
import zlib
from datetime import UTC, datetime

import brotli
import pytest
from builders import eval_data
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import Rejected
from transforms.formats import FileInfo, ParseOptions
from transforms.formats.warc import MEDIA_TYPE, parse_page, split_warc
from transforms.read import read_documents
from transforms.records import DeadLetter, RawDocument

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
TARGET = "https://news.example/2024/bridge"
WORDS = "The council opened a new bridge over the river on Monday after two years of work. " * 6
PAGE = (
    f"<html><head><title>Bridge</title></head><body><article><p>{WORDS}</p></article></body></html>"
)


def http(body, *, status="200 OK", kind="text/html", **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def untyped(body, *headers):
    return "\r\n".join(["HTTP/1.1 200 OK", "Server: x", *headers, "", ""]).encode() + body


def record(
    block, *, kind="response", media_type="application/http", uri=TARGET, length=None, **more
):
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": uri,
        "WARC-Date": "2024-05-13T10:00:00Z",
        "Content-Type": media_type,
        "Content-Length": len(block) if length is None else length,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in fields.items() if value != "")]
    return "\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n"


DEFLATED = zlib.compress(PAGE.encode(), wbits=-15)
GOOD = record(http(PAGE.encode()))
INFO = record(b"software: test\r\n", kind="warcinfo", media_type="application/warc-fields")
BOMB = record(http(gzip.compress(bytes(200_000)), Content_Encoding="gzip"))


def split(content, limit=100_000):
    return list(split_warc(FileInfo("/in/a.warc", 0, None, NOW), io.BytesIO(content), limit))


def outcome(items):
    return [(i.line, i.reason if isinstance(i, DeadLetter) else "page") for i in items]


def parse(content):
    (item,) = split(content)
    return parse_page(item, ParseOptions())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(None, "empty_file")]),
        (b"\r\n\0\0\n", [(None, "empty_file")]),
        (GOOD, [(1, "page")]),
        (INFO + GOOD + GOOD, [(2, "page"), (3, "page")]),
        (INFO, [(None, "no_pages")]),
        (record(http(b"{}", kind="application/json")), [(None, "no_pages")]),
        (record(http(b"gone", status="404 Not Found")), [(None, "no_pages")]),
        (record(http(PAGE.encode()), kind="request"), [(None, "no_pages")]),
        (record(http(PAGE.encode()), kind="revisit"), [(None, "no_pages")]),
        (record(b"a.example. IN A", media_type="text/dns"), [(None, "no_pages")]),
        (record(http(PAGE.encode()), uri=""), [(1, "page")]),
        (record(PAGE.encode(), kind="resource", media_type="text/html"), [(1, "page")]),
        (record(http(b"<p>" + b"x" * 200_000)) + GOOD, [(1, "too_large"), (2, "page")]),
        (BOMB + GOOD, [(1, "too_large"), (2, "page")]),
        # The server does not say what it sends.
        (record(http(PAGE.encode(), kind="")), [(1, "page")]),
        (record(untyped(PAGE.encode())), [(1, "page")]),
        (record(untyped(b"\xef\xbb\xbf\n <!DOCTYPE HTML>" + PAGE.encode())), [(1, "page")]),
        (record(untyped(b"<!-- made by x --><html>" + PAGE.encode())), [(1, "page")]),
        (record(untyped(b"<?xml version='1.0'?><html><p>One.</html>")), [(1, "page")]),
        (record(untyped(gzip.compress(PAGE.encode()), "Content-Encoding: gzip")), [(1, "page")]),
        (record(untyped(DEFLATED, "Content-Encoding: deflate")), [(1, "page")]),
        (record(http(PAGE.encode(), kind="*/*")), [(1, "page")]),
        (record(http(b"Hi", kind="?"), WARC_Identified_Payload_Type="text/html"), [(1, "page")]),
        (record(PAGE.encode(), kind="resource", media_type=""), [(1, "page")]),
        (record(untyped(b"User-agent: *\nDisallow: /")), [(1, "not_html")]),
        (record(untyped(b"\x89PNG\r\n\x1a\n\0\0")), [(None, "no_pages")]),
        (record(untyped(b"")), [(None, "no_pages")]),
        # Damage: what can be read, and one dead letter for the rest.
        (GOOD + GOOD[:-300], [(1, "page"), (2, "bad_warc")]),
        (GOOD + INFO[:-10], [(1, "page"), (2, "bad_warc")]),
        (GOOD + b"garbage\r\n" * 50, [(1, "page"), (2, "bad_warc")]),
        (GOOD + b"garbage\r\n" * 50 + GOOD, [(1, "page"), (2, "bad_warc"), (3, "page")]),
        (record(http(PAGE.encode()), length="many") + GOOD, [(1, "bad_warc"), (2, "page")]),
        (record(http(PAGE.encode()), length="-1") + GOOD, [(1, "bad_warc"), (2, "page")]),
        (record(http(PAGE.encode()), length="") + GOOD, [(1, "bad_warc"), (2, "page")]),
        (b"WARC/9.9\r\n\r\n" + GOOD, [(1, "bad_warc"), (2, "page")]),
        (b"WARC/1.0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n" + GOOD, [(1, "bad_warc"), (2, "page")]),
        (b"x" * 500_000, [(1, "bad_warc")]),
        (b"WARC/1.0", [(1, "bad_warc")]),
    ],
)  # fmt: skip
def test_split_warc(content, expected):
    assert outcome(split(content)) == expected


def test_a_page_becomes_an_article():
    (document,) = split(record(http(PAGE.encode(), Content_Encoding="gzip")))
    article = parse_page(document, ParseOptions())
    assert article.title == "Bridge"
    assert article.text == WORDS.strip()
    assert article.url == TARGET
    assert (article.uri, article.line, article.fetched_at) == ("/in/a.warc", 1, NOW)
    assert article.raw == document
    assert article.flags == ()


def test_a_page_of_unstated_type_becomes_an_article():
    article = parse(record(untyped(DEFLATED, "Content-Encoding: deflate")))
    assert (article.title, article.text, article.url) == ("Bridge", WORDS.strip(), TARGET)


WET = """Bridge of Norrby opens
Home
News
Sport
The bridge over the sound at Norrby was opened on Monday by the mayor.
"It took long," she said.
Read more about bridges
Walkers and riders have waited for it since the spring of last year
© Harbour & Sea
"""


def test_the_text_of_a_page_becomes_an_article():
    article = parse(
        record(
            WET.encode(),
            kind="conversion",
            media_type="text/plain",
            uri="https://news.example/2024/05/01/bridge",
            WARC_Identified_Content_Language="eng,nob",
        )
    )
    assert article.title == "Bridge of Norrby opens"
    assert article.text.split("\n\n") == [WET.splitlines()[n] for n in (4, 5, 7)]
    assert article.url == "https://news.example/2024/05/01/bridge"
    assert article.language == "en"
    assert (article.published_at.date().isoformat(), article.date_source) == ("2024-05-01", "path")


def test_a_text_without_sentences_is_no_article():
    with pytest.raises(Rejected, match="no article text"):
        parse(record(b"Title\nHome\nNews\n", kind="conversion", media_type="text/plain"))


def test_the_date_it_was_fetched_is_the_file_s_and_bounds_the_others():
    article = parse(record(http(PAGE.encode()), uri="https://news.example/bridge"))
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)
    assert article.date_source == "file"
    later = PAGE.replace("<head>", '<head><meta name="date" content="2025-01-01T00:00:00Z">')
    article = parse(record(http(later.encode()), uri="https://news.example/bridge"))
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)
    assert article.flags == ("date_in_future",)


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("https://news.example/other", "https://news.example/other"),
        ("https://news.example/", TARGET),  # a home page names no article
        ("", TARGET),
    ],
)
def test_address(canonical, expected):
    page = PAGE.replace("<head>", f'<head><link rel="canonical" href="{canonical}">')
    article = parse(record(http(page.encode())))
    assert article.url == expected
    assert article.id == parse(INFO * 3 + record(http(PAGE.encode()), uri=expected)).id


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("windows-1251", "text/html; charset=windows-1251"),
        ("windows-1251", 'text/html;charset="Windows-1251"; x=y'),
        ("utf-8", "text/html; charset=windows-1251"),  # valid UTF-8 is UTF-8
        ("utf-16", "text/html; charset=windows-1251"),  # its mark outranks the header
        ("utf-8", "text/html; charset=no-such"),
        ("iso-2022-jp", "text/html; charset=ISO-2022-JP"),
    ],
)
def test_the_charset_of_the_header_counts(encoding, kind):
    text = (
        "橋が開通しました。" * 30
        if encoding == "iso-2022-jp"
        else "Мост открыт в понедельник. " * 30
    )
    page = PAGE.replace(WORDS, text).replace("<head>", '<head><meta charset="iso-8859-5">')
    article = parse(record(http(page.encode(encoding), kind=kind)))
    assert article.text == text.strip()


@pytest.mark.parametrize(
    "content",
    [
        record(http(PAGE.encode()), WARC_Truncated="length"),
        record(http(gzip.compress(PAGE.encode())[:-9], Content_Encoding="gzip")),
    ],
)  # fmt: skip
def test_a_page_cut_short_is_flagged(content):
    assert parse(content).flags == ("page_truncated",)


def test_too_many_encodings_are_refused_and_the_rest_is_read():
    odd = record(http(PAGE.encode(), Content_Encoding=", ".join(["gzip"] * 1500)))
    assert outcome(split(odd + GOOD)) == [(1, "corrupt_compression"), (2, "page")]


def test_a_document_is_a_warc_file_of_its_own():
    (document,) = split(record(http(brotli.compress(PAGE.encode()), Content_Encoding="br")))
    (again,) = split(document.content)
    assert again.content == document.content


@pytest.mark.parametrize("content", [b"", b"WARC/1.0", INFO, PAGE.encode()])
def test_what_is_no_page_is_rejected(content):
    document = RawDocument("/in/a.warc", MEDIA_TYPE, content, NOW, line=1)
    with pytest.raises(Rejected, match="bad_warc"):
        parse_page(document, ParseOptions())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_raises(data):
    content = bytearray(INFO + GOOD + GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    for item in split(bytes(content)):
        if isinstance(item, RawDocument):
            with contextlib.suppress(Rejected):
                parse_page(item, ParseOptions())


@pytest.mark.parametrize(
    ("name", "expected", "url"),
    [
        ("example-bad-non-chunked.warc.gz", [(3, "page")], "http://example.com/"),
        ("example-bad.warc.gz.bad", [(2, "page")], "http://example.com/?example=1"),
        ("example-digest.warc", [(None, "no_pages")], None),
        ("example-iana.org-chunked.warc", [(2, "page")], "http://www.iana.org/"),
    ],
)
def test_real_archives(name, expected, url):
    path = eval_data("warc", name)
    items = list(read_documents(FileInfo(str(path), path.stat().st_size, None, NOW)))
    assert outcome(items) == expected
    pages = [parse_page(i, ParseOptions()) for i in items if isinstance(i, RawDocument)]
    assert [page.url for page in pages] == ([url] if url else [])
    assert all(len(page.text) > 100 for page in pages)
