"""Articles to measure with: as many as wanted, made of the sentences of seeds/."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from transforms.errors import Rejected
from transforms.formats.base import ParseOptions
from transforms.input_files import match_files
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.records import RawDocument
from transforms.text.language import identify_language

SEEDS = Path(__file__).parents[1] / "seeds"


def seed_paragraphs() -> list[list[str]]:
    """Return the paragraphs of every English seed article of some length."""
    now = datetime.now(UTC)
    articles = []
    for file in match_files([str(SEEDS)], lambda: now):
        for document in read_documents(file):
            if not isinstance(document, RawDocument):
                continue
            try:
                article = parse_document(document, ParseOptions())
            except Rejected:
                continue
            paragraphs = [p for p in article.text.split("\n") if len(p.split()) > 8]
            if identify_language(article.text) != "en":
                continue
            if (len(paragraphs) >= 4 and article.text.isascii()) or "’" in article.text:
                articles.append(paragraphs)
    return articles


def generate(count: int, words: int = 400) -> Iterator[dict[str, str]]:
    """Yield `count` distinct records of about `words` words each; the same ones every time."""
    chance = random.Random(20261001)
    sources = seed_paragraphs()
    start = datetime(2026, 10, 1, tzinfo=UTC)
    for number in range(count):
        own = chance.choice(sources)
        text, size = [], 0
        wanted = chance.uniform(0.4, 1.6) * words
        while size < wanted:
            paragraph = chance.choice(own if chance.random() < 0.7 else chance.choice(sources))
            text.append(paragraph)
            size += len(paragraph.split())
        title = " ".join(text[0].split()[:9]).rstrip(",.")
        yield {
            "id": f"bench-{number}",
            "url": f"https://news.example.org/bench/{number}",
            "title": f"{title} ({number})",
            "text": "\n\n".join([*text, f"This is report number {number} of the day."]),
            "date": (start + timedelta(minutes=number % 20_000)).isoformat(),
        }


def write_jsonl(path: Path, count: int, words: int = 400) -> Path:
    """Write `count` records to `path`, one a line; return it."""
    with path.open("w", encoding="utf-8") as file:
        for record in generate(count, words):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path
