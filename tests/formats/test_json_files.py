"""JSON files: the shapes of exports, and odd values that cost no others."""

import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from growth import assert_linear

from transforms.formats import FileInfo, ParseOptions, by_media_type, by_suffix
from transforms.formats.field_names import CONTAINERS
from transforms.formats.json_scan import scan_records
from transforms.formats.json_shapes import records_within
from transforms.records import DeadLetter

NOW = datetime(2024, 6, 1, tzinfo=UTC)
A, B = {"title": "A", "text": "One."}, {"title": "B", "text": "Two."}


def items(content, name="a.json", limit=10_000):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = FileInfo(f"/in/{name}", 0, None, NOW)
    return list(by_suffix(name).split(file, io.BytesIO(data), limit))


def records(content, **settings):
    """Return (line, record) of each document, or (line, reason)."""
    return [
        (item.line, item.reason if isinstance(item, DeadLetter) else json.loads(item.content))
        for item in items(content, **settings)
    ]


BOTH = [(1, A), (2, B)]


@pytest.mark.parametrize(
    "content",
    [
        [A, B],
        {"articles": [A, B], "totalResults": 2},
        {"status": "ok", "response": {"results": [A, B]}},
        {"id": "user/-/state/com.google/starred", "title": "Starred", "items": [A, B]},
        {"name": "Export", "posts": [A, B]},
        {"hits": {"total": {"value": 2}, "hits": [A, B]}},
        {"data": {"posts": {"edges": [A, B]}}},
        {"rss": {"channel": {"title": "News", "description": "All of it", "item": [A, B]}}},
        {"db": [{"meta": {}, "data": {"posts": [A, B]}}]},
        {"stories_of_may": [A, B]},
        [{"page": 1, "articles": [A]}, {"page": 2, "articles": [B]}],
        # pandas: by column, index, split, table; and an object of articles by their ids
        {"title": {"0": "A", "1": "B"}, "text": {"0": "One.", "1": "Two."}},
        {"0": A, "1": B},
        {"columns": ["title", "text"], "index": [0, 1], "data": [["A", "One."], ["B", "Two."]]},
        {"schema": {"fields": [], "primaryKey": ["index"]}, "data": [A, B]},
        [["title", "text"], ["A", "One."], ["B", "Two."]],
        {"ab12": A, "cd34": B},
        [[A], [B]],
        # phpMyAdmin, an extractor's page, a messenger's channel
        [{"type": "header", "comment": "Export"}, {"type": "database", "name": "cms"},
         {"type": "table", "name": "posts", "database": "cms", "data": [A, B]}],
        {"title": "Page", "url": "https://a.example/", "objects": [A, B], "request": {}},
        {"name": "Channel", "type": "public_channel", "messages": [A, B]},
    ],
)  # fmt: skip
def test_shapes(content):
    assert records(content) == BOTH


@pytest.mark.parametrize(
    "content",
    [
        A,
        {**A, "items": [B, B]},
        {**A, "related": [B]},
        {"title": "A", "text": "One.", "authors": [{"name": "Jane Doe"}]},
        {"_id": "1", "_source": A},
        {"headline": {"main": "A"}, "text": "One."},
    ],
)
def test_one_record(content):
    assert records(content) == [(None, content)]


def test_the_one_article_of_an_answer():
    assert records({"status": "ok", "response": {"content": A}}) == [(1, A)]


@pytest.mark.parametrize(
    "content",
    [
        b'{"title": "A", "text": "One."}\n{"title": "B", "text": "Two."}\n',
        b'\n\n{"title": "A", "text": "One."}\r\n{"title": "B", "text": "Two."}\r\n',
        b'\xef\xbb\xbf{"title": "A", "text": "One."}\n{"title": "B", "text": "Two."}',
        json.dumps(A).encode("utf-16") + ("\n" + json.dumps(B)).encode("utf-16-le"),
        # One after another, on several lines, or as a JSON text sequence
        json.dumps(A, indent=2).encode() + b"\n" + json.dumps(B, indent=2).encode(),
        b"\x1e" + json.dumps(A).encode() + b"\n\x1e" + json.dumps(B, indent=1).encode(),
        json.dumps(A).encode() + b", " + json.dumps(B).encode(),
    ],
)
def test_several_values_in_one_file(content):
    found = [record for _, record in records(content)]
    assert found == [A, B]


@pytest.mark.parametrize("limit", [10_000, 60])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("show(", ");"),
        ("/**/ typeof show === 'function' && show(", ");\n"),
        ("/* made today */\nnews.show (", ")"),
        ("var articles = ", ";"),
        ("window.YTD.posts.part0 =\n", ""),
        ('const a["b"]=', ";"),
        ("export default ", ";\n"),
        (")]}'\n", ""),
        ("for(;;);", ""),
    ],
)
def test_json_in_a_script(before, after, limit):
    content = f"{before}{json.dumps([A, B])}{after}".encode()
    assert records(content, limit=limit) == BOTH
    assert records(f"{before}{json.dumps({'articles': [A, B]})}{after}".encode()) == BOTH


BULK = b"""{"index": {"_index": "news", "_id": "a\\u00e9"}}
{"title": "A", "text": "One."}
{ "create" : { "_index" : "news", "_id" : 7 } }
{"title": "B", "text": "Two."}
{"delete": {"_id": "c"}}
{"update": {"_id": "d"}}
{"doc": {"title": "D", "text": "Four."}}
{"index": {}}
{"title": "E", "text": "Five."}
{"index": {"title": "F", "text": {"of": "it"}}}
"""


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_lines_for_the_bulk_interface_of_elasticsearch(name):
    assert records(BULK, name=name) == [
        (2, {"_id": "aé", "_source": A}),
        (4, {"_id": 7, "_source": B}),
        (7, {"_id": "d", "_source": {"doc": {"title": "D", "text": "Four."}}}),
        (9, {"title": "E", "text": "Five."}),
        (10, {"index": {"title": "F", "text": {"of": "it"}}}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"[\n{json.dumps(A)},\n{json.dumps(B)}\n]\n",
        f"[{json.dumps(A)},\n{json.dumps(B)}]",
        json.dumps([A, B], indent=2),
        f"\ufeff{json.dumps(A, indent=2)}\n{json.dumps(B, indent=2)}\n",
        json.dumps({"articles": [A, B]}, indent=1),
    ],
)
def test_what_is_no_json_lines_but_is_called_so(content):
    assert records(content.encode(), name="a.jsonl") == BOTH


def test_a_record_that_was_encoded_twice():
    (found,) = items(json.dumps(json.dumps(A)).encode(), name="a.jsonl")
    article = by_media_type(found.media_type).parse(found, ParseOptions())
    assert (article.title, article.text) == ("A", "One.")


LITERALS = {
    "MongoDB's shell": """{ "_id" : ObjectId("6641e1"), "title" : "It's (a)", "text" : "One.",
        "date" : ISODate("2024-05-13T22:30:00Z"), "n" : NumberLong(12), "re" : /x"\\//i, }""",
    "Python": """{'_id': '6641e1', 'title': "It's (a)", 'text': 'One.', 'n': Decimal('12'),
        'date': datetime.datetime(2024, 5, 14, 0, 30,
        tzinfo=datetime.timezone(datetime.timedelta(seconds=7200))), 'x': None,
        'y': (True, nan)}""",
    "JavaScript": r"""{_id: "6641e1", // the id
        title: 'It\'s (a)', text: "One.", date: new Date("2024-05-13T22:30:00Z"), x: undefined,
        /* no more */ y: [1, 2,],}""",
}


@pytest.mark.parametrize("one", LITERALS)
@pytest.mark.parametrize("several", ["[{0}, {0}]", "[{0}, {0},]", '{{"articles": [{0}, {0}]}}'])
def test_what_programs_print_for_json(one, several):
    _assert_two(items(several.format(LITERALS[one]).encode()))


@pytest.mark.parametrize("between", ["\n", "", "\n\n"])
@pytest.mark.parametrize("line_end", ["\n", " "])
def test_what_the_shell_of_mongodb_prints_one_behind_the_other(between, line_end):
    one = LITERALS["MongoDB's shell"].replace("\n", line_end)
    _assert_two(items(f"{one}{between}{one}".encode()))


def test_lines_of_python():
    one = LITERALS["Python"].replace("\n", " ")
    _assert_two(items(f"{one}\n{one}\n".encode()))
    _assert_two(items(f"{one}\n{one}\n".encode(), name="a.jsonl"))


def _assert_two(found):
    articles = [by_media_type(item.media_type).parse(item, ParseOptions()) for item in found]
    assert len(articles) == 2
    assert {(a.title, a.text, a.source_id, a.published_at.isoformat()) for a in articles} == {
        ("It's (a)", "One.", "6641e1", "2024-05-13T22:30:00+00:00")
    }


def test_lines_in_a_json_file_are_counted_as_lines():
    content = b'{"title": "A"}\n\n{bad\n{"title": "B"}\n'
    assert [(item.line, item.content) for item in items(content)] == [
        (1, b'{"title": "A"}'), (3, b"{bad"), (4, b'{"title": "B"}'),
    ]  # fmt: skip


ODD = {
    "NaN": b'{"title": "x", "score": NaN}',
    "a raw tab": b'{"title": "x\ty"}',
    "a raw line end": b'{"title": "x\ny"}',
    "a bracket in a string": b'{"title": "]}[{"}',
    "an escaped quote": rb'{"title": "x\"]"}',
    "half a surrogate pair": rb'{"title": "\ud800"}',
    "odd bytes": b'{"title": "\xff\xfe"}',
    "deep lists": b'{"title": "x", "a": ' + b"[" * 4000 + b"]" * 4000 + b"}",
    "deep objects": b'{"title": "x", "a": ' + b'{"a":' * 4000 + b"1" + b"}" * 4000 + b"}",
    "infinity": b'{"title": "x", "score": -Infinity}',
    "a long number": b'{"title": "x", "n": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("limit", [100_000, 30_000])
def test_an_odd_record_of_a_list_costs_no_other(name, limit):
    filler = json.dumps({"title": "A", "text": "x" * 5000}).encode()
    content = b"[" + b", ".join([filler] * 5 + [ODD[name]] + [filler] * 5) + b"]"
    assert (len(content) > limit) == (limit == 30_000)
    found = items(content, limit=limit)
    assert [item.line for item in found] == list(range(1, 12))
    assert not any(isinstance(item, DeadLetter) for item in found)
    assert all(json.loads(found[n].content)["text"] for n in (0, 4, 6, 10))


def test_what_is_no_json_in_a_list_is_a_record_that_parse_refuses():
    content = b'[{"title": "A"}, {"title": }, {"title" "x"}, {"title": "B"}]'
    found = items(content)
    assert [item.content for item in found] == [
        b'{"title": "A"}', b'{"title": }', b'{"title" "x"}', b'{"title": "B"}',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        (b'[{"title": "A"}, {"tit', [1, (2, "bad_json")]),
        (b'[{"title": "A"}, ', [1, (2, "bad_json")]),
        (b'{"articles": [{"title": "A"}, {"tit', [1, (2, "bad_json")]),
        (b'{"title": "A', [(None, "bad_json")]),
        (b"[" * 9000, [(1, "bad_json")]),
        (b'[{"title": "A"}]]]}', [1, (2, "bad_json")]),
        (b"not json", [(None, "bad_json")]),
        (b'{"title": "A"} and more', None),
        (b"  \n ", [(None, "empty_file")]),
    ],
)
def test_broken_files(content, outcomes):
    found = [
        (item.line, item.reason) if isinstance(item, DeadLetter) else item.line
        for item in items(content)
    ]
    assert found == outcomes if outcomes else found


def test_a_record_above_the_limit_costs_no_other():
    content = json.dumps([A, {"title": "x" * 20_000}, B]).encode()
    assert records(content) == [(1, A), (2, "too_large"), (3, B)]


def test_a_large_container_is_read_object_by_object():
    content = json.dumps({"meta": {"x": [1]}, "response": {"docs": [A] * 2000}, "z": 1}).encode()
    assert records(content) == [(n, A) for n in range(1, 2001)]


@pytest.mark.parametrize("depth", [900, 4000, 20_000])
@pytest.mark.parametrize("value", [b"[", b'{"a":', b'[{"a":'])
def test_depth_costs_neither_memory_nor_the_file(depth, value):
    end = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[value]
    content = b'[{"title": "A", "x": ' + value * depth + b"1" + end * depth + b'}, {"title": "B"}]'
    tracemalloc.start()
    try:
        found = items(content, limit=20 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [item.line for item in found] == [1, 2]
    assert peak < 300 * len(content) + 4_000_000


@pytest.mark.parametrize(
    "piece",
    [
        b"[",
        b"]",
        b'{"a":',
        b'"',
        b"\\",
        b'"\\',
        b"[1,",
        b'{"items":[',
        b", ",
        b"{}",
        b"1",
        b"(",
        b"[a(",
    ],
)
def test_scanning_takes_time_in_proportion(piece):
    def scan(data):
        return list(scan_records(io.BytesIO(data), CONTAINERS, 1 << 14))

    assert_linear(scan, lambda size: piece * (size // len(piece)), 16_000, 160_000)


def test_records_within_an_object_of_numbers_are_none():
    assert records_within({"a": 1}) is None
    assert records_within({"a": [1, 2]}) is None
    assert records_within({"items": []}) == []
    assert records_within(7) is None


@pytest.mark.parametrize("depth", [900, 4000])
def test_no_depth_makes_a_parser_raise(depth):
    content = b'{"title": "A", "text": ' + b"[" * depth + b'"x"' + b"]" * depth + b"}"
    (document,) = items(content, name="a.jsonl", limit=1 << 20)
    with pytest.raises(Exception, match=r"no_text|bad_json"):
        by_media_type(document.media_type).parse(document, ParseOptions())


def test_lists_in_a_record_are_no_records():
    record = {
        "uri": "tag:1", "headlines": [{"value": "A"}], "bodies": [{"value": "One."}],
        "subjects": [{"name": "Boats", "rel": "about"}], "people": [{"name": "Jane Doe"}],
    }  # fmt: skip
    assert records(record) == [(None, record)]
    assert records_within({"headline": {"main": "A"}, "tags": [{"name": "x"}]}) is None
