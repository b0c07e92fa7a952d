"""`/healthz`, `/readyz` and `/metrics` of a watching process."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from pipeline.watch.status import Status
from transforms.errors import ConfigError

Start = Callable[[str, list[tuple[str, str]]], Any]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: probes come every few seconds."""


@contextlib.contextmanager
def serve_status(status: Status, host: str, port: int | None) -> Iterator[str | None]:
    """Answer probes while the `with` lasts; yield the server's address, `None` without a `port`.

    `/healthz` says 503 when the process makes no progress any more: start it anew. `/readyz` says
    503 while nothing is published: at the start and the end, or while another process has the lock.

    Raises:
        ConfigError: the port is taken.
    """
    if port is None:
        yield None
        return
    try:
        server = make_server(host, port, _application(status), _Server, _Handler)
    except OSError as error:
        raise ConfigError(f"watch.port: {host}:{port} cannot be opened: {error}") from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _application(status: Status) -> Any:
    metrics = make_wsgi_app(status.registry)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            page: Iterable[bytes] = metrics(environ, start)
            return page
        checks = {"/healthz": status.is_alive, "/readyz": status.is_ready}
        if path not in checks:
            return _text(start, "404 Not Found", "/healthz /readyz /metrics")
        text = f"{status.phase} {status.detail}".strip()
        return _text(start, "200 OK" if checks[path] else "503 Service Unavailable", text)

    return answer


def _text(start: Start, code: str, text: str) -> list[bytes]:
    start(code, [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode() + b"\n"]
