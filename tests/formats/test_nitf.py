"""NITF files."""

from datetime import UTC, datetime

import pytest

from transforms.errors import Rejected
from transforms.formats import ParseOptions
from transforms.formats.wire.nitf import MEDIA_TYPE, parse_nitf
from transforms.records import RawDocument

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
STORY = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd">
<nitf xml:lang="en"><head><title>Other</title><docdata management-status="usable">
<doc-id id-string="AG-7"/><date.issue norm="20240513T100000Z"/><doc.copyright holder="The Agency"/>
</docdata><pubdata position.section="Town"/></head>
<body><body.head><hedline><hl1>A bridge</hl1></hedline>
<byline>By <person>Jane Doe</person> <byttl>Staff</byttl></byline></body.head>
<body.content><p>Gr\xfc\xdfe.</p><p>Two.</p></body.content></body></nitf>"""


def parse(content):
    document = RawDocument("/in/a.nitf", MEDIA_TYPE, content.encode("latin-1"), NOW)
    return parse_nitf(document, ParseOptions())


def test_parse():
    article = parse(STORY)
    assert (article.title, article.text) == ("A bridge", "Grüße.\n\nTwo.")
    assert (article.authors, article.section) == (("Jane Doe",), "Town")
    assert (article.source, article.source_id, article.language) == ("The Agency", "AG-7", "en")
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)


DTD = '<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd">'
NAMED = STORY.replace("A bridge", "Caf&eacute; &amp; T&ouml;chter").replace("Jane", "Ren&eacute;e")


@pytest.mark.parametrize(
    "doctype",
    [
        DTD,
        "",
        '<!DOCTYPE nitf [<!ENTITY eacute "&#233;"><!ENTITY ouml "\xf6">]>',
        DTD.replace(">", ' [<!ENTITY copy "&#169;">]>'),
    ],
)
def test_named_characters_are_read_with_and_without_their_declaration(doctype):
    article = parse(NAMED.replace(DTD, doctype))
    assert (article.title, article.authors) == ("Café & Töchter", ("Renée Doe",))
    assert parse(NAMED.replace("Two.", "&frac12; &agency; &lt;b&gt;")).text.endswith(
        "½ &agency; <b>"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (STORY[:-9], "bad_xml"),
        ("<rss/>", "not_an_article"),
        ("<nitf/>", "no_text"),
        (STORY.replace("usable", "canceled"), "canceled"),
        (STORY.replace("<doc-id", '<date.release norm="20261006"/><doc-id'), "embargoed"),
        (STORY.replace('"nitf-3-6.dtd"', '"nitf-3-6.dtd" [<!ENTITY a SYSTEM "a">]'), "unsafe_xml"),
    ],
)  # fmt: skip
def test_rejected(content, reason):
    with pytest.raises(Rejected, match=reason):
        parse(content)
