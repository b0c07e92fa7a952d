"""The sample articles are what docs/seeds.md says; read here without the pipeline."""

import bz2
import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from backports import zstd
from pyarrow import parquet

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
ROW = re.compile(r"^\| `([^`]+)` \|" + r" (\d+) \|" * 5, re.MULTILINE)
TOTALS = re.compile(r"^\|" + r" (\d+) \|" * 5 + "$", re.MULTILINE)
OPENERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".zst": zstd.decompress,
}


class Expected(NamedTuple):
    inputs: int
    written: int
    unchanged: int
    duplicate: int
    rejected: int


def documented() -> dict[str, Expected]:
    text = (ROOT / "docs/seeds.md").read_text(encoding="utf-8")
    return {name: Expected(*map(int, counts)) for name, *counts in ROW.findall(text)}


DOCUMENTED = documented()
WHOLE = sorted(name for name, expected in DOCUMENTED.items() if expected.rejected == 0)


def opened(name: str) -> tuple[str, bytes]:
    """Return the format's suffix and the decompressed content."""
    path = SEEDS / name
    content = path.read_bytes()
    if path.suffix in OPENERS:
        return Path(path.stem).suffix, OPENERS[path.suffix](content)
    return path.suffix, content


def count_items(suffix: str, content: bytes) -> int:
    if suffix == ".jsonl":
        return len([json.loads(line) for line in content.splitlines()])
    if suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(content.decode()), restkey="extra"))
        assert not any("extra" in row for row in rows)
        return len(rows)
    if suffix == ".parquet":
        return parquet.read_table(io.BytesIO(content)).num_rows
    if suffix == ".json":
        loaded = json.loads(content)
        items = loaded.get("articles", [loaded]) if isinstance(loaded, dict) else loaded
        return len(items)
    return 1


def test_every_file_is_documented_once():
    files = {str(path.relative_to(SEEDS)) for path in SEEDS.rglob("*") if path.is_file()}
    text = (ROOT / "docs/seeds.md").read_text(encoding="utf-8")
    assert files == set(DOCUMENTED)
    assert len(ROW.findall(text)) == len(DOCUMENTED)


def test_balance():
    for name, expected in DOCUMENTED.items():
        assert expected.inputs == sum(expected[1:]), name
    text = (ROOT / "docs/seeds.md").read_text(encoding="utf-8")
    [totals] = TOTALS.findall(text)
    sums = tuple(map(sum, zip(*DOCUMENTED.values(), strict=True)))
    assert tuple(map(int, totals)) == sums


@pytest.mark.parametrize("name", WHOLE)
def test_items(name):
    suffix, content = opened(name)
    assert count_items(suffix, content) == DOCUMENTED[name].inputs


def test_variety():
    names = [Path(name) for name in WHOLE]
    assert {"".join(name.suffixes[-2:]).lower() for name in names} >= {
        *(".txt", ".md", ".html", ".json", ".jsonl", ".csv", ".parquet"),
        *(".txt.gz", ".html.gz", ".csv.gz", ".md.bz2", ".jsonl.bz2", ".jsonl.zst"),
    }
    assert sum(expected.written for expected in DOCUMENTED.values()) >= 62
    assert sum(expected.rejected > 0 for expected in DOCUMENTED.values()) >= 8


def test_dates():
    every = "\n".join(
        opened(name)[1].decode("utf-8", "replace") + f"\n{name}"
        for name in WHOLE
        if not name.endswith(".parquet")
    )
    found = set(re.findall(r"2026[-/](?:09|10)[-/]\d\d", every))
    days = {date.fromisoformat(day.replace("/", "-")) for day in found}
    assert len([day for day in days if date(2026, 9, 28) <= day <= date(2026, 10, 16)]) >= 12


def test_bad_rows_stand_among_good_ones():
    lines = (SEEDS / "wire/tallis-2026-10-02.jsonl").read_bytes().splitlines()
    assert [json.loads(lines[0])["guid"], json.loads(lines[2])["guid"]]
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[1])
    text = (SEEDS / "exports/meridian-2026-10.csv").read_text(encoding="utf-8")
    widths = [len(row) for row in csv.reader(io.StringIO(text))]
    assert widths == [6, 6, 6, 9, 6]


@pytest.mark.parametrize("name", ["broken/truncated.html.gz", "broken/not-zstd.jsonl.zst"])
def test_broken_compression(name):
    with pytest.raises((EOFError, zstd.ZstdError)):
        opened(name)


def test_edited_article():
    first, second = (
        json.loads((SEEDS / f"wire/tallis-2026-10-{day}.jsonl").read_bytes().splitlines()[0])
        for day in ("06", "07")
    )
    assert first["url"] == second["url"]
    assert first["published_at"] == second["published_at"]
    assert first["updated"] < second["updated"]
    assert first["text"] != second["text"]


def test_exact_duplicate():
    item = json.loads((SEEDS / "wire/tallis-2026-09-30.jsonl").read_bytes().splitlines()[2])
    note = (SEEDS / "notes/2026/10/03/estmark-census.txt").read_text(encoding="utf-8")
    assert note == f"{item['headline']}\n\n{item['body']}\n"
