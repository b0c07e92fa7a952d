"""What a command prints: on any terminal, to any reader, of any content."""

import io
import json
import logging
import os
import re
import subprocess
import sys

import pytest
from builders import make_published
from command import ROOT
from rich.table import Table
from rich.text import Text

from pipeline.cli.screen import PrintableFormatter, print_json, say, show_any_character, terminal
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.records import Partition

HOSTILE = "News\x1b]8;;https://evil.example\x07click\x1b[2J\x9b31m\u202egpj.exe\ud800é"
CLEAN = "News]8;;https://evil.exampleclick[2J31mgpj.exe\ufffdé"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.mark.parametrize(
    "show",
    [
        lambda: say(HOSTILE),
        lambda: terminal().print(HOSTILE),
        lambda: terminal().print(Text(HOSTILE, style="bold")),
        lambda: terminal().print(Text.assemble((HOSTILE, "red"))),
        lambda: terminal().print(table(HOSTILE)),
    ],
)
def test_no_text_moves_the_cursor(capsys, show):
    show()
    shown = capsys.readouterr().out
    assert OBEYED.findall(shown) == []
    assert CLEAN in " ".join(shown.split())


def table(text):
    made = Table("what", title=text)
    made.add_row(text)
    return made


def test_our_own_colours_stay(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal().print(Text(HOSTILE, style="bold red"))
    shown = capsys.readouterr().out
    assert shown.startswith("\x1b[1;31mNews]8;;")
    assert OBEYED.sub("", shown) == f"[1;31m{CLEAN}[0m\n"


def test_json_has_no_control_characters_and_the_same_values(capsys):
    value = {"source": HOSTILE.replace("\ud800", "")}
    print_json(value)
    shown = capsys.readouterr().out
    assert OBEYED.findall(shown.replace("\u202e", "")) == []
    assert json.loads(shown) == value


def test_the_log_is_printable():
    record = logging.LogRecord("name", logging.WARNING, "", 1, "read %s", (HOSTILE,), None)
    assert PrintableFormatter("%(message)s").format(record) == f"read {CLEAN}"


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """Yield an output with many articles whose values are hostile, but for surrogates."""
    root = tmp_path_factory.mktemp("shown") / "out"
    hostile = HOSTILE.replace("\ud800", "")
    rows = [
        article_row(make_published(n, source=hostile, title=f"{hostile} {n}"), "R1")
        for n in range(20)
    ]
    publish_partition(str(root), Partition("2026-10-01", 0), rows)
    return root


def piped(output, *arguments, **environment):
    """Run `newsbeam show` into a pipe that is closed after its first bytes."""
    code = "from pipeline.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        process.wait(120)
    return process.returncode, said.decode()


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_reader_that_has_had_enough_ends_the_command_well(output, more):
    # Each write goes out at once, as those of a command that prints more than a pipe holds do.
    assert piped(output, "show", output, *more, PYTHONUNBUFFERED="1") == (0, "")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "'Sao Jorge' - \"3 x 4\" - Zlo. ? ? ?"),
        ("latin-1", "'São Jorge' · \"3 × 4\" - Zlo. ? ? ?"),
        ("utf-8", "‘São Jorge’ · “3 × 4” – Żło… 日 😀 \ufffd"),
    ],
)
def test_what_a_character_looks_like_stands_for_it(encoding, shown, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding, newline=""))
    show_any_character()
    say("‘São Jorge’ · “3 × 4” – Żło… 日 😀 \ufffd")
    sys.stdout.flush()
    assert written.getvalue().decode(encoding) == f"{shown}\n"


@pytest.mark.parametrize(
    "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0",
                                                    "PYTHONCOERCECLOCALE": "0"}]
)  # fmt: skip
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_terminal_that_cannot_show_a_character_shows_another_one(output, environment, more):
    code = "from pipeline.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "show", output, *more],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode("ascii")
    assert OBEYED.findall(shown) == []
    if more:
        assert json.loads(shown)[0]["source"] == HOSTILE.replace("\ud800", "")
    else:
        assert "gpj.exee" in shown
