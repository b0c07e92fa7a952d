"""A local server that speaks S3 (moto) and answers some requests as a store in trouble does."""

import contextlib
import io
import re
import socket
import threading
from typing import NamedTuple
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from store_server import change_one_at_a_time
from werkzeug.serving import make_server


class Asked(NamedTuple):
    """A request.

    Attributes:
        kind: `get`, `head`, `put`, `delete` or `list`.
        key: of the object below its bucket, or the prefix of a listing.
    """

    kind: str
    key: str


class Answer(NamedTuple):
    """What a store answers that does not do what it is asked for."""

    status: str
    code: str
    message: str


SLOW_DOWN = Answer("503 Slow Down", "SlowDown", "Please reduce your request rate.")
DENIED = Answer("403 Forbidden", "AccessDenied", "Access Denied")
DENIED_EACH = Answer("200 OK", "AccessDenied", "Access Denied")
"""To a request to delete several objects: it is understood, and each of them refused."""
EXPIRED = Answer("400 Bad Request", "ExpiredToken", "The provided token has expired.")
UNKNOWN_KEY = Answer("403 Forbidden", "InvalidAccessKeyId", "The access key does not exist.")
UNAUTHORIZED = Answer("401 Unauthorized", "Unauthorized", "Authentication is required.")
WRONG_TIME = Answer("403 Forbidden", "RequestTimeTooSkewed", "The difference is too large.")

LOST = "lost"
"""In place of an `Answer`: what is asked for is done, and the connection closed without a word."""


class FaultyStore:
    """The server. Its `trouble` is asked what becomes of each request; `None` is what should."""

    def __init__(self):
        change_one_at_a_time()
        self.trouble = _none
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=MotoRequestHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def in_trouble(self, trouble):
        """Have `trouble` during the body."""
        self.trouble = trouble
        try:
            yield
        finally:
            self.trouble = _none

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ, start_response):
        asked = _asked(environ)
        answer = self.trouble(asked)
        if answer is None:
            return self._moto(environ, start_response)
        if answer is LOST:
            b"".join(self._moto(environ, lambda *_: None))
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(answer.status, [("Content-Type", "application/xml")])
        said = f"<Code>{answer.code}</Code><Message>{answer.message}</Message>"
        if answer is DENIED_EACH:
            said = f"<DeleteResult><Error><Key>{asked.key}</Key>{said}</Error></DeleteResult>"
            return [said.encode()]
        return [f"<Error>{said}</Error>".encode()]


def _none(_asked):
    return None


def _asked(environ):
    kind = environ["REQUEST_METHOD"].lower()
    _, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
    query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    if kind == "post" and "delete" in query:  # a list of objects, of which clients name one
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        return Asked("delete", re.search(rb"<Key>(.*?)</Key>", body)[1].decode())
    if kind == "get" and not key:
        return Asked("list", query.get("prefix", [""])[0])
    return Asked(kind, key)
