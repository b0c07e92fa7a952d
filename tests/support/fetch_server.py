"""An HTTP server on the loopback that misbehaves on purpose, for the tests of fetching."""

import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Route = Callable[["Handler"], None]


@dataclass
class Site:
    """What the server has and what it saw.

    Attributes:
        routes: path -> what answers it; "" answers all others.
        stop: set when the server ends, so that a route that dawdles can wait for it.
        seen: path of each request, in order.
        headers: of each request, names in lower case.
        bodies: body bytes sent through `Handler.reply`.
        most_at_once: largest number of requests under way together.
    """

    routes: dict[str, Route]
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: int = 0
    at_once: int = 0
    most_at_once: int = 0
    address: str = "127.0.0.1"
    port: int = 0
    scheme: str = "http"

    def url(self, path: str, host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.address}:{self.port}{path}"

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"

    def count(self, path: str) -> int:
        return Counter(self.seen)[path]

    def arrive(self, handler: "Handler") -> None:
        with self.lock:
            self.seen.append(handler.path)
            self.headers.append({k.lower(): v for k, v in handler.headers.items()})
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def leave(self) -> None:
        with self.lock:
            self.at_once -= 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Site

    def do_GET(self) -> None:
        self.site.arrive(self)
        try:
            route = self.site.routes.get(self.path) or self.site.routes.get("", missing)
            route(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.site.leave()

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer; an underscore in a header's name stands for a hyphen."""
        if "Date" in headers:
            self.send_response_only(status)
        else:
            self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304 and "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        with self.site.lock:
            self.site.bodies += len(body)

    def drip(self, chunk: bytes, every: float) -> None:
        """Send `chunk` again and again until the server ends or the client has left."""
        while not self.site.stop.wait(every):
            self.wfile.write(chunk)
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what many tests are about."""


def missing(handler: Handler) -> None:
    handler.reply(404)


@contextlib.contextmanager
def serve(
    routes: dict[str, Route], tls: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[Site]:
    """Run a server on a free port of a loopback address."""
    site = Site(routes, address=address, scheme="https" if tls else "http")
    server = _Server((address, 0), type("SiteHandler", (Handler,), {"site": site}))
    if tls:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()
