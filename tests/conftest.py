"""One run over the seeds, which several tests look at."""

import os
import uuid

import pytest
from command import ROOT, run_newsbeam

# For commands: to load the second encoder takes seconds, in every process.
os.environ["NEWSBEAM_ENCODER__MULTILINGUAL"] = "off"


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
    from store_server import store_server  # noqa: PLC0415 (few tests need it)

    server = store_server()
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def new_bucket(monkeypatch):
    """Return what makes a bucket in a local server, and returns the address of an output in it."""
    import boto3  # noqa: PLC0415 (few tests need it)

    def make(address):
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        name = f"news-{uuid.uuid4().hex}"
        boto3.client("s3").create_bucket(Bucket=name)
        return f"s3://{name}/out"

    return make


@pytest.fixture
def bucket(s3_server, new_bucket):
    """Return the address of an output in a bucket of its own."""
    return new_bucket(s3_server)
