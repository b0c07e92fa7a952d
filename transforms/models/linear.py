"""A linear head on the article vectors: logistic regression, trained on a user's labelled file."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from transforms.errors import ConfigError
from transforms.models.contract import Vectors
from transforms.models.pinned import PinnedModel
from transforms.text.counted import counted

_LEAST = 2
"""Articles that each label needs."""


class Head(NamedTuple):
    """What `newsbeam train-topics` writes.

    Attributes:
        labels: of the topics.
        weight: float32, shape (labels, dim).
        bias: float32, shape (labels,).
        encoder: sha256 of the encoder whose vectors it was trained on.
    """

    labels: tuple[str, ...]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    encoder: str


def train_head(vectors: Vectors, labels: Sequence[str], encoder: PinnedModel) -> Head:
    """Return the head that fits `vectors`, shape (articles, dim), to their labels.

    Deterministic: the same input gives the same head.

    Raises:
        ConfigError: fewer than two labels, or one with fewer than two articles; or scikit-learn
            is not installed.
    """
    counts = Counter(labels)
    rare = sorted(label for label, count in counts.items() if count < _LEAST)
    if rare or len(counts) < _LEAST:
        raise ConfigError(
            f"{counted(len(counts), 'label')}; at least two are needed, "
            f"each with {_LEAST} articles or more"
            + (f": too few for {', '.join(rare)}" if rare else "")
        )
    try:
        # Here, not above: only training needs it.
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("training needs `pip install 'newsbeam[train]'`") from error
    # Vectors have unit length, so weights must be large: C far above its default of 1.
    fitted = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    fitted.fit(vectors, list(labels))
    weight, bias = fitted.coef_, fitted.intercept_
    if len(counts) == _LEAST:  # one row for two classes: the softmax needs both
        weight, bias = np.vstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return Head(
        tuple(map(str, fitted.classes_)),
        # safetensors writes memory as it lies, and scikit-learn's lies by columns.
        np.ascontiguousarray(weight, np.float32),
        bias.astype(np.float32),
        encoder.digest,
    )


def write_head(head: Head, path: str) -> None:
    """Write the head as safetensors."""
    about = {"labels": json.dumps(head.labels), "encoder": head.encoder}
    save_file({"weight": head.weight, "bias": head.bias}, path, metadata=about)


def read_head(path: str) -> Head:
    """Return the head in the file.

    Raises:
        ConfigError: there is no such file, or it is no head.
    """
    try:
        with safe_open(path, framework="np") as file:
            about = file.metadata() or {}
            return Head(
                tuple(json.loads(about["labels"])),
                file.get_tensor("weight"),
                file.get_tensor("bias"),
                about["encoder"],
            )
    except FileNotFoundError as error:
        raise ConfigError(f"topics.head: {path} does not exist") from error
    except (OSError, SafetensorError, LookupError, ValueError) as error:
        raise ConfigError(
            f"topics.head: {path} is no head of `newsbeam train-topics`: {error}"
        ) from error
