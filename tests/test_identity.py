"""Identity: what is the same article, and what must never be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.identity import article_id, canonical_url, names_an_article


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example:80", "http://news.example/"),
        ("https://user:secret@news.example:8443/a", "https://news.example:8443/a"),
        (
            "https://news.example/a?utm_source=x&b=2&a=1&fbclid=3#top",
            "https://news.example/a?a=1&b=2",
        ),
        ("https://news.example/a?1234", "https://news.example/a?1234"),
        ("https://news.example/a?cid=1&p=", "https://news.example/a?cid=1&p="),
        ("https://news.example/a//b;v=1,2/(c)@d+e", "https://news.example/a//b;v=1,2/(c)@d+e"),
        (
            "https://web.example/2020/https://a.example/b",
            "https://web.example/2020/https://a.example/b",
        ),
        ("https://news.example/ä b%20c", "https://news.example/%C3%A4%20b%20c"),
        ("ftp://news.example/a", None),
        ("/a/b", None),
        ("https://", None),
        ("https://[bad/a", None),
        ("https://news.example:99999/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_canonical_url(url, expected):
    assert canonical_url(url) == expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_canonical_url_is_idempotent_and_never_fails(path, query):
    once = canonical_url(f"https://news.example/{path}?{query}")
    assert once is None or canonical_url(once) == once


def test_names_an_article():
    assert names_an_article("https://news.example/a")
    assert not names_an_article("https://news.example/")


def an_id(**changes):
    return article_id(**({"uri": "/in/a.jsonl", "whole_file": False, "id_scope": "file"} | changes))


def test_article_id_is_stable():
    assert an_id(source_id="7") == "799450ca5d9569790beeea5e5daf9c7f"
    assert len(an_id()) == 32


def test_the_same_article():
    url = "https://news.example/a"
    assert an_id(url=url) == an_id(url=url.replace("https", "http"), uri="/other", source_id="8")
    scoped = {"source_id": "7", "id_scope": "folder"}
    assert an_id(**scoped) == an_id(**scoped, uri="/in/b.jsonl")
    everywhere = {"source_id": "7", "id_scope": "global"}
    assert an_id(**everywhere) == an_id(**everywhere, uri="/elsewhere/b.jsonl")
    assert an_id(title="t", text="x") == an_id(title="t", text="x", uri="/in/b.jsonl")
    assert an_id(whole_file=True, text="x") == an_id(whole_file=True, text="edited")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"source_id": "7"}, {"source_id": "8"}),
        ({"source_id": "7"}, {"source_id": "7", "uri": "/in/b.jsonl"}),
        (
            {"source_id": "7", "id_scope": "global", "source": "A"},
            {"source_id": "7", "id_scope": "global", "source": "B"},
        ),
        (
            {"whole_file": True, "uri": "/x/a.txt"},
            {"whole_file": True, "uri": "/y/a.txt"},
        ),
        (
            {"url": "https://news.example/", "source_id": "7"},
            {"url": "https://news.example/", "source_id": "8"},
        ),
        ({"title": "t", "text": "x"}, {"title": "t", "text": "y"}),
    ],
)
def test_different_articles(one, other):
    assert an_id(**one) != an_id(**other)
