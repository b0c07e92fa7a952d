import json
import pickle
from datetime import timedelta
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from builders import NOW, runner
from tiny_models import save

from pipeline.config_files import load_config
from pipeline.runners.elsewhere import build_graph
from pipeline.runners.last_step import RunContext
from pipeline.settings import Judged, Trained, make_plan
from transforms.errors import ConfigError
from transforms.models.contract import Compute, Instruction
from transforms.models.linear import Head, write_head
from transforms.models.pinned import EMBEDDED

TOPICS = Path(__file__).parents[1] / "configs/topics/iptc.yaml"


@pytest.fixture
def config_file(tmp_path):
    """Return what writes a config whose models, topics and head lie in one folder."""
    topics = tmp_path / "topics.yaml"
    topics.write_bytes(TOPICS.read_bytes())

    def write(**sections):
        base = {"topics": {"file": str(topics)}, "output": {"path": str(tmp_path / "out")}}
        path = tmp_path / "c.json"
        path.write_text(json.dumps(base | sections))
        return str(path)

    return write


def model(tmp_path, kind):
    return {"source": f"path:{tmp_path / kind}", "sha256": save(kind, tmp_path / kind)}


def test_default_plan_holds_what_the_steps_take():
    plan = make_plan(load_config(None, {"fetch.interval_minutes": 3, "encoder.max_sentences": 9}))
    assert plan.encoders.first.model == EMBEDDED
    assert plan.poll.interval == timedelta(minutes=3)
    assert (plan.summary.model_name, plan.summary.max_words) == (EMBEDDED.name, 70)
    assert (plan.drafts, plan.table) == (None, None)
    assert plan.near is not None
    assert plan.stories is not None
    assert (plan.cache.folder, plan.cache.max_bytes) == ("out/_cache", 256 * 2**20)
    assert plan.encoders.first.device == "auto"
    assert make_plan(load_config(None, {"engines.device": "cpu"})).encoders.first.device == "cpu"
    off = make_plan(load_config(None, {"near.policy": "keep", "stories.enabled": False}))
    assert (off.near, off.stories) == (None, None)


def test_a_plan_with_models_of_every_kind_is_pickled(tmp_path, config_file):
    summary = {"engine": "seq2seq", "style": "brief", "beams": 2, "max_sentences": 3}
    verify = {"threshold": 0.5, "model": model(tmp_path, "nli")}
    path = config_file(
        engines={"device": "cpu", "number_format": "fp32"},
        encoder={"multilingual": "on"},
        summary={**summary, "model": model(tmp_path, "bart"), "verify": verify},
        topics={"file": str(TOPICS), "engine": "nli", "model": verify["model"], "candidates": 2},
    )
    plan = make_plan(load_config(path))
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 (our own)
    load, options, check, judge = plan.drafts
    assert (load.engine, load.beams, load.compute) == ("seq2seq", 2, Compute("cpu", "fp32"))
    assert (options.model_name, options.instruction) == ("bart", Instruction("brief", 70))
    assert (check.threshold, check.max_sentences) == (0.5, 3)
    assert judge.model.digest == verify["model"]["sha256"]
    assert isinstance(plan.topics, Judged)
    assert plan.topics.options.candidates == 2
    records = {use: loader.record(used=True) for use, loader in plan.models.items()}
    assert [*records] == ["vectors", "other_languages", "summaries", "verify", "topics"]
    assert records["verify"] == {
        "name": "nli", "sha256": judge.model.digest, "device": "cpu", "number_format": "fp32"
    }  # fmt: skip


def test_the_graph_is_made_of_the_plan_alone(tmp_path, config_file):
    head = tmp_path / "head.safetensors"
    weight, bias = np.zeros((2, 384), np.float32), np.zeros(2, np.float32)
    write_head(Head(("a", "b"), weight, bias, EMBEDDED.digest), str(head))
    topics = {"file": str(tmp_path / "topics.yaml"), "engine": "linear", "head": str(head)}
    for sections in ({}, {"topics": topics}):
        path = config_file(**sections)
        plan = make_plan(load_config(path))
        assert isinstance(plan.topics, Trained) == bool(sections)
        gone = [Path(path), Path(plan.config.topics.file), *([head] if sections else [])]
        kept = {file: file.read_bytes() for file in gone}
        for file in gone:
            file.unlink()
        with beam.Pipeline(runner=runner()) as pipeline:
            context = RunContext("R", NOW)
            build_graph(pipeline, beam.Create([]), plan, context)
        for file, content in kept.items():
            file.write_bytes(content)


def test_every_problem_is_told_at_once(tmp_path, config_file):
    path = config_file(
        encoder={"model": {"source": "path:/none", "languages": ["en"], "sha256": "0" * 64}},
        summary={"engine": "seq2seq", "model": {"source": "path:/none/either"}},
    )
    config = load_config(path)
    (tmp_path / "topics.yaml").write_text("name: t")
    with pytest.raises(ConfigError) as raised:
        make_plan(config)
    topics, vectors, summaries = raised.value.args
    assert "topics" in topics
    assert vectors.startswith("vectors: model path:/none: /none does not exist")
    assert summaries.startswith("summaries: model path:/none/either")
    assert str(raised.value).splitlines() == list(raised.value.args)


def test_a_key_of_an_endpoint_is_asked_for_before_any_work(monkeypatch):
    remote = {"url": "http://localhost:1/v1", "model": "m", "key_variable": "NEWSBEAM_TEST_KEY"}
    config = load_config(None, {"summary.engine": "remote", "summary.remote": remote})
    monkeypatch.delenv("NEWSBEAM_TEST_KEY", raising=False)
    with pytest.raises(ConfigError, match="NEWSBEAM_TEST_KEY"):
        make_plan(config)
    monkeypatch.setenv("NEWSBEAM_TEST_KEY", "k")
    plan = make_plan(config)
    assert plan.drafts.options.model_name == "m"
    assert plan.models["summaries"].record(used=False) == {"name": "m", "url": remote["url"]}
