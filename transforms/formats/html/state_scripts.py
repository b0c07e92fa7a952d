"""The values in the scripts of a page: JSON, what variables are assigned, what calls are given."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from transforms.formats.html.expansion import Room
from transforms.formats.json_text import load_json, writable
from transforms.formats.literals import load_literal

MAX_LITERAL = 2_000_000
"""Characters of a literal of JavaScript that is read; JSON is read whatever its length."""

_MAX_VALUES = 50
"""Assignments of one script that are looked at."""

_LEAST = 200
"""Characters of a value that may hold a text."""

_ASSIGNED = re.compile(
    r"(?<![\w$.])(?P<name>[\w$.\[\]'\"-]{1,80}+)\s{0,5}=\s{0,5}(?:JSON\.parse\(\s{0,5})?(?=[{\[\"'(])"
)
_STATE = re.compile(
    r"^(?:window|self|globalThis)\b|__|state|data|props|content|article|story|post|page|store|context"
    r"|preload|initial",
    re.IGNORECASE,
)
"""Names of variables that may hold a literal of JavaScript; whatever holds JSON is read."""

_PUSHED = re.compile(r"__next_f\.push\(\s{0,5}(?=\[)")
_FLIGHT_ROW = re.compile(r"([0-9a-f]{0,6}):(?:T([0-9a-f]{1,8}),)?")
_REFERENCE = re.compile(r'"\$([0-9a-f]{1,6})"')
_ANGULAR = {"&q;": '"', "&s;": "'", "&l;": "<", "&g;": ">", "&a;": "&"}
_ANGULAR_CODE = re.compile("|".join(_ANGULAR))
_FUNCTION = re.compile(r"\(\s{0,5}function\s?\w{0,30}\(([\w$,\s]{0,20000})\)\s{0,5}\{")
_RETURNED = re.compile(r"\breturn\s{0,5}(?=\{)")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*+'", re.DOTALL)
_STRING = r"\"(?:[^\"\\]|\\.?)*+(?:\"|\Z)|'(?:[^'\\]|\\.?)*+(?:'|\Z)"
"""A string, or the start of one that has no end: else each quote would look for it anew."""

_BRACKET = re.compile(rf"{_STRING}|(?P<open>[\[({{])|(?P<close>[\])}}])", re.DOTALL)
_VARIABLE = re.compile(
    rf"{_STRING}|(?<=[:\[,(])(?P<name>[A-Za-z_$][\w$]{{0,3}})(?=[,}}\]])|(?P<code>void 0|!0|!1)",
    re.DOTALL,
)
_CODES = {"void 0": "null", "!0": "true", "!1": "false"}
_DECODER = json.JSONDecoder(strict=False)


def state_values(script: str, room: Room) -> Iterator[Any]:
    """Yield the values of a script that are objects or lists.

    >>> script = "window.a = {b: [1, 2], c: '%s'};" % ("x" * 200)
    >>> [value["b"] for value in state_values(script, Room())]
    [[1, 2]]
    """
    text = script.strip()
    if text[:1] in {"{", "["}:
        if "&q;" in text:
            text = _ANGULAR_CODE.sub(lambda match: _ANGULAR[match[0]], text)
        value = _decoded(text, 0)
        yield _revived(value, room) if isinstance(value, list) else value
        return
    if is_piece(text):
        yield from _flight_values(text, room)
    end = 0
    for number, match in enumerate(_ASSIGNED.finditer(text)):
        if number >= _MAX_VALUES:
            return
        if match.end() < end or len(text) - match.end() < _LEAST:
            continue
        value, end = _value_at(
            text, match.end(), room, any_literal=_STATE.search(match["name"]) is not None
        )
        if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
            value = _decoded(value, 0)
        if isinstance(value, dict | list):
            yield value


def is_piece(script: str) -> bool:
    """Return whether a script pushes a piece of what the others push too, as Next.js does."""
    return "__next_f.push" in script


def _value_at(text: str, at: int, room: Room, *, any_literal: bool = False) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends; `None` if it is none."""
    try:
        value, end = _DECODER.raw_decode(text, at)
        return (writable(value) if "\\ud" in text[at:end].lower() else value), end
    except (ValueError, RecursionError):
        pass
    if not any_literal:
        return None, at
    if text[at] == "(":
        return _returned(text, at, room)
    if text[at] == "'":
        match = _QUOTED.match(text, at)
        end = match.end() if match else at
    else:
        end = _balanced(text, at)
    return _literal(_plain(text[at:end], {}, room)), end


def _literal(text: str) -> Any:
    if not _LEAST / 10 < len(text) <= MAX_LITERAL:
        return None
    try:
        return load_literal(text)
    except (ValueError, RecursionError):
        return None


def _decoded(text: str, at: int) -> Any:
    try:
        return load_json(text[at:])
    except (ValueError, RecursionError):
        return _literal(text[at:])


def _balanced(text: str, at: int) -> int:
    """Return where the bracket that stands at `at` is closed; `at` if it is not."""
    depth = 0
    for match in _BRACKET.finditer(text, at):
        depth += bool(match["open"]) - bool(match["close"])
        if match["close"] and not depth:
            return match.end()
    return at


def _returned(text: str, at: int, room: Room) -> tuple[Any, int]:
    """Return what a function that is called at once returns, as in Nuxt 2, and where that ends.

    Its arguments stand in the place of values that are repeated.
    """
    head = _FUNCTION.match(text, at)
    found = _RETURNED.search(text, head.end()) if head else None
    if head is None or found is None:
        return None, at
    end = _balanced(text, found.end())
    call = text.find("(", end)
    close = _balanced(text, call) if call >= 0 else 0
    arguments = _literal(f"[{_plain(text[call + 1 : close - 1], {}, room)}]{' ' * 30}")
    written = map(json.dumps, arguments or ())
    names = dict(zip(map(str.strip, head[1].split(",")), written, strict=False))
    return _literal(_plain(text[found.end() : end], names, room)), max(close, end)


def _plain(code: str, names: Mapping[str, str], room: Room) -> str:
    """Return code with the values, as JSON, in the place of variables."""

    def value(match: re.Match[str]) -> str:
        if match["code"]:
            return _CODES[match["code"]]
        written = names.get(match["name"] or "")
        if written is None:
            return match[0]
        return written if room.takes(written) else "null"

    return _VARIABLE.sub(value, code)


def _flight_values(text: str, room: Room) -> Iterator[Any]:
    """Yield the values in what Next.js pushes to its router, piece by piece."""
    pieces = []
    for match in _PUSHED.finditer(text):
        value, _ = _value_at(text, match.end(), room)
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
            pieces.append(value[1])
    parts, texts = _flight_rows("".join(pieces).encode("utf-8", "replace").decode("latin-1"))

    def text_of(match: re.Match[str]) -> str:
        found = texts.get(match[1])
        return found if found and room.takes(found) else match[0]

    for part in parts:
        value, _ = _value_at(_REFERENCE.sub(text_of, part), 0, room)
        if isinstance(value, dict | list):
            yield value


def _flight_rows(rows: str) -> tuple[list[str], dict[str, str]]:
    """Return the rows that are objects or lists, and the long texts by what refers to them.

    Args:
        rows: a character for each byte, as the lengths of texts count bytes.
    """
    parts, texts, at = [], {}, 0
    while at < len(rows):
        match = _FLIGHT_ROW.match(rows, at)
        if match and match[2]:
            at = match.end() + int(match[2], 16)
            texts[match[1]] = json.dumps(_decoded_bytes(rows[match.end() : at]))
            continue
        end = rows.find("\n", at)
        end = len(rows) if end < 0 else end
        row = rows[match.end() : end] if match else ""
        parts += [_decoded_bytes(row)] if row[:1] in {"[", "{"} else []
        at = end + 1
    return parts, texts


def _decoded_bytes(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


def _revived(values: list[Any], room: Room) -> Any:
    """Return the object that a list of its parts stands for, as Nuxt 3 writes it.

    In it, a number is the place of a value in the list.
    """
    if len(values) < 2 or not isinstance(values[0], list | dict):
        return values
    if not all(type(part) is int for part in _parts(values[0])):
        return values
    under_way: set[int] = set()

    def at(place: Any, depth: int) -> Any:
        if not isinstance(place, int) or not 0 <= place < len(values) or depth > 40:
            return None
        value = values[place]
        if place in under_way or not room.takes(value):
            return None
        under_way.add(place)
        if isinstance(value, dict):
            value = {key: at(inner, depth + 1) for key, inner in value.items()}
        elif isinstance(value, list):
            is_typed = len(value) > 1 and isinstance(value[0], str)
            value = _typed(value, at, depth) if is_typed else [at(v, depth + 1) for v in value]
        under_way.remove(place)
        return value

    return at(0, 0)


def _typed(value: list[Any], at: Any, depth: int) -> Any:
    """Return the value of a part that names its type: a date stands as text, others by place."""
    if value[0] == "Date":
        return value[1]
    inner = [at(place, depth + 1) for place in value[1:]]
    return inner[0] if len(inner) == 1 else inner


def _parts(value: Any) -> list[Any]:
    """Return what an object or a list holds, without the name of its type."""
    if isinstance(value, dict):
        return [*value.values()]
    return [*value[1:]] if value and isinstance(value[0], str) else [*value]
