"""A local server that speaks as much of Google Cloud Storage as clients here use.

The client talks the XML interface, whose put has its condition in a header. No emulator that can be
installed knows that: fake-gcs-server answers 404 to its listing and passes over the condition,
gcp-storage-emulator has the JSON interface alone. Answers, statuses and headers are those of
https://cloud.google.com/storage/docs/xml-api/reference-methods.
"""

import contextlib
import hashlib
import itertools
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from services import serving

PAGE = 3
"""Objects that a listing shows at once; Google's shows 1,000."""


class Stored(NamedTuple):
    """An object; `generation` is the number that conditions name."""

    content: bytes
    generation: int
    put_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ETag": self.tag,
            "Last-Modified": format_datetime(self.put_at, usegmt=True),
            "x-goog-generation": str(self.generation),
        }

    @property
    def tag(self) -> str:
        """Another one for each generation, as that of an object which was put in parts."""
        return f'"{hashlib.md5(b"%d" % self.generation + self.content).hexdigest()}"'  # noqa: S324


class RefusedError(Exception):
    """What is answered in place of what is asked for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = (
            f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        )


def _no_object() -> RefusedError:
    return RefusedError(404, "NoSuchKey", "The specified key does not exist.")


def _unmet() -> RefusedError:
    return RefusedError(
        412, "PreconditionFailed", "At least one of the pre-conditions did not hold."
    )


class GoogleStore:
    """What a server holds.

    Attributes:
        address: of the server.
        refusals: what is answered to the next requests.
        buckets: the objects in them by their names.
        one: held by a change, which is whole, and whose condition holds when it is made.
        generations: numbers that follow.
    """

    def __init__(self) -> None:
        self.address = ""
        self.refusals: deque[RefusedError] = deque()
        self.buckets: dict[str, dict[str, Stored]] = {}
        self.one = threading.RLock()
        self.generations = itertools.count(1_700_000_000_000_000)


@contextlib.contextmanager
def google_store() -> Iterator[GoogleStore]:
    """Serve one. A bucket is there if its name begins with `news-`."""
    store = GoogleStore()
    with serving(type("Handler", (_Handler,), {"store": store})) as store.address:
        yield store


class _Handler(BaseHTTPRequestHandler):
    store: GoogleStore
    protocol_version = "HTTP/1.1"

    def _bucket(self) -> tuple[dict[str, Stored], str, dict[str, list[str]]]:
        """Return the objects of the bucket asked for, the name of one, and the query."""
        address = urlsplit(self.path)
        bucket, _, key = map(unquote, address.path.lstrip("/").partition("/"))
        if not bucket.startswith("news-"):
            raise RefusedError(404, "NoSuchBucket", "The specified bucket does not exist.")
        query = parse_qs(address.query, keep_blank_values=True)
        return self.store.buckets.setdefault(bucket, {}), key, query

    def _object(self) -> Stored:
        objects, key, _ = self._bucket()
        if key not in objects:
            raise _no_object()
        found = objects[key]
        if self.headers.get("If-Match", found.tag) != found.tag:
            raise _unmet()
        return found

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        try:
            with self.store.one:
                if self.store.refusals:
                    raise self.store.refusals.popleft()
                getattr(self, f"_{self.command.lower()}")(content)
        except RefusedError as refused:
            self._answer(refused.status, refused.body.encode(), Content_Type="application/xml")

    do_GET = do_HEAD = do_PUT = do_DELETE = _do  # noqa: N815 (so called by the library)

    def _put(self, content: bytes) -> None:
        objects, key, _ = self._bucket()
        wanted = self.headers.get("x-goog-if-generation-match")
        here = objects[key].generation if key in objects else 0
        if wanted is not None and int(wanted) != here:
            raise _unmet()
        objects[key] = Stored(
            content, next(self.store.generations), datetime.now(UTC).replace(microsecond=0)
        )
        self._answer(200, **objects[key].headers)

    def _delete(self, _content: bytes) -> None:
        objects, key, _ = self._bucket()
        if objects.pop(key, None) is None:
            raise _no_object()
        self._answer(204)

    def _head(self, _content: bytes) -> None:
        found = self._object()
        self._answer(200, found.content, **found.headers)

    def _get(self, _content: bytes) -> None:
        if not self._bucket()[1]:
            self._list()
            return
        found = self._object()
        asked = self.headers.get("Range")
        if asked is None:
            self._answer(200, found.content, **found.headers)
            return
        first, last = (int(place) for place in asked.removeprefix("bytes=").split("-"))
        part = found.content[first : last + 1]
        place = f"bytes {first}-{first + len(part) - 1}/{len(found.content)}"
        self._answer(206, part, Content_Range=place, **found.headers)

    def _list(self) -> None:
        objects, _, query = self._bucket()
        prefix, token, start = (
            query.get(name, [""])[0] for name in ("prefix", "continuation-token", "start-after")
        )
        names = [n for n in sorted(objects) if n.startswith(prefix) and n > max(token, start)]
        here = "".join(
            f"<Contents><Key>{escape(name)}</Key><Generation>{objects[name].generation}"
            f"</Generation><LastModified>{objects[name].put_at:%Y-%m-%dT%H:%M:%S.%f}Z"
            f"</LastModified><ETag>{escape(objects[name].tag)}</ETag>"
            f"<Size>{len(objects[name].content)}</Size></Contents>"
            for name in names[:PAGE]
        )
        if len(names) > PAGE:
            last = escape(names[PAGE - 1])
            here += f"<NextContinuationToken>{last}</NextContinuationToken>"
        body = f"<ListBucketResult>{here}</ListBucketResult>"
        self._answer(200, body.encode(), Content_Type="application/xml")
