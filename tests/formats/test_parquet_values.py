"""Parquet: odd types and values cost neither the row nor the file."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.formats import FileInfo, ParseOptions, by_media_type, by_suffix
from transforms.records import DeadLetter

NOW = datetime(2024, 6, 1, tzinfo=UTC)
EVENING = datetime(2024, 5, 13, 22, 30, tzinfo=UTC)


def documents(table, limit=1 << 20, **options):
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    buffer.seek(0)
    file = FileInfo("/in/a.parquet", 0, NOW, NOW)
    return list(by_suffix("a.parquet").split(file, buffer, limit))


def articles(columns, **options):
    table = pa.table({"title": ["A", "B"], "text": ["One.", "Two."], **columns})
    found = documents(table, **options)
    assert not any(isinstance(item, DeadLetter) for item in found)
    return [by_media_type(item.media_type).parse(item, ParseOptions()) for item in found]


FAR = 253_402_300_800_000_000  # 10000-01-01 in microseconds
NOT_UTF8 = pa.Array.from_buffers(
    pa.string(),
    2,
    [None, pa.py_buffer(b"\0\0\0\0\4\0\0\0\x08\0\0\0"), pa.py_buffer(b"caf\xe9Jane")],
)
EVENINGS = pa.array([EVENING, EVENING], pa.timestamp("us", "UTC"))

ODD = {
    "a date after 9999": pa.array([FAR, FAR], pa.timestamp("us")),
    "a date in milliseconds": pa.array([2**60, 0], pa.timestamp("ms")),
    "a date before 1": pa.array([-(2**62), 0], pa.timestamp("us")),
    "a day after 9999": pa.array([2_932_897, 0], pa.int32()).cast(pa.date32()),
    "a zone nobody knows": pa.array([0, 0], pa.timestamp("us", "Mars/Phobos")),
    "a huge duration": pa.array([2**62, 1], pa.duration("s")),
    "a list of durations": pa.array([[2**62], []], pa.list_(pa.duration("s"))),
    "text that is no UTF-8": NOT_UTF8,
    "a struct of it": pa.StructArray.from_arrays([NOT_UTF8], ["name"]),
    "a list of dates": pa.array([[FAR], [0]], pa.list_(pa.timestamp("us"))),
    "a map": pa.array([[("k", FAR)], []], pa.map_(pa.string(), pa.timestamp("us"))),
    "vectors": pa.array([[0.5, 1.0], [2.0, float("nan")]], pa.list_(pa.float32())),
    "fixed vectors": pa.array([[0.5, 1.0], [2.0, 3.0]], pa.list_(pa.float32(), 2)),
    "decimals": pa.array([Decimal("1.5"), None], pa.decimal128(10, 2)),
    "pictures": pa.array([b"\x89PNG\0\0" + bytes(range(256)) * 9, None], pa.binary()),
    "bytes": pa.array([b"\xff\xfe", b""], pa.binary()),
    "a dictionary": pa.array(["x", None]).dictionary_encode(),
    "nulls": pa.nulls(2),
    "views": pa.array(["x", "y"], pa.string_view()),
    "halves": pa.array([1.5, float("inf")], pa.float16()),
    "a time": pa.array([0, 86_399_999_999], pa.time64("us")),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", ["expires", "modified"])
def test_an_odd_column_costs_nothing_else(kind, name):
    found = articles({name: ODD[kind], "published_at": EVENINGS})
    assert [(a.title, a.text, a.published_at) for a in found] == [
        ("A", "One.", EVENING), ("B", "Two.", EVENING),
    ]  # fmt: skip
    assert all("field_unreadable" not in a.flags for a in found if name == "expires")


@pytest.mark.parametrize(
    ("column", "flagged"),
    [
        (pa.array([FAR, 1_715_639_400_000_000], pa.timestamp("us", "UTC")), True),
        (pa.array([2**60, 1_715_639_400_000], pa.timestamp("ms")), True),
        (pa.array([None, 1_715_639_400_000_000], pa.timestamp("us")), False),
        (pa.array([None, 1_715_639_400_000_000_000], pa.timestamp("ns", "Asia/Tokyo")), False),
        (pa.array([FAR, 1_715_639_400_000_000], pa.timestamp("us", "Mars/Phobos")), True),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_read_is_flagged_where_it_counts(column, flagged):
    bad, good = articles({"published_at": column})
    assert (bad.date_source, good.date_source) == ("file", "record")
    assert good.published_at == EVENING
    assert ("field_unreadable" in bad.flags) == flagged
    assert "field_unreadable" not in good.flags


def test_days_and_texts_of_other_types():
    first, _ = articles({
        "date": pa.array([date(2024, 5, 13)] * 2),
        "authors": pa.array([["Jane Doe", "John Roe"], []]),
        "source": pa.array([{"name": "The Post"}, None]),
        "url": pa.array(["https://news.example/a", None], pa.large_string()),
    })  # fmt: skip
    assert first.published_at == EVENING.replace(hour=0, minute=0)
    assert (first.authors, first.source) == (("Jane Doe", "John Roe"), "The Post")
    assert first.url == "https://news.example/a"


def test_a_text_that_is_no_utf8_is_read_and_flagged():
    table = pa.table({"title": ["A", "B"], "text": NOT_UTF8})
    first, second = documents(table)
    assert json.loads(first.content)["text"] in {"café", "caf\ufffd"}
    assert json.loads(second.content)["text"] == "Jane"


def test_the_end_of_time_of_spark_is_no_other_day():
    column = pa.array([FAR - 1, 1_715_639_400_000_000], pa.timestamp("us"))
    table = pa.table({"title": ["A", "B"], "text": ["One.", "Two."], "date": column})
    first, second = documents(table, use_deprecated_int96_timestamps=True)
    assert json.loads(first.content)["date"] == "9999-12-31T23:59:59.999999"
    assert json.loads(second.content)["date"] == "2024-05-13T22:30:00"


def test_two_columns_of_one_name():
    table = pa.Table.from_arrays(
        [pa.array(["", "B"]), pa.array(["A", "x"]), pa.array(["One.", "Two."])],
        names=["title", "title", "text"],
    )
    assert [json.loads(d.content)["title"] for d in documents(table)] == ["A", "B"]


def test_pandas_metadata_and_an_index_change_nothing():
    table = pa.table({"title": ["A"], "text": ["One."], "__index_level_0__": [7]})
    (document,) = documents(table.replace_schema_metadata({"pandas": "{}"}))
    assert json.loads(document.content)["title"] == "A"


def test_what_is_not_needed_is_not_converted():
    table = pa.table({
        "title": ["A"], "text": ["One."], "vector": [[0.5] * 4], "left": [timedelta(days=1)],
    })  # fmt: skip
    (document,) = documents(table)
    assert set(json.loads(document.content)) == {"title", "text"}
