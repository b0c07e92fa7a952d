"""feedparser's own test feeds and dates: everything that it reads, we read alike."""

import io
import json
import re
import time
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import feedparser
import pytest
from lxml import html

from transforms.deadletter import attempt
from transforms.formats.base import FileInfo, ParseOptions
from transforms.formats.feeds.feed_article import parse_entry
from transforms.formats.feeds.feed_entry import parse_feed_date, read_entry
from transforms.formats.xml_files import split_xml, syndication_documents
from transforms.identity import canonical_url
from transforms.records import DeadLetter

EVAL = Path(__file__).parents[3] / "shared" / "eval"
FILES = sorted((EVAL / "feeds").glob("*.xml"))
needs_data = pytest.mark.skipif(not FILES, reason="the evaluation data are absent")
PARSE = partial(parse_entry, options=ParseOptions())
NOW = datetime(2024, 5, 14, tzinfo=UTC)
MARKUP = re.compile(r"<(?:script|img|iframe|svg|object|applet|frame|link)\b|javascript:", re.I)


def headers_of(content: bytes) -> dict[str, str]:
    """Return the response headers that the file's leading comment states."""
    found = re.findall(rb"^Header:\s*([\w-]+):\s*(.*?)\s*$", content[:2000], re.MULTILINE)
    return {name.decode().lower(): value.decode() for name, value in found}


def split(path: Path, content: bytes, *, polled: bool):
    if polled:
        file = FileInfo("http://127.0.0.1:8097/feed.xml", len(content), None, NOW)
        return list(syndication_documents(file, content, headers_of(content)))
    return list(
        split_xml(FileInfo(str(path), len(content), None, NOW), io.BytesIO(content), 1 << 24)
    )


def reference(content: bytes, *, polled: bool):
    headers = {"content-location": "http://127.0.0.1:8097/feed.xml"} | headers_of(content)
    return feedparser.parse(io.BytesIO(content), response_headers=headers if polled else None)


def text_of(markup: str) -> str:
    """Return the text that feedparser's sanitized markup shows, without its spacing."""
    shown = html.fragment_fromstring(markup or "", create_parent="div").text_content()
    return "".join(shown.split())


@needs_data
@pytest.mark.parametrize("polled", [False, True], ids=["file", "polled"])
def test_every_entry_title_and_link_as_feedparser_reads_them(polled):
    counts: Counter[str] = Counter()
    for path in FILES:
        content = path.read_bytes()
        start = time.monotonic()
        documents, expected = split(path, content, polled=polled), reference(content, polled=polled)
        assert time.monotonic() - start < 10, path.name
        assert len(documents) == len(expected.entries), path.name
        for number, (document, fields) in enumerate(
            zip(documents, expected.entries, strict=True), 1
        ):
            entry = read_entry(document.content)
            assert document.line == number
            assert entry.link == fields.get("link", ""), path.name
            title = fields.get("title", "")
            is_markup = fields.get("title_detail", {}).get("type") != "text/plain"
            counts["entries"] += 1
            counts["links"] += bool(entry.link)
            counts["titles"] += bool(title)
            article = attempt(document, PARSE, "parse")
            if isinstance(article, DeadLetter):
                assert article.reason == "no_text", path.name
                assert not text_of(title), path.name
                counts["rejected"] += 1
                continue
            counts["articles"] += 1
            shown = text_of(title) if is_markup else "".join(title.split())
            if polled and path.name == "illformed__chardet__eucjp.xml":
                shown = "ゲーム三昧な正月"  # feedparser reads it as ISO-8859-1: "¥²¡¼¥à..."
            plain = article.title.replace("\u2060", "")  # `clean` takes it away
            assert "".join(plain.split()) == shown, path.name
            assert article.url == (canonical_url(fields.link) if fields.get("link") else None)
            assert not MARKUP.search(article.title + article.text), path.name
    assert counts["entries"] == counts["articles"] + counts["rejected"]
    assert (len(FILES), counts["entries"]) == (150, 108)
    assert counts["titles"] > 20
    assert counts["links"] > 15


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_markup_and_no_cut_survives(path):
    content = path.read_bytes()
    for size in range(0, len(content), max(1, len(content) // 20)):
        for document in split(path, content[:size], polled=False):
            if isinstance(document, DeadLetter):
                assert document.reason in ("not_a_feed", "empty_file")
                continue
            article = attempt(document, PARSE, "parse")
            if isinstance(article, DeadLetter):
                assert article.reason == "no_text"
            else:
                assert not MARKUP.search(article.title + article.text)


def dates() -> list[dict]:
    path = EVAL / "dates" / "strings.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if FILES else []


@needs_data
@pytest.mark.parametrize("case", dates(), ids=lambda case: f"{case['parser']}: {case['string']}")
def test_every_date_string_as_expected(case):
    date = parse_feed_date(case["string"])
    assert (list(date.utctimetuple()) if date else None) == case["expected_utc_struct_time"]
