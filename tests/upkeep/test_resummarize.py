"""Summaries that a model failed to write are written once it answers."""

import json
import re
from pathlib import Path

import duckdb
import pytest
import yaml
from chat_server import serve

from pipeline.upkeep.verify import verify_output

ROOT = Path(__file__).parents[2]


def echo(messages):
    """Answer with the first sentences of the article."""
    text = messages[1]["content"].split("<article>\n")[1].split("\n</article>")[0]
    return f"<think>Hm.</think>Here is a summary of the article:\n{' '.join(text.split()[:40])}."


def rows(output):
    columns = "id, summary_method, flags, run_id, summary"
    return duckdb.sql(f"select {columns} from read_parquet('{output}/date=*/*.parquet')").fetchall()


def flagged(output):
    return {id_ for id_, _, flags, *_ in rows(output) if "summary_failed" in flags}


@pytest.fixture
def configured(tmp_path):
    def write(url, **remote):
        summary = {"engine": "remote", "remote": {"url": url, "model": "m", **remote}}
        config = {
            "input": {"paths": [str(ROOT / "seeds/notes/*.txt")]},
            "summary": summary, "output": {"path": str(tmp_path / "out")},
        }  # fmt: skip
        path = tmp_path / "remote.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    return write


def test_the_next_run_writes_what_failed(newsbeam, configured, tmp_path):
    output = tmp_path / "out"
    with serve(echo) as (chat, url):
        pass
    dead = newsbeam("run", configured(url, attempts=1))
    assert dead.code == 0, dead.err
    failed = flagged(output)
    assert failed
    number = re.search(r"failed at (\d+) summar\w+: (.*?)\. The articles'", dead.out)
    assert number[1] == str(len(failed))
    assert number[2] == f"{url}/chat/completions: no connection"
    [manifest] = (output / "_runs").glob("*Z.json")
    counters = json.loads(manifest.read_text())["steps"]["summarize"]
    assert counters[f"failed: {number[2]}"] == len(failed)

    assert newsbeam("check", configured(url)).code == 2
    with serve(echo) as (chat, url):
        chat.faults = [500]
        assert newsbeam("check", configured(url)).code == 2
        assert newsbeam("check", configured(url)).code == 0
        asked = len(chat.requests)
        done = newsbeam("run", configured(url), "--json").json
        assert len(chat.requests) - asked == len(failed)
    assert done["balance"]["written"] == 0
    assert done["summaries_written_again"] == len(failed)
    assert flagged(output) == set()
    again = [row for row in rows(output) if row[0] in failed]
    assert {row[3].rpartition("-")[2] for row in again} == {"backfill"}
    assert any(row[1].startswith("remote") for row in again)
    assert not any("<think>" in row[4] or "Here is" in row[4] for row in rows(output))
    assert verify_output(str(output)).problems == []


def test_a_run_that_still_fails_changes_nothing(newsbeam, configured, tmp_path):
    with serve(echo) as (_, url):
        pass
    config = configured(url, attempts=1)
    newsbeam("run", config)
    before = sorted(rows(tmp_path / "out"))
    done = newsbeam("run", config, "--json")
    assert (done.code, done.json["summaries_written_again"]) == (0, 0)
    assert sorted(rows(tmp_path / "out")) == before
