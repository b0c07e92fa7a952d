import io
from datetime import UTC, datetime

import pytest

from transforms.formats.base import FileInfo, ParseOptions
from transforms.formats.feeds.feed_article import parse_entry
from transforms.formats.xml_files import split_xml, syndication_documents
from transforms.records import DeadLetter, RawDocument

NOW = datetime(2024, 5, 14, tzinfo=UTC)
URL = "https://news.example/news-sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://news.example/storm</loc><lastmod>2024-05-13T12:00:00Z</lastmod>
<news:news><news:publication><news:name>Harbour</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2024-05-13T10:00:00+02:00</news:publication_date>
<news:title>Storm &amp; rain</news:title>
<news:keywords>weather, sea</news:keywords></news:news></url>
</urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc> https://news.example/a.xml </loc></sitemap>
<sitemap><loc>https://news.example/b.xml</loc></sitemap><sitemap/></sitemapindex>"""


def split(content: str, max_bytes: int = 1 << 20) -> list[RawDocument | DeadLetter]:
    file = FileInfo(URL, len(content), None, NOW)
    return list(split_xml(file, io.BytesIO(content.encode()), max_bytes))


def test_news_becomes_an_article_whose_text_is_its_title():
    (document,) = split(NEWS)
    article = parse_entry(document, ParseOptions())
    assert (article.title, article.text) == ("Storm & rain", "Storm & rain")
    assert article.flags == ("teaser",)
    assert (article.url, article.feed) == ("https://news.example/storm", URL)
    assert (article.source, article.language) == ("Harbour", "en")
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert article.modified_at == datetime(2024, 5, 13, 12, tzinfo=UTC)


def test_a_polled_sitemap_is_told_from_a_feed():
    file = FileInfo(URL, len(NEWS), None, NOW)
    assert [*syndication_documents(file, NEWS.encode(), {})] == split(NEWS)


def test_addresses_without_news_are_one_dead_letter():
    plain = "<url><loc>https://news.example/about</loc></url>"
    document, letter = split(NEWS.replace("</urlset>", plain * 3 + "</urlset>"))
    assert document.line == 1
    assert (letter.reason, letter.detail) == ("not_news", "3 of 4 addresses have no news data")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (INDEX, "feed_list"),
        ("<urlset", "not_a_feed"),
        ('<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + NEWS[39:], "unsafe_xml"),
    ],
)
def test_what_holds_no_articles_is_a_dead_letter(content, reason):
    (letter,) = split(content)
    assert letter.reason == reason


def test_a_truncated_sitemap_gives_what_it_has():
    assert [document.line for document in split(NEWS[:560])] == [1]


def test_a_sitemap_over_the_limit_is_a_dead_letter():
    (letter,) = split(NEWS, max_bytes=100)
    assert letter.reason == "too_large"
