"""One run over the seeds, which several tests look at."""

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[1]


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
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return Finished(done.returncode, done.stdout, done.stderr)


class Zygote:
    """The process that forks for each use of the command (zygote.py)."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "support" / "zygote.py"],
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


@pytest.fixture(scope="session")
def newsbeam():
    return run_newsbeam


@pytest.fixture(scope="session")
def seeds_run(tmp_path_factory):
    """Yield the output of a first run over the seeds, to be read only, and its manifest."""
    output = tmp_path_factory.mktemp("seeds") / "out"
    done = run_newsbeam("run", "-i", ROOT / "seeds", "-o", output, "--json")
    assert done.code == 0, done.err
    files = sorted(output.rglob("*"))
    yield output, done.json
    assert sorted(output.rglob("*")) == files, "a test has written to the shared output"


@pytest.fixture(scope="session")
def s3_server():
    """Return the address of a local server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, monkeypatch):
    """Return the address of an output in a bucket of its own."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"news-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name)
    return f"s3://{name}/out"
