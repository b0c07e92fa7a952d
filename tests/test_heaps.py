"""Memory that is free goes back to the system."""

import subprocess
import sys

import pytest

_MANY_SMALL = """
from transforms.heaps import limit_heaps, trim

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 // 2**20

limit_heaps()
kept, dropped = [], []
for number in range(2000):
    dropped.append(bytes(100_000))
    kept.append(bytes(100))
dropped.append(bytes(100_000))
last = bytes(100_000)
full = resident()
dropped.clear()
left = resident()
trim()
print(full - left, left - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_stands_between_what_is_kept_is_given_back():
    done = subprocess.run(
        [sys.executable, "-c", _MANY_SMALL], capture_output=True, text=True, check=True
    )
    _by_itself, given = map(int, done.stdout.split())
    assert given > 100
