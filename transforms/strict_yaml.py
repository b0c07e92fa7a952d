"""YAML that a person writes: settings and topics, read as they stand, each key once.

Scalars are those of YAML 1.2: `060` is sixty, `12:30` and `no` are text. YAML 1.1 reads them as 48,
750 and false, and of a key that stands twice keeps the last without a word.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from transforms.errors import ConfigError
from transforms.redaction import redacted

Loc = tuple[int | str, ...]
"""Where a value lies: keys, and positions in lists."""

_SCALARS = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
}
"""The core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution), by the first characters."""


class Settings(NamedTuple):
    """The content of a file.

    Attributes:
        content: a mapping or list, `None` for nothing.
        lines: the line of each key and entry, from 1; 0 if it does not come from the file.
    """

    content: Any
    lines: Mapping[Loc, int]

    def line(self, loc: Loc) -> int | None:
        """Return the line of what is at `loc`, else of the nearest thing around it."""
        return next(
            (self.lines[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self.lines),
            None,
        )


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (of PyYAML)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping.

        Raises:
            ConstructorError: a key stands twice.
        """
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            key = (key_node.tag, str(key_node.value))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key[1]} stands twice: in line {seen[key]} and in line {line}"
                )
            seen[key] = line
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Return an integer."""
        text = str(self.construct_scalar(node))
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """Return a number."""
        text = str(self.construct_scalar(node)).lower()
        return float(re.sub(r"\.(?=inf|nan)", "", text))


for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), [*_first, ""]
    )
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def read_settings(path: Path) -> Settings:
    """Return what is in the YAML file at `path`.

    Raises:
        ConfigError: it cannot be read, is no YAML, or a key stands twice; the message names the
            file and the lines.
    """
    try:
        return parse_settings(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not valid YAML: {redacted(str(error))}") from None


def parse_settings(text: str) -> Settings:
    """Return what a YAML text holds.

    >>> parse_settings("{wait: 060, at: 12:30}").content
    {'wait': 60, 'at': '12:30'}

    Raises:
        ValueError: it is no YAML, or a key stands twice.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return Settings(None, {})
        return Settings(loader.construct_document(node), dict(_lines(node, (), ())))
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _lines(node: yaml.Node, loc: Loc, above: tuple[yaml.Node, ...]) -> Iterable[tuple[Loc, int]]:
    if node in above:  # an anchor within itself
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*loc, str(key.value)), key.start_mark.line + 1
            yield from _lines(value, (*loc, str(key.value)), (*above, node))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield (*loc, position), value.start_mark.line + 1
            yield from _lines(value, (*loc, position), (*above, node))


def unknown_key(name: str, known: Iterable[str]) -> str:
    """Return what is said of a key that there is not, with the nearest one that there is.

    >>> unknown_key("max_wrods", ["max_words", "style"])
    'unknown key, did you mean max_words? Known here: max_words, style'
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    question = f"unknown key, did you mean {near[0]}? Known" if near else "unknown key; known"
    return f"{question} here: {', '.join(names)}"
