"""Recorded floors for what is got out of real web pages: text, title, date, authors."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from transforms.formats import ParseOptions
from transforms.parse import parse_document
from transforms.records import RawDocument

EVAL = Path(__file__).parents[2] / "shared/eval"
pytestmark = pytest.mark.skipif(not EVAL.exists(), reason=f"evaluation data is not at {EVAL}")


def article_in(path, fetched_at):
    content = gzip.decompress(path.read_bytes())
    return parse_document(RawDocument(str(path), "text/html", content, fetched_at), ParseOptions())


def grams(text, n=4):
    words = re.findall(r"\w+", text.lower())
    if len(words) < n:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def test_body_text():
    gold = json.loads((EVAL / "extraction/expected.json").read_text())
    precision = recall = 0.0
    for name, item in gold.items():
        article = article_in(EVAL / f"extraction/html/{name}.html.gz", datetime.now(UTC))
        want, got = grams(item["articleBody"]), grams(article.text)
        hit = (want & got).total()
        precision += hit / got.total() / len(gold)
        recall += hit / want.total() / len(gold)
        assert article.source_id == name
    assert 2 * precision * recall / (precision + recall) >= 0.974


@cache
def publishers():
    rows = map(json.loads, (EVAL / "publishers/expected.jsonl").read_text().splitlines())
    pairs = []
    for row in rows:
        fetched_at = datetime.fromisoformat(row["crawl_date"]).replace(tzinfo=UTC)
        pairs.append((row, article_in(EVAL / "publishers" / row["file"], fetched_at)))
    return pairs


def share(matches):
    matches = list(matches)
    return sum(matches) / len(matches)


def plain(text):
    return " ".join(re.sub("[„“”«»‟\"‘’‚'´`]", "'", text).split())


def test_publication_time():
    def exact(row, article):
        stated = datetime.fromisoformat(row["published"])
        stated = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
        return abs((article.published_at - stated).total_seconds()) < 1

    assert share(exact(row, article) for row, article in publishers() if row["published"]) >= 0.96


def test_title():
    assert share(plain(row["title"]) == plain(a.title) for row, a in publishers()) >= 0.9


def test_authors():
    assert (
        share(tuple(row["authors"]) == a.authors for row, a in publishers() if row["authors"])
        >= 0.87
    )


def test_address_and_publisher():
    assert share(a.url is not None for _, a in publishers()) == 1
    assert share(a.source is not None for _, a in publishers()) >= 0.98
