"""Reading schema.org's JSON-LD out of web pages, as publishers write it."""

import html as entities
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import html

from transforms.formats.html.broken_json import broken_values
from transforms.formats.json_text import load_json
from transforms.formats.values import as_text

Node = dict[str, Any]
"""One JSON-LD object."""

SCRIPTS = "//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
_INNER = ("@graph", "mainEntity", "mainEntityOfPage")
_LISTS = ("itemListElement", "item")
_MAX_DEPTH = 6
_MAX_NAMED = 10_000
"""Objects with an `@id` that are remembered; real pages have some dozens."""

_WRAPPING = re.compile(r"^\s*(?:<!--|(?://\s*)?<!\[CDATA\[)|(?:-->|(?://\s*)?\]\]>)\s*$")
_LAST_COMMA = re.compile(r",\s*+([}\]])")
_NAMESPACE = re.compile(r"[/#:]")


@dataclass
class LinkedData:
    """What a page says of itself and of others in schema.org's terms.

    Attributes:
        nodes: its objects, those in graphs included, in order.
        listed: objects of its lists: most are other articles.
        named: the objects that say more than their `@id`, by that.
    """

    nodes: list[Node] = field(default_factory=list)
    listed: list[Node] = field(default_factory=list)
    named: dict[str, Node] = field(default_factory=dict)

    def resolved(self, value: Any) -> list[Any]:
        """Return `value` as a list, with the object in place of a mere reference to it."""
        items = value if isinstance(value, list) else [value] if value else []
        return [self._referent(item) for item in items]

    def _referent(self, item: Any) -> Any:
        if isinstance(item, dict) and not item.keys() - {"@id", "@type"}:
            return self.named.get(str(item.get("@id")), item)
        return self.named.get(item, item) if isinstance(item, str) else item


def page_objects(tree: html.HtmlElement) -> LinkedData:
    """Return every JSON-LD object of the page."""
    found = LinkedData()
    for script in tree.xpath(SCRIPTS):
        value = load_lenient(script.text)
        for node, is_listed in _nodes(value):
            (found.listed if is_listed else found.nodes).append(node)
        for node in _objects(value):
            name = node.get("@id")
            if isinstance(name, str) and node.keys() - {"@id", "@type"}:
                if len(found.named) >= _MAX_NAMED:
                    break
                found.named.setdefault(name, node)
    return found


def load_lenient(text: str | None) -> Any:
    r"""Return the value of JSON, be it wrapped, escaped or slightly broken; `None` if it is not.

    >>> load_lenient('<!-- {"a": "line\nbreak",} -->')
    {'a': 'line\nbreak'}
    """
    text = _WRAPPING.sub("", (text or "").strip()).strip().rstrip("; \n")
    repairs: tuple[Callable[[str], str], ...] = (str, _without_last_commas, entities.unescape)
    for repair in repairs:
        try:
            return load_json(repair(text))
        except (ValueError, RecursionError):
            continue
    return broken_values(text) or None


def _without_last_commas(text: str) -> str:
    return _LAST_COMMA.sub(r"\1", text)


def _nodes(value: Any, depth: int = 0, *, listed: bool = False) -> Iterator[tuple[Node, bool]]:
    """Yield each object that stands for itself, and whether it is an item of a list."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1, listed=listed)
    elif isinstance(value, dict):
        yield value, listed
        for name in _INNER:
            yield from _nodes(value.get(name), depth + 1, listed=listed)
        for name in _LISTS:
            yield from _nodes(value.get(name), depth + 1, listed=True)


def _objects(value: Any, depth: int = 0) -> Iterator[Node]:
    """Yield every object within `value`, at whatever property."""
    if depth > 2 * _MAX_DEPTH:
        return
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)


def types_of(node: Node) -> list[str]:
    """Return the node's type names without their namespace."""
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return [_NAMESPACE.split(name)[-1] for name in names if isinstance(name, str)]


def literal(value: Any) -> str:
    """Return a value as text; one with its language or type given is `{"@value": ...}`.

    >>> literal({"@value": "Jane Doe", "@language": "en"}), literal(["One", "Two"])
    ('Jane Doe', 'One')
    """
    if isinstance(value, list):
        return next(filter(None, map(literal, value)), "")
    if isinstance(value, dict) and "@value" in value:
        return literal(value["@value"])
    return as_text(value)
