"""The command as a script or a person uses it."""

import json
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

import pytest
from builders import NOW
from typer.testing import CliRunner

from pipeline import __version__
from pipeline.cli import app, main
from pipeline.cli.screen import terminal
from pipeline.config_files import load_config
from pipeline.manifest import Manifest
from pipeline.outcome import Counts
from pipeline.report import print_report
from pipeline.watch.status import Status
from pipeline.watch.view import render
from transforms.fetch import FeedState, commit_states

SEEDS = Path(__file__).parents[2] / "seeds"
COMMANDS = (
    "demo", "init", "doctor", "run", "check", "show", "export", "feeds", "rejected", "verify",
    "models",
)  # fmt: skip


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def failed(capsys, *arguments):
    """Run the command, which must fail; return its exit code and what it says."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command):
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"newsbeam {command}" in result.output


def test_help_lists_commands_and_exit_codes():
    output = invoke("--help").output
    assert all(command in output for command in COMMANDS)
    assert "Exit codes" in output


def test_version():
    assert invoke("--version").output.strip() == __version__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "none.yaml"], "none.yaml does not exist"),
        (["run", "-i", "/none/*.txt"], "matches no file"),
        (["run", "-i", SEEDS, "--set", "sumary.words=3"], "sumary: unknown key"),
        (["run", "-i", SEEDS, "--set", "summary"], "write section.key=value"),
        (["run", "-i", SEEDS, "--topics", "none.yaml"], "topics.file: none.yaml does not exist"),
        (["run", "-i", SEEDS, "-o", "/proc/none"], "cannot be written"),
        (["check", "feeds"], "nothing to read"),
        (["show", "/none"], "is not the output of a run"),
        (["feeds", "/none"], "is not the output of a run"),
        (["rejected", "/none"], "is not the output of a run"),
        (["rejected", "/none", "--list"], "is not the output of a run"),
    ],
)
def test_wrong_usage_fails_before_any_work_and_names_the_fault(
    capsys, monkeypatch, arguments, message
):
    def no_work(*_arguments, **_keywords):
        raise AssertionError("work has begun")

    monkeypatch.setattr("pipeline.run.run", no_work)
    code, said = failed(capsys, *arguments)
    assert code == 2
    assert message in said


MARKUP = "[gcp] [red]x[/y] :warning:"
"""A text that a terminal library could take for more than text."""


def printed(capsys, *arguments):
    """Run the command; return what it prints."""
    with pytest.raises(SystemExit):
        main([str(argument) for argument in arguments])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", ["run", "check", "watch"])
def test_an_error_is_printed_as_it_is(capsys, tmp_path, command):
    code, said = failed(capsys, command, tmp_path / f"{MARKUP}.yaml")
    assert (code, f"{tmp_path}/{MARKUP}.yaml does not exist" in said) == (2, True)


def test_what_to_install_is_printed_whole(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "deltalake", None)  # as if it were not installed
    table = ["--set", "output.table.format=delta"]
    code, said = failed(capsys, "run", "-i", SEEDS, "-o", tmp_path, *table)
    assert (code, "pip install 'newsbeam[delta]'" in said) == (2, True), said


def test_data_are_printed_as_they_are(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    state = FeedState(f"https://a.example/{MARKUP}", last_error=f"no {MARKUP}", last_poll=NOW)
    commit_states(str(tmp_path), [state])
    (tmp_path / "_runs").mkdir()
    (tmp_path / "_runs/R.json").write_text("{}")
    shown = printed(capsys, "feeds", tmp_path)
    assert f"https://a.example/{MARKUP}" in shown
    assert f"no {MARKUP}" in shown
    config = tmp_path / "c.yaml"
    model = {"engine": "seq2seq", "model": {"source": f"path:/none/{MARKUP}"}}
    config.write_text(json.dumps({"summary": model, "topics": {"file": "topics/iptc.yaml"}}))
    found = f"no: model path:/none/{MARKUP}: /none/{MARKUP} does not exist"
    assert found in printed(capsys, "models", "list", config)
    status = Status()
    status.faults[f"folder {MARKUP}"] = f"is {MARKUP}"
    terminal().print(render(status, str(tmp_path)))
    output = f"{tmp_path}/out {MARKUP}"
    manifest = Manifest("R", "done", NOW, load_config(None, {"output.path": output}), "run")
    manifest.counts = Counts(read=1, rejected=Counter({"parse.bad_json": 1}))
    print_report(terminal(), manifest, f"{output}/_runs/R.json")
    shown = capsys.readouterr().out
    for text in (f"folder {MARKUP}", f"is {MARKUP}", f"https://a.example/{MARKUP}"):
        assert text in shown
    assert f"Output {output}, manifest {output}/_runs/R.json" in shown
    assert f"Read it: newsbeam show '{output}'" in shown


def test_no_other_console_is_made():
    sources = Path(__file__).parents[2].glob("pipeline/**/*.py")
    makers = {path.name for path in sources if re.search(r"\b(Console|Screen)\(", path.read_text())}
    assert makers == {"screen.py"}


def test_check_finds_every_problem_at_once(tmp_path):
    topics = tmp_path / "topics.yaml"
    topics.write_text("name: t\ntopics: [{label: a}]")
    arguments = ["-i", "/none/*.txt", "--topics", topics, "-o", "/proc/none", "--json"]
    result = invoke("check", *arguments)
    problems = json.loads(result.output)["problems"]
    assert result.exit_code == 2
    assert ["/none/*.txt" in problems[0], "topics.yaml" in problems[1], "/proc" in problems[2]] == [
        True
    ] * 3


def test_check_passes_and_leaves_nothing(tmp_path):
    result = invoke("check", "-i", SEEDS, "-o", tmp_path / "new/out")
    assert result.exit_code == 0
    files = sum(path.is_file() for path in SEEDS.rglob("*"))
    assert f"OK: {files} files and 0 feeds" in result.output
    assert list(tmp_path.iterdir()) == []
    for command in ("check", "run"):
        assert invoke(command, "-i", tmp_path / "none", "-o", tmp_path / "new/out").exit_code != 0
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "new").mkdir()
    assert invoke("check", "-i", SEEDS, "-o", tmp_path / "new/out").exit_code == 0
    assert [*tmp_path.rglob("*")] == [tmp_path / "new"]


def test_check_for_watch_lets_a_folder_be_empty(tmp_path):
    (tmp_path / "in").mkdir()
    arguments = ["check", "-i", tmp_path / "in", "-o", tmp_path / "out"]
    assert invoke(*arguments).exit_code == 1  # raised, as there is no main here
    result = invoke(*arguments, "--watch")
    assert (result.exit_code, "OK: 0 files and 0 feeds" in result.output) == (0, True)
    gone = invoke("check", "-i", tmp_path / "gone", "-o", tmp_path / "out", "--watch", "--json")
    assert (gone.exit_code, "gone does not exist" in gone.output) == (2, True)


def test_models_are_present():
    [model] = json.loads(invoke("models", "--json").output)
    assert model["present"]
    assert model["name"] == "all-MiniLM-L6-v2"
    assert model["sha256"][:8] in invoke("models").output


def test_show_filters_by_date_and_topic(seeds_run):
    output, _ = seeds_run
    everything = json.loads(invoke("show", output, "--json", "-n", 1000).output)
    day = json.loads(invoke("show", output, "--date", "2026-10-06", "--json", "-n", 1000).output)
    assert {row["published_at"][:10] for row in day} == {"2026-10-06"}
    sport = json.loads(invoke("show", output, "--topic", "SPORT", "--json", "-n", 1000).output)
    assert {row["topic"] for row in sport} == {"sport"}
    assert 0 < len(sport) < len(everything) == 74
    order = [(row["date_source"] not in ("file", "run"), row["published_at"]) for row in everything]
    assert order == sorted(order, reverse=True)
    page = invoke("show", output, "-n", 3).output
    for row in everything[:3]:
        assert row["title"][:30] in page
    told = invoke("show", output, "--topic", "none such").output
    assert "No article has a topic like 'none such'. There are: " in told
    assert "sport, weather." in told


def test_a_run_that_is_no_terminal_prints_one_line(tmp_path, newsbeam):
    source = tmp_path / "in" / "a.txt"
    source.parent.mkdir()
    source.write_text("Bridge opens\n\nThe council opened a new bridge over the river on Monday.\n")
    done = newsbeam("run", "-i", source, "-o", tmp_path / "out")
    assert done.code == 0
    assert done.out.startswith("1 in = 1 written + 0 unchanged + 0 duplicate + 0 rejected")
    assert done.out.count("\n") == 1
    assert done.err == ""


def test_columns_that_nobody_knows_are_named_by_check_and_at_the_end_of_a_run(tmp_path):
    text = "The ferry of Norrby runs again, its owner said on Tuesday. " * 6
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text(
        f"Kopf;Wann;Meldung;Aufrufe\nFerry runs again;13.05.2024;{text};7\n"
    )
    (tmp_path / "in/b.csv").write_text(f"Kopf;Text;Aufrufe\nBridge opens;{text} It is open.;7\n")
    (tmp_path / "in/c.jsonl").write_text('{"title": "Tunnel", "text": "It is dug."}\n')
    arguments = ["-i", tmp_path / "in", "-o", tmp_path / "out"]
    line = "newsbeam knows no field called Aufrufe, Kopf, Meldung, Wann; to take them: "
    taken = "--set 'input.fields={date: [Wann], text: [Meldung], title: [Kopf]}'"
    shown = invoke("check", *arguments)
    assert shown.exit_code == 0
    assert f"a.csv: {line}{taken}" in shown.output
    assert "b.csv: newsbeam knows no field called Aufrufe, Kopf; to take them: " in shown.output
    assert "c.jsonl:" not in shown.output
    assert len(json.loads(invoke("check", "--json", *arguments).output)["unknown_columns"]) == 2
    done = invoke("run", *arguments)
    assert f"Some records lack a title, text or date: {line}{taken}\n" in done.output
    letters = json.loads(invoke("rejected", tmp_path / "out", "--json").output)
    details = [letter["detail"] for letter in letters if letter["reason"] == "no_text"]
    assert len(details) == 1
    assert taken in details[0]


def test_the_setting_that_check_names_takes_the_columns(tmp_path):
    text = "The ferry of Norrby runs again, its owner said on Tuesday. " * 6
    (tmp_path / "a.csv").write_text(f"Kopf;Wann;Meldung\nFerry runs again;13.05.2024;{text}\n")
    arguments = ["-i", tmp_path / "a.csv", "-o", tmp_path / "out"]
    setting = invoke("check", *arguments).output.partition("to take them: ")[2].splitlines()[0]
    shown = invoke("check", *arguments, *shlex.split(setting))
    assert shown.exit_code == 0
    assert "knows no field" not in shown.output
