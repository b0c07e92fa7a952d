"""Code of others: the examples of docs/plugins.md, and what is told of wrong ones."""

import errno
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from command import ROOT

from pipeline.api import RejectedWarning, read_output, run
from pipeline.check import problems
from pipeline.cli import main
from pipeline.config_files import load_config
from pipeline.upkeep import made_with
from pipeline.upkeep.rejected import stored_letters
from transforms import isolation
from transforms.errors import ConfigError, Rejected
from transforms.formats import by_suffix, read_formats_of_others
from transforms.formats.base import ParseOptions
from transforms.formats.guarded import guarded
from transforms.formats.text import FORMAT as TEXT
from transforms.isolation import caught, of_plugin
from transforms.models.contract import Instruction
from transforms.models.plugins import PluginJudge, PluginWriter, plugin_loader
from transforms.named_code import PluginError, find_named
from transforms.records import RawDocument

PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
EXAMPLE = "\n\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
BY_PLACE, BY_NAME = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
[PROJECT] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
LETTER = """The ferry sails again
2026-10-01
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
    (tmp_path / "my.yaml").write_text(BY_PLACE)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.letter").write_text(LETTER)
    manifest = run("my.yaml", output="out")
    assert manifest["balance"] == {
        "in": 1, "written": 1, "unchanged": 0, "duplicate": 0, "rejected": 0,
    }  # fmt: skip
    [row] = read_output("out").to_pylist()
    assert row["title"] == "The ferry sails again"
    assert (row["published_at"].date(), row["date_source"]) == (date(2026, 10, 1), "record")
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


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a folder into which the distribution of the page is installed."""
    source, site = tmp_path / "my-news", tmp_path / "site"
    source.mkdir()
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "my_news.py").write_text(EXAMPLE)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", site, source], check=True, timeout=120
    )
    monkeypatch.syspath_prepend(site)
    yield site
    sys.modules.pop("my_news", None)
    read_formats_of_others("input.formats", ())


def test_an_installed_distribution_gives_its_parts_names(site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(BY_NAME)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.letter").write_text(LETTER)
    manifest = run("my.yaml", output="out")
    assert sys.modules["my_news"].__file__ == str(site / "my_news.py")
    assert manifest["balance"]["written"] == 1
    assert manifest["models"]["topics"]["name"] == "words-in-common"
    [row] = read_output("out").to_pylist()
    assert row["summary_model"] == "first-words"
    assert row["summary"] == "The ferry to Orkeny sails again from Monday."


def test_a_name_that_nothing_installed_has_is_told_with_those_that_are(site, tmp_path):
    (tmp_path / "a.txt").write_text("News.")
    changes = {"input.paths": [str(tmp_path / "a.txt")], "output.path": str(tmp_path / "out")}
    wrong = {"input.formats": ["first-words"], "topics.engine": "plugin", "topics.plugin": "mine"}
    [formats] = problems(load_config(None, {**changes, "input.formats": ["first-words"]}))
    assert "calls a plug-in first-words (newsbeam.formats: letters)" in formats
    del wrong["input.formats"]
    [topics] = problems(load_config(None, {**changes, **wrong}))
    assert "calls a plug-in mine (newsbeam.topics: words-in-common)" in topics


ODD = """

def parse_odd(document, options):
    if b"half price" in document.content:
        return {}["headline"]
    if b"for nothing" in document.content:
        return None
    return parse_letter(document, options)


def split_odd(file, stream, max_bytes):
    for document in split_whole(file, stream, max_bytes, media_type="text/x-letter"):
        if b"at night" in document.content:
            open("/no/such/list/of/harbours")
        yield document


class OddWords(FirstWords):
    def write(self, texts, instruction):
        if any("in a storm" in text for text in texts):
            raise sqlite3.OperationalError("no such table: words")
        return [None if "as a gift" in text else "A ferry sails." for text in texts]


class OddJudge(WordsInCommon):
    def entailment(self, pairs):
        found = super().entailment(pairs)
        return found[1:] if any("with mules" in text for text, _ in pairs) else found


LETTERS = LETTERS._replace(split=split_odd, parse=parse_odd)
"""
FAULTS = {
    "half price": ("parse", "KeyError in the plug-in my_news:LETTERS (my_news.py, line "),
    "for nothing": (
        "parse",
        "TypeError in the plug-in my_news:LETTERS, not in newsbeam: parse gave NoneType",
    ),
    "at night": ("read", "FileNotFoundError in the plug-in my_news:LETTERS (my_news.py, line "),
    "in a storm": ("summarize", "OperationalError in the plug-in my_news:OddWords (my_news.py, "),
    "as a gift": ("summarize", "TypeError in the plug-in my_news:OddWords, not in newsbeam: a su"),
    "with mules": ("classify", "ValueError in the plug-in my_news:OddJudge, not in newsbeam: it g"),
}
"""What an article says -> where a plug-in fails at it, and what is told."""
GOES_ON = {"on time", "with bread"}
PLUGINS = {
    "input.formats": ["my_news:LETTERS"], "summary.engine": "plugin", "topics.engine": "plugin",
    "summary.plugin": "my_news:OddWords", "topics.plugin": "my_news:OddJudge",
}  # fmt: skip


def write_letters(folder, how):
    """Write a letter on a ferry that sails so, for each of `how`."""
    folder.mkdir()
    for number, words in enumerate(sorted(how)):
        text = LETTER.replace("sails again from Monday", f"sails {words} from day {number}")
        (folder / f"{number}.letter").write_text(text)


def test_a_fault_of_a_plugin_is_a_dead_letter_of_the_one_article(write_module, tmp_path):
    write_module("import sqlite3\n" + EXAMPLE + ODD)
    output = str(tmp_path / "out")
    write_letters(tmp_path / "news", [*FAULTS, *GOES_ON])
    with pytest.warns(RejectedWarning, match="3 inputs met a fault of the plug-in my_news:LETT"):
        manifest = run(str(tmp_path / "news"), output=output, settings=PLUGINS)
    assert (manifest["balance"]["written"], manifest["faults"]) == (len(GOES_ON), 0)
    names = ["my_news:LETTERS"] * 3 + ["my_news:OddJudge"] + ["my_news:OddWords"] * 2
    assert manifest["plugin_faults"] == Counter(names)
    found = {}
    for letter, *_ in stored_letters(output):
        [words] = [words for words in FAULTS if f"sails {words} " in letter.payload.decode()]
        assert letter.reason == "fault"
        assert ", not in newsbeam: " in letter.detail
        found[words] = (letter.step, letter.detail)
    assert found.keys() == FAULTS.keys()
    for words, (step, told) in FAULTS.items():
        assert found[words][0] == step
        assert found[words][1].startswith(told)


def test_the_report_calls_it_the_plugins(write_module, tmp_path, capfd):
    write_module("import sqlite3\n" + EXAMPLE + ODD)
    write_letters(tmp_path / "news", ["half price", "in a storm", "on time"])
    options = [f"--set={key}={value}" for key, value in PLUGINS.items()]
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "news"), "-o", str(tmp_path / "out"), *options])
    told = capfd.readouterr().err.replace("\n", " ")
    assert ended.value.code == 0
    assert "1 input met a fault of the plug-in my_news:LETTERS, not of newsbeam" in told
    assert "1 input met a fault of the plug-in my_news:OddWords, not of newsbeam" in told
    assert "please report" not in told


BROKEN = """
class Unmade(FirstWords, WordsInCommon):
    def __init__(self):
        self.key = {}["LETTERS_KEY"]


class Refusing(FirstWords, WordsInCommon):
    def write(self, texts, instruction):
        raise ConnectionError("nobody answers")

    def entailment(self, pairs):
        raise ConnectionError("nobody answers")


class Ending(FirstWords):
    calls = 0

    def write(self, texts, instruction):
        type(self).calls += 1
        if self.calls > 1:
            raise RuntimeError("the allowance is used up")
        return super().write(texts, instruction)
"""


@pytest.mark.parametrize("setting", ["summary.plugin", "topics.plugin"])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Unmade", "my_news:Unmade cannot be made: KeyError in the plug-in my_news:Unmade"),
        ("Refusing", "ConnectionError in the plug-in my_news:Refusing (my_news.py, line "),
    ],
)
def test_one_that_fails_at_everything_is_told_before_any_work(
    write_module, tmp_path, setting, name, told
):
    write_module(EXAMPLE + BROKEN)
    write_letters(tmp_path / "news", GOES_ON)
    section = setting.partition(".")[0]
    changes = {f"{section}.engine": "plugin", setting: f"my_news:{name}"}
    changes |= {"input.formats": ["my_news:LETTERS"]}
    with pytest.raises(ConfigError) as raised:
        run(str(tmp_path / "news"), output=str(tmp_path / "out"), settings=changes)
    assert str(raised.value).startswith(f"{setting}: {told}")
    assert "mend" in str(raised.value).lower()
    assert not list((tmp_path / "out").glob("_runs/*.json"))


def test_one_that_fails_at_everything_from_some_moment_on_ends_the_run(
    write_module, tmp_path, capfd
):
    write_module(EXAMPLE + BROKEN)
    write_letters(tmp_path / "news", GOES_ON)
    settings = {
        "input.formats": ["my_news:LETTERS"], "summary.engine": "plugin",
        "summary.plugin": "my_news:Ending",
    }  # fmt: skip
    options = [f"--set={key}={value}" for key, value in settings.items()]
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "news"), "-o", str(tmp_path / "out"), *options])
    told = capfd.readouterr().err
    assert ended.value.code == 1
    assert "RuntimeError in the plug-in my_news:Ending (my_news.py, line " in told
    assert "It fails at every article. Mend the plug-in" in told
    assert "Traceback" not in told
    assert "while running" not in told


class Few:
    def write(self, texts, instruction):
        return texts[1:]

    def entailment(self, pairs):
        return [1.0 for _ in pairs[1:]]


def test_too_few_answers_are_a_fault_of_the_plugin():
    with pytest.raises(PluginError, match=r"plug-in a:Few, .*: it gave 1 answers to 2 texts"):
        PluginWriter(Few(), "a:Few").write(["a", "b"], Instruction("plain", 70))
    with pytest.raises(PluginError, match=r"plug-in a:Few, .*: it gave 1 answers to 2 texts"):
        PluginJudge(Few(), "a:Few").entailment([("a", "b"), ("c", "d")])


@pytest.mark.parametrize("answer", ["AB", b"AB", {"a": 1, "b": 2}, {"a", "b"}, None])
def test_what_is_no_list_of_answers_is_a_fault_of_the_plugin(answer):
    class Odd:
        def write(self, texts, instruction):
            return answer

        def entailment(self, pairs):
            return answer

    told = f"TypeError in the plug-in a:Odd, not in newsbeam: {{}} gave {type(answer).__name__} in"
    with pytest.raises(PluginError, match=told.format("write")):
        PluginWriter(Odd(), "a:Odd").write(["a", "b"], Instruction("plain", 70))
    with pytest.raises(PluginError, match=told.format("entailment")):
        PluginJudge(Odd(), "a:Odd").entailment([("a", "b"), ("c", "d")])


def test_a_fault_in_what_newsbeam_offers_is_told_at_the_plugins_line(write_module):
    write_module(EXAMPLE.replace("title=headline", "title=None"))
    form = guarded("my_news:LETTERS", find_named("input.formats", "my_news:LETTERS"))
    letter = RawDocument("a.letter", form.media_type, LETTER.encode(), datetime.now(UTC))
    with pytest.raises(PluginError, match=r"my_news:LETTERS \(my_news\.py, line \d+\), not in"):
        form.parse(letter, ParseOptions())


def test_a_changed_module_is_called_that(write_module, monkeypatch):
    write_module(EXAMPLE)
    loader = plugin_loader("summary.plugin", "my_news:FirstWords")
    before = {"models": {"summaries": {"name": loader.name, "sha256": loader.digest}}}
    monkeypatch.setattr(made_with, "newest_run", lambda root: ("a.json", before))
    plan = SimpleNamespace(models={"summaries": loader})
    made_with.require_same_models("out", plan, {})
    before["models"]["summaries"]["sha256"] = "0" * 64
    told = "the same name, but the code of its module has changed since; name .*: --config CONFIG"
    with pytest.raises(ConfigError, match=told):
        made_with.require_same_models("out", plan, {})


@pytest.mark.parametrize(
    "error", [Rejected("embargoed", "until noon"), OSError(errno.ENOSPC, "full"), MemoryError()]
)
def test_what_is_no_fault_of_a_plugin_stays_what_it_is(monkeypatch, error):
    def work():
        raise error

    monkeypatch.setattr(isolation, "_has_room", lambda: False)
    with pytest.raises(type(error)):
        of_plugin("a:b", work)


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SystemExit(0), ", not in newsbeam: 0"),
        (MuteError(), ", not in newsbeam: its message cannot be had"),
        (ValueError("no https://a.example/?api_key=SECRET"), "api_key=~"),
    ],
)
def test_whatever_a_plugin_raises_is_told_as_its_fault(error, told):
    def work():
        raise error

    with pytest.raises(PluginError) as raised:
        of_plugin("a:b", work)
    assert told in str(raised.value)
    assert "SECRET" not in str(raised.value)
    assert told in caught(lambda: of_plugin("a:b", work)).detail


def test_a_module_that_cannot_be_imported_tells_no_secret(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_leak.py").write_text('raise OSError("https://a.example/?api_key=SECRET")')
    with pytest.raises(ConfigError, match=r"api_key=~") as raised:
        find_named("summary.plugin", "my_leak:Class")
    assert "SECRET" not in str(raised.value)


def test_one_that_rejects_the_sample_article_works(write_module):
    write_module("class German:\n    def write(self, texts, instruction):\n        return []\n")

    def refuse(_):
        raise Rejected("foreign", "is not German")

    plugin_loader("summary.plugin", "my_news:German").try_out(refuse)


def distribution(site, name, points):
    """Write an installed distribution with `points`, the bytes of its entry_points.txt."""
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_bytes(points)


@pytest.mark.parametrize("broken", [b"[newsbeam.summarizers]\nno value\n", b"[a]\nb = \xff\n"])
@pytest.mark.parametrize("value", ["my_news:One", "my_news : One", "my_news:One [extra]"])
def test_a_name_is_found_beside_a_broken_distribution(write_module, tmp_path, broken, value):
    write_module("class One:\n    pass\n")
    distribution(tmp_path, "broken", broken)
    distribution(tmp_path, "sound", f"[newsbeam.summarizers]\none = {value}\n".encode())
    assert find_named("summary.plugin", "one").__name__ == "One"


def test_a_name_of_a_module_alone_is_told(write_module, tmp_path):
    write_module("")
    distribution(tmp_path, "sound", b"[newsbeam.summarizers]\none = my_news\n")
    with pytest.raises(ConfigError, match="one names a module, my_news, not what is in it"):
        find_named("summary.plugin", "one")


def test_a_name_that_comes_to_mean_another_class_gives_other_answers(write_module, tmp_path):
    write_module(
        "".join(
            f"class {name}:\n    def write(self, texts, instruction):\n        return []\n"
            for name in ("One", "Two")
        )
    )
    answers, records = set(), set()
    distribution(tmp_path, "sound", b"")
    for name in ("One", "Two"):
        points = tmp_path / "sound-1.0.dist-info" / "entry_points.txt"
        points.write_text(f"[newsbeam.summarizers]\nmine = my_news:{name}\n")
        loader = plugin_loader("summary.plugin", "mine")
        answers.add(loader.answers)
        records.add(loader.record(used=True)["sha256"])
    assert len(answers) == len(records) == 2


def test_a_format_that_splits_into_nothing_is_at_fault():
    form = guarded("a:b", TEXT._replace(split=lambda *_: None))
    with pytest.raises(PluginError, match="TypeError in the plug-in a:b"):
        list(form.split(None, None, 9))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_judge_gives_finite_numbers(number):
    class Odd:
        def entailment(self, pairs):
            return [number for _ in pairs]

    with pytest.raises(PluginError, match="a number is finite"):
        PluginJudge(Odd(), "a:Odd").entailment([("a", "b")])


def test_a_writer_is_not_asked_about_nothing():
    assert PluginWriter(None, "a:None").write([], Instruction("plain", 70)) == []


def test_an_empty_answer_is_no_summary():
    class Silent:
        max_input = 5

        def write(self, texts, instruction):
            return ["" for _ in texts]

    writer = PluginWriter(Silent(), "a:Silent")
    assert writer.max_input == 5
    assert writer.write(["a"], Instruction("plain", 70))[0].problem == "empty_output"
