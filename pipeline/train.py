"""`newsbeam train-topics`: a head from a user's labelled articles."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from transforms.classify import article_vector
from transforms.encode import EncoderLoader, encode_articles
from transforms.engines.linear import Head, train_head
from transforms.errors import ConfigError
from transforms.models import EMBEDDED, Vectors
from transforms.records import Article

_FIELDS = ("title", "text", "label")


class Labelled(NamedTuple):
    """One article of the file."""

    title: str
    text: str
    label: str


def read_labelled(path: str) -> list[Labelled]:
    """Return the articles of a CSV or JSONL file with `title` (optional), `text` and `label`.

    Raises:
        ConfigError: the file cannot be read, or a row lacks its text or label; the message names
            the line.
    """
    rows = []
    try:
        for number, row in _rows(Path(path)):
            title, text, label = (str(row.get(name) or "").strip() for name in _FIELDS)
            if not label or not (title or text):
                raise ConfigError(f"{path}, row {number}: needs `label`, and `text` or `title`")
            rows.append(Labelled(title, text or title, label))
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return rows


def _rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            yield from enumerate(csv.DictReader(file), 1)
            return
        for number, line in enumerate(file, 1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ConfigError(f"{path}, row {number}: is no JSON object")
                yield number, row


def labelled_vectors(rows: list[Labelled], number_format: str, max_sentences: int) -> Vectors:
    """Return the vectors of the articles as a run would make them: shape (rows, dim)."""
    now = datetime.now(UTC)
    articles = [
        Article(str(i), "", now, row.title, row.text, language="en") for i, row in enumerate(rows)
    ]
    encoder = EncoderLoader(EMBEDDED, number_format)()
    encoded = encode_articles(articles, encoder, max_sentences)
    vectors = [one.vectors for one in encoded if isinstance(one, Article)]
    return np.stack([article_vector(vector) for vector in vectors if vector is not None])


def train_topics(path: str, number_format: str, max_sentences: int) -> Head:
    """Return the head trained on the file.

    Raises:
        ConfigError: as `read_labelled` and `train_head`.
    """
    rows = read_labelled(path)
    vectors = labelled_vectors(rows, number_format, max_sentences) if rows else np.zeros((0, 1))
    return train_head(vectors.astype(np.float32), [row.label for row in rows], EMBEDDED)
