import io
from datetime import UTC, datetime

import pytest

from transforms.errors import ConfigError
from transforms.formats.base import FileInfo
from transforms.formats.feeds.opml import FeedAddress, feed_urls
from transforms.formats.xml_files import split_xml

OPML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="2.0"><head><title>My feeds</title></head><body>
<outline text="News" title="News">
  <outline text="Café" type="rss" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"/>
  <outline text="World"><outline title="B" text="b" xmlUrl=" https://b.example/atom "/></outline>
</outline>
<outline text="A again" xmlurl="https://a.example/rss"/>
<outline text="Old" xmlURL="https://c.example/rdf"/>
<outline text="No feed" type="link" url="https://d.example/"/>
</body></opml>"""


def test_feed_urls():
    assert feed_urls(OPML.encode("iso-8859-1")) == [
        FeedAddress("https://a.example/rss", "Café", ("News",)),
        FeedAddress("https://b.example/atom", "B", ("News", "World")),
        FeedAddress("https://c.example/rdf", "Old", ()),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_encodings(encoding):
    content = OPML.replace("ISO-8859-1", encoding).encode(encoding)
    assert feed_urls(content)[0].title == "Café"


def test_named_characters_are_read():
    outline = b'<outline text="Caf&eacute;" xmlUrl="https://a.example/?a=1&amp;b=2"/>'
    content = b"<opml><body>" + outline + b"</body></opml>"
    assert feed_urls(content) == [FeedAddress("https://a.example/?a=1&b=2", "Café", ())]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no OPML"),
        (b"<rss/>", "no OPML"),
        (b"plain", "no OPML"),
        (
            b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml/>',
            "entity 'a' is declared",
        ),
    ],
)
def test_what_is_no_opml_is_an_error(content, message):
    with pytest.raises(ConfigError, match=message):
        feed_urls(content)


def test_a_truncated_list_gives_what_it_has():
    assert len(feed_urls(OPML[:300].encode("iso-8859-1"))) == 1


def test_as_input_it_is_a_dead_letter():
    file = FileInfo("/in/feeds.opml", 0, None, datetime.now(UTC))
    (letter,) = split_xml(file, io.BytesIO(OPML.encode("iso-8859-1")), 1 << 20)
    assert letter.reason == "feed_list"
    assert letter.detail == "a list of 3 feeds; give it as feeds, not as input"
