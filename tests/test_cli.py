"""The command as a script or a person uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import __version__
from pipeline.cli import app, main

SEEDS = Path(__file__).parents[1] / "seeds"
COMMANDS = ("run", "check", "show", "feeds", "rejected", "verify", "models")


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
        (["show", "/none"], "holds no published articles"),
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
    result = invoke("check", "-i", SEEDS, "-o", tmp_path / "out")
    assert result.exit_code == 0
    files = sum(path.is_file() for path in SEEDS.rglob("*"))
    assert f"OK: {files} files and 0 feeds" in result.output
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
    times = [row["published_at"] for row in everything]
    assert times == sorted(times, reverse=True)
    page = invoke("show", output, "-n", 3).output
    for row in everything[:3]:
        assert row["title"][:30] in page
    assert "No published article fits." in invoke("show", output, "--topic", "none such").output


def test_a_run_that_is_no_terminal_prints_one_line(tmp_path, newsbeam):
    source = tmp_path / "in" / "a.txt"
    source.parent.mkdir()
    source.write_text("Bridge opens\n\nThe council opened a new bridge over the river on Monday.\n")
    done = newsbeam("run", "-i", source, "-o", tmp_path / "out")
    assert done.code == 0
    assert done.out.startswith("1 in = 1 written + 0 unchanged + 0 duplicate + 0 rejected")
    assert done.out.count("\n") == 1
    assert done.err == ""
