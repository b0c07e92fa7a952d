"""IPTC ninjs: news objects of versions 1, 2 and 3."""

import contextlib
import io
import json
from datetime import UTC, datetime

import pytest
from builders import eval_data
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import Rejected
from transforms.formats import FileInfo, ParseOptions
from transforms.formats.json_records import parse_record, split_json
from transforms.formats.wire.ninjs import is_ninjs
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
BASE = {
    "uri": "urn:newsml:agency.example:1",
    "type": "text",
    "versioncreated": "2024-05-13T10:00:00Z",
}
DEEP = b'{"uri":"a","pubstatus":"usable","body_text":' + b"[" * 900 + b"]" * 900 + b"}"


def parse(record, uri="/in/a.json"):
    content = record if isinstance(record, bytes) else json.dumps(record).encode()
    return parse_record(RawDocument(uri, RECORD_MEDIA_TYPE, content, NOW), ParseOptions())


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (BASE, True),
        ({"guid": "urn:a", "type": "text", "firstcreated": "2024"}, True),
        ({"uri": "urn:a", "headlines": []}, True),
        ({"$standard": {"name": "ninjs"}}, True),
        ({"uri": "urn:a", "type": "text"}, False),
        ({"uri": "urn:a", "type": "Article", "versioncreated": "2024"}, False),
        ({"uri": "urn:a", "type": ["text"], "headline": "x"}, False),
        ({"uri": 7, "versioncreated": "2024"}, False),
        ({"url": "https://news.example/a", "headline": "x", "body_xhtml": "x"}, False),
        ([], False),
        (None, False),
    ],
)
def test_is_ninjs(record, expected):
    assert is_ninjs(record) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"body_text": "One.\n\nTwo < three."}, "One.\n\nTwo < three."),
        ({"body_text": "One. Two.", "body_xhtml": "<p>One.</p><p>Two.</p>"}, "One.\n\nTwo."),
        ({"body_text": "One.", "body_xhtml": ""}, "One."),
        ({"body_html": "<p>A<sup>2</sup><script>x()</script></p>"}, "A2"),
        ({"body_en_text": "One."}, "One."),
        ({"bodies": [{"contenttype": "text/plain", "value": "One."}]}, "One."),
        (
            {
                "bodies": [
                    {"contenttype": "text/plain", "value": "One. Two."},
                    {"contenttype": "application/nitf+xml", "value": "<p>One.</p><p>Two.</p>"},
                ]
            },
            "One.\n\nTwo.",
        ),
    ],
)
def test_body(fields, expected):
    article = parse({**BASE, **fields})
    assert article.text == expected
    assert article.flags == ("no_title",)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"description_text": "A bridge."}, "A bridge."),
        ({"description_xhtml": "<p>A <b>bridge</b>.</p>"}, "A bridge."),
        ({"description_creditline": "AP, a very long line", "description_caption": "A."}, "A."),
        (
            {
                "descriptions": [
                    {"role": "creditline", "value": "The Agency of Agencies"},
                    {"role": "shotlist", "value": "A river."},
                    {"role": "dopesheet", "value": "A bridge over it."},
                ]
            },
            "A bridge over it.",
        ),
    ],
)
def test_a_description_stands_in_for_the_body(fields, expected):
    article = parse({**BASE, "type": "picture", **fields})
    assert article.text == expected
    assert article.flags == ("description_only", "no_title")


def test_fields():
    article = parse(
        {
            **BASE,
            "headlines": [
                {"role": "sub", "value": "Sub"},
                {"role": "main", "value": "Bridge"},
            ],
            "body_text": "Text.",
            "byline": "By Jane Doe and John Roe",
            "infosources": [{"name": "The Agency"}],
            "language": "en-GB",
            "associations": [{"name": "picture", "headline": "No", "body_text": "Not mine."}],
        }
    )
    assert article.title == "Bridge"
    assert article.authors == ("Jane Doe", "John Roe")
    assert (article.source, article.language) == ("The Agency", "en")
    assert article.source_id == "urn:newsml:agency.example:1"
    assert article.text == "Text."


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({}, 13),
        ({"contentcreated": "2024-05-11T10:00:00Z"}, 11),
        ({"contentcreated": "2024-05-11T10:00:00Z", "type": "picture"}, 13),
        ({"firstcreated": "2024-05-12T10:00:00Z", "contentcreated": "2024-05-11T10:00:00Z"}, 12),
        ({"firstcreated": "2024-05-12T10:00:00Z", "embargoed": "2024-05-15T10:00:00Z"}, 15),
    ],
)
def test_dates(fields, day):
    article = parse({**BASE, "body_text": "Text.", **fields})
    assert article.published_at == datetime(2024, 5, day, 10, tzinfo=UTC)
    assert article.modified_at == datetime(2024, 5, 13, 10, tzinfo=UTC)
    assert article.date_source == "record"


def test_a_new_version_in_another_file_is_the_same_article():
    first = parse({**BASE, "body_text": "One."}, uri="/in/1.json")
    second = parse({**BASE, "body_text": "Two.", "version": "2"}, uri="/other/2.json")
    other = parse({**BASE, "uri": "urn:newsml:agency.example:2", "body_text": "One."})
    assert first.id == second.id != other.id


def test_the_address_of_an_interface_is_no_page():
    uri = "https://api.agency.example/v/content/7"
    article = parse({**BASE, "uri": f"{uri}?token=1", "body_text": "Text."})
    assert (article.url, article.source_id) == (None, uri)
    assert article.id == parse({**BASE, "uri": f"{uri}?token=2", "body_text": "Text."}).id


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"{", "bad_json"),
        (b"[]", "not_an_object"),
        (b"[" * 100_000, "bad_json"),
        (DEEP, "no_text"),
        (BASE, "no_text"),
        ({**BASE, "body_text": "Text.", "pubstatus": "canceled"}, "canceled"),
        ({**BASE, "body_text": "Text.", "pubstatus": "cancelled"}, "canceled"),
        ({**BASE, "body_text": "Text.", "pubstatus": "stat:withheld"}, "withheld"),
        ({**BASE, "body_text": "Text.", "embargoed": "2026-10-06T00:00:00Z"}, "embargoed"),
        ({**BASE, "body_text": "Text.", "type": "planning"}, "not_an_article"),
    ],
)  # fmt: skip
def test_rejected(record, reason):
    with pytest.raises(Rejected, match=reason):
        parse(record)


def test_another_object_is_read_like_any_record():
    assert parse({"id": 7, "title": "Bridge", "text": "Text."}).title == "Bridge"


def split(content):
    return list(split_json(FileInfo("/in/a.json", 0, None, NOW), io.BytesIO(content), 100_000))


def test_split():
    two = split(json.dumps([BASE, BASE]).encode())
    assert [(item.line, item.media_type) for item in two] == [
        (1, RECORD_MEDIA_TYPE),
        (2, RECORD_MEDIA_TYPE),
    ]
    (one,) = split(json.dumps(BASE).encode())
    assert (one.line, one.media_type) == (None, RECORD_MEDIA_TYPE)
    (bad,) = split(b'{"uri"')
    assert (bad.reason, bad.media_type) == ("bad_json", RECORD_MEDIA_TYPE)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("<p>x</p>"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "role", "contenttype"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
NAMES = (
    *("headline", "headlines", "body_text", "body_xhtml", "bodies", "descriptions", "byline", "by"),
    *("description_text", "infosources", "versioncreated", "embargoed", "pubstatus", "type", "uri"),
    *("language", "$standard"),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUE))
def test_odd_values_never_raise(fields):
    with contextlib.suppress(Rejected):
        parse({**BASE, **fields})


EXPECTED = {  # start of the title, length of the text, flags
    "1.4__businesswire-newsml-20130515006361.json": ("Dell Redefines", 500, ()),
    "1.4__businesswire-newsml-20130605006126.json": ("Cambrios被", 100, ()),
    "1.4__ninjs-1-4-examples.json": ("Test of three", 20, ("description_only",)),
    "1.4__ninjsExSimplePhoto1.json": ("Costa Concordia", 300, ("description_only",)),
    "1.4__ninjsExSimpleText1.json": ("Captain of wrecked", 900, ()),
    "2.1__ap_audio.json": ("Next up in impeachment", 70, ("description_only",)),
    "2.1__ap_video.json": ("House leaders", 200, ("description_only",)),
}


def test_real_objects():
    paths = sorted(eval_data("ninjs").iterdir())
    assert len(paths) == 14
    for path in paths:
        assert is_ninjs(json.loads(path.read_bytes())), path
        (item,) = split(path.read_bytes())
        assert not isinstance(item, DeadLetter)
        article = parse_record(item, ParseOptions())
        title, length, flags = EXPECTED.get(path.name, ("", 1, article.flags))
        assert article.title.startswith(title)
        assert len(article.text) >= length
        assert article.flags == flags
        assert article.date_source == "record"
        assert article.source_id
