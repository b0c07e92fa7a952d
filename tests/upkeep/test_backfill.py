"""Days done again, from the text in their rows."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from chat_server import serve
from runs import run_settings

from pipeline.config_files import load_config
from pipeline.settings import make_plan
from pipeline.upkeep.backfill import STEPS, backfill, row_article
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.models.pinned import EMBEDDED
from transforms.output.listing import day_files
from transforms.output.schema import SCHEMA

ROOT = Path(__file__).parents[2]
TOPICS = [
    {"label": "boats", "phrases": ["ferries and ports"]},
    {"label": "money", "phrases": ["the economy", "banks"]},
]
KEPT = [
    name
    for name in SCHEMA.names
    if name not in {"summary", "faithfulness", "topic", "topic_score", "topics", "flags", "run_id"}
]


@pytest.fixture
def output(seeds_run, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(seeds_run[0], copy)
    return copy


def rows(output, columns="*"):
    return duckdb.sql(
        f"select {columns} from read_parquet('{output}/date=*/*.parquet') order by id"
    ).fetchall()


def contents(output):
    return {file.path: (output / file.path).read_bytes() for file in day_files(str(output))}


def test_the_same_settings_change_no_byte(output, newsbeam):
    before = contents(output)
    dates = sorted({file.date for file in day_files(str(output))})
    done = newsbeam("backfill", output, "--from", dates[2], "--to", dates[5], "--json")
    days = json.loads(done.out)
    assert [day["date"] for day in days] == dates[2:6]
    assert {(day["changed"], day["refused"]) for day in days} == {(0, 0)}
    assert contents(output) == before


def test_what_changed_is_made_anew_and_all_else_is_kept(output, newsbeam, tmp_path):
    before, days = contents(output), sorted({file.date for file in day_files(str(output))})[2:6]
    kept, summaries = rows(output, ", ".join(KEPT)), rows(output, "id, summary")
    other = days[-1]
    newsbeam(
        *("backfill", output, "--from", days[0], "--to", days[-2]),
        *("--step", "summarize", "--set", "summary.max_words=25"),
    )
    after = contents(output)
    assert {path for path in after if path.startswith(f"date={other}")} <= {
        path for path in after if after[path] == before.get(path)
    }
    assert rows(output, ", ".join(KEPT)) == kept
    assert rows(output, "id, summary") != summaries
    lengths = [len(text.split()) for run, text in rows(output, "run_id, summary") if "back" in run]
    assert lengths
    assert max(lengths) < max(len(text.split()) for _, text in summaries)
    topics = tmp_path / "topics.yaml"
    topics.write_text(yaml.safe_dump({"name": "two", "topics": TOPICS}))
    newsbeam("backfill", output, "--from", days[0], "--to", other, "--topics", topics)
    found = rows(output, "topic, strftime(published_at, '%Y-%m-%d')")
    assert {label for label, day in found if day in days} <= {"boats", "money", None}
    assert verify_output(str(output)).problems == []


def test_a_wrong_step_or_no_day_is_said(output, newsbeam):
    done = newsbeam("backfill", output, "--from", "2026-10-01", "--step", "fetch")
    assert "--step: fetch; known are" in done.err
    assert done.code == 2
    done = newsbeam("backfill", output, "--from", "1999-01-01")
    assert "has no day from 1999-01-01" in done.out


def test_what_needs_only_the_text_asks_no_model(output):
    file = day_files(str(output))[0]
    path = output / file.path
    table = pq.read_table(path, partitioning=None)
    before = table["word_count"].to_pylist()
    place = table.schema.get_field_index("word_count")
    none = pa.array([0] * len(table), table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), none), path)
    with serve(lambda _: "") as (chat, url):
        summary = {"engine": "remote", "remote": {"url": url, "model": "m"}}
        [day] = do_again(output, "write", [date.fromisoformat(file.date)], summary=summary)
        assert chat.requests == []
    assert (day.changed, day.refused) == (len(before), 0)
    [after] = [f for f in day_files(str(output)) if f.date == file.date]
    read = pq.read_table(output / after.path, partitioning=None)
    assert read["word_count"].to_pylist() == before


def test_help_names_every_step(newsbeam):
    words = " ".join(newsbeam("backfill", "--help").out.split())
    for step in STEPS:
        assert re.search(rf"--step.*\b{step}\b", words)


def test_row_article_is_the_article_that_was_written(output):
    file = day_files(str(output))[0]
    [row, *_] = (
        duckdb.sql(f"from read_parquet('{output / file.path}')").to_arrow_table().to_pylist()
    )
    article = row_article(row)
    assert (article.id, article.text, article.title) == (row["id"], row["text"], row["title"])
    assert article.summary == ""
    assert article.vectors is None


def flagged(output, flag):
    return {id_ for id_, flags in rows(output, "id, flags") if flag in flags}


def do_again(output, step, days, **settings):
    plan = make_plan(load_config(None, settings))
    with upkeep(str(output), "backfill") as done:
        return list(backfill(str(output), (min(days), max(days)), plan, [step], done))


def test_flags_are_given_anew_with_the_step_that_gives_them(output):
    _, *days = max(rows(output, "word_count, date"))
    flags = rows(output, "id, flags")
    with serve(lambda _: "") as (chat, url):
        remote = {"url": url, "model": "m"}
        failing = {"summary": {"engine": "remote", "remote": remote}, "cache.enabled": False}
        do_again(output, "classify", days, **failing)
        assert chat.requests
        assert rows(output, "id, flags") == flags
        do_again(output, "summarize", days, **failing)
    assert flagged(output, "summary_failed")
    do_again(output, "classify", days)
    assert flagged(output, "summary_failed")
    do_again(output, "summarize", days)
    assert rows(output, "id, flags") == flags
    assert verify_output(str(output)).problems == []


def test_embeddings_are_added_to_published_rows(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    source, wanted = {"input.paths": [str(ROOT / "seeds/notes/*.txt")]}, {"output.embedding": True}
    run_settings(source | {"output.path": str(old)})
    run_settings(source | wanted | {"output.path": str(new)})
    assert {value for (value,) in rows(old, "embedding")} == {None}
    before = rows(old, "* exclude (embedding, embedding_model, run_id)")
    days = [day for (day,) in rows(old, "date")]
    do_again(old, "relate", days, **wanted)
    assert rows(old, "* exclude (embedding, embedding_model, run_id)") == before
    found = rows(old, "id, embedding")
    assert found == rows(new, "id, embedding")
    assert {name for (name,) in rows(old, "embedding_model")} == {EMBEDDED.name}
    vectors = np.array([vector for _, vector in found])
    assert vectors.shape == (len(before), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert verify_output(str(old)).problems == verify_output(str(new)).problems == []
    do_again(old, "relate", days)
    assert {value for (value,) in rows(old, "embedding")} == {None}
