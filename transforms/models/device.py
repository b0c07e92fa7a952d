"""Which device a model runs on, and in which number format."""

import torch

from transforms.errors import ConfigError
from transforms.models.contract import AUTO

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

_BF16_CAPABILITIES = ("amx_bf16", "avx512_bf16", "bf16")
"""Names in `torch.cpu.get_capabilities`: Intel and AMD, then ARM."""


def choose_device(device: str) -> str:
    """Return `cpu` or `cuda`; `auto` is a GPU where there is one.

    Raises:
        ConfigError: `cuda` is asked for, and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("engines.device: cuda, but torch sees no GPU; use auto or cpu")
    if device == AUTO:
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def candidate_formats() -> tuple[str, ...]:
    """Return the formats that the processor has instructions for, the fastest last."""
    capabilities = torch.cpu.get_capabilities()
    has_bf16 = any(capabilities.get(name) for name in _BF16_CAPABILITIES)
    return ("fp32", "bf16") if has_bf16 else ("fp32",)


def choose_format(number_format: str, device: str) -> str:
    """Return `number_format`, or for `auto` the fastest of the formats that keep the quality.

    What is fastest on which processor was measured (benchmarks/precision.py), and is not timed
    anew: on a busy machine a timing may fall either way, and runs would then differ.

    Args:
        number_format: `auto` or one of `DTYPES`.
        device: from `choose_device`.

    Raises:
        ConfigError: `number_format` is unknown.
    """
    if number_format == AUTO:
        return "bf16" if device == "cuda" else candidate_formats()[-1]
    if number_format not in DTYPES:
        raise ConfigError(
            f"number format {number_format!r} is unknown; use {', '.join((AUTO, *DTYPES))}"
        )
    return number_format
