"""Code of others: the examples of docs/plugins.md, and what is told of wrong ones."""

import re
import sys

import pytest
from command import ROOT

from pipeline.api import read_output, run
from pipeline.check import problems
from pipeline.config_files import load_config
from transforms.errors import ConfigError
from transforms.formats import by_suffix, read_formats_of_others
from transforms.models.contract import Instruction
from transforms.models.plugins import PluginJudge, PluginWriter

PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
EXAMPLE = "\n\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
[SETTINGS] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
LETTER = """The ferry sails again
The ferry to Orkeny sails again from Monday. The council of Orkeny paid for a second engine, and
the captain tried it on Friday in a calm sea. Passengers had waited for eleven weeks, and the
shops of the island had run short of flour. A ticket costs as much as before the repair, said the
harbour office, and dogs travel free. The old engine goes to a museum in the town, where a class
of pupils will take it apart and draw its pieces for a calendar.
"""


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Return what writes the module `my_news`, which is there until the test ends."""
    monkeypatch.syspath_prepend(tmp_path)
    yield (tmp_path / "my_news.py").write_text
    sys.modules.pop("my_news", None)
    read_formats_of_others("input.formats", ())


def test_the_examples_of_the_page_run(write_module, tmp_path, monkeypatch):
    write_module(EXAMPLE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(SETTINGS)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.letter").write_text(LETTER)
    manifest = run("my.yaml", output="out")
    assert manifest["balance"] == {
        "in": 1, "written": 1, "unchanged": 0, "duplicate": 0, "rejected": 0,
    }  # fmt: skip
    [row] = read_output("out").to_pylist()
    assert row["title"] == "The ferry sails again"
    assert row["summary"] == "The ferry to Orkeny sails again from Monday."
    assert row["summary_method"] == "plugin"
    assert row["summary_model"] == "my_news:FirstWords"
    models = manifest["models"]
    assert models["topics"]["name"] == "my_news:WordsInCommon"
    assert len(models["summaries"]["sha256"]) == 64
    steps = {"read", "parse", "clean", "dedupe", "encode", "summarize", "verify", "classify"}
    assert steps | {"describe", "relate", "write"} == manifest["step_seconds"].keys()
    assert sum(manifest["step_seconds"].values()) < manifest["seconds"]
    page = (tmp_path / "out" / "_runs" / f"{manifest['run_id']}.html").read_text()
    assert "news/ferry.letter" in page
    assert "The ferry sails again" not in page


WRONG = {
    "input.formats": {
        "my_news:LETTER": "holds no LETTER",
        "my_news:parse_letter": "name a transforms.formats.Format",
        "my_news:TAKEN": ".md is read by another format",
        "my_news:LOUD": "write endings such as",
    },
    "summary.plugin": {
        "no_such:Class": "the module no_such cannot be imported (ModuleNotFoundError",
        "my_broken:Class": "cannot be imported (ZeroDivisionError",
        "my_news:LETTERS": "name a class",
        "my_news:WordsInCommon": "has no method write that takes (texts, instruction)",
        "my_news:NeedsMore": "let its __init__ do without",
    },
    "topics.plugin": {"my_news:FirstWords": "has no method entailment that takes (pairs)"},
}
MORE = """
TAKEN = LETTERS._replace(suffixes=(".md",))
LOUD = LETTERS._replace(suffixes=("LETTER",))


class NeedsMore:
    def __init__(self, more):
        self.more = more
"""


@pytest.mark.parametrize(
    ("setting", "name"), [(setting, name) for setting, names in WRONG.items() for name in names]
)
def test_a_wrong_one_is_told_before_any_work(write_module, tmp_path, setting, name):
    write_module(EXAMPLE + MORE)
    (tmp_path / "my_broken.py").write_text("1 / 0")
    (tmp_path / "a.txt").write_text("News.")
    section = setting.partition(".")[0]
    changes = {setting: [name] if section == "input" else name}
    if section != "input":
        changes[f"{section}.engine"] = "plugin"
    paths = {"input.paths": [str(tmp_path / "a.txt")], "output.path": str(tmp_path / "out")}
    [found] = problems(load_config(None, changes | paths))
    assert found.startswith(f"{setting}: {name}")
    assert WRONG[setting][name] in found


def test_an_engine_that_is_no_plugin_has_none():
    with pytest.raises(ConfigError, match=r"does not use summary\.plugin"):
        load_config(None, {"summary.plugin": "a:B"})
    with pytest.raises(ConfigError, match=r"needs topics\.plugin"):
        load_config(None, {"topics.engine": "plugin"})


def test_formats_of_an_earlier_config_are_read_no_longer(write_module):
    write_module(EXAMPLE)
    read_formats_of_others("input.formats", ["my_news:LETTERS"])
    assert by_suffix("a.LETTER").media_type == "text/x-letter"
    read_formats_of_others("input.formats", [])
    assert by_suffix("a.letter") is None


class Few:
    def write(self, texts, instruction):
        return texts[1:]

    def entailment(self, pairs):
        return [1.0 for _ in pairs[1:]]


def test_too_few_answers_are_a_fault_of_the_plugin():
    with pytest.raises(ValueError, match="Few gave 1 answers to 2 texts"):
        PluginWriter(Few()).write(["a", "b"], Instruction("plain", 70))
    with pytest.raises(ValueError, match="Few gave 1 answers to 2 texts"):
        PluginJudge(Few()).entailment([("a", "b"), ("c", "d")])


def test_an_empty_answer_is_no_summary():
    class Silent:
        max_input = 5

        def write(self, texts, instruction):
            return ["" for _ in texts]

    writer = PluginWriter(Silent())
    assert writer.max_input == 5
    assert writer.write(["a"], Instruction("plain", 70))[0].problem == "empty_output"
