"""What the Dockerfile runs, step by step in a clean venv: no container engine is needed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import apache_beam as beam
import pytest

from pipeline import __version__

ROOT = Path(__file__).parents[1]


def instructions():
    """Return the Dockerfile's instructions as (name, arguments), continued lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def copied(folder):
    """Copy what the COPY instructions take, and nothing else."""
    for name, arguments in instructions():
        if name == "COPY":
            *sources, target = arguments.split()
            for source in sources:
                place = folder / target.strip("/")
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place)
                else:
                    place.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / source, place)


def test_it_does_not_run_as_root_and_holds_the_entry_point():
    found = dict(instructions())
    assert found["USER"] == "newsbeam"
    assert found["ENTRYPOINT"] == '["newsbeam"]'
    assert found["CMD"] == '["run", "--input", "/in", "--output", "/out"]'


def test_the_workers_image_on_the_page_has_our_python_and_beam():
    page = (ROOT / "docs" / "watch.md").read_text("utf-8")
    (python,) = re.findall(r"python:([\d.]+)-slim", (ROOT / "Dockerfile").read_text())
    assert f"FROM newsbeam:{__version__}\n" in page
    assert f"apache/beam_python{python}_sdk:{beam.__version__} " in page


def test_the_ignore_file_lets_through_what_is_copied():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    sources = {
        source
        for name, arguments in instructions()
        if name == "COPY"
        for source in arguments.split()[:-1]
    }
    assert sources == allowed


@pytest.mark.image
@pytest.mark.timeout(900)
def test_its_steps_make_a_working_command(tmp_path):
    copied(tmp_path)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    bin_folder = tmp_path / "venv" / "bin"
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "EXTRA_INDEX": ""}
    environment.pop("PYTHONPATH", None)
    (steps,) = [arguments for name, arguments in instructions() if name == "RUN"]
    for step in steps.split("&&"):
        command = step.strip().replace("/src", f"{tmp_path}/src")
        if re.match(r"python|newsbeam", command):
            subprocess.run(command, shell=True, check=True, cwd=tmp_path, env=environment)  # noqa: S602
    inputs, output = tmp_path / "in", tmp_path / "out"
    shutil.copytree(ROOT / "seeds" / "desk", inputs)
    command = ["newsbeam", "run", "--input", inputs, "--output", output]
    environment["HF_HUB_OFFLINE"] = "1"
    done = subprocess.run(
        [bin_folder / command[0], *map(str, command[1:])],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.startswith("11 in = 11 written")
