"""Programs that answer on a port of the loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve HTTP on a free port, without a log; yield its base address."""
    quiet = type(handler.__name__, (handler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def answering(
    command: Callable[[int], list[str]], env: dict[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """Run `command`, made for a free port; yield its address, once it answers, and process id."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        command(port), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            assert process.poll() is None, f"{process.args} has ended"
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def beam_service(module: str, option: str) -> contextlib.AbstractContextManager[tuple[str, int]]:
    """Run one of Beam's services, such as its job service; see `answering`.

    A worker pool starts its workers as `python`, so that must be ours.
    """
    search = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return answering(
        lambda port: [sys.executable, "-m", f"apache_beam.runners.{module}", f"--{option}={port}"],
        {**os.environ, "PYTHONPATH": os.pathsep.join(search), "PATH": path},
    )
