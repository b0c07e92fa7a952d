"""The rooms: every module has its layer, its own name, and a size that can be read at once."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from transforms.step_names import ORDER

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipeline", "transforms")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 300
LONG = {"config.py"}
"""The tree of the config is read from top to bottom."""


def test_every_room_has_a_layer():
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layered = {room for layer in contract["layers"] for room in layer.split(" : ")}
    rooms = {
        f"{package}.{path.name.removesuffix('.py')}"
        for package in PACKAGES
        for path in (ROOT / package).iterdir()
        if path.name not in {"__init__.py", "__pycache__", "py.typed"}
    }
    assert rooms == layered


def test_no_file_name_stands_twice():
    times = Counter(path.name for path in MODULES)
    del times["__init__.py"], times["step.py"]
    assert [name for name, count in times.items() if count > 1] == []


def test_no_module_is_too_long_to_read_at_once():
    lines = {path.name: len(path.read_text().splitlines()) for path in MODULES}
    assert {name for name, count in lines.items() if count > MOST_LINES} <= LONG


def test_the_map_names_every_room_of_transforms():
    page = (ROOT / "transforms/__init__.py").read_text()
    named = set(re.findall(r"^    (\w+)/? ", page, re.MULTILINE))
    rooms = {
        path.name.removesuffix(".py")
        for path in (ROOT / "transforms").iterdir()
        if path.name not in {"__init__.py", "__pycache__", "py.typed"}
    }
    assert named == rooms


def test_every_step_has_its_place_in_the_order():
    declared = {
        name
        for path in MODULES
        for name in re.findall(r'^STEP = "(\w+)"', path.read_text(), re.MULTILINE)
    }
    assert len(declared) > 5
    assert declared <= {*ORDER, "any"}


MAPS = [path for path in MODULES if "\nThe modules:\n" in path.read_text()]


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.parent.name)
def test_the_map_of_a_package_names_its_modules(path):
    page = path.read_text().partition("\nThe modules:\n")[2].partition('"""')[0]
    named = re.findall(r"^    (\w+)/? ", page, re.MULTILINE)
    here = {file.name.removesuffix(".py") for file in path.parent.iterdir()}
    assert sorted(named) == sorted(here - {"__init__", "__pycache__"} - DATA)


DATA = {"news_lines.txt"}


def test_what_tests_share_stands_in_support():
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]
    borrowed = re.compile(r"^(?:from|import) (?:test_|conftest)", re.MULTILINE)
    assert [path.name for path in files if borrowed.search(path.read_text())] == []
