"""HTTP bodies: encodings undone, within a limit."""

import gzip
import zlib
from functools import partial

import brotli
import pytest
from backports import zstd

from transforms.formats.http_body import http_body

BODY = b"<p>Gr\xc3\xbc\xc3\x9fe</p>" * 2000
LIMIT = 1 << 20
CHUNKED = b"5\r\n<p>He\r\n7;x=1\r\nllo</p>\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "transfer", "content", "expected"),
    [
        (BODY, "", "", (BODY, True)),
        (BODY, "", "identity", (BODY, True)),
        (gzip.compress(BODY, mtime=0), "", "gzip", (BODY, True)),
        (gzip.compress(BODY, mtime=0), "", "X-GZIP", (BODY, True)),
        (zlib.compress(BODY), "", "deflate", (BODY, True)),
        (zlib.compress(BODY, wbits=-15), "", "deflate", (BODY, True)),  # bare, as IIS sent it
        (BODY, "", "deflate", (BODY, True)),
        (gzip.compress(BODY) + gzip.compress(BODY), "", "gzip", (BODY + BODY, True)),
        (brotli.compress(BODY), "", "br", (BODY, True)),
        (zstd.compress(BODY), "", "zstd", (BODY, True)),
        (gzip.compress(brotli.compress(BODY), mtime=0), "", "br, gzip", (BODY, True)),
        (CHUNKED, "Chunked", "", (b"<p>Hello</p>", True)),
        (BODY, "chunked", "gzip", (BODY, True)),  # stored decoded, its header kept
        (BODY, "", "br", (BODY, True)),
        (b"", "chunked", "gzip", (b"", True)),
    ],
)
def test_http_body(body, transfer, content, expected):
    assert http_body(body, transfer, content, LIMIT) == expected


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", gzip.compress),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
        ("deflate", partial(zlib.compress, wbits=-15)),
    ],
)
def test_a_body_cut_short_gives_what_is_there(name, compress):
    words = " ".join(str(number * 7919) for number in range(50_000)).encode()
    packed = compress(words)
    body, complete = http_body(packed[: len(packed) // 2], "", name, LIMIT)
    assert not complete
    assert len(body) > 1000
    assert words.startswith(body)


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", gzip.compress),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
        ("deflate", partial(zlib.compress, wbits=-15)),
    ],
)
def test_a_bomb_stops_at_the_limit(name, compress):
    body, _ = http_body(compress(bytes(64 << 20)), "", name, 1000)
    assert 1000 < len(body) < 1 << 20
