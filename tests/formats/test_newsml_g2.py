"""NewsML-G2: items, messages, and what is no article."""

import base64
import contextlib
import io
from datetime import UTC, datetime

import pytest
from builders import eval_data
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import Rejected
from transforms.formats import FileInfo, ParseOptions
from transforms.formats.wire.newsml_g2 import MEDIA_TYPE, parse_item, split_newsml
from transforms.records import DeadLetter, RawDocument

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
NAR = "http://iptc.org/std/nar/2006-10-01/"
TEXT = '<inlineData contenttype="text/plain">One.\n\nTwo.</inlineData>'
META = '<pubStatus qcode="stat:usable"/><versionCreated>2024-05-13T10:00:00Z</versionCreated>'


def item(content=TEXT, *, meta=META, about="<headline>Bridge</headline>", guid="urn:agency:1"):
    return (
        f'<newsItem xmlns="{NAR}" guid="{guid}" xml:lang="en-GB"><itemMeta>{meta}</itemMeta>'
        f"<contentMeta>{about}</contentMeta><contentSet>{content}</contentSet></newsItem>"
    )


def message(*items):
    return f'<newsMessage xmlns="{NAR}"><header/><itemSet>{"".join(items)}</itemSet></newsMessage>'


def split(content, limit=100_000):
    content = content if isinstance(content, bytes) else content.encode()
    return list(split_newsml(FileInfo("/in/a.xml", 0, None, NOW), io.BytesIO(content), limit))


def outcome(items):
    return [(i.line, i.reason if isinstance(i, DeadLetter) else "item") for i in items]


def parse(content, uri="/in/a.xml"):
    content = content if isinstance(content, bytes) else content.encode()
    return parse_item(RawDocument(uri, MEDIA_TYPE, content, NOW), ParseOptions())


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
PREFIXED = f'<g:newsMessage xmlns:g="{NAR}"><g:itemSet><g:newsItem/></g:itemSet></g:newsMessage>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [(None, "empty_file")]),
        ("x" * 100_001, [(None, "too_large")]),
        ("no xml", [(None, "bad_xml")]),
        ("<Encoding:/>", [(None, "not_an_article")]),
        (item(), [(None, "item")]),
        (item().encode("utf-16"), [(None, "item")]),
        (f'<conceptItem xmlns="{NAR}"/>', [(None, "not_an_article")]),
        ("<planningItem/>", [(None, "not_an_article")]),
        (message("<packageItem/>", item()), [(1, "not_an_article"), (2, "item")]),
        (message(item(), item())[:-200], [(1, "item"), (None, "bad_xml")]),
        (message(), [(None, "not_an_article")]),
        (PREFIXED, [(1, "item")]),
        (BOMB + item("&b;"), [(None, "unsafe_xml")]),
        (EXTERNAL + item("&a;"), [(None, "unsafe_xml")]),
        ("<!DOCTYPE newsItem>" + item(), [(None, "item")]),
    ],
)  # fmt: skip
def test_split(content, expected):
    assert outcome(split(content)) == expected


def test_an_item_of_a_message_stands_alone():
    for document in split(message(item(), item())):
        article = parse_item(document, ParseOptions())
        assert (article.title, article.text) == ("Bridge", "One.\n\nTwo.")
        assert article.raw == document


NITF = (
    '<inlineXML contenttype="application/nitf+xml"><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">'
    "<body><body.head><hedline><hl1>Other</hl1></hedline>"
    "<byline>By Jane Doe and John Roe, <byttl>Reporters</byttl></byline></body.head>"
    "<body.content><block><p>One <em>big</em>\n bridge.</p><hl2>Then</hl2>"
    "<media><caption>No</caption></media><p>Two.</p></block></body.content>"
    "<body.end><tagline>No</tagline></body.end></body></nitf></inlineXML>"
)
XHTML = (
    '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title>No</title></head><body><h1>Bridge</h1><p>One.</p><script>no()</script><p>Two.</p></body>"
    "</html></inlineXML>"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT, "One.\n\nTwo."),
        (NITF, "One big bridge.\n\nThen\n\nTwo."),
        (XHTML, "One.\n\nTwo."),
        ('<inlineXML><div xmlns="urn:x"><p>One.</p></div></inlineXML>', "One."),
        ('<inlineData contenttype="text/html"><![CDATA[<p>1</p><p>2</p>]]></inlineData>', "1\n\n2"),
        ('<inlineData contenttype="text/plain"><![CDATA[1 < 2 <b>]]></inlineData>', "1 < 2 <b>"),
        (
            f'<inlineData contenttype="text/plain" encoding="encd:b64">'
            f"{base64.b64encode('Grüße.'.encode()).decode()}</inlineData>",
            "Grüße.",
        ),
        (TEXT + XHTML.replace("One.", "Three."), "One.\n\nTwo.\n\nBridge\n\nThree.\n\nTwo."),
    ],
)  # fmt: skip
def test_text(content, expected):
    article = parse(item(content))
    assert article.text == expected
    assert article.flags == ()


def test_fields():
    meta = (
        f'{META}<itemClass qcode="ninat:text"/><provider><name>The Agency</name></provider>'
        "<firstCreated>2024-05-12T10:00:00+02:00</firstCreated>"
    )
    about = (
        "<contentCreated>2024-05-11T10:00:00Z</contentCreated><language tag='de'/>"
        "<headline>\n A  bridge </headline><creator><name>Norrby Desk</name></creator>"
    )
    article = parse(item(NITF, meta=meta, about=about))
    assert article.title == "A bridge"
    assert article.authors == ("Jane Doe", "John Roe")
    assert (article.source, article.language) == ("The Agency", "de")
    assert (article.source_id, article.url) == ("urn:agency:1", None)
    assert article.published_at == datetime(2024, 5, 12, 8, tzinfo=UTC)
    assert article.modified_at == datetime(2024, 5, 13, 10, tzinfo=UTC)
    article = parse(
        item(TEXT, about="<creator><name>Norrby Desk</name></creator>", guid="https://a.example/1")
    )
    assert article.authors == ("Norrby Desk",)
    assert article.url == "https://a.example/1"


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ('<provider uri="https://www.agency.example/about"/>', "www.agency.example"),
        ('<provider qcode="nprov:AG"/>', "AG"),
        ("", None),
    ],
)
def test_source(provider, expected):
    assert parse(item(meta=META + provider)).source == expected


def test_a_caption_stands_in_for_the_text():
    about = (
        '<description role="drol:shotlist">00:01 river, 00:02 bridge, and so on</description>'
        '<description role="drol:caption">A bridge.<br/>A river.</description>'
    )
    article = parse(item("<remoteContent/>", about=about))
    assert article.text == "A bridge.\nA river."
    assert article.flags == ("description_only", "no_title")


def test_named_characters_are_read_also_in_a_message():
    about = "<headline>Caf&eacute; &ndash; Th&eacute;</headline><by>Ren&eacute;e O&apos;Hara</by>"
    content = message(item(about=about), item(about="<headline>&nosuch;</headline>"))
    for head in ("", '<!DOCTYPE newsMessage SYSTEM "agency.dtd">'):
        first, second = [parse_item(found, ParseOptions()) for found in split(head + content)]
        assert (first.title, first.authors) == ("Café – Thé", ("Renée O'Hara",))
        assert second.title == "&nosuch;"


def test_a_new_version_in_another_file_is_the_same_article():
    assert parse(item(), "/in/1.xml").id == parse(item(NITF), "/other/2.xml").id
    assert parse(item()).id != parse(item(guid="urn:agency:2")).id


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "bad_xml"),
        (item()[:-9], "bad_xml"),
        (BOMB + item(), "unsafe_xml"),
        ("<conceptItem/>", "not_an_article"),
        ("<newsItem/>", "no_text"),
        (item("<remoteContent href='a.jpg'/>"), "no_text"),
        (item("<inlineXML><!-- text --></inlineXML>"), "no_text"),
        (item('<inlineData contenttype="image/png">abcd</inlineData>'), "no_text"),
        (item('<inlineData contenttype="text/plain" encoding="b64">x</inlineData>'), "no_text"),
        (item(meta='<pubStatus qcode="stat:canceled"/>'), "canceled"),
        (item(meta='<pubStatus uri="http://cv.example/pubstatusg2/withheld"/>'), "withheld"),
        (item(meta="<embargoed>2026-10-06T00:00:00Z</embargoed>"), "embargoed"),
        (item(meta="<embargoed/>"), "embargoed"),
    ],
)  # fmt: skip
def test_rejected(content, reason):
    with pytest.raises(Rejected, match=reason):
        parse(content)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damage_never_raises(data):
    content = bytearray(message(item(NITF), item(XHTML)).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    for found in split(bytes(content)):
        if isinstance(found, RawDocument):
            with contextlib.suppress(Rejected):
                parse_item(found, ParseOptions())


EXPECTED = {  # by number of the listing: title, text and flags; or reasons
    "2_NewsML-G2": ("Fed to halt QE", "(New York, NY - October 21)", ()),
    "22_Sports": ("Preview: Arizona", "(Sports Network) - A pair", ()),
    "26_Embedded": ("A firefighter walks", "A firefighter in a", ("description_only",)),
    "27_Company": ("Acme Widgets", "Acme Widgets (XTSE:AWG)", ("description_only",)),
    "3A_Photo": ("Variety Of", "A general view", ("description_only",)),
    "5_Multi": ("Loriot retro", "Yesterday evening", ("description_only",)),
    "11_Person": ["not_an_article"],
    "13_Complete": ["not_an_article"],
    "15_Two": ["not_an_article"],
    "19_Planning": ["not_an_article"],
    "24_News": ["not_an_article", "no_text", "no_text", "no_text", "no_text"],
    "29_Hop": ["no_text"],
}


def test_real_listings():
    paths = sorted(eval_data("newsml-g2").glob("*.xml"))
    assert paths
    for path in paths:
        outcomes = [attempt(found) for found in split(path.read_bytes())]
        assert outcomes
        name = path.name.removeprefix("LISTING_")
        expected = next((EXPECTED[key] for key in EXPECTED if name.startswith(key)), None)
        if isinstance(expected, list):
            assert outcomes == expected
        elif expected:
            (article,) = outcomes
            assert article.title.startswith(expected[0])
            assert article.text.startswith(expected[1])
            assert article.flags == expected[2]
            assert article.date_source == "record"


def attempt(found):
    if isinstance(found, DeadLetter):
        return found.reason
    try:
        return parse_item(found, ParseOptions())
    except Rejected as rejected:
        return rejected.reason
