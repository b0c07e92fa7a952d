"""What the docs and the messages name exists: settings, options, files, metrics."""

import ast
import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
import typer
from pydantic import BaseModel

from pipeline.cli import app
from pipeline.config import Config
from pipeline.watch import Status

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted([*ROOT.glob("pipeline/**/*.py"), *ROOT.glob("transforms/**/*.py")])


def settings(model, prefix=""):
    """Yield the names of all settings below `model`."""
    for name, field in model.model_fields.items():
        yield prefix + name
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from settings(part, f"{prefix}{name}.")


SETTINGS = set(settings(Config))
SETTING = re.compile(
    rf"(?<![\w./-])(?:{'|'.join(Config.model_fields)})\.[a-z_0-9]+(?:\.[a-z_0-9]+)*(?![\w/(*-])"
)


def texts_of(path):
    """Return the text of a page, or the strings of a source but for its docstrings."""
    content = path.read_text("utf-8")
    if path.suffix == ".md":
        return [content]
    tree = ast.parse(content)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]


@pytest.mark.parametrize("path", [*PAGES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_exist(path):
    named = {name for text in texts_of(path) for name in SETTING.findall(text)}
    unknown = {name for name in named - SETTINGS if not name.endswith((".md", ".yaml"))}
    assert not {n for n in unknown if not n.startswith("input.fields.")}


def commands(command, path=()):
    """Yield every command with its words."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))
USE = re.compile(r"newsbeam((?:[ ]+[\w./=:,{}'\[\]-]+)+)")


def uses():
    """Yield each use of a command on a page: the page, the words of the command, the options."""
    for page in PAGES:
        for found in USE.findall(page.read_text("utf-8")):
            words = shlex.split(found.replace("'", ""))
            path = ()
            while words and (*path, words[0]) in COMMANDS:
                path = (*path, words.pop(0))
            own = words[: words.index("--")] if "--" in words else words
            options = [word.partition("=")[0] for word in own if word.startswith("-")]
            if path and options:
                yield page.name, path, options


def test_options_of_commands_exist():
    found = list(uses())
    assert len(found) > 20
    for page, path, options in found:
        known = {o for p in COMMANDS[path].params for o in (*p.opts, *p.secondary_opts)}
        assert known | {"--help"} >= set(options), (page, path)


OF_OTHERS = {"--sdk_worker_parallelism", "--experiments", "--default"}
"""Options of Beam and of its Java service."""


def test_options_exist():
    known = {
        option
        for command in COMMANDS.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for page in PAGES:
        named = set(re.findall(r"`(--[a-z][a-z_-]*)", page.read_text("utf-8")))
        assert known | OF_OTHERS | {"--help"} >= named, page.name


def test_files_and_links_exist():
    folders = "benchmarks|configs|docs|pipeline|tests|transforms"
    own = re.compile(rf"(?<![\w/.-])(?:{folders})/[\w./*-]+\w")
    for page in PAGES:
        text = page.read_text("utf-8")
        links = re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", text)
        missing = [link for link in links if not (page.parent / link).exists()]
        missing += [name for name in own.findall(text) if not [*ROOT.glob(name)]]
        assert [m for m in missing if not m.startswith(EXAMPLES)] == [], page.name


EXAMPLES = ("transforms/formats/shout.py", "tests/test_")
"""What a contributor is told to write."""


def test_metrics_of_watch_are_documented():
    page = (ROOT / "docs/watch.md").read_text("utf-8")
    metrics = Status().registry.collect()
    made = {m.name + "_total" * (m.type == "counter") for m in metrics}
    assert len(made) > 5
    assert made == set(re.findall(r"`(newsbeam_[a-z_]+)[{`]", page))
