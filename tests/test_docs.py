"""What the docs and the messages name exists: settings, options, files, metrics."""

import ast
import importlib
import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
import typer
from pydantic import BaseModel

from pipeline.cli import app
from pipeline.config import Config, InputConfig
from pipeline.watch import Status
from transforms.formats import SUFFIXES
from transforms.formats.compound_names import GLUED_BEFORE, IN_FORM, OF_ARTICLE
from transforms.formats.field_names import CONTAINERS, FIELDS, HOLDERS, WRAPPERS
from transforms.records import TEXT_REMOVED
from transforms.text.walls import wall_languages

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
    known = SETTINGS.union(*FIELDS.values())
    unknown = {name for name in named - known if not name.endswith((".md", ".yaml"))}
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


def options_of(command):
    return {option for p in command.params for option in (*p.opts, *p.secondary_opts)}


def test_options_of_commands_exist():
    found = list(uses())
    assert len(found) > 20
    for page, path, options in found:
        assert options_of(COMMANDS[path]) | {"--help"} >= set(options), (page, path)


def test_commands_without_json_are_named():
    page = (ROOT / "README.md").read_text("utf-8")
    [named] = re.findall(r"but for (.*?), `--json`", page)
    without = {
        " ".join(path)
        for path, command in COMMANDS.items()
        if path and "--json" not in options_of(command)
    }
    assert set(re.findall(r"`([a-z -]+)`", named)) == without


OF_OTHERS = {"--sdk_worker_parallelism", "--experiments", "--default"}
"""Options of Beam and of its Java service."""


def test_options_exist():
    known = set().union(*map(options_of, COMMANDS.values()))
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


EXAMPLES = ("transforms/formats/shout.py", "tests/<folder>/test_")
"""What a contributor is told to write."""


def test_metrics_of_watch_are_documented():
    page = (ROOT / "docs/watch.md").read_text("utf-8")
    metrics = Status().registry.collect()
    made = {m.name + "_total" * (m.type == "counter") for m in metrics}
    assert len(made) > 5
    assert made == set(re.findall(r"`(newsbeam_[a-z_]+)[{`]", page))


def test_every_ending_that_is_read_is_listed():
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    table = page.partition("## Files that are read")[2]
    cells = re.findall(r"^\| (`\.[^|]+)\|", table, re.MULTILINE)
    listed = set(" ".join(cells).replace("`", "").split())
    assert listed == set(SUFFIXES), "the table of docs/operations.md names them"


def declared(name):
    """Yield step and code of what the steps' modules declare as `name`."""
    for path in SOURCES:
        if re.search(rf"^{name} = ", path.read_text("utf-8"), re.MULTILINE):
            parts = path.relative_to(ROOT).with_suffix("").parts
            module = importlib.import_module(".".join(p for p in parts if p != "__init__"))
            yield from ((module.STEP, code) for code in getattr(module, name))


def codes_of(page, heading):
    """Return the cells that name codes, in the table below `heading`: the cells before, each."""
    table = (ROOT / page).read_text("utf-8").partition(heading)[2].partition("\n## ")[0]
    rows = re.findall(r"^\|(?: (\w+) \|)? (`[^|]+) \|", table, re.MULTILINE)
    return sorted((step, code) for step, cell in rows for code in re.findall(r"`(\w+)`", cell))


RAISERS = {"Rejected": 0, "letter": 1, "_file_letter": 1, "dead_letter": 2}
"""Function -> place of the reason among its arguments."""


def reasons_in_code():
    """Yield the reason of each dead letter, as far as its call says so."""
    for path in ROOT.glob("transforms/**/*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(call, "func", None), "id", None)
            if isinstance(call, ast.Call) and name in RAISERS and len(call.args) > RAISERS[name]:
                reason = call.args[RAISERS[name]]
                if isinstance(reason, ast.Constant):
                    yield reason.value


def strings_in_code():
    """Return all strings of `transforms` but for those that only declare codes."""
    found = set()
    for path in ROOT.glob("transforms/**/*.py"):
        for statement in ast.parse(path.read_text("utf-8")).body:
            targets = [getattr(target, "id", "") for target in getattr(statement, "targets", ())]
            if not {"REASONS", "FLAGS"} & set(targets):
                nodes = ast.walk(statement)
                found |= {node.value for node in nodes if isinstance(node, ast.Constant)}
    return found


def test_reasons_of_dead_letters_are_the_documented_ones():
    reasons = set(declared("REASONS"))
    assert codes_of("docs/schema.md", "\n## Dead letters") == sorted(reasons)
    codes = {code for _, code in reasons}
    assert set(reasons_in_code()) <= codes <= strings_in_code()


def test_flags_are_the_documented_ones():
    flags = {code for _, code in declared("FLAGS")} | {TEXT_REMOVED}
    assert [code for _, code in codes_of("docs/schema.md", "\n## Flags")] == sorted(flags)
    assert flags <= strings_in_code()


def test_field_names_are_the_documented_ones():
    page = (ROOT / "docs/operations.md").read_text("utf-8").partition("\n## Fields of records")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert dict(rows) == {field: ", ".join(names) for field, names in FIELDS.items()}
    assert all(f"`{name}`" in page for name in (*WRAPPERS, *CONTAINERS, *HOLDERS))
    flat = " ".join(page.split())
    assert all(f": {', '.join(words)}" in flat for words in (OF_ARTICLE, IN_FORM, GLUED_BEFORE))
    names, _ = get_args(InputConfig.model_fields["fields"].annotation)
    assert get_args(names) == tuple(FIELDS)


def test_every_benchmark_is_described_in_one_line():
    page = (ROOT / "benchmarks/README.md").read_text("utf-8")
    described = re.findall(r"^\| `(\w+\.py)` \| .+ \|$", page, re.MULTILINE)
    programs = {
        path.name for path in ROOT.glob("benchmarks/*.py") if "__main__" in path.read_text()
    }
    used = {path.name for path in ROOT.glob("benchmarks/*.py")} - programs
    assert described == sorted(programs - {"chaos_reader.py", "store_server.py"})
    assert all(f"`{name}`" in page for name in used)


def test_languages_of_walls_are_the_documented_ones():
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    section = page.partition("\n## Walls")[2].partition("\n## ")[0]
    listed = re.search(r"in these languages: ([^.]+)\.", section)
    assert listed
    assert " ".join(listed[1].split()) == ", ".join(sorted(wall_languages().values()))
