"""The file of metrics that a run leaves, and the alerts that are made of it."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from command import ROOT
from prometheus_client.parser import text_string_to_metric_families
from site_pages import article, write_articles

from pipeline import __version__
from pipeline.config_files import load_config
from pipeline.manifest import Manifest
from pipeline.metrics import FeedCollector, check_metrics_file, metrics_file
from pipeline.outcome import Counts
from pipeline.watch import Status
from transforms.errors import ConfigError, NewsbeamError
from transforms.fetch.feed_state import commit_states
from transforms.output.state import FeedState

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
FEED = "https://a.example/feed"


@pytest.fixture
def config(tmp_path):
    changes = {"output.path": str(tmp_path / "out"), "run.metrics_file": str(tmp_path / "n.prom")}
    return load_config(None, changes)


def samples(config):
    families = text_string_to_metric_families(Path(config.run.metrics_file).read_text())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def manifest(config, **fields):
    counts = Counts(5, written=3, rejected=Counter({"read.bad_json": 1, "parse.fault": 1}))
    done = Manifest("20261005T060000.000000Z", "done", NOW, config, counts=counts, seconds=2.5)
    for name, value in fields.items():
        setattr(done, name, value)
    done.write()
    return done


def test_faults_of_plugins_are_counted_apart(config):
    counts = Counts(rejected=Counter({"parse.fault": 3}), plugin_faults=Counter({"a:B": 2}))
    with metrics_file(config) as done:
        done.append(manifest(config, counts=counts))
    assert samples(config)["newsbeam_run_faults",] == 1
    assert samples(config)["newsbeam_run_plugin_faults", "a:B"] == 2


def test_a_run_leaves_what_is_known_of_it(config):
    commit_states(
        config.output.path, [FeedState(FEED, last_new=NOW, first_poll=NOW, failures=2, new_items=7)]
    )
    with metrics_file(config) as done:
        done.append(manifest(config, step_seconds={"parse": 0.5}))
    found = samples(config)
    assert found.pop(("newsbeam_run_timestamp_seconds",)) > NOW.timestamp()
    assert found == {
        ("newsbeam_build_info", __version__): 1,
        ("newsbeam_run_success",): 1,
        ("newsbeam_run_seconds",): 2.5,
        ("newsbeam_run_step_seconds", "parse"): 0.5,
        ("newsbeam_run_documents", "written"): 3,
        ("newsbeam_run_documents", "unchanged"): 0,
        ("newsbeam_run_documents", "duplicate"): 0,
        ("newsbeam_run_documents", "rejected"): 2,
        ("newsbeam_run_rejected", "bad_json", "read"): 1,
        ("newsbeam_run_rejected", "fault", "parse"): 1,
        ("newsbeam_run_faults",): 1,
        ("newsbeam_feed_last_new_timestamp_seconds", FEED): NOW.timestamp(),
        ("newsbeam_feed_failures", FEED): 2,
        ("newsbeam_feed_new_items", FEED): 7,
    }


def test_a_run_whose_feeds_are_all_refused_is_no_success(config):
    with metrics_file(config) as done:
        done.append(manifest(config, feed_fault="no feed could be read"))
    assert samples(config)["newsbeam_run_success",] == 0


def test_a_source_that_was_not_asked_is_no_metric(config):
    before = "20261004T060000.000000Z"
    rows = [article(1, source="A", feed=FEED), article(2, source="B")]
    write_articles(Path(config.output.path), rows, run_id=lambda row: before)
    earlier = manifest(config, run_id=before, steps={"write": Counter(written=2)})
    earlier.write()
    with metrics_file(config) as done:
        done.append(manifest(config, feeds={"Skipped": 1}, feeds_not_asked=[FEED]))
    told = {key: value for key, value in samples(config).items() if "source" in key[0]}
    assert told == {
        ("newsbeam_source_articles", "B"): 0,
        ("newsbeam_source_articles_before", "B"): 1,
    }


def test_a_run_that_fails_says_so(config):
    with pytest.raises(NewsbeamError), metrics_file(config):
        raise NewsbeamError("a full disk")
    assert samples(config)["newsbeam_run_success",] == 0
    assert ("newsbeam_run_seconds",) not in samples(config)


def test_a_file_that_cannot_be_written_fails_no_run(config, tmp_path, caplog):
    (tmp_path / "n.prom").mkdir()
    with metrics_file(config) as done:
        done.append(manifest(config))
    assert "run.metrics_file" in caplog.text


@pytest.mark.parametrize(("name", "told"), [("no/n.prom", "is no folder"), ("n.txt", "with .prom")])
def test_a_wrong_name_is_told_before_any_work(tmp_path, name, told):
    with pytest.raises(ConfigError, match=told):
        check_metrics_file(load_config(None, {"run.metrics_file": str(tmp_path / name)}))


def test_a_damaged_state_is_no_metric(tmp_path):
    (tmp_path / "_state").mkdir()
    (tmp_path / "_state" / "feeds.json").write_text("{")
    assert all(not family.samples for family in FeedCollector(str(tmp_path)).collect())


NAME = re.compile(r"newsbeam_[a-z_]+")


def test_alerts_name_metrics_that_are_there(config):
    rules = yaml.safe_load((ROOT / "docs/deploy/newsbeam-alerts.yaml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    with metrics_file(config) as done:
        done.append(manifest(config, step_seconds={"parse": 0.5}))
    of_runs = set(re.findall("(?m)^# TYPE ([a-z_]+)", Path(config.run.metrics_file).read_text()))
    of_watch = {m.name + "_total" * (m.type == "counter") for m in Status().registry.collect()}
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 5
    for rule in alerts:
        assert rule.keys() <= {"alert", "expr", "for", "annotations"}
        assert re.fullmatch("[0-9]+[mh]", rule.get("for", "1m"))
        assert rule["annotations"]["summary"]
        named = set(NAME.findall(rule["expr"]))
        assert named
        assert named <= of_runs | of_watch
    page = (ROOT / "docs/deploy/README.md").read_text()
    assert set(re.findall(r"`(newsbeam_(?:run|source|feed|build)_[a-z_]+)", page)) == of_runs
