"""What a command imports: seconds, each time it is used."""

import shutil

import pytest
from command import ROOT, run_newsbeam

HEAVY = (
    "apache_beam", "fsspec", "httpx2", "pipeline.config", "pyarrow", "scipy", "torch",
    "trafilatura", "transformers",
)  # fmt: skip
CODE = f"""
import sys
from pipeline.cli import main
try:
    main(sys.argv[1:])
finally:
    print("imported", *[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""


def imported(*arguments):
    done = run_newsbeam(*arguments, code=CODE)
    assert done.code == 0, done.err
    return set(done.err.rpartition("imported")[2].split())


def test_help_imports_nothing_that_takes_long():
    assert imported("--help") == set()
    assert imported("run", "--help") == set()


def test_show_reads_files_with_arrow_alone(seeds_run):
    assert imported("show", seeds_run[0]) == {"pyarrow"}


def test_feeds_needs_no_beam(seeds_run):
    assert not imported("feeds", seeds_run[0]) & {"apache_beam", "torch", "fsspec", "trafilatura"}


@pytest.mark.parametrize("arguments", [["check"], ["run"]])
def test_a_run_with_nothing_new_imports_no_model_library(seeds_run, tmp_path, arguments):
    output = shutil.copytree(seeds_run[0], tmp_path / "out")
    found = imported(*arguments, "-i", ROOT / "seeds", "-o", output)
    assert "apache_beam" in found
    assert not found & {"torch", "transformers", "scipy"}
