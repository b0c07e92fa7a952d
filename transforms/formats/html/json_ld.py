"""Reading schema.org's JSON-LD out of web pages, as publishers write it."""

import html as entities
import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from transforms.formats.encoding import load_json

_SCRIPTS = "//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
_LISTS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item")
_ARTICLE = re.compile(
    r"(?:.*Article|.*NewsArticle|BlogPosting|LiveBlogPosting|Report|Review|Reportage.*)$"
)


def article_node(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON-LD object that describes the page's article, `{}` if there is none.

    Of several, the one that says most of headline, date and authors, the first of equals.
    """
    articles = [node for node in nodes if _is_article(node)]
    said = ("headline", "datePublished", "author", "articleBody")
    return max(articles, key=lambda node: sum(bool(node.get(name)) for name in said), default={})


def page_nodes(tree: html.HtmlElement) -> list[dict[str, Any]]:
    """Return every JSON-LD object of the page, those in lists and graphs included."""
    return [node for script in tree.xpath(_SCRIPTS) for node in _nodes(load_lenient(script.text))]


def load_lenient(text: str | None) -> Any:
    r"""Return the value of JSON, be it wrapped, escaped or slightly broken; `None` if it is not.

    >>> load_lenient('<!-- {"a": "line\nbreak",} -->')
    {'a': 'line\nbreak'}
    """
    text = re.sub(
        r"^\s*(?:<!--|(?://\s*)?<!\[CDATA\[)|(?:-->|(?://\s*)?\]\]>)\s*$", "", text or ""
    ).strip()
    text = text.rstrip("; \n")
    repairs = (text, re.sub(r",\s*([}\]])", r"\1", text), entities.unescape(text))
    for repaired in repairs:
        try:
            return load_json(repaired)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _LISTS:
            yield from _nodes(value.get(name), depth + 1)


def types_of(node: dict[str, Any]) -> list[str]:
    """Return the node's type names without their namespace."""
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return [re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str)]


def _is_article(node: dict[str, Any]) -> bool:
    return any(_ARTICLE.match(name) for name in types_of(node))
