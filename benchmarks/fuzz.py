"""Odd input of every format; whatever comes of it must be articles and dead letters.

    python benchmarks/fuzz.py [--inputs 10000] [--data ../shared/eval] [--seed 1] [--save FOLDER]

Half of the inputs are real samples (seeds/, and the evaluation data where it is) whose bytes were
edited: cut, repeated, swapped, overwritten, spliced with another sample. Half are articles with odd
values in their fields, written in each format (odd_records.py); some of those are edited, too. Each
is read, parsed, cleaned and split into sentences, under bounds of its own.

Prints, per format, what came of it and the most processor time that one input took, then each
fault: what was raised where, how often, and the smallest input (`--save` writes it). Ends with exit
code 1 if there is any. Input N of a seed is always the same one.
"""

import argparse
import gzip
import hashlib
import io
import random
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from odd_records import odd_record, written

from transforms.bounds import Bounds, enforced
from transforms.clean import CleanOptions, clean_article
from transforms.encode import with_sentences
from transforms.errors import FAULT, Rejected
from transforms.formats import ParseOptions, by_suffix
from transforms.formats.base import FileInfo
from transforms.isolation import TOO_COSTLY, caught
from transforms.parse import parse_document
from transforms.records import RawDocument

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 10, 5, tzinfo=UTC)
BOUNDS = Bounds(seconds=10, memory=512 << 20)
"""For one input; real ones take a hundredth."""

MAX_BYTES = 2 << 20
_SNIPPETS = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<", b"]]>", b"<!DOCTYPE x [", b"&#x110000;",
    b'{"a":', b"[" * 500, b"<div>" * 500, b"\r", b"\n\n", "\u202e".encode(), b"WARC/1.0\r\n",
    b"From x\n", b"Content-Length: 99999999999\r\n", b"Content-Transfer-Encoding: x-uuencode\n",
    b"=?utf-7?Q?+?=", b'<?xml version="1.0" encoding="utf-32"?>', b"&a;", b"<![CDATA[",
    b"1" * 400, b"\xf0\x9f\x8f\xb3",
)  # fmt: skip
_KINDS = ("cut", "repeat", "drop", "insert", "overwrite", "splice")


class Sample(NamedTuple):
    """A file: the suffix that chooses its format, and its bytes."""

    suffix: str
    content: bytes


@dataclass
class Results:
    """What came of inputs.

    Attributes:
        outcomes: of documents, by suffix: `article`, or why there is none.
        slowest: most seconds of processor time of one input, by suffix.
        faults: how often each was met.
        smallest: the smallest input with each.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    slowest: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    faults: Counter[str] = field(default_factory=Counter)
    smallest: dict[str, Sample] = field(default_factory=dict)

    def add_fault(self, rejected: Rejected, sample: Sample) -> None:
        """Count a fault; the same place and error are the same one."""
        key = re.split(r"(?<=\d): ", rejected.detail)[0] if rejected.reason == FAULT else TOO_COSTLY
        self.faults[f"{sample.suffix} {key}"] += 1
        kept = self.smallest.setdefault(f"{sample.suffix} {key}", sample)
        if len(sample.content) < len(kept.content):
            self.smallest[f"{sample.suffix} {key}"] = sample


def samples(data: Path) -> list[Sample]:
    """Return every uncompressed sample that a format reads, the seeds' and those below `data`."""
    folders = [ROOT / "seeds", data / "feeds", data / "ninjs", data / "newsml-g2", data / "warc"]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    pages = [path for name in ("extraction", "publishers") for path in (data / name).rglob("*.gz")]
    found = [
        Sample(path.suffix, path.read_bytes()[:MAX_BYTES])
        for path in files
        if by_suffix(path.name) is not None and path.stat().st_size
    ]
    return found + [
        Sample(".html", gzip.decompress(path.read_bytes())[:MAX_BYTES])
        for path in sorted(pages)[:40]
    ]


def odd_input(pool: list[Sample], draw: random.Random) -> Sample:
    """Return an edited sample of `pool`, or an odd article in any format."""
    if draw.random() < 0.5:
        return _edited(draw.choice(pool), pool, draw)
    while True:
        try:
            sample = Sample(*written(draw, odd_record(draw)))
        except (ValueError, LookupError):  # a library does not write what is that odd
            continue
        return _edited(sample, pool, draw) if draw.random() < 0.2 else sample


def _edited(sample: Sample, pool: list[Sample], draw: random.Random) -> Sample:
    content = sample.content
    for _ in range(draw.randrange(1, 6)):
        low, high = sorted(draw.randrange(len(content) + 1) for _ in "ab")
        high = min(high, low + 2000)
        piece = draw.choice((draw.randbytes(draw.randrange(1, 9)), draw.choice(_SNIPPETS)))
        before, part, after = content[:low], content[low:high], content[high:]
        kind = draw.choice(_KINDS)
        if kind == "cut":
            content = before
        elif kind == "splice":
            other = draw.choice(pool).content
            start = draw.randrange(len(other) + 1)
            content = before + other[start : start + 2000] + after
        else:
            middle = {
                "repeat": part * 4,
                "drop": b"",
                "insert": piece + part,
                "overwrite": piece + part[len(piece) :],
            }
            content = (before + middle[kind] + after)[:MAX_BYTES]
    return Sample(sample.suffix, content)


def outcomes(sample: Sample, max_bytes: int = MAX_BYTES) -> Counter[str]:
    """Read, parse, clean and split a file; return what each of its documents became."""
    found: Counter[str] = Counter()
    form = by_suffix(f"x{sample.suffix}")
    assert form is not None
    file = FileInfo(f"/in/x{sample.suffix}", len(sample.content), NOW, NOW)
    for document in form.split(file, io.BytesIO(sample.content), max_bytes):
        if not isinstance(document, RawDocument):
            found[f"read.{document.reason}"] += 1
            continue
        try:
            article = clean_article(parse_document(document, ParseOptions()), CleanOptions())
            with_sentences(article, 400)
        except Rejected as rejected:
            found[rejected.reason] += 1
        else:
            found["article"] += 1
    return found


def fuzz(pool: list[Sample], inputs: range, seed: int) -> Results:
    """Return what came of these inputs of a seed."""
    results = Results()
    with enforced():
        for number in inputs:
            sample = odd_input(pool, random.Random(f"{seed} {number}"))
            started = time.thread_time()
            found = caught(partial(outcomes, sample), BOUNDS)
            seconds = time.thread_time() - started
            results.slowest[sample.suffix] = max(results.slowest[sample.suffix], seconds)
            if isinstance(found, Counter):
                results.outcomes[sample.suffix] += found
            elif found.reason in {FAULT, TOO_COSTLY}:
                results.add_fault(found, sample)
            else:
                results.outcomes[sample.suffix][found.reason] += 1
    return results


def main() -> None:
    """Print the table, and the faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--save", type=Path, help="folder for the smallest input of each fault")
    options = parser.parse_args()
    pool = samples(options.data)
    results = fuzz(pool, range(options.first, options.first + options.inputs), options.seed)
    documents = sum(counted.total() for counted in results.outcomes.values())
    print(f"{options.inputs} inputs made of {len(pool)} samples, {documents} documents")
    print(f"{'format':>10} {'articles':>9} {'rejected':>9} {'slowest s':>10}  reasons")
    for suffix, counted in sorted(results.outcomes.items()):
        articles = counted.pop("article", 0)
        reasons = ", ".join(f"{name} {count}" for name, count in counted.most_common(3))
        slowest = results.slowest[suffix]
        print(f"{suffix:>10} {articles:>9} {counted.total():>9} {slowest:>10.2f}  {reasons}")
    for fault, count in results.faults.most_common():
        print(f"{count:>6} x {fault}, smallest {len(results.smallest[fault].content)} bytes")
        if options.save:
            _save(options.save, fault, results.smallest[fault])
    sys.exit(bool(results.faults))


def _save(folder: Path, fault: str, sample: Sample) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(fault.encode()).hexdigest()[:12] + sample.suffix
    (folder / name).write_bytes(sample.content)
    print(f"         {folder / name}")


if __name__ == "__main__":
    main()
