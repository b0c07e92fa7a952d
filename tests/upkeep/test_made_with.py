"""What an output was made with is what it is worked on with."""

import json
from pathlib import Path

import pytest
from builders import NOW

from pipeline.cli.command import plan_for
from pipeline.config_files import load_config
from pipeline.manifest import settings_facts, write_manifest
from pipeline.settings import make_plan
from pipeline.upkeep.made_with import newest_run, settings_of
from transforms.errors import ConfigError

TOPICS = """name: own
topics:
  - {label: bridges, phrases: [a bridge is built]}
  - {label: boats, phrases: [a boat sails]}
"""


@pytest.fixture
def output(tmp_path):
    """Return an output whose newest run had topics and a summary length of its own."""
    (tmp_path / "topics.yaml").write_text(TOPICS)
    root = tmp_path / "out"
    for number, words in enumerate((50, 33)):
        changes = {"summary.max_words": words, "topics.file": str(tmp_path / "topics.yaml")}
        changes["encoder.multilingual"] = "off"
        plan = make_plan(load_config(None, {"output.path": str(root), **changes}))
        write(root, f"R{number}", settings_facts(plan))
    write(root, "R9", {})  # of a command that has no settings
    return root


def write(root, run_id, facts):

    write_manifest(str(root), run_id, "run", NOW, "done", facts=facts)


def test_settings_and_topics_are_those_of_the_newest_run(output):
    plan = plan_for(str(output), None, None, {})
    assert plan.config.summary.max_words == 33
    assert [topic.label for topic in plan.topics.topics] == ["bridges", "boats"]
    assert (plan.config.input.paths, plan.config.output.path) == ((), str(output))


def test_what_is_named_is_changed_and_nothing_else(output, tmp_path):
    plan = plan_for(str(output), None, ["summary.max_words=44"], {})
    assert (plan.config.summary.max_words, len(plan.topics.topics)) == (44, 2)
    plan = plan_for(str(output), None, None, {"topics.file": "topics/iptc.yaml"})
    assert (plan.config.summary.max_words, len(plan.topics.topics)) == (33, 17)
    plan = plan_for(str(output), "local", None, {})
    assert (plan.config.summary.max_words, len(plan.topics.topics)) == (70, 17)


def test_topics_that_changed_are_refused_until_they_are_named(output, tmp_path):
    topics = tmp_path / "topics.yaml"
    topics.write_text(TOPICS.replace("bridges", "rivers"))
    with pytest.raises(ConfigError, match=r"topics\.yaml has changed since"):
        plan_for(str(output), None, None, {})
    named = plan_for(str(output), None, None, {"topics.file": str(topics)})
    assert [topic.label for topic in named.topics.topics] == ["rivers", "boats"]
    topics.unlink()
    with pytest.raises(ConfigError, match="name the settings: --config"):
        plan_for(str(output), None, None, {})


def test_another_model_is_refused_until_it_is_named(output):
    path = Path(newest_run(str(output))[0])
    manifest = json.loads(path.read_text())
    manifest["models"]["vectors"] = {"name": "another", "sha256": "0" * 64}
    path.write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=r"the one for vectors is not that of .*: another then"):
        plan_for(str(output), None, ["summary.max_words=44"], {})
    assert plan_for(str(output), None, ["encoder.number_format=fp32"], {})
    assert plan_for(str(output), "local", None, {})
    name = plan_for(str(output), "local", None, {}).models["vectors"].record(used=False)["name"]
    manifest["models"]["vectors"]["name"] = name
    path.write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=f"{name} has the same name, but other weights now; name"):
        plan_for(str(output), None, None, {})


def test_the_encoder_for_other_languages_is_missed_until_it_is_given_up(output):
    path = Path(newest_run(str(output))[0])
    manifest = json.loads(path.read_text())
    manifest["models"]["other_languages"] = {"name": "multilingual-e5-small", "sha256": "0" * 64}
    path.write_text(json.dumps(manifest))
    missed = r"multilingual-e5-small then, none now.*; `pip install 'newsbeam\[multilingual\]'` or"
    with pytest.raises(ConfigError, match=missed):
        plan_for(str(output), None, None, {})
    assert plan_for(str(output), None, ["encoder.multilingual=off"], {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"summary": {"nonsense": 1}}, "made with these settings; name the settings"),
        ({"summary": {"remote": {"url": "https://***@a.example/v1"}}}, "holds a secret"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(output, change, message):
    path = Path(newest_run(str(output))[0])
    manifest = json.loads(path.read_text())
    manifest["config"] |= change
    path.write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=message):
        settings_of(str(output), {})


def test_an_output_without_manifests_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no manifest says what it was made with"):
        settings_of(str(tmp_path), {})
