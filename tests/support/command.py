"""The command in processes of its own, for tests."""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Finished(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def run_newsbeam(*arguments, cwd=ROOT, code=None):
    """Run the command in a process of its own; with `code`, a fresh Python that runs that."""
    if code is None:
        return _zygote().run([str(argument) for argument in arguments], cwd)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return Finished(done.returncode, done.stdout, done.stderr)


class Zygote:
    """The process that forks for each use of the command (zygote.py)."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        atexit.register(self.end)

    def run(self, arguments, cwd):
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            job = {"arguments": arguments, "cwd": str(cwd), "out": str(out), "err": str(err)}
            job["env"] = {**os.environ, "PYTHONPATH": str(ROOT)}
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            return Finished(code, out.read_text(), err.read_text())

    def end(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


_zygote = functools.cache(Zygote)
