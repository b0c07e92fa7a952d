"""Several writers to one output at once; see benchmarks/writers.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("where", [[], ["--store"]], ids=["disk", "store"])
def test_no_row_is_lost_or_doubled(where):
    program = ROOT / "benchmarks" / "writers.py"
    done = subprocess.run(
        [sys.executable, str(program), "--writers", "2", "--seconds", "5", *where],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "undisturbed" in done.stdout
