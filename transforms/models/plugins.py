"""Summarisers and topic judges that others wrote: classes named in the config.

What is asked of them is less than of a `Writer` or `Judge`, which they are made here.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transforms.errors import ConfigError, Rejected
from transforms.isolation import of_plugin
from transforms.models.contract import EMPTY, Instruction, Judge, Writer, Written
from transforms.models.loaders import ModelRecord, cached_model
from transforms.models.pinned import file_sha256
from transforms.named_code import PluginError, find_named
from transforms.text.words import count_words

_MOST_INPUT = 1 << 30


class PluginWriter:
    """A `Writer` made of a class with `write(texts, instruction)`, which returns strings.

    An empty string is no summary. Where the class says how much it reads (`max_input`, in words),
    longer texts come in parts.
    """

    def __init__(self, own: Any, name: str) -> None:
        self._own, self._name = own, name
        self.max_input = int(getattr(own, "max_input", _MOST_INPUT))
        self.usage: dict[str, int] = {}
        self.fault = ""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the words of each text."""
        return [count_words(text) for text in texts]

    def write(self, texts: Sequence[str], instruction: Instruction) -> list[Written]:
        """Return a summary of each text.

        Raises:
            PluginError: the class raised an error, or gave other answers than it has to.
        """
        if not texts:
            return []
        found = of_plugin(self._name, lambda: self._answers(texts, instruction))
        return [Written(text) if text else Written("", EMPTY) for text in found]

    def _answers(self, texts: Sequence[str], instruction: Instruction) -> list[str]:
        found = _answers_of("write", self._own.write(texts, instruction))
        _check_count(found, texts)
        if wrong := [type(text).__name__ for text in found if not isinstance(text, str)]:
            raise TypeError(f"a summary is a str; it gave {wrong[0]}")
        return [text.strip() for text in found]


class PluginJudge:
    """A `Judge` made of a class with `entailment(pairs)`, which returns a number for each."""

    def __init__(self, own: Any, name: str) -> None:
        self._own, self._name = own, name

    def entailment(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the number for each pair, and that against it.

        Raises:
            PluginError: the class raised an error, or gave other answers than it has to.
        """
        found = of_plugin(self._name, lambda: self._answers(pairs))
        return np.stack([found, -found], axis=1)

    def _answers(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        answers = _answers_of("entailment", self._own.entailment(pairs))
        found = np.asarray(answers, np.float64).reshape(-1)
        _check_count(found, pairs)
        if not np.isfinite(found).all():
            raise ValueError("a number is finite; it gave another one")
        return found


def _answers_of(method: str, found: Any) -> list[Any]:
    """Return the answers that `method` gave; one text is no list of its letters."""
    if not isinstance(found, Iterable) or isinstance(found, str | bytes | Mapping | Set):
        kind = type(found).__name__
        raise TypeError(f"{method} gave {kind} in place of a list with an answer to each text")
    return list(found)


def _check_count(found: Sequence[Any] | NDArray[Any], asked: Sequence[Any]) -> None:
    if len(found) != len(asked):
        raise ValueError(f"it gave {len(found)} answers to {len(asked)} texts")


_METHODS = {"summary.plugin": ("write", 2), "topics.plugin": ("entailment", 1)}
"""Setting -> the method that the class needs, and how many values it is given."""


@dataclass(frozen=True)
class PluginLoader:
    """Makes what a plug-in's class is.

    Attributes:
        setting: `summary.plugin` or `topics.plugin`.
        name: `module:Class`, or that of an entry point.
        digest: of the module's source: another one gives other answers. Where `name` does not say
            which class of it is meant, of that too.
    """

    setting: str
    name: str
    digest: str

    @property
    def answers(self) -> str:
        """What determines its answers, as a part of the key of a cache."""
        return f"{self.name} {self.digest}"

    def __call__(self) -> Any:
        """Return this process's `Writer` or `Judge`.

        Raises:
            ConfigError: its class cannot be made.
        """
        return cached_model(self, self._make)

    def _make(self) -> Writer | Judge:
        kind = PluginWriter if self.setting == "summary.plugin" else PluginJudge
        made = find_named(self.setting, self.name)
        try:
            return of_plugin(self.name, lambda: kind(made(), self.name))
        except PluginError as error:
            raise ConfigError(
                f"{self.setting}: {self.name} cannot be made: {error}\nMend its __init__, or give "
                "it what it needs there"
            ) from error

    def try_out(self, work: Callable[[Any], object]) -> None:
        """Have `work` use what is made.

        Raises:
            ConfigError: it cannot be made, or fails at that.
        """
        try:
            work(self())
        except Rejected:  # on purpose: it works
            return
        except PluginError as error:
            raise ConfigError(
                f"{self.setting}: {error}\nThat was a sample article, so newsbeam takes it that it "
                "fails at every one: mend it (docs/plugins.md says what it is given), or "
                "name another one"
            ) from error

    def record(self, *, used: bool) -> ModelRecord:
        """Return what a manifest says of it."""
        return ModelRecord(name=self.name, sha256=self.digest)


def plugin_loader(setting: str, name: str) -> PluginLoader:
    """Return what makes the plug-in `name` of `setting`, once its shape is checked.

    Raises:
        ConfigError: it is not there, or is no such class.
    """
    own = find_named(setting, name)
    method, count = _METHODS[setting]
    if not inspect.isclass(own):
        raise ConfigError(f"{setting}: {name} is {own!r}; name a class")
    if not _takes(own, 0):
        raise ConfigError(f"{setting}: {name} needs arguments; let its __init__ do without")
    if not callable(getattr(own, method, None)) or not _takes(getattr(own, method), count + 1):
        raise ConfigError(
            f"{setting}: {name} has no method {method} that takes "
            f"{'(texts, instruction)' if count == 2 else '(pairs)'}; docs/plugins.md has an example"
        )
    return PluginLoader(setting, name, _digest(own, name))


def _digest(own: type, name: str) -> str:
    source = inspect.getsourcefile(own)
    digest = file_sha256(Path(source)) if source else ""
    place = f"{own.__module__}:{own.__qualname__}"
    if name == place:
        return digest
    return hashlib.sha256(f"{place} {digest}".encode()).hexdigest()


def _takes(function: Any, count: int) -> bool:
    """Return whether `function` can be called with so many values."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    return True
