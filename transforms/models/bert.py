"""BERT, the kind of model that both encoders are, in torch alone.

transformers has it as well, but to import one of its models takes as long as to describe some
articles, and more memory than the embedded encoder's weights (docs/decisions.md). These are the
same operations on the same numbers: vectors are equal bit by bit, which a test holds. On a
processor, what only fills rows up takes part in attention alone, where it is masked.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional

from transforms.models.pinned import WEIGHTS

_LEAST_TOKENS = 32
"""Fewer are computed as they are filled up: kernels for very few rows round otherwise."""

_AS_HERE = {"model_type": "bert", "hidden_act": "gelu"}
_IF_STATED = {"position_embedding_type": "absolute", "is_decoder": False}
"""What config.json says of a model that is computed here, the latter where it says so at all."""


@dataclass(frozen=True)
class BertShape:
    """The sizes of a model, named as in config.json."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float
    pad_token_id: int = 0


class _Rooms(nn.Module):
    """A module that only holds others, so that weights are named as in files."""

    def __init__(self, /, **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)


class _Table(nn.Module):
    """`nn.Embedding` without numbers to begin with: to draw them torch imports its compiler."""

    def __init__(self, rows: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty((rows, dim), device="meta"), requires_grad=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return functional.embedding(ids, self.weight)


def _layer(shape: BertShape, eps: float) -> _Rooms:
    dim, inner = shape.hidden_size, shape.intermediate_size

    def dense(wide: int, out: int) -> nn.Module:
        return nn.Linear(wide, out, device="meta")

    def norm() -> nn.Module:
        return nn.LayerNorm(dim, eps, device="meta")

    own = _Rooms(query=dense(dim, dim), key=dense(dim, dim), value=dense(dim, dim))
    return _Rooms(
        attention=_Rooms(self=own, output=_Rooms(dense=dense(dim, dim), LayerNorm=norm())),
        intermediate=_Rooms(dense=dense(dim, inner)),
        output=_Rooms(dense=dense(inner, dim), LayerNorm=norm()),
    )


class Bert(nn.Module):
    """The encoder's layers; its weights are those of `load`.

    Attributes:
        config: its sizes.
        packs: whether tokens that fill up are left out where they can be, on a processor.
    """

    def __init__(self, config: BertShape, words: nn.Module | None = None) -> None:
        """Args: the sizes, and what looks up the vectors of words, if no matrix of weights."""
        super().__init__()
        self.config = config
        self.packs = True
        self._depth = config.num_hidden_layers
        dim, eps = config.hidden_size, config.layer_norm_eps
        self.embeddings = _Rooms(
            word_embeddings=words or _Table(config.vocab_size, dim),
            position_embeddings=_Table(config.max_position_embeddings, dim),
            token_type_embeddings=_Table(config.type_vocab_size, dim),
            LayerNorm=nn.LayerNorm(dim, eps, device="meta"),
        )
        layers = [_layer(config, eps) for _ in range(config.num_hidden_layers)]
        self.encoder = _Rooms(layer=nn.ModuleList(layers))

    def load(self, weights: Mapping[str, torch.Tensor]) -> "Bert":
        """Take `weights`, all that the model has not yet; return the model, ready to run."""
        own = {name: tensor for name, tensor in self.state_dict().items() if not tensor.is_meta}
        self.load_state_dict(own | dict(weights), assign=True)
        return self.requires_grad_(False).eval()

    @contextmanager
    def shallow(self) -> Iterator[None]:
        """Compute the first layer alone while the `with` lasts."""
        self._depth = 1
        try:
            yield
        finally:
            self._depth = self.config.num_hidden_layers

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        device: torch.device = self.embeddings.LayerNorm.weight.device  # type: ignore[union-attr, assignment]
        return device

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor]:
        """Return the last layer: shape (rows, tokens, dim); zeros may stand for what fills up.

        Args:
            input_ids: shape (rows, tokens).
            attention_mask: 1 for a token, 0 for what fills up; the same shape.
        """
        rows, width = input_ids.shape
        mask = attention_mask.bool()
        place = None
        if self.packs and self.device.type == "cpu":
            found = mask.flatten().nonzero().squeeze(1)
            place = found if _LEAST_TOKENS <= len(found) < rows * width else None
        batch = _Batch(rows, width, mask[:, None, None, :], place)
        hidden = self._embedded(batch.packed(input_ids.reshape(-1, 1)).squeeze(1), batch)
        for layer in islice(self.encoder.layer, self._depth):  # type: ignore[arg-type]
            hidden = self._attended(hidden, layer, batch)
            inner = functional.gelu(layer.intermediate.dense(hidden))
            hidden = layer.output.LayerNorm(layer.output.dense(inner) + hidden)
        return (batch.padded(hidden),)

    def _embedded(self, ids: torch.Tensor, batch: "_Batch") -> torch.Tensor:
        parts: Any = self.embeddings
        places = torch.arange(batch.width, device=ids.device).repeat(batch.rows)
        places = batch.packed(places[:, None]).squeeze(1)
        found = parts.word_embeddings(ids) + parts.token_type_embeddings.weight[0]
        return parts.LayerNorm(found + parts.position_embeddings(places))  # type: ignore[no-any-return]

    def _attended(self, hidden: torch.Tensor, layer: Any, batch: "_Batch") -> torch.Tensor:
        own, heads = layer.attention.self, self.config.num_attention_heads
        query, key, value = (
            batch.padded(part(hidden)).unflatten(-1, (heads, -1)).transpose(1, 2)
            for part in (own.query, own.key, own.value)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=batch.mask)
        output = layer.attention.output
        flat = batch.packed(seen.transpose(1, 2).flatten(2).flatten(0, 1))
        return output.LayerNorm(output.dense(flat) + hidden)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Batch:
    """Rows of texts, and how their tokens stand one behind the other.

    Attributes:
        rows: of texts.
        width: tokens of each, with those that fill up.
        mask: which are tokens, shape (rows, 1, 1, width).
        place: of each token among all; `None`: those that fill up are kept among them.
    """

    rows: int
    width: int
    mask: torch.Tensor
    place: torch.Tensor | None

    def packed(self, flat: torch.Tensor) -> torch.Tensor:
        """Return of rows, shape (rows * width, dim), those of tokens."""
        return flat if self.place is None else flat.index_select(0, self.place)

    def padded(self, packed: torch.Tensor) -> torch.Tensor:
        """Return tokens in rows: shape (rows, width, dim)."""
        if self.place is not None:
            whole = packed.new_zeros((self.rows * self.width, packed.shape[-1]))
            packed = whole.index_copy_(0, self.place, packed)
        return packed.view(self.rows, self.width, packed.shape[-1])


def read_bert(folder: Path, dtype: torch.dtype, *, mapped: bool = False) -> Bert | None:
    """Return the model in `folder`; `None` if it is of another kind than is computed here.

    Args:
        folder: of a model that is the pinned one.
        dtype: number format of the model.
        mapped: whether weights may stay in their file, which the kernel reads as it is needed and
            processes share. Nobody may write to it meanwhile: pip and the hub do not, they put
            another file in its place.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    same = all(config.get(key) == value for key, value in _AS_HERE.items())
    if not same or any(config.get(key, value) != value for key, value in _IF_STATED.items()):
        return None
    names = {field.name for field in fields(BertShape)}
    try:
        model = Bert(BertShape(**{key: config[key] for key in names & config.keys()}))
    except TypeError:  # a size is left to what transformers takes for it
        return None
    weights = _weights(folder / WEIGHTS, model.state_dict())
    if weights is None:
        return None
    return model.load({name: part.to(dtype, copy=not mapped) for name, part in weights.items()})


def _weights(path: Path, wanted: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor] | None:
    """Return the weights in a file; `None` if not all that are wanted are there, in their shape."""
    found = {}
    with safe_open(path, "pt") as file:
        stored = {name.removeprefix("bert."): name for name in file.keys()}  # noqa: SIM118 (no mapping)
        for name, shape in wanted.items():
            if name not in stored or file.get_slice(stored[name]).get_shape() != list(shape.shape):
                return None
            found[name] = file.get_tensor(stored[name])
    return found
