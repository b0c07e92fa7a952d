"""Kills, a full disk and an output without the right to write; see benchmarks/chaos.py."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KILLS = 2
COMMANDS = "run,compact"
"""Of each kind one: rows are merged into files, and files into others."""


@pytest.mark.timeout(900)
def test_after_any_disturbance_the_same_command_ends_the_work():
    program = ROOT / "benchmarks" / "chaos.py"
    command = [sys.executable, program, "--commands", COMMANDS, "--kills", KILLS, "--json"]
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if result["wrong"]] == []
    assert done.returncode == 0, done.stderr
    kills = Counter(result["command"] for result in results if result["killed"])
    assert kills.total() == KILLS
    assert len(set(kills.values())) == 1
    faults = [result for result in results if not result["killed"]]
    assert {result["kind"].partition(" (")[0] for result in faults} == {"full disk", "read-only"}
    assert all(result["disturbed"] for result in faults if result["command"] == "run")
    assert all(result["polls"] for result in results)
