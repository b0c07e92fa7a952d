"""Recorded floors for what is got out of real web pages: text, title, date, authors."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import trafilatura

from transforms.clean import CleanOptions, clean_article
from transforms.formats import ParseOptions
from transforms.formats.html.page import parse_tree
from transforms.parse import parse_document
from transforms.records import RawDocument

EVAL = Path(__file__).parents[3] / "shared/eval"
pytestmark = pytest.mark.skipif(not EVAL.exists(), reason=f"evaluation data is not at {EVAL}")


def article_in(path, fetched_at):
    content = gzip.decompress(path.read_bytes())
    return parse_document(RawDocument(str(path), "text/html", content, fetched_at), ParseOptions())


def grams(text, n=4):
    words = re.findall(r"\w+", text.lower())
    if len(words) < n:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def f1(pairs):
    """Return the F1 of the mean precision and the mean recall over (expected, found) texts."""
    scores = []
    for expected, found in pairs:
        want, got = grams(expected), grams(found)
        hit = (want & got).total()
        scores.append((hit / got.total() if got else 0.0, hit / want.total()))
    precision, recall = (sum(column) / len(scores) for column in zip(*scores, strict=True))
    return 2 * precision * recall / (precision + recall)


def test_body_text():
    """The gate: at least the recorded F1, read and cleaned, and no less than trafilatura alone."""
    gold = json.loads((EVAL / "extraction/expected.json").read_text())
    read, cleaned, alone = [], [], []
    for name, item in gold.items():
        path = EVAL / f"extraction/html/{name}.html.gz"
        article = article_in(path, datetime.now(UTC))
        tree = parse_tree(gzip.decompress(path.read_bytes()))
        extracted = trafilatura.extract(tree, favor_precision=True, include_comments=False)
        read.append((item["articleBody"], article.text))
        cleaned.append((item["articleBody"], clean_article(article, CleanOptions()).text))
        alone.append((item["articleBody"], extracted or ""))
        assert article.source_id == name
    assert min(f1(read), f1(cleaned)) >= 0.975
    assert min(f1(read), f1(cleaned)) >= f1(alone)


def test_paragraphs_of_publishers():
    def paragraphs(row):
        sections = row["sections"] or []
        return "\n\n".join(p for s in sections for p in (*s["headline"], *s["paragraphs"]))

    assert f1((paragraphs(row), a.text) for row, a in publishers()) >= 0.94


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
    assert share(plain(row["title"]) == plain(a.title) for row, a in publishers()) >= 0.95


def test_authors():
    assert (
        share(tuple(row["authors"]) == a.authors for row, a in publishers() if row["authors"])
        >= 0.87
    )


def test_address_and_publisher():
    assert share(a.url is not None for _, a in publishers()) == 1
    assert share(a.source is not None for _, a in publishers()) == 1
