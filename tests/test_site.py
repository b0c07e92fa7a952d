"""The docs as a site: all is there, every link leads somewhere, nothing is asked of others."""

import os
import re
import subprocess
import sys

import pytest
import typer
from command import ROOT

from pipeline.cli import app
from pipeline.config_schema import config_schema

ASKS = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc="?(?:https?:)?//|<link[^>]*rel="?(?:stylesheet|preconnect|preload)[^>]*(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_every_page_of_the_docs_is_in_it_and_asks_nothing_of_others(site):
    pages = {str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/**/*.md")}
    names = {page.replace("README.md", "index.md").replace(".md", ".html") for page in pages}
    built = {str(page.relative_to(site)) for page in site.rglob("*.html")}
    assert names | {"index.html", "contributing.html", "changelog.html"} <= built
    for page in built:
        assert not ASKS.search((site / page).read_text("utf-8")), page


def test_files_of_code_that_a_page_links_to_are_in_it(site):
    [link] = re.findall(r'href="(files/configs/local[^"]*)"', (site / "index.html").read_text())
    assert (site / link).read_bytes() == (ROOT / "configs/local.yaml").read_bytes()


def test_the_reference_has_every_command_and_setting(site):
    commands = (site / "reference/commands.html").read_text("utf-8")
    for name, command in typer.main.get_command(app).commands.items():
        assert f'id="newsbeam-{name}"' in commands
        for parameter in command.params:
            assert (
                parameter.hidden
                or f"<code>{parameter.opts[0]}" in commands
                or not (parameter.opts[0].startswith("-"))
            )
    settings = (site / "reference/settings.html").read_text("utf-8")
    schema = config_schema()
    for part in schema["$defs"].values():
        for key, value in part["properties"].items():
            assert f"<code>{key}</code>" in settings or f".{key}</" in settings or "$ref" in value


def test_every_setting_says_what_it_is():
    schema = config_schema()
    bare = [
        f"{name}.{key}"
        for name, part in schema["$defs"].items()
        for key, value in part["properties"].items()
        if "$ref" not in value and not value.get("description")
    ]
    assert bare == []


def test_python_is_documented(site):
    python = (site / "reference/python.html").read_text("utf-8")
    for name in ("run", "read_output", "embed", "describe"):
        assert f'id="pipeline.api.{name}"' in python
