"""Mutate real input of every format; whatever comes of it must be articles and dead letters.

    python benchmarks/fuzz.py [--inputs 10000] [--data ../shared/eval] [--seed 1]

Hypothesis draws a sample (seeds/, and the evaluation data where it is) and edits of its bytes: cut,
repeated, swapped, overwritten, spliced with another sample. The input is read, parsed and cleaned.
Prints, per format, what came of it and the slowest input; ends with exit code 1 at the first input
that raises anything but `Rejected`, is not accounted for, or takes over `LIMIT` seconds.
"""

import argparse
import gzip
import io
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from transforms.clean import CleanOptions, clean_article
from transforms.errors import Rejected
from transforms.formats import ParseOptions, by_suffix
from transforms.formats.base import FileInfo
from transforms.parse import parse_document
from transforms.records import RawDocument

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 10, 5, tzinfo=UTC)
LIMIT = 10.0
"""Seconds for one input; real ones take a hundredth."""

MAX_BYTES = 2 << 20
_SNIPPETS = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<", b"]]>", b"<!DOCTYPE x [", b"&#x110000;", b'{"a":',
    b"[" * 500, b"<div>" * 500, b"\r", b"\n\n", "\u202e".encode(), b"WARC/1.0\r\n", b"From x\n",
)  # fmt: skip


class Sample(NamedTuple):
    """A real file: the suffix that chooses its format, and its bytes."""

    suffix: str
    content: bytes


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
    return found + [Sample(".html", _unpacked(path)) for path in sorted(pages)[:40]]


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())[:MAX_BYTES]


def mutated(pool: list[Sample]) -> st.SearchStrategy[Sample]:
    """Return a strategy for edited samples of `pool`."""
    place = st.floats(0, 1)
    edit = st.tuples(
        st.sampled_from(("cut", "repeat", "drop", "insert", "flip", "splice")),
        place,
        place,
        st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(_SNIPPETS)),
        st.sampled_from(pool),
    )
    edits = st.lists(edit, min_size=1, max_size=5)
    return st.builds(_apply, st.sampled_from(pool), edits)


def _apply(sample: Sample, edits: list[tuple[str, float, float, bytes, Sample]]) -> Sample:
    content = sample.content
    for kind, start, end, piece, other in edits:
        low, high = sorted((int(start * len(content)), int(end * len(content))))
        high = min(high, low + 2000)
        before, part, after = content[:low], content[low:high], content[high:]
        foreign = other.content[int(start * len(other.content)) :][:2000]
        middle = {
            "repeat": part * 4,
            "drop": b"",
            "insert": piece + part,
            "flip": piece + part[len(piece) :],
            "splice": foreign,
        }
        content = before if kind == "cut" else (before + middle[kind] + after)[:MAX_BYTES]
    return Sample(sample.suffix, content)


def outcomes(sample: Sample) -> Counter[str]:
    """Read, parse and clean a file; return what each of its documents became."""
    found: Counter[str] = Counter()
    form = by_suffix(f"x{sample.suffix}")
    assert form is not None
    file = FileInfo(f"/in/x{sample.suffix}", len(sample.content), NOW, NOW)
    for document in form.split(file, io.BytesIO(sample.content), MAX_BYTES):
        if not isinstance(document, RawDocument):
            found[f"read.{document.reason}"] += 1
            continue
        try:
            clean_article(parse_document(document, ParseOptions()), CleanOptions())
        except Rejected as rejected:
            found[rejected.reason] += 1
        else:
            found["article"] += 1
    return found


def fuzz(pool: list[Sample], inputs: int, start: int) -> dict[str, tuple[Counter[str], float]]:
    """Try so many mutated `inputs`; return outcomes and the slowest seconds by suffix.

    Raises:
        AssertionError: an input takes longer than `LIMIT`.
        Exception: whatever an input raised that it must not.
    """
    results: dict[str, tuple[Counter[str], float]] = defaultdict(lambda: (Counter(), 0.0))

    @seed(start)
    @settings(
        max_examples=inputs, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(mutated(pool))
    def attempt(sample: Sample) -> None:
        started = time.perf_counter()
        found = outcomes(sample)
        seconds = time.perf_counter() - started
        assert seconds < LIMIT, f"a {sample.suffix} input took {seconds:.1f} s"
        counted, slowest = results[sample.suffix]
        results[sample.suffix] = counted + found, max(slowest, seconds)

    attempt()
    return results


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    options = parser.parse_args()
    pool = samples(options.data)
    results = fuzz(pool, options.inputs, options.seed)
    print(f"{options.inputs} inputs made of {len(pool)} samples")
    print(f"{'format':>10} {'articles':>9} {'rejected':>9} {'slowest s':>10}  reasons")
    for suffix, (counted, slowest) in sorted(results.items()):
        articles = counted.pop("article", 0)
        reasons = ", ".join(f"{name} {count}" for name, count in counted.most_common(3))
        print(f"{suffix:>10} {articles:>9} {counted.total():>9} {slowest:>10.2f}  {reasons}")


if __name__ == "__main__":
    main()
