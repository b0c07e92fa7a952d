import json
from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import duckdb
import pytest
from builders import NOW, make_published, make_raw, runner

from transforms.errors import NewsbeamError
from transforms.records import Partition, dead_letter
from transforms.relate import RelateOutputs
from transforms.resolve import home_of
from transforms.write import WriteArticles, WriteDeadLetters, publish_dead_letters


def write(root, articles, removals=(), buckets=1):
    with beam.Pipeline(runner=runner()) as pipeline:
        outputs = RelateOutputs(
            pipeline | "articles" >> beam.Create(articles),
            pipeline | "amendments" >> beam.Create([]),
            pipeline | "removals" >> beam.Create(list(removals)),
            pipeline | "links" >> beam.Create([]),
        )
        _ = outputs | WriteArticles(str(root), buckets, "run")


def query(root, sql):
    return duckdb.sql(sql.format(f"read_parquet('{root}/date=*/*.parquet')")).fetchall()


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_rows_lie_in_the_partition_of_their_utc_day(tmp_path):
    write(tmp_path, [make_published(number) for number in (1, 2, 30)])
    assert files(tmp_path) == ["date=2026-10-01/part-00.parquet", "date=2026-10-02/part-00.parquet"]
    days = "select date::varchar, count(*) from {} group by 1 order by 1"
    assert query(tmp_path, days) == [("2026-10-01", 2), ("2026-10-02", 1)]


def test_writing_again_changes_no_byte(tmp_path):
    articles = [make_published(number) for number in range(10)]
    write(tmp_path, articles, buckets=3)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    write(tmp_path, articles[::-1], buckets=3)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_row_that_moves_leaves_none_behind(tmp_path):
    article = make_published(1)
    write(tmp_path, [article])
    moved = replace(article, published_at=datetime(2026, 10, 7, tzinfo=UTC))
    write(tmp_path, [moved], removals=[(home_of(article, 1), article.id)])
    assert files(tmp_path) == ["date=2026-10-07/part-00.parquet"]


def test_unreadable_file_in_the_output_is_named_and_kept(tmp_path):
    path = tmp_path / Partition("2026-10-01", 0).path
    path.parent.mkdir()
    path.write_bytes(b"not parquet")
    with pytest.raises(NewsbeamError, match=r"part-00\.parquet cannot be merged into"):
        write(tmp_path, [make_published(1)])
    assert path.read_bytes() == b"not parquet"


def letters(count):
    return [
        dead_letter(make_raw(f"line {n}".encode(), line=n), "parse", "bad_json", "no JSON")
        for n in range(count)
    ]


def test_dead_letters_keep_the_payload_and_are_listed_once(tmp_path):
    binary = dead_letter(make_raw(b"\xff\xfe"), "read", "corrupt", "not readable")
    with beam.Pipeline(runner=runner()) as pipeline:
        _ = (
            pipeline
            | beam.Create([*letters(2), binary])
            | WriteDeadLetters(str(tmp_path), "2026-10-05", "run")
        )
    [path] = (tmp_path / "_rejected" / "date=2026-10-05").iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((item["reason"], item.get("payload")) for item in lines if "payload" in item) == [
        ("bad_json", "line 0"),
        ("bad_json", "line 1"),
    ]
    assert [item["payload_base64"] for item in lines if item["step"] == "read"] == ["//4="]
    assert publish_dead_letters(str(tmp_path), "2026-10-06", "run 2", letters(2)) is None
    assert publish_dead_letters(str(tmp_path), "2026-10-06", "run 2", letters(3)) is not None
    everything = duckdb.sql(f"from read_json('{tmp_path}/_rejected/*/*.jsonl')").fetchall()
    assert len(everything) == 4


def test_dead_letter_of_a_cleaned_article_is_a_record_to_read_again():
    letter = dead_letter(make_published(1), "encode", "bad_vector", "not finite")
    record = json.loads(letter.payload)
    assert letter.fetched_at == NOW
    assert record["title"] == "Bridge 1"
    assert record["date"] == "2026-10-01T01:00:00+00:00"
