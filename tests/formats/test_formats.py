"""Formats: how files are split into documents, and documents parsed."""

import gzip
import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.errors import Rejected
from transforms.formats import FORMATS, FileInfo, ParseOptions, by_media_type, by_suffix
from transforms.formats.article import author_names
from transforms.formats.fields import find_fields
from transforms.formats.html.json_ld import load_lenient
from transforms.formats.html.markup import markup_to_text
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LIMIT = 10_000


def split(name, content, limit=LIMIT):
    stream = content if isinstance(content, io.IOBase) else io.BytesIO(content)
    file = FileInfo(f"/in/{name}", 0, None, NOW)
    return list(by_suffix(name).split(file, stream, limit))


def brief(items):
    return [
        (item.line, item.reason) if isinstance(item, DeadLetter) else (item.line, item.content)
        for item in items
    ]


def parse(content, media_type="text/html", uri="/in/a.html", line=None, **options):
    document = RawDocument(uri, media_type, content, NOW, line=line)
    return by_media_type(media_type).parse(document, ParseOptions(**options))


def test_registry():
    assert by_suffix("/in/A.JSONL").media_type == "application/jsonl"
    assert by_suffix("/in/a.doc") is None
    assert by_media_type("no/such") is None
    suffixes = [suffix for form in FORMATS for suffix in form.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"Hello", [(None, b"Hello")]),
        ("a.txt", b" \n", [(None, "empty_file")]),
        ("a.txt", b"x" * (LIMIT + 1), [(None, "too_large")]),
        ("a.jsonl", b'{"a":1}\n\n{bad\r\n', [(1, b'{"a":1}'), (3, b"{bad")]),
        ("a.jsonl", b'\xef\xbb\xbf{"a":1}', [(1, b'{"a":1}')]),
        (
            "a.jsonl",
            '{"a":"é\u2028"}\n{}'.encode("utf-16"),
            [(1, '{"a":"é\u2028"}'.encode()), (2, b"{}")],
        ),
        ("a.jsonl", b"x" * 25_000 + b"\n{}", [(1, "too_large"), (2, b"{}")]),
        ("a.jsonl", b"", [(None, "empty_file")]),
        ("a.json", b'{"title": "One"}', [(None, b'{"title": "One"}')]),
        ("a.json", b'[{"a": 1}, {"a": NaN}]', [(1, b'{"a": 1}'), (2, b'{"a": NaN}')]),
        ("a.json", b'{"items": [{"a": "\\ud800"}]}', [(1, b'{"a": "?"}')]),
        ("a.json", b'{"response": {"results": [{"a": 1}]}}', [(1, b'{"a": 1}')]),
        (
            "a.json",
            b'[{"a": 1}, {"a": 2}, {"a"',
            [(1, b'{"a": 1}'), (2, b'{"a": 2}'), (3, "bad_json")],
        ),
        ("a.json", b"[" * 9000, [(1, "bad_json")]),
        ("a.json", b'{"a": ', [(None, "bad_json")]),
        ("a.json", b'{"a": "' + b"x" * LIMIT, [(None, "too_large")]),
        ("a.csv", b"t,b\n1,2\n", [(2, b'{"t": "1", "b": "2"}')]),
        ("a.csv", b"t;b\n1;2,0\n", [(2, b'{"t": "1", "b": "2,0"}')]),
        ("a.tsv", b"t\tb\n1,0\t2\n", [(2, b'{"t": "1,0", "b": "2"}')]),
        ("a.csv", "t,b\né,2".encode("cp1252"), [(2, '{"t": "é", "b": "2"}'.encode())]),
        (
            "a.csv",
            b't,b\n1,"two\nlines"\n3,4',
            [(2, b'{"t": "1", "b": "two\\nlines"}'), (4, b'{"t": "3", "b": "4"}')],
        ),
        ("a.csv", b"t,b\n1\n3,4\n", [(2, "wrong_field_count"), (3, b'{"t": "3", "b": "4"}')]),
        ("a.csv", b't,b\n1,"open\n3,4\n', [(2, "bad_csv"), (3, b'{"t": "3", "b": "4"}')]),
        ("a.csv", b't,b\n1,"open\n3,"4"\n', [(2, "bad_csv"), (3, b'{"t": "3", "b": "4"}')]),
        ("a.csv", b"", [(None, "empty_file")]),
        ("a.parquet", b"PAR1 no", [(None, "bad_parquet")]),
    ],
)
def test_split(name, content, expected):
    assert brief(split(name, content)) == expected


def test_split_large_json_array_object_by_object():
    content = json.dumps([{"n": n} for n in range(2000)]).encode()
    assert len(content) > LIMIT
    items = split("a.json", content)
    assert [(i.line, json.loads(i.content)["n"]) for i in items] == [
        (n + 1, n) for n in range(2000)
    ]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_split_streams(name):
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            line = b'{"text": "again"}\n'
            data = (line * (len(buffer) // len(line) + 1))[: len(buffer) // len(line) * len(line)]
            buffer[: len(data)] = data
            return len(data)

    file = FileInfo(f"/in/{name}", 0, None, NOW)
    items = by_suffix(name).split(file, io.BufferedReader(Endless(), 1 << 16), LIMIT)
    assert [next(items).line for _ in range(5000)][-1] >= 5000


def test_csv_dead_letter_is_a_csv_file():
    (bad,) = split("a.csv", b"title,text\nOne,two,three\n")
    assert (bad.payload, bad.media_type) == (b"title,text\nOne,two,three\n", "text/csv")


def parquet_bytes(**options):
    rows = pa.table(
        {
            "id": [1, 2, 3],
            "date": pa.array([1_700_000_000_000_000_001] * 3, pa.timestamp("ns", "UTC")),
            "score": [1.5, float("nan"), None],
            "tags": [["a"], [], None],
        }
    )
    sink = io.BytesIO()
    pq.write_table(rows, sink, **options)
    return sink.getvalue()


def test_split_parquet():
    items = split("a.parquet", parquet_bytes())
    assert [item.line for item in items] == [1, 2, 3]
    assert json.loads(items[1].content) == {
        "id": 2,
        "date": "2023-11-14T22:13:20+00:00",
        "score": None,
        "tags": [],
    }


def test_split_parquet_with_a_broken_row_group():
    content = bytearray(parquet_bytes(row_group_size=1, compression="zstd", use_dictionary=False))
    start = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(1).column(0).data_page_offset
    content[start : start + 8] = b"\xff" * 8
    items = split("a.parquet", bytes(content))
    assert [(i.line, isinstance(i, DeadLetter)) for i in items] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_split_parquet_from_a_stream_without_seek():
    stream = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(parquet_bytes())))
    stream.seekable = lambda: False
    assert len(split("a.parquet", stream)) == 3


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        (b"Storm hits\n\nA storm hit.\n", "Storm hits", "A storm hit."),
        (b"\xef\xbb\xbfStorm hits\r\nA storm hit.", "Storm hits", "A storm hit."),
        (b"A storm hit.\nIt was large.", "", "A storm hit.\nIt was large."),
        (b"Only one line", "", "Only one line"),
        (b"x" * 300 + b"\n\nBody", "", "x" * 300 + "\n\nBody"),
        (b"It hit.\n13.05.2024\nBody", "It hit.", "13.05.2024\n\nBody"),
    ],
)
def test_parse_text(content, title, text):
    article = parse(content, "text/plain", "/in/storm.txt.gz")
    assert (article.title, article.text) == (title, text)
    assert article.raw.content == content


BELOW = [
    ("13 May 2024", "2024-05-13T00:00"),
    ("13.05.2024", "2024-05-13T00:00"),
    ("May 13, 2024, 05:13", "2024-05-13T05:13"),
    ("Norrby, 13 May 2024", "2024-05-13T00:00"),
    ("By Jane Doe, 13 May 2024", "2024-05-13T00:00"),
    ("By Jane Doe\n13 May 2024", "2024-05-13T00:00"),
]


@pytest.mark.parametrize(("below", "date"), BELOW)
@pytest.mark.parametrize("mark", ["", "# "])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_date_below_the_headline_is_the_article_s(mark, gap, below, date):
    content = f"{mark}Storm hits{gap}{below}{gap}A storm hit.\n\nIt was large."
    if mark and gap == "\n":  # in Markdown, lines without a gap are one paragraph
        content = content.replace("\nA storm", "\n\nA storm")
    kind = "text/markdown" if mark else "text/plain"
    article = parse(content.encode(), kind, "/in/2020-01-01/storm.txt")
    assert (article.published_at.isoformat()[:16], article.date_source) == (date, "page")


def test_dates_within_a_text_are_not_the_article_s():
    content = b"Storms\n\n13 May 2024\n\nOne hit.\n\n14 May 2024\n\nAnother hit."
    for text in (content, content[8:], b"13 May 2024\nOne hit.\nAnother hit."):
        assert parse(text, "text/plain", "/in/a.txt").date_source != "page"
    front = b"---\ndate: 2024-05-20\n---\n# Storm\n\n13 May 2024\n\nOne hit."
    assert parse(front, "text/markdown", "/in/a.md").published_at.day == 20


def test_parse_markdown():
    content = b"""---
title: "Storm: hits"
date: 2024-05-13 10:00 +0200
authors: [Jane Doe, John Roe]
url: https://news.example/storm?utm_source=x
---
# Storm

First *line*
with a [link](https://x.example).

- item
"""
    article = parse(content, "text/markdown", "/in/storm.md")
    assert article.title == "Storm: hits"
    assert article.text == "First line with a link.\n\nitem"
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert (article.date_source, article.authors) == ("page", ("Jane Doe", "John Roe"))
    assert article.url == "https://news.example/storm"


@pytest.mark.parametrize("matter", ["", "---\n: [broken\n---\n"])
def test_parse_markdown_without_front_matter(matter):
    article = parse(f"{matter}# Storm\n\nA & B hit.".encode(), "text/markdown", "/in/a.md")
    assert (article.title, article.text) == ("Storm", "A & B hit.")
    assert ("front_matter_unreadable" in article.flags) == bool(matter)


@pytest.mark.parametrize(
    ("line", "title", "is_readable"),
    [
        ("title: The mayor\x92s storm", "The mayor’s storm", True),
        ("title: Storm\x07 hits\ufffe", "Storm hits", True),
        ("title: Storm: it hits", "Storm: it hits", False),
        ("title: 'Storm\ntags: [a, b", "Storm", False),
        ("title: *storm", "*storm", False),
        (f"title: Storm\na: {'[' * 3000}", "Storm", False),
    ],
)
def test_no_field_of_an_odd_front_matter_is_lost(line, title, is_readable):
    content = f"---\n{line}\nauthor: Jane Doe\n---\nBody"
    article = parse(content.encode(), "text/markdown", "/in/a.md")
    assert (article.title, article.authors) == (title, ("Jane Doe",))
    assert ("front_matter_unreadable" not in article.flags) == is_readable


BODY = "".join(
    f"<p>{f'The storm hit coast {n} and many people left their homes. ' * 4}</p>" for n in range(4)
)
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Storm hits - The Daily</title>
<link rel="canonical" href="https://news.example/storm?utm_medium=x">
<meta property="og:title" content="Storm hits | The Daily">
<script type="application/ld+json">{{"@graph": [
 {{"@type": "Organization", "@id": "#org", "name": "The Daily"}},
 {{"@type": "Person", "@id": "#jane", "name": "Jane Doe"}},
 {{"@type": ["NewsArticle"], "headline": "Storm hits", "author": [{{"@id": "#jane"}}],
   "publisher": {{"@id": "#org"}}, "datePublished": "2024-05-13T10:00:00+02:00",
   "dateModified": "2024-05-14T10:00:00Z",}}]}}</script>
</head><body><nav>Home Sport</nav><article><h1>Storm hits</h1>{BODY}</article></body></html>"""


def test_parse_html():
    article = parse(PAGE.encode())
    assert (article.title, article.source, article.language) == ("Storm hits", "The Daily", "en")
    assert (article.authors, article.url) == (("Jane Doe",), "https://news.example/storm")
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert (article.date_source, article.modified_at) == (
        "page",
        datetime(2024, 5, 14, 10, tzinfo=UTC),
    )
    assert article.text.count("\n\nThe storm hit coast") >= 3
    assert "Sport" not in article.text


def test_parse_html_from_meta_tags_and_the_page():
    page = PAGE.replace("ld+json", "plain").replace("og:title", "x")
    tags = """<meta name="author" content="By John Roe">
<meta property="article:published_time" content="2024-05-13T10:00:00Z">"""
    page = page.replace("</head>", f"{tags}</head>")
    article = parse(page.encode())
    assert (article.title, article.authors) == ("Storm hits", ("John Roe",))
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "content", [b"<html><body></body></html>", b"<html>", b"\x00\x01", b"<!-- -->"]
)
def test_parse_html_without_text(content):
    with pytest.raises(Rejected, match=r"no_text|not_html"):
        parse(content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
        ('{"a": [1,],}', {"a": [1]}),
        ('{"a": "one\ntwo"};', {"a": "one\ntwo"}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
        ("{broken", None),
        (None, None),
    ],
)
def test_load_lenient(text, expected):
    assert load_lenient(text) == expected


@pytest.mark.parametrize(
    ("record", "field", "expected"),
    [
        ({"headline": "One"}, "title", "One"),
        ({"Article Title": "One"}, "title", "One"),
        ({"title": {"rendered": "<b>One</b>"}}, "title", "One"),
        ({"title": float("nan"), "headline": "One"}, "title", "One"),
        ({"text": "", "content": "Two"}, "text", "Two"),
        ({"body": "<p>One</p><p>Two &amp; three</p>"}, "text", "One\n\nTwo & three"),
        ({"paragraphs": ["One", "Two"]}, "text", "One\n\nTwo"),
        ({"_id": 7}, "source_id", "7"),
        ({"source": {"name": "The Daily"}}, "source", "The Daily"),
        ({"authors": [{"name": "Jane"}, "John"]}, "authors", ["Jane", "John"]),
        ({"byline": "By Jane"}, "authors", ["By Jane"]),
        ({"section": "Money"}, "section", "Money"),
        ({"meta": {"kopf": "One"}}, "title", "One"),
    ],
)
def test_find_fields(record, field, expected):
    assert getattr(find_fields(record, {"title": ("meta.kopf",)}), field) == expected


def test_parse_record():
    record = {
        "id": 7,
        "title": "One",
        "body": "Text \ud800",
        "pubDate": 1715594400,
        "lang": "en-US",
    }
    article = parse(json.dumps(record).encode(), RECORD_MEDIA_TYPE, "/in/a.jsonl", 3)
    assert (article.source_id, article.text, article.language) == ("7", "Text ?", "en")
    assert (article.date_source, article.line) == ("record", 3)
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{bad", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b"[1]", "not_an_object"),
        (b'{"title": "One"}', "no_text"),
        (b"\xff\xfe\x00", "bad_json"),
    ],
)
def test_parse_record_rejects(content, reason):
    with pytest.raises(Rejected) as rejected:
        parse(content, RECORD_MEDIA_TYPE, "/in/a.jsonl", 1)
    assert rejected.value.reason == reason


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["By Jane Doe and John Roe"], ("Jane Doe", "John Roe")),
        (["BYLINE: Jane Doe"], ("Jane Doe",)),
        (["jane@news.example (Jane Doe)"], ("Jane Doe",)),
        (["Jane Doe <jane@news.example>"], ("Jane Doe",)),
        (["jane@n.example (Jane Doe), john@n.example (John Roe)"], ("Jane Doe", "John Roe")),
        (["jane@news.example"], ()),
        (["By Jane Doe", "and", "John Roe"], ("Jane Doe", "John Roe")),
        (["Jane Doe, John Roe", "jane doe"], ("Jane Doe", "John Roe")),
        (["Doe, Jane"], ("Doe, Jane",)),
        (["Felix Schröder und Jörg Soldwisch, dpa"], ("Felix Schröder", "Jörg Soldwisch", "dpa")),
        (["https://social.example/jane", "jane@news.example", " "], ()),
        (["松岡大地"], ("松岡大地",)),
    ],
)
def test_author_names(names, expected):
    assert author_names(names) == expected


def test_a_half_surrogate_pair_never_reaches_the_text():
    page = PAGE.replace('"headline": "Storm hits"', '"headline": "Storm \\ud800"').replace(
        "og:title", "x"
    )
    page = page.replace("<title>Storm hits - The Daily</title>", "")
    assert parse(page.encode()).title == "Storm ?"
    matter = b'---\ntitle: "Storm \\ud800"\n---\nBody'
    assert parse(matter, "text/markdown", "/in/a.md").title == "Storm ?"


@pytest.mark.parametrize(
    "markup", ["<html/>x", "<p>x", "</div>x", "<html><head><title>t</title></head>x"]
)
def test_markup_to_text_of_odd_markup(markup):
    assert markup_to_text(markup) == "x"


def test_markup_to_text():
    markup = "<div>A<script>x</script><ul><li>b</li><li>c</li></ul>d<br>e</div>f<figure>g</figure>"
    assert markup_to_text(markup) == "A\n\nb\n\nc\n\nd\ne\n\nf"
