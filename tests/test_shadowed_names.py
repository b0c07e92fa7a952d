"""A user's own file with the name of a package of ours: what is told of it."""

import os
import subprocess
import sys

import pytest
from command import ROOT

CASES = {
    "transforms.py": ["script.py"],
    "configs.py": ["-m", "pipeline", "--version"],
    "transforms/__init__.py": ["bin/newsbeam", "--version"],
}
"""The user's file -> how newsbeam is started."""


def started(folder, arguments, path):
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, str(ROOT)])}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "script.py").write_text("from pipeline.api import run\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/newsbeam").write_text("from pipeline.cli import main\nmain()\n")
    return tmp_path


@pytest.mark.parametrize(("name", "arguments"), CASES.items(), ids=[*CASES])
def test_a_file_that_stands_in_the_way_is_named(folder, name, arguments):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("raise SystemExit('it was run')\n")
    done = started(folder, arguments, ["."])
    last = done.stderr.splitlines()[-1]
    package = name.removesuffix(".py").partition("/")[0]
    assert f"{folder / name} stands in the way of newsbeam's own package '{package}'" in last
    assert ("rename it" in last, "PYTHONPATH" in last) == (True, True)
    is_command = arguments != ["script.py"]
    assert done.returncode == (2 if is_command else 1)
    assert (len(done.stderr.splitlines()) == 1) == is_command


def test_what_comes_later_on_the_path_is_in_nobodys_way(folder):
    (folder / "transforms.py").write_text("raise SystemExit('it was run')\n")
    done = started(folder, ["bin/newsbeam", "--version"], [str(ROOT), "."])
    assert (done.returncode, done.stderr) == (0, "")
