"""`newsbeam train-topics`: a head from a user's labelled articles."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.config import Config
from pipeline.model_pins import encoder_loader
from transforms.classify.phrases import article_vector
from transforms.encode import encode_articles
from transforms.errors import ConfigError
from transforms.models.contract import Vectors
from transforms.models.linear import Head, train_head
from transforms.models.loaders import LoadEncoder
from transforms.records import Article
from transforms.text.language import identify_language

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


def labelled_vectors(rows: list[Labelled], load: LoadEncoder, max_sentences: int) -> Vectors:
    """Return the vectors of the articles as a run would make them: shape (rows, dim)."""
    now = datetime.now(UTC)
    articles = [
        Article(str(i), "", now, row.title, row.text, language=identify_language(row.text))
        for i, row in enumerate(rows)
    ]
    encoded = encode_articles(articles, load(), max_sentences)
    vectors = [one.vectors for one in encoded if isinstance(one, Article)]
    return np.stack([article_vector(vector) for vector in vectors if vector is not None])


def train_topics(path: str, config: Config) -> Head:
    """Return the head trained on the file, on vectors of the encoder that `config` names.

    Raises:
        ConfigError: as `read_labelled`, `train_head` and `encoder_loader`.
    """
    rows, load = read_labelled(path), encoder_loader(config)
    vectors = (
        labelled_vectors(rows, load, config.encoder.max_sentences) if rows else np.zeros((0, 1))
    )
    labels = [row.label for row in rows]
    return train_head(vectors.astype(np.float32), labels, load.model)
