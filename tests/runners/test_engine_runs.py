"""Whole runs with engines."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from chat_server import serve
from tiny_models import save

from pipeline.check import problems
from pipeline.config_files import load_config
from transforms.errors import ConfigError

ROOT = Path(__file__).parents[2]
LABELLED = [("sport", "The home side won the cup final."), ("economy", "Shares fell on Monday.")]


def rows_of(output):
    return [
        row
        for path in sorted(output.glob("date=*/*.parquet"))
        for row in pq.read_table(path, partitioning=None).to_pylist()
    ]


def first_two_and_a_lie(messages):
    text = messages[1]["content"].split("<article>\n")[1]
    return ". ".join(text.split(". ")[:2]) + ". The mayor of Springfield paid 7,777 dollars."


def config_file(tmp_path, **sections):
    path = tmp_path / "c.yaml"
    base = {
        "input": {"paths": [str(ROOT / "seeds")]},
        "output": {"path": str(tmp_path / "out")},
        "topics": {"file": str(ROOT / "configs/topics/iptc.yaml")},
        "engines": {"lock": str(tmp_path / "lock.json"), "number_format": "fp32"},
    }
    for name, section in sections.items():
        base[name] = base.get(name, {}) | section
    path.write_text(yaml.safe_dump(base))
    return path


def test_run_with_an_endpoint_verifies_and_counts(tmp_path, newsbeam):
    with serve(first_two_and_a_lie) as (chat, url):
        remote = {"engine": "remote", "remote": {"url": url, "model": "m"}}
        inputs = {"paths": [str(ROOT / "seeds" / "notes")]}
        config = config_file(tmp_path, input=inputs, summary=remote)
        done = newsbeam("run", config, "--json")
        assert done.code == 0, done.err
        asked = len(chat.requests)
        steps = done.json["steps"]
        assert steps["summarize"]["requests"] == asked > 0
        assert steps["summarize"]["input_tokens"] == 100 * asked
        assert steps["verify"]["remote_repaired"] > 0
        rows = rows_of(tmp_path / "out")
        assert not any("7,777" in row["summary"] for row in rows)
        assert "remote_repaired" in {row["summary_method"] for row in rows}
        assert all(0 <= row["faithfulness"] <= 1 for row in rows)
        # Another output, the same cache: nothing is asked again.
        again = newsbeam(
            "run", config, "-o", tmp_path / "again", "--json",
            "--set", f"cache.folder={tmp_path / 'out' / '_cache'}",
        )  # fmt: skip
        assert (again.code, len(chat.requests)) == (0, asked)
        assert newsbeam("verify", tmp_path / "out").code == 0


def test_run_with_local_models(tmp_path, newsbeam):
    def source(name):
        return {"source": f"path:{tmp_path / name}", "sha256": save(name, tmp_path / name)}

    config = config_file(
        tmp_path,
        input={"paths": [str(ROOT / "seeds" / "notes")]},
        summary={"engine": "seq2seq", "model": source("bart"), "max_words": 12,
                 "verify": {"model": source("nli")}},
        topics={"engine": "nli", "model": source("nli"), "candidates": 1},
    )  # fmt: skip
    done = newsbeam("run", config, "--json")
    assert done.code == 0, done.err
    rows = rows_of(tmp_path / "out")
    assert rows
    # Random weights write nonsense, which must not get through.
    assert {row["summary_method"] for row in rows} <= {"extractive", "extractive_instead"}
    # With one candidate, the softmax is 1.
    english = [row for row in rows if row["language"] == "en"]
    assert {row["topic_score"] for row in english} == {1.0}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"summary": {"engine": "seq2seq"}}, "engine seq2seq needs summary.model"),
        ({"summary": {"engine": "remote"}}, "engine remote needs summary.remote"),
        ({"summary": {"model": {"source": "hub:a/b"}}}, "does not use summary.model"),
        ({"summary": {"style": "bullets"}}, "need an engine other than extractive"),
        ({"summary": {"engine": "poet"}}, "summary.engine"),
        ({"topics": {"engine": "nli"}}, "engine nli needs topics.model"),
        ({"topics": {"engine": "linear"}}, "engine linear needs topics.head"),
        ({"topics": {"hypothesis": "no label"}}, "topics.hypothesis"),
        ({"topics": {"engine": "nli", "model": {"source": "a/b"}}}, "topics.model.source"),
        ({"topics": {"engine": "nli", "model": {"sourc": "a/b"}}}, "Known here: source, revision"),
    ],
)
def test_wrong_config_is_found_before_any_work(tmp_path, sections, message):
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(str(config_file(tmp_path, **sections)))
    assert "Value error" not in str(caught.value)


def test_check_names_what_is_missing(tmp_path):
    model = {"source": f"path:{tmp_path / 'none'}"}
    config = load_config(
        str(
            config_file(
                tmp_path,
                summary={"engine": "causal", "model": model},
                topics={"engine": "nli", "model": {"source": "hub:org/name"}},
            )
        )
    )
    summaries, topics = problems(config)
    assert "summaries: model path:" in summaries
    assert "topics: model hub:org/name is not here; run `newsbeam models pull CONFIG`" in topics
    gguf = {"source": f"path:{tmp_path}", "file": "m.gguf"}
    for section in (
        {"summary": {"engine": "seq2seq", "model": gguf}},
        {"topics": {"engine": "nli", "model": gguf}},
        {"encoder": {"model": gguf | {"languages": ["en"]}}},
    ):
        [found] = problems(load_config(str(config_file(tmp_path, **section))))
        assert "GGUF (`file`) is for summary.engine causal only" in found
    head = config_file(tmp_path, topics={"engine": "linear", "head": str(tmp_path / "h")})
    assert "does not exist" in problems(load_config(str(head)))[0]


def test_trained_head_is_used_by_a_run(tmp_path, newsbeam):
    labelled, head = tmp_path / "l.jsonl", tmp_path / "h.safetensors"
    labelled.write_text(
        "\n".join(json.dumps({"label": name, "text": text}) for name, text in LABELLED * 2)
    )
    trained = newsbeam("train-topics", labelled, "-o", head)
    assert (trained.code, "2 topics" in trained.out) == (0, True), trained.err
    config = config_file(
        tmp_path,
        input={"paths": [str(ROOT / "seeds" / "notes")]},
        topics={"engine": "linear", "head": str(head)},
    )
    assert newsbeam("run", config).code == 0
    topics = {row["topic"] for row in rows_of(tmp_path / "out") if row["language"] == "en"}
    assert topics <= {"sport", "economy", None}
    assert topics - {None}


@pytest.mark.parametrize("name", ["quality", "gpu", "multilingual", "remote"])
def test_shipped_configs_are_valid(name):
    assert load_config(name)
