"""How the time of a document grows with its size, for each format and for hostile texts.

    python benchmarks/growth.py [--most 1000000]

Documents of 10,000 characters, 100,000 and so on, of each format of text and each pattern, are
read, parsed, cleaned and split into sentences. Prints the milliseconds of processor time at each
size, and the exponent between the two largest: 1 is linear, n log n is some 1.1 there. Ends with
exit code 1 where it is over `MOST`, and the time not too short to tell.
"""

import argparse
import sys
import time
from collections.abc import Callable
from math import log

from fuzz import Sample, outcomes
from isolation import LARGE, SENTENCE

MOST = 1.35
"""Exponent above which growth is taken for worse than n log n: what one measurement may err by."""
_TELLING = 0.2
"""Seconds below which an exponent says nothing."""
_MAX_BYTES = 1 << 26
"""Four bytes for each of ten million characters, and more."""
_PATTERNS = (
    "\\", '"', "'", "“", "A-", "A ", "a.", "…", "1,", "(", "[", "<", "<b>", "&", "&amp;", "\u0301",
    "\u200b", " ", "\n", "\n\n", "- x\n", "http://", "@", "*", "_", "#", "Mr. ", "漢", "🏳️‍🌈", "x",
)  # fmt: skip


def _text_of(pattern: str) -> Callable[[int], str]:
    head = f"Bridges\n\n{SENTENCE.format(1) * 8}"
    return lambda size: head + pattern * (size // len(pattern)) + "\n" + SENTENCE.format(2)


def _repeated(part: str, head: str = "", tail: str = "") -> Callable[[int], str]:
    return lambda size: head + part * (size // len(part)) + tail


_SENTENCES = SENTENCE.format(7) * 4
_RESPONSE = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    f"<html><head><title>Bridges</title></head><body><p>{_SENTENCES * 3}</p></body></html>"
)
_MORE: dict[str, Callable[[int], str]] = {
    ".jsonl": _repeated(f'{{"title": "A bridge", "text": "{_SENTENCES}"}}\n'),
    ".csv": _repeated(f'A bridge,"{_SENTENCES}",https://a.example/1\n', "title,text,url\n"),
    ".atom": _repeated(
        f"<entry><title>A bridge</title><id>1</id><content>{_SENTENCES}</content></entry>\n",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>',
        "</feed>",
    ),
    ".nitf": _repeated(
        f"<p>{_SENTENCES}</p>\n",
        "<nitf><head><title>Bridges</title></head><body><body.content>",
        "</body.content></body></nitf>",
    ),
    ".newsml": _repeated(
        f"<p>{_SENTENCES}</p>\n",
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:1" version="1">'
        "<contentMeta><headline>Bridges</headline></contentMeta><contentSet><inlineXML>"
        '<html xmlns="http://www.w3.org/1999/xhtml"><body>',
        "</body></html></inlineXML></contentSet></newsItem>",
    ),
    ".xml": _repeated(
        f"<article><title>A bridge</title><text>{_SENTENCES}</text></article>\n",
        "<articles>",
        "</articles>",
    ),
    ".mbox": _repeated(
        "From a@b.example Mon Oct  5 08:00:00 2026\nFrom: a@b.example\nSubject: A bridge\n\n"
        f"{_SENTENCES}\n\n"
    ),
    ".warc": _repeated(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/1\r\n"
        "WARC-Date: 2026-10-05T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(_RESPONSE)}\r\n\r\n{_RESPONSE}\r\n\r\n"
    ),
    ".mht": _repeated(
        f"<p>{_SENTENCES}</p>\n",
        "From: <Saved by Blink>\nSubject: Bridges\nMIME-Version: 1.0\nContent-Type: "
        'multipart/related; type="text/html"; boundary="b"\n\n--b\nContent-Type: text/html\n'
        "Content-Location: https://a.example/1\n\n<html><head><title>Bridges</title></head><body>",
        "</body></html>\n--b--\n",
    ),
}
"""Formats beside those of isolation.py, each as its documents come in one file."""


def seconds(suffix: str, text: str) -> float:
    """Return the least processor time of two tries."""
    sample = Sample(suffix, text.encode("utf-8", "surrogatepass"))
    tries = []
    for _ in range(2):
        started = time.thread_time()
        outcomes(sample, _MAX_BYTES)
        tries.append(time.thread_time() - started)
    return min(tries)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="characters of the largest")
    most = parser.parse_args().most
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= most]
    kinds = {suffix: (suffix, text) for suffix, text in {**LARGE, **_MORE}.items()}
    kinds |= {f"{p!r} in .txt": (".txt", _text_of(p)) for p in _PATTERNS}
    kinds |= {f"{p!r} in .html": (".html", _page_of(p)) for p in _PATTERNS}
    print(f"{'':24}", *(f"{size:>11,}" for size in sizes), f"{'exponent':>9}")
    worse = 0
    for kind, (suffix, text) in kinds.items():
        times = [seconds(suffix, text(size)) for size in sizes]
        exponent = log(times[-1] / times[-2]) / log(sizes[-1] / sizes[-2])
        is_worse = exponent > MOST and times[-1] > _TELLING
        worse += is_worse
        cells = (f"{value * 1000:>11.1f}" for value in times)
        print(f"{kind:24}", *cells, f"{exponent:>9.2f}", "WORSE" * is_worse, flush=True)
    sys.exit(worse > 0)


def _page_of(pattern: str) -> Callable[[int], str]:
    inner = _text_of(pattern)
    return lambda size: f"<html><body><article><p>{inner(size)}</p></article></body></html>"


if __name__ == "__main__":
    main()
