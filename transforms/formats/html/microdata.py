"""Reading schema.org's microdata out of web pages, as the objects that JSON-LD would give."""

from typing import Any

from lxml import html

_SCOPES = "//*[@itemscope and contains(@itemtype, 'schema.org/')]"
_MAX_SCOPES = 50
_ADDRESSED = {"a": "href", "link": "href", "img": "src", "meta": "content", "time": "datetime"}
_SKIPPED = frozenset(("articleBody", "text", "comment", "review"))
"""Long ones: the text is extracted, comments are not wanted."""


def microdata_nodes(tree: html.HtmlElement) -> list[dict[str, Any]]:
    """Return the page's outermost microdata objects, each with `@type` and its properties."""
    scopes = [scope for scope in tree.xpath(_SCOPES)[:_MAX_SCOPES] if not scope.get("itemprop")]
    return [_node(scope) for scope in scopes]


def _node(scope: html.HtmlElement) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": (scope.get("itemtype") or "").split()}
    for element in scope.iterchildren():
        _collect(element, node)
    return {name: found[0] if len(found) == 1 else found for name, found in node.items()}


def _collect(element: html.HtmlElement, node: dict[str, Any]) -> None:
    """Add the properties at and below `element` to `node`; libxml2 bounds the depth."""
    names = (element.get("itemprop") or "").split()
    is_scope = element.get("itemscope") is not None
    wanted = [name for name in names if name not in _SKIPPED]
    if wanted:
        value = _node(element) if is_scope else _value(element)
        for name in wanted:
            node.setdefault(name, []).append(value)
    if not is_scope and len(wanted) == len(names):
        for child in element.iterchildren():
            _collect(child, node)


def _value(element: html.HtmlElement) -> str:
    stated = element.get("content") or element.get(_ADDRESSED.get(str(element.tag), "value"))
    return stated or " ".join("".join(element.itertext()).split())
