"""Vectors of the texts that newsbeam brings itself: phrases of topics, and lines of news.

Each process would compute the same ones anew at its first article, which takes longer than a few
articles do (docs/decisions.md). So they come with the package, a file for each encoder that
newsbeam names, and an encoder looks a text up here before it computes it. A file counts for the
weights whose sha256 it holds, in fp32; where it cannot be read, all is computed. A benchmark
writes the files (`known_vectors.py`); a test computes them again.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from transforms.models.contract import Vectors
from transforms.models.pinned import PinnedModel

FOLDER = Path(__file__).with_name("vectors")
_FORMAT = "fp32"
_KEY_BYTES = 16

KnownVectors = Mapping[bytes, Vectors]
"""By `text_key`: shape (dim,), as the model gives them, before what all have in common is taken."""


def text_key(text: str) -> bytes:
    """Return what a text is known by."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def known_file(model: PinnedModel, folder: Path = FOLDER) -> Path:
    """Return where the vectors of one of newsbeam's encoders are."""
    return folder / f"{model.alias}.npz"


def read_known(model: PinnedModel, number_format: str, folder: Path = FOLDER) -> KnownVectors:
    """Return the vectors that are known of `model`; none in other number formats than fp32."""
    if not model.alias or number_format != _FORMAT:
        return {}
    try:
        content = io.BytesIO(known_file(model, folder).read_bytes())
        with np.load(content, allow_pickle=False) as file:
            weights, keys, vectors = file["weights"], file["keys"], file["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if weights.tobytes() != model.digest.encode() or len(keys) != len(vectors):
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def write_known(
    model: PinnedModel, texts: Sequence[str], vectors: Vectors, folder: Path = FOLDER
) -> Path:
    """Write the vectors of `texts`; return the file."""
    path = known_file(model, folder)
    path.parent.mkdir(exist_ok=True)
    keys = np.frombuffer(b"".join(map(text_key, texts)), np.uint8).reshape(-1, _KEY_BYTES)
    weights = np.frombuffer(model.digest.encode(), np.uint8)
    np.savez(path, weights=weights, keys=keys, vectors=vectors.astype("<f4"))
    return path
