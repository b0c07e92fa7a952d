"""Articles as they come to the publisher: as from a run, but for the work of the models."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from articles import seed_paragraphs

from transforms.formats.base import ParseOptions
from transforms.output.merge import Row
from transforms.output.schema import article_row
from transforms.output.versions import version
from transforms.parse import parse_document
from transforms.records import RECORD_MEDIA_TYPE, Article, RawDocument
from transforms.relate.near.signature import signature
from transforms.relate.story_names import story_names

DAY = datetime(2026, 10, 1, tzinfo=UTC)
WORDS = 400
SENTENCE = 20

Record = dict[str, str]


def records(count: int) -> Iterator[Record]:
    """Yield `count` records of one day, in no order of time, and with nothing in common.

    Their sentences are random words of the seeds: no two are near-duplicates.
    """
    chance = random.Random(20261001)
    words = [word for article in seed_paragraphs() for text in article for word in text.split()]
    for number in range(count):
        sentences = [
            " ".join(chance.choices(words, k=SENTENCE)).strip(".,").capitalize() + "."
            for _ in range(WORDS // SENTENCE)
        ]
        yield {
            "url": f"https://news.example.org/day/{number}",
            "title": " ".join(chance.choices(words, k=8)),
            "text": " ".join(sentences),
            "date": (DAY + timedelta(seconds=number * 7919 % 86_400)).isoformat(),
        }


def described(fields: Record, chance: random.Random) -> Article:
    """Return the article of a record."""
    content = json.dumps(fields).encode()
    document = RawDocument("/in/day.jsonl", RECORD_MEDIA_TYPE, content, DAY, line=1)
    article = parse_document(document, ParseOptions())
    return replace(
        article,
        text_sha256=hashlib.sha256(article.text.encode()).hexdigest(),
        summary=article.text[:400],
        summary_method="extractive",
        summary_model="none",
        faithfulness=1.0,
        versions=(version(article),),
        near_keys=signature(article.text),
        story_names=story_names(article.title, article.text.split(". "), article.language),
        story_vector=np.frombuffer(chance.randbytes(384), np.int8),
    )


def row(fields: Record, chance: random.Random) -> Row:
    """Return the row of a record."""
    return article_row(described(fields, chance), "fill")
