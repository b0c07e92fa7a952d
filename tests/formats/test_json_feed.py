import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from transforms.errors import Rejected
from transforms.formats.base import FileInfo, ParseOptions
from transforms.formats.feeds.feed_article import parse_entry
from transforms.formats.feeds.feed_entry import ENTRY_TYPE, read_entry
from transforms.formats.feeds.json_feed import read_json_feed, split_json_or_feed
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

NOW = datetime(2024, 5, 14, tzinfo=UTC)

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour",
    "home_page_url": "https://news.example/",
    "feed_url": "https://news.example/feed.json",
    "language": "en",
    "authors": [{"name": "Jane Doe"}],
    "items": [
        {
            "id": "https://news.example/1",
            "url": "https://news.example/1?utm_source=x",
            "title": "Storm",
            "content_html": "<p>A <b>storm</b> hit.</p><script>x</script>",
            "date_published": "2024-05-13T10:00:00+02:00",
            "date_modified": "2024-05-13T12:00:00Z",
            "tags": ["weather"],
        },
        {"id": 2, "url": "/2", "summary": "Short.", "author": {"name": "John Roe"}},
        {"id": "3"},
    ],
}


def split(value: object, **kwargs: object) -> list[RawDocument | DeadLetter]:
    data = value if isinstance(value, bytes) else json.dumps(value, **kwargs).encode()
    file = FileInfo("/in/feed.json", len(data), None, NOW)
    return list(split_json_or_feed(file, io.BytesIO(data), 1 << 20))


def test_items_become_articles():
    storm, short, empty = split(FEED)
    article = parse_entry(storm, ParseOptions())
    assert (article.title, article.text) == ("Storm", "A storm hit.")
    assert article.url == "https://news.example/1"
    assert (article.source, article.feed) == ("Harbour", "https://news.example/feed.json")
    assert (article.authors, article.language) == (("Jane Doe",), "en")
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert article.modified_at == datetime(2024, 5, 13, 12, tzinfo=UTC)
    assert read_entry(storm.content).categories == ("weather",)
    article = parse_entry(short, ParseOptions())
    assert (article.text, article.flags, article.line) == ("Short.", ("no_title", "teaser"), 2)
    assert (article.url, article.authors) == ("https://news.example/2", ("John Roe",))
    with pytest.raises(Rejected, match="no_text"):
        parse_entry(empty, ParseOptions())


@pytest.mark.parametrize(
    "feed",
    [
        FEED | {"version": "https://jsonfeed.org/version/1"},
        FEED | {"version": "http://jsonfeed.org/version/1.0"},
        dict(reversed(FEED.items())),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_versions_and_encodings(feed, encoding):
    data = json.dumps(feed).replace("/", "\\/").encode(encoding)
    assert [document.media_type for document in split(data)] == [ENTRY_TYPE] * 3


def test_items_that_are_no_objects_are_dead_letters():
    entry, letter = split(FEED | {"items": ["x", FEED["items"][0]]})
    assert (entry.media_type, entry.line) == (ENTRY_TYPE, 2)
    assert (letter.reason, letter.line, letter.payload) == ("not_an_object", 1, b'"x"')


@pytest.mark.parametrize("feed", [{}, {"items": 5}, {"items": []}, {"authors": 5, "items": [{}]}])
def test_odd_feeds_are_read(feed):
    base = {"version": "https://jsonfeed.org/version/1.1", "items": []}
    for document in split(base | feed):
        assert document.media_type in (ENTRY_TYPE, RECORD_MEDIA_TYPE)


def test_half_a_surrogate_pair_is_mended():
    feed = FEED | {"items": [{"id": "1", "url": "https://e.example/\ud800", "title": "a\ud800"}]}
    (document,) = split(feed)
    assert parse_entry(document, ParseOptions()).title == "a?"


@pytest.mark.parametrize(
    "content",
    [
        b'[{"title": "T", "text": "see https://jsonfeed.org/version/1"}]',
        b'{"articles": [{"title": "T", "text": "x"}]}',
        b'{"title": "T", "text": "x"}',
    ],
)
def test_other_json_is_read_as_records(content):
    assert read_json_feed(content) is None
    assert [document.media_type for document in split(content)] == [RECORD_MEDIA_TYPE]


def test_broken_json_is_one_dead_letter():
    (letter,) = split(json.dumps(FEED).encode()[:300])
    assert letter.reason == "bad_json"


@pytest.mark.parametrize(
    "authors",
    [
        {"author": "John Roe"},
        {"authors": ["John Roe"]},
        {"authors": {"name": "John Roe"}},
        {"authors": [None, 3, {"name": None}, {"name": "John Roe"}]},
    ],
)
def test_authors_that_are_no_list_of_objects(authors):
    (item,) = split({**FEED, "items": [{"id": "1", "summary": "Short.", **authors}]})
    assert parse_entry(item, ParseOptions()).authors == ("John Roe",)


def test_what_is_looked_at_first_is_not_kept_while_items_are_read():
    """One of the largest size would stand beside all that comes: a model, or other documents."""
    item = {"title": "Hollen builds", "text": "a" * 2000}
    files = {
        "records": [item] * 2000,
        "scanned": [item] * 2000 + [float("nan"), {"title": "x" * (1 << 22)}],
        "feed": {"version": "https://jsonfeed.org/version/1.1", "items": [item] * 2000},
    }
    for kind, value in files.items():
        content = json.dumps(value, indent=0).encode()
        size = 1 << 21 if kind == "scanned" else len(content)
        stream = io.BytesIO(content)
        tracemalloc.start()
        try:
            documents = split_json_or_feed(FileInfo("/in/a.json", 0, None, NOW), stream, size)
            next(documents)
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 1.5 * size, kind
        documents.close()
