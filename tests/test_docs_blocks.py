"""The blocks of the docs: commands parse, settings are a config, code and queries run.

Not run are the commands themselves, as they need files, networks and services of their reader (the
tests of each command run it); those of other programs; and pictures of what is printed. Code that
belongs into modules (CONTRIBUTING.md) only compiles; docs/plugins.md has test_plugins.py.
"""

import re
import shlex
from datetime import timedelta

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest
import typer
from command import ROOT
from site_pages import DAY, article, write_articles

from pipeline.cli import app
from pipeline.config_files import load_config
from transforms.classify.topics import load_topics
from transforms.output.schema import COLUMNS

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
LINE = re.compile(r"^ *(?:\$ )?(?:sudo -u newsbeam )?(?:[\w/]+/)?newsbeam (.+)$", re.MULTILINE)
NEEDS_MORE = ("CONTRIBUTING.md", "docs/plugins.md")
OF_A_TABLE = "DeltaTable"
"""Needs a table in a lakehouse format; tests/output/tables reads such in the same way."""


def blocks(*languages):
    """Return each block in one of these languages: its page and its text."""
    found = []
    for page in PAGES:
        for language, text in BLOCK.findall(page.read_text("utf-8")):
            if language in languages:
                found.append(pytest.param(text, id=f"{page.relative_to(ROOT)} {len(found)}"))
    return found


@pytest.fixture(scope="module", params=["first", "last"])
def folder(request, tmp_path_factory):
    """Return a folder with an output of two days; the first or last is of the first version."""
    folder = tmp_path_factory.mktemp("blocks")
    days = [DAY, DAY + timedelta(days=1)]
    rows = [article(number, published_at=day, story_id="s") for number, day in enumerate(days)]
    write_articles(folder / "out", rows)
    old = days[0 if request.param == "first" else 1]
    path = folder / f"out/date={old.date()}/part-00.parquet"
    newer = [column.name for column in COLUMNS if column.since > 1]
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(newer), path)
    return folder


def parse(words):
    """Parse a command and its arguments, as the shell would hand them over."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, *words = command.commands[words[0]], *words[1:]
    command.make_context("newsbeam", words)


@pytest.mark.parametrize("text", [p for p in blocks("") if LINE.search(p.values[0])])
def test_commands_are_some(text):
    for line in LINE.findall(text):
        words = shlex.split(line, comments=True)
        assert not [word for word in words if "#" in word], line
        parse(words)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_settings_are_a_config(text, tmp_path):
    (tmp_path / "my.yaml").write_text(text)
    if text.startswith("name: "):
        load_topics(str(tmp_path / "my.yaml"))
    else:
        load_config(str(tmp_path / "my.yaml"), {})


@pytest.mark.parametrize("text", blocks("python"))
def test_code_runs(text, folder, monkeypatch):
    code = compile(text, "block", "exec")
    if any(text in (ROOT / page).read_text("utf-8") for page in NEEDS_MORE) or OF_A_TABLE in text:
        return
    monkeypatch.chdir(folder)
    exec(code, {"pandas": pandas, "polars": polars})  # noqa: S102 (our own docs)


@pytest.mark.parametrize("text", blocks("sql"))
def test_queries_run(text, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert duckdb.sql(text).fetchall()
