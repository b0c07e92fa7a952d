"""One run over the seeds, which several tests look at."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Finished(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def run_newsbeam(*arguments, cwd=ROOT, code="from pipeline.cli import main; main()"):
    """Run the command in a fresh process, as a script would; `code` is what Python runs."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def newsbeam():
    return run_newsbeam


@pytest.fixture(scope="session")
def seeds_run(tmp_path_factory):
    """Return the output of a first run over the seeds, and its manifest."""
    output = tmp_path_factory.mktemp("seeds") / "out"
    done = run_newsbeam("run", "-i", ROOT / "seeds", "-o", output, "--json")
    assert done.code == 0, done.err
    return output, done.json
