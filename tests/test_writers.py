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


@pytest.mark.parametrize("end", ["raise OSError('a day was gone')", "return 2"])
def test_a_run_that_ends_as_nobody_foresaw_leaves_what_it_said(tmp_path, end):
    work = f"""
import os, sys
from pathlib import Path
from writers import start

def work():
    print("it began", file=sys.stderr)
    {end}

os.waitpid(start(work, Path("{tmp_path}/1-of-writer-0")), 0)
"""
    subprocess.run(
        [sys.executable, "-c", work],
        check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/benchmarks"},
    )
    said = (tmp_path / "1-of-writer-0.unforeseen").read_text()
    assert "it began" in said
    assert ("a day was gone" in said) == end.startswith("raise")
