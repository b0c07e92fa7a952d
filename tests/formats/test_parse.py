"""Parsing in the graph: the right parser for each document, dead letters for the rest."""

from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.runners.portability import fn_api_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.compression import COMPRESSED_SUFFIXES
from transforms.errors import Rejected
from transforms.formats import SUFFIXES, ParseOptions
from transforms.parse import ParseArticles, file_stem, parse_document
from transforms.records import RECORD_MEDIA_TYPE, RawDocument

NOW = datetime(2024, 6, 1, tzinfo=UTC)
MODIFIED = datetime(2024, 5, 31, tzinfo=UTC)


def document(content=b'{"text": "One"}', media_type=RECORD_MEDIA_TYPE, uri="/in/a.jsonl", line=1):
    return RawDocument(uri, media_type, content, NOW, MODIFIED, line)


def test_parse_document_by_media_type():
    raw = document(b"Title\n\nText", "text/plain", "/in/a.txt", None)
    article = parse_document(raw, ParseOptions())
    assert (article.title, article.text, article.raw) == ("Title", "Text", raw)


def test_parse_document_of_an_unknown_type():
    with pytest.raises(Rejected, match="unknown_media_type"):
        parse_document(document(media_type="image/png"), ParseOptions())


@pytest.mark.parametrize(
    ("content", "uri", "expected"),
    [
        (b'{"text": "x", "date": "2024-05-13"}', "/in/a.jsonl", ("2024-05-13", "record", ())),
        (
            b'{"text": "x", "url": "https://n.example/2024/05/13/x"}',
            "/in/a.jsonl",
            ("2024-05-13", "path", ()),
        ),
        (b'{"text": "x"}', "/in/2024-05-13/a.jsonl", ("2024-05-13", "path", ())),
        (b'{"text": "x"}', "/in/a.jsonl", ("2024-05-31", "file", ())),
        (
            b'{"text": "x", "date": "soon"}',
            "/in/a.jsonl",
            ("2024-05-31", "file", ("date_unreadable",)),
        ),
        (
            b'{"text": "x", "date": "2034-01-01"}',
            "/in/a.jsonl",
            ("2024-05-31", "file", ("date_in_future",)),
        ),
        (
            b'{"text": "x", "date": "1970-01-01"}',
            "/in/a.jsonl",
            ("2024-05-31", "file", ("date_too_old",)),
        ),
    ],
)
def test_the_date_and_its_source(content, uri, expected):
    article = parse_document(document(content, uri=uri), ParseOptions())
    flags = tuple(flag for flag in article.flags if flag != "no_title")
    assert (str(article.published_at.date()), article.date_source, flags) == expected


def test_the_mapping_comes_before_the_usual_names():
    options = ParseOptions(fields={"text": ("meta.body",), "id": ("ref",)})
    content = b'{"text": "wrong", "meta": {"body": "right"}, "id": 1, "ref": 2}'
    article = parse_document(document(content), options)
    assert (article.text, article.source_id) == ("right", "2")


def test_the_id_of_a_file_is_its_name_whatever_reads_it():
    endings = {*SUFFIXES, *(e + packed for e in SUFFIXES for packed in COMPRESSED_SUFFIXES)}
    for ending in endings:
        assert file_stem(f"/in/a.b{ending}") == file_stem(f"/in/a.b{ending.upper()}") == "a.b"
    for name in ("a.epub", ".gz", ".html", "html", "a.html.txt.epub"):
        assert file_stem(f"/in/{name}") == name
    assert file_stem("/in/a.gz.html") == "a.gz"


@pytest.mark.parametrize(
    ("content", "uri", "line", "source_id"),
    [
        (b'{"text": "x"}', "/in/a.b.json", None, "a.b"),
        (b'{"id": 7, "text": "x"}', "/in/a.json", None, "7"),
        (b'{"text": "x"}', "/in/a.jsonl", 3, None),
        (b'{"text": "x"}', "kafka://news/3/1042", None, None),
        (b'{"text": "x"}', "https://a.example/news/", None, None),
    ],
)
def test_the_id_in_the_source(content, uri, line, source_id):
    article = parse_document(document(content, uri=uri, line=line), ParseOptions())
    assert article.source_id == source_id


def test_id_scope():
    one, other = document(b'{"id": 1, "text": "x"}'), document(b'{"id": 1, "text": "y"}', uri="/b")
    for scope, same in (("file", False), ("global", True)):
        options = ParseOptions(id_scope=scope)
        assert (parse_document(one, options).id == parse_document(other, options).id) is same


def test_parse_articles_in_a_pipeline():
    with beam.Pipeline(runner=fn_api_runner.FnApiRunner()) as pipeline:
        documents = pipeline | beam.Create([document(), document(b"{bad", line=2)])
        with ErrorHandler(beam.Map(lambda bad: (bad.step, bad.reason, bad.line))) as errors:
            parsed = (documents | ParseArticles(ParseOptions(), errors)).articles
        assert_that(parsed | beam.Map(lambda a: a.text), equal_to(["One"]), label="articles")
        assert_that(errors.output(), equal_to([("parse", "bad_json", 2)]), label="errors")
