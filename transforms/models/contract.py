"""What a model is to the steps, in plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

AUTO = "auto"
FORMATS = ("fp32", "bf16")
"""Number formats with the quality of fp32, in which a text's vector is the same whatever else is
encoded with it. Dynamic int8 has neither, and gains less than bf16: benchmarks/precision.py."""

Vectors = NDArray[np.float32]


def unit(vectors: Vectors) -> Vectors:
    """Return `vectors` with length 1; those of length 0 stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True).clip(min=1e-12)
    scaled: Vectors = (vectors / lengths).astype(np.float32)
    return scaled


@dataclass(frozen=True)
class Compute:
    """How a local model is run.

    Attributes:
        device: `auto`, `cpu` or `cuda`; `auto` is a GPU where there is one.
        number_format: `auto`, `fp32`, `bf16` or `fp16`; `auto` is bf16 where the processor has
            instructions for it.
        batch_tokens: padded tokens of input that are computed at once; on a CPU in several
            batches beside each other.
        compile: whether the model is compiled first; pays on long runs on a GPU.
    """

    device: str = "auto"
    number_format: str = "auto"
    batch_tokens: int = 8192
    compile: bool = False


OUT_OF_MEMORY = "out_of_memory"
NOT_FINITE = "not_finite"
EMPTY = "empty_output"


class Instruction(NamedTuple):
    """What a summary shall be.

    Attributes:
        style: `plain`, `headline`, `brief` or `bullets`.
        max_words: at the most.
        language: ISO 639-1 code to write in; `None` is that of the article.
    """

    style: str
    max_words: int
    language: str | None = None


class Written(NamedTuple):
    """What a writer made of one text: a summary, or the reason why there is none.

    Attributes:
        text: empty if there is a `problem`.
        problem: empty, or `empty_output`, `not_finite`, `out_of_memory`, `endpoint_failed`,
            `endpoint_refused`.
    """

    text: str
    problem: str = ""


class Writer(Protocol):
    """Writes summaries.

    Attributes:
        max_input: tokens of text that one call of it reads.
        usage: counters of what it cost, such as `input_tokens`; only ever growing.
        fault: what last kept it from writing, for a person; empty where `Written.problem` says all.
    """

    max_input: int
    usage: dict[str, int]
    fault: str

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text."""

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text; one that fails does not harm the others."""


class Judge(Protocol):
    """Says whether a premise entails a hypothesis."""

    def entailment(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the logit of entailment and that against it: shape (pairs, 2).

        NaN where the model returned a number that is not finite.
        """


def output_tokens(max_words: int) -> int:
    """Return the tokens that surely hold so many words: 1.7 a word covers most European ones.

    >>> output_tokens(70)
    135
    """
    return int(max_words * 1.7) + 16
