"""A folder of good articles among files that nobody expects, each of a kind that once did harm."""

import gzip
import io
import json
import os
import random
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz import odd_input, samples
from odd_records import BODY

_WORDS = (
    "bridge", "river", "council", "mayor", "harbour", "ferry", "storm", "flood", "school",
    "budget", "road", "station", "market", "island", "winter", "summer", "engineer", "farmer",
    "teacher", "doctor", "union", "court", "police", "museum", "festival", "harvest", "bakery",
    "orchard", "tunnel", "valley", "forest", "border", "tariff", "railway", "library", "theatre",
    "stadium", "vaccine", "election",
)  # fmt: skip
_HEAD = '{"title": "Hollen builds", "text": "' + BODY + '", '


def write_good(folder: Path, count: int) -> None:
    """Write so many articles, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        draw = random.Random(number)
        sentences = [
            f"The {draw.choice(_WORDS)} of the {draw.choice(_WORDS)} met the {draw.choice(_WORDS)} "
            f"near {draw.choice(_WORDS)} {draw.randrange(1000)} about the {draw.choice(_WORDS)}."
            for _ in range(8)
        ]
        title = f"{draw.choice(_WORDS).title()} and {draw.choice(_WORDS)} {number}"
        (folder / f"good-{number:04}.txt").write_text(f"{title}\n\n{' '.join(sentences)}\n")


def write_odd(folder: Path, data: Path, *, fuzzed: int = 50, large: bool = False) -> int:
    """Write a file of each kind, and inputs of the fuzzing; return how many names there are now.

    Args:
        folder: where.
        data: further samples to edit, see `fuzz.samples`.
        fuzzed: inputs of the fuzzing.
        large: whether to write those of some 20 MiB too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (_files() | (_large_files() if large else {})).items():
        (folder / name).write_bytes(content)
    pool = samples(data)
    for number in range(fuzzed):
        sample = odd_input(pool, random.Random(f"folder {number}"))
        (folder / f"fuzzed-{number:03}{sample.suffix}").write_bytes(sample.content)
    _write_what_is_no_file(folder)
    for raw_name in (b"caf\xe9.txt", b"no\xff\xfeformat.xyz", b"\xe9mpty.md"):
        content = b"" if b"mpty" in raw_name else BODY.encode()
        (folder / os.fsdecode(raw_name)).write_bytes(content)
    return len(list(folder.iterdir()))


def _write_what_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.open(folder, os.O_RDONLY)  # a socket's path may only be short
        one.bind(f"/proc/self/fd/{here}/socket.txt")
        os.close(here)
    links = {
        "passwd.txt": "/etc/passwd",
        "zero.txt": "/dev/zero",
        "self.txt": "self.txt",
        "up": ".",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)


def _parquet(column: pa.Array) -> bytes:
    table = pa.table({"title": ["Hollen builds"], "text": [BODY], "odd": column, "date": column})
    content = io.BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


def _bad_text() -> pa.Array:
    return pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb")
    )


def _page(head: str, body: str) -> bytes:
    return f"<html><head>{head}</head><body><p>{BODY}</p>{body}</body></html>".encode()


def _array(odd: bytes) -> bytes:
    record = json.dumps({"title": "Hollen", "text": BODY * 40}).encode()
    return b"[" + b",".join([record] * (21 * 2**20 // len(record)) + [odd, record]) + b"]"


_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
_FAR = pa.array([2**60], pa.int64())


def _files() -> dict[str, bytes]:
    return {
        "number-as-date.json": (_HEAD + f'"date": {"1" * 400}}}').encode(),
        "offset-in-time.html": _page("", '<time datetime="2026-10-05T08:00:00+24:00">x</time>'),
        "offset-in-meta.html": _page(
            '<meta property="article:published_time" content="2026-10-05T08:00:00-47:59">', ""
        ),
        "nested.json": b"[" * 4000 + b"]" * 4000,
        "nested-field.json": (_HEAD + f'"a": {"[" * 4000}{"]" * 4000}}}').encode(),
        "nested.html": _page("", "<div>" * 5000),
        "bomb.md": f"---\n{_BOMB}---\n\n{BODY}\n".encode(),
        "year-10000.parquet": _parquet(_FAR.cast(pa.timestamp("us"))),
        "date-of-no-calendar.parquet": _parquet(
            pa.array([2**31 - 1], pa.int32()).cast(pa.date32())
        ),
        "bad-utf-8.parquet": _parquet(_bad_text()),
        "unknown-zone.parquet": _parquet(
            pa.array([0], pa.int64()).cast(pa.timestamp("us", "Mars/Phobos"))
        ),
        "long-duration.parquet": _parquet(_FAR.cast(pa.duration("s"))),
        "attributes.xml": (
            b"<rss " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"><channel/></rss>"
        ),
        "datelines.txt": f"Hollen\n\n{'A-' * 2000} {BODY}".encode(),
        "backslashes.txt": f"Hollen\n\n{BODY} {chr(92) * 40_000}".encode(),
        "quotation-marks.txt": f"Hollen\n\n{BODY} {chr(34) * 100_000}".encode(),
        "cut.txt.gz": gzip.compress(BODY.encode() * 100)[:-20],
        "bomb.txt.gz": gzip.compress(b"x " * (16 << 20)),
        "charset.eml": (
            b"Subject: =?x-none?Q?=?=\nContent-Type: text/plain; charset=x-none\n\n" + BODY.encode()
        ),
        "length.warc": (b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999\r\n\r\nx"),
        "commands.txt": f"\x1b]8;;https://evil.example\x07Hollen\x1b[2J\n\n{BODY}".encode(),
    }


def _large_files() -> dict[str, bytes]:
    return {
        "nan.json": _array(b'{"title": NaN}'),
        "tab.json": _array(b'{"title": "a\tb"}'),
        "long.txt": b"x" * (19 << 20),
    }
