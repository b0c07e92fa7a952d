"""The feeds that pages name."""

import pytest

from transforms.formats.feeds.discovery import feed_links, is_page

PAGE = "https://news.example/de/"


def link(href, kind="application/rss+xml", rel="alternate", title=""):
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (link("/rss"), ["https://news.example/rss"]),
        (link("rss"), ["https://news.example/de/rss"]),
        (link("//feeds.example/a"), ["https://feeds.example/a"]),
        ('<base href="https://cdn.example/x/">' + link("rss"), ["https://cdn.example/x/rss"]),
        (link("/a", "application/atom+xml; charset=utf-8"), ["https://news.example/a"]),
        (link("/a", "application/feed+json"), ["https://news.example/a"]),
        (link("/a", "TEXT/RSS+XML", "Alternate  Home"), ["https://news.example/a"]),
        (
            link("/a") + link("/a") + link("/b"),
            ["https://news.example/a", "https://news.example/b"],
        ),
        (
            link("/comments/feed/") + link("/feed/"),
            ["https://news.example/feed/", "https://news.example/comments/feed/"],
        ),
        (link("/wp-json", "application/json") + link("/o", "application/json+oembed"), []),
        (link("/a", rel="stylesheet"), []),
        (link("/en/", "text/html"), []),
        (link("javascript:x()") + link("ftp://a/b") + link("http://["), []),
        (link(PAGE), []),
        ("", []),
        ("no markup \0 at all", []),
    ],
)
def test_feed_links(markup, expected):
    content = f"<html><head>{markup}</head><body>News</body></html>".encode()
    assert [feed.url for feed in feed_links(content, PAGE)] == expected


def test_titles_and_empty_pages():
    [feed] = feed_links(f"<html>{link('/a', title='Caf&eacute; ')}".encode(), PAGE)
    assert feed.title == "Café"
    assert feed_links(b"", PAGE) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\n<HTML lang=de>", True),
        (b"<?xml version='1.0'?><rss>", False),
        (b"{}", False),
        (b"", False),
    ],
)
def test_is_page(content, expected):
    assert is_page(content) is expected
