"""Which classes and ids a page's own style sheets hide.

Only rules whose selector is one tag, id or some classes, or all of these at once, are understood.
No cascade: a rule counts only where nothing on the page could show the element again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import html

from transforms.formats.html.css import declarations, hides, inherited, uncommented

_BRACE = re.compile(r"([{}])")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?((?:[.#](?:[\w-]|\\.)+)+)", re.IGNORECASE)
_NAME = re.compile(r"[.#](?:[\w-]|\\.)+")
_SCREEN = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*$|@layer\b|@supports\b", re.IGNORECASE)
_MAY_HIDE = re.compile(
    r"display\s*:\s*none|(?:visibility|content-visibility)\s*:\s*(?:hidden|collapse)"
    r"|opacity\s*:\s*(?:0(?!\.?0*[1-9])|\.0|0\.0)|font-size\s*:\s*[0-2.](?!\d)"
    r"|:\s*-\d{3}|:\s*-\d+(?:v[wh]|r?em|%|in|cm)|clip|scale\w*\(\s*0|translate\w*\(\s*-\d{3}"
    r"|(?:width|height)\s*:\s*[01](?![\d.])|(?<![-\w])color\s*:\s*(?:#[ef]|white|transparent|rgb)",
    re.IGNORECASE,
)
"""Whether a rule is worth a closer look: most are not."""

_MAY_SHOW = re.compile(r"display|visibility|opacity", re.IGNORECASE)


_MAX_RULES = 100
"""Rules for one name that are kept: real style sheets have a handful, and each is tried for each
element of that name."""


class _Rule(NamedTuple):
    tag: str
    names: frozenset[str]
    whole: bool


@dataclass
class HiddenNames:
    """Classes and ids (".x", "#x") that a page's style sheets hide.

    Attributes:
        rules: for each selector that hides, under one of its names.
        shown: names that any rule, for any medium or state, shows again.
    """

    rules: dict[str, set[_Rule]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    def hide(self, element: html.HtmlElement) -> bool:
        """Return whether a rule hides `element` and nothing that is known shows it."""
        names = {f".{name}" for name in (element.get("class") or "").split()}
        names |= {f"#{element.get('id')}"} if element.get("id") else set()
        if names.isdisjoint(self.rules) or not names.isdisjoint(self.shown):
            return False
        fitting = [
            rule
            for name in names
            for rule in self.rules.get(name, ())
            if rule.names <= names and rule.tag in ("", element.tag)
        ]
        # "md:block" and its like show an element on wide screens, by a style sheet not at hand.
        if any(":" in name for name in names) or element.get("style"):
            return False
        if any(rule.whole for rule in fitting):
            return True
        return bool(fitting) and not element.xpath("descendant::*[@class or @id or @style]")


def hidden_names(sheets: list[str]) -> HiddenNames:
    """Return the names that the style sheets of a page hide."""
    found = HiddenNames()
    for selectors, body, is_plain in (rule for sheet in sheets for rule in _rules(sheet)):
        may_hide = is_plain and _MAY_HIDE.search(body) is not None
        if not may_hide and not _MAY_SHOW.search(body):
            continue
        style = declarations(body)
        whole = hides(style)
        hiding = whole or bool(inherited(style))
        for selector in map(str.strip, selectors.split(",")):
            match = _SELECTOR.fullmatch(selector) if hiding else None
            names = frozenset(name.replace("\\", "") for name in _NAME.findall(selector))
            if not hiding:
                found.shown |= names
            elif match and may_hide:
                rule = _Rule((match[1] or "").lower(), names, whole)
                same_name = found.rules.setdefault(min(names), set())
                if len(same_name) < _MAX_RULES:
                    same_name.add(rule)
    return found


def _rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each rule's selectors, its body, and whether it holds on every screen."""
    pieces = _BRACE.split(uncommented(sheet))
    outer: list[str] = []
    for text, brace in zip(pieces[::2], pieces[1::2], strict=False):
        if brace == "{":
            outer.append(text.rpartition(";")[2].strip())
        elif outer:
            selectors = outer.pop()
            if selectors and not selectors.startswith("@"):
                yield selectors, text, all(map(_SCREEN.match, outer))
