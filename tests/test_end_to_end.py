"""The seeds through the whole command, as docs/seeds.md and docs/schema.md promise."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from transforms.output.schema import SCHEMA

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

OFFLINE = """
import socket

def refuse(*arguments, **keywords):
    raise AssertionError(f"a network connection was tried: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
socket.create_connection = refuse
from pipeline.cli import main

main()
"""


def documented():
    """Return the rows of docs/seeds.md: file -> [in, written, unchanged, duplicate, rejected]."""
    row = re.compile(r"^\| `([^`]+)` \|" + r" (\d+) \|" * 5, re.MULTILINE)
    text = (ROOT / "docs" / "seeds.md").read_text("utf-8")
    return {name: [int(count) for count in counts] for name, *counts in row.findall(text)}


def sql(output, select):
    source = f"read_parquet('{output}/date=*/*.parquet', hive_partitioning = true)"
    return duckdb.sql(select.format(source)).fetchall()


def snapshot(output):
    return {path: path.read_bytes() for path in output.rglob("*.parquet")}


def dead_letters(output):
    return [
        json.loads(line)
        for path in output.glob("_rejected/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]


def test_balance_is_the_documented_one(seeds_run):
    _, manifest = seeds_run
    totals = [sum(column) for column in zip(*documented().values(), strict=True)]
    assert list(manifest["balance"].values()) == totals
    assert manifest["status"] == "done"


def test_every_file_gives_the_documented_rows_and_rejections(seeds_run):
    output, _ = seeds_run
    expected = documented()
    rows = dict(sql(output, "select uri, count(*) from {} group by 1"))
    letters = [letter["uri"] for letter in dead_letters(output)]
    for name, (_, written, _, _, rejected) in expected.items():
        uri = str(SEEDS / name)
        assert (rows.get(uri, 0), letters.count(uri)) == (written, rejected), name


def test_written_and_rejected_parts_of_the_output_match_the_manifest(seeds_run):
    output, manifest = seeds_run
    assert sql(output, "select count(*) from {}") == [(manifest["balance"]["written"],)]
    counted = {}
    for letter in dead_letters(output):
        key = f"{letter['step']}.{letter['reason']}"
        counted[key] = counted.get(key, 0) + 1
    assert counted == manifest["rejected"]
    files = sorted(str(path.relative_to(output)) for path in output.glob("date=*/*"))
    assert files == sorted(manifest["files"])
    vectors = manifest["models"]["vectors"]
    assert vectors["sha256"].startswith("53aa5117")
    assert vectors["number_format"] in {"fp32", "bf16"}
    assert vectors["device"] in {"cpu", "cuda"}


def test_contract_holds(seeds_run):
    output, _ = seeds_run
    assert sql(output, "select count(*) - count(distinct id) from {}") == [(0,)]
    strays = "select id from {} where date != published_at::timestamp::date"
    assert sql(output, f"set timezone = 'UTC'; {strays}") == []
    for path in output.glob("date=*/*.parquet"):
        table = pq.ParquetFile(path).read()
        assert table.schema.equals(SCHEMA)
        assert table.schema.metadata == SCHEMA.metadata
        times = table["published_at"].to_pylist()
        assert times == sorted(times)


def test_special_seeds(seeds_run):
    output, _ = seeds_run

    def one(name, column):
        [(value,)] = sql(output, f"select {column} from {{}} where uri = '{SEEDS / name}'")
        return value

    assert "live_blog" in one("pages/harbour-courier/storm-odette-live.html", "flags")
    assert "paywall_stub" in one("pages/harbour-courier/marlow-boardroom.html", "flags")
    assert one("pages/harbour-courier/2026-10-09-night-trams.html", "date_source") == "path"
    assert one("pages/rheinufer-anzeiger/niederbruecke.html", "language") == "de"
    assert one("pages/rheinufer-anzeiger/niederbruecke.html", "topic") is None
    assert "â€" not in one("desk/cafe-scales.md", "text")
    copies = sql(output, "select sum(len(duplicates)), max(revision) from {}")
    assert copies == [(3, 2)]


def test_summaries_are_the_articles_own_sentences(seeds_run):
    output, _ = seeds_run
    for text, summary, words in sql(output, "select text, summary, word_count from {}"):
        assert summary
        assert len(summary) <= len(text)
        assert len(summary.split()) <= max(words, 1)


@pytest.fixture
def own(seeds_run, tmp_path):
    """Return a copy of the first run's output, to be written to, and its manifest."""
    return shutil.copytree(seeds_run[0], tmp_path / "out"), seeds_run[1]


def test_second_run_changes_no_byte_and_says_so(own, newsbeam):
    output, manifest = own
    before, letters = snapshot(output), dead_letters(output)
    done = newsbeam("run", "-i", SEEDS, "-o", output, "--json")
    balance = done.json["balance"]
    assert (balance["written"], balance["unchanged"]) == (0, manifest["balance"]["written"] + 1)
    assert snapshot(output) == before
    assert dead_letters(output) == letters
    line = newsbeam("run", "-i", SEEDS, "-o", output)
    assert "0 written" in line.out


def test_documented_readers(seeds_run):
    output, manifest = seeds_run
    written = manifest["balance"]["written"]
    query = f"SELECT * FROM read_parquet('{output}/date=*/*.parquet', hive_partitioning = true)"
    assert len(duckdb.sql(query).fetchall()) == written
    assert len(pd.read_parquet(output)) == written
    assert len(pl.read_parquet(f"{output}/date=*/*.parquet", hive_partitioning=True)) == written


def test_a_run_makes_no_network_connection(tmp_path, newsbeam):
    done = newsbeam("run", "-i", SEEDS / "desk", "-o", tmp_path / "out", "--json", code=OFFLINE)
    assert done.code == 0, done.err
    assert done.json["balance"]["written"] == 11


def test_verify_finds_every_promise_kept(seeds_run, newsbeam):
    output, _ = seeds_run
    done = newsbeam("verify", output, "--json")
    assert (done.code, done.json["problems"]) == (0, [])


def test_rejected_are_listed_and_replayed(own, newsbeam):
    output, manifest = own
    listed = newsbeam("rejected", output, "--json").json
    assert len(listed) == manifest["balance"]["rejected"]
    done = newsbeam("rejected", output, "--replay", "--step", "clean", "--json")
    assert (done.json["left"], done.json["stayed"]) == (0, 2)
    assert newsbeam("rejected", output, "--json").json == listed


def test_flags_and_reasons_are_documented(seeds_run):
    output, manifest = seeds_run
    docs = (ROOT / "docs" / "schema.md").read_text("utf-8")
    flags = {flag for (flags,) in sql(output, "select flags from {}") for flag in flags}
    for code in flags | {key.partition(".")[2] for key in manifest["rejected"]}:
        assert f"`{code}`" in docs, code
