"""The front matter of Markdown: YAML between `---`, TOML between `+++`, or a JSON object."""

import json
import re
import tomllib
from datetime import date, datetime, time
from itertools import accumulate
from typing import Any, NamedTuple

import yaml
from ftfy.fixes import fix_c1_controls

from transforms.formats.json_text import writable

MAX_BLOCK = 1 << 16
"""Characters of the longest front matter that is read as what it is: 64 KiB. A longer one is read
line by line: PyYAML needs a second for 100 KiB."""

MAX_DEPTH = 100
"""Brackets within another: PyYAML's time grows with their square."""

_YAML = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([^\W\d][\w-]*)[ \t]*[:=][ \t]*(\S.*)$", re.MULTILINE)


class Matter(NamedTuple):
    """A file's front matter and the rest of it.

    Attributes:
        fields: the front matter's fields.
        body: the text after it.
        is_readable: whether it is well-formed; if not, `fields` are what single lines say.
    """

    fields: dict[str, Any]
    body: str
    is_readable: bool = True


def split_front_matter(text: str) -> Matter:
    r"""Return the front matter's fields and the rest.

    >>> split_front_matter("---\ntitle: Storm\n---\nBody")
    Matter(fields={'title': 'Storm'}, body='Body', is_readable=True)
    >>> split_front_matter("---\ntitle: Storm: hits\n---\nBody").fields
    {'title': 'Storm: hits'}
    >>> split_front_matter('+++\ndate = 2024-05-13\n+++\nBody').fields
    {'date': '2024-05-13'}
    """
    text = "\n".join(fix_c1_controls(text.lstrip("\ufeff")).splitlines()).lstrip("\n")
    for pattern, read in ((_YAML, _read_yaml), (_TOML, _read_toml)):
        if match := pattern.match(text):
            block, body = match[1], text[match.end() :]
            fields = read(block) if len(block) <= MAX_BLOCK else None
            if fields is not None:
                return Matter(writable(fields), body)
            return Matter(writable(_lines(block)), body, is_readable=not block.strip())
    return _json_matter(text) or Matter({}, text)


class _PlainLoader(yaml.BaseLoader):
    """Reads every value as written: a date stays what the author typed.

    An alias may repeat a single value, but no collection: a few of those that name each other make
    a document of any size.
    """

    repeated = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if not self.check_event(yaml.AliasEvent):
            return super().compose_node(parent, index)
        event = self.get_event()
        node = self.anchors.get(event.anchor)
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.YAMLError(f"the alias {event.anchor!r} repeats a collection, or nothing")
        self.repeated += len(node.value)
        if self.repeated > MAX_BLOCK:
            raise yaml.YAMLError("aliases repeat too much")
        return node


def _read_yaml(block: str) -> dict[str, Any] | None:
    """Return the fields of a YAML block, `None` where it is none."""
    signs = (1 if sign in "[{" else -1 for sign in re.findall(r"[\[\]{}]", block))
    if max(accumulate(signs, initial=0)) > MAX_DEPTH:
        return None
    # PyYAML refuses all that is not printable, and with it every field.
    printable = yaml.reader.Reader.NON_PRINTABLE.sub("", block)
    try:
        fields = yaml.load(printable, Loader=_PlainLoader)  # noqa: S506 (makes only str)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return fields if isinstance(fields, dict) else None


def _read_toml(block: str) -> dict[str, Any] | None:
    """Return the fields of a TOML block, `None` where it is none."""
    try:
        return {name: _as_written(value) for name, value in tomllib.loads(block).items()}
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _as_written(value: Any) -> Any:
    """Return a TOML value as JSON holds it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if isinstance(value, dict):
        return {name: _as_written(item) for name, item in value.items()}
    return value


def _json_matter(text: str) -> Matter | None:
    """Return the front matter of a file that begins with a JSON object, as Hugo reads it."""
    if not text.startswith("{"):
        return None
    try:
        fields, end = json.JSONDecoder(strict=False).raw_decode(text[: MAX_BLOCK + 1])
    except (ValueError, RecursionError):
        return None
    rest = text[end:]
    return Matter(writable(fields), rest) if fields and rest.startswith("\n") else None


def _lines(block: str) -> dict[str, str]:
    """Return the fields that single lines give, each for itself."""
    printable = yaml.reader.Reader.NON_PRINTABLE.sub("", block)
    return {name: value.strip("\"' ") for name, value in _FIELD.findall(printable)}
