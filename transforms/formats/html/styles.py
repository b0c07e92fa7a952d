"""Which elements a page's own style sheets hide.

There is no cascade: a rule counts only where nothing on the page could show the element again, as a
script may. What the reader can open by a click is shown in this sense.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from lxml import html

from transforms.formats.html.css import declarations, hides, inherited
from transforms.formats.html.selectors import (
    Matches,
    Part,
    TooManyStepsError,
    may_match,
    names_in,
    read_selectors,
)

_TOKEN = re.compile(
    r"/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*+[\"\n]?|'(?:[^'\\\n]|\\.)*+['\n]?|\\.|[{}]", re.DOTALL
)
"""What must be told apart to find the braces of a style sheet."""

_TAG = re.compile(r"[a-z][a-z0-9-]*")
_SCREEN = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*$|@layer\b|@supports\b", re.IGNORECASE)
MAY_HIDE = re.compile(
    r"display\s*:\s*none|(?:visibility|content-visibility)\s*:\s*(?:hidden|collapse)"
    r"|opacity\s*[:(]\s*(?:0(?!\.?0*[1-9])|\.0|0\.0)|font-size\s*:\s*(?:[0-2](?!\d)|\.)"
    r"|:\s*-\d{3}|:\s*-\d+(?:v[wh]|r?em|%|in|cm)|clip|scale\w{0,8}[:(]\s*0|translate\w{0,8}\(\s*-\d{3}"
    r"|(?:width|height)\s*:\s*[01](?![\d.])"
    r"|(?<![-\w])color\s*:\s*(?:#[ef]|white|transparent|rgb|hsl|hwb|lab|lch|ok|color)|fill-color"
    r"|\\|/\*",
    re.IGNORECASE,
)
"""Whether a rule is worth a closer look: most are not."""

_MAY_SHOW = re.compile(
    r"(?:display|visibility)\s*:\s*+(?!none|hidden|collapse)|opacity\s*:\s*+(?!0?\.?0*(?![.\d]))",
    re.IGNORECASE,
)
_MAX_DEPTH = 20
"""Blocks within blocks that are read."""
_MAX_SELECTORS = 5_000
"""Selectors that are read of rules that hide something: each takes a fifth of a millisecond."""


class _Rule(NamedTuple):
    """A selector whose elements are hidden: `whole` with all in them, or their own text only."""

    parts: tuple[Part, ...]
    whole: bool


@dataclass
class HidingRules:
    """The rules of a page's style sheets that hide something.

    Attributes:
        rules: under an id ("#x"), a class (".x"), a tag or "" that an element of it must have.
        shown: such names and tags that any rule, for any medium or state, shows again, and the name
            by which publishers tell search engines what a script shows to subscribers.
    """

    rules: dict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    shown: set[str] = field(default_factory=lambda: {".paywall"})


def hidden_by_sheets(tree: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the elements that the style sheets of a page hide, in its order."""
    sheets = [sheet for sheet in tree.xpath("//style/text()") if MAY_HIDE.search(sheet)]
    names = {f".{name}" for value in tree.xpath("//@class") for name in value.split()}
    names |= {f"#{value}" for value in tree.xpath("//@id")}
    found = hiding_rules(sheets, names) if sheets else HidingRules()
    if not found.rules:
        return []
    matches = Matches(tree)
    hidden: list[html.HtmlElement] = []
    tags = [key for key in found.rules if _TAG.fullmatch(key)]
    paths = ["//*"] if "" in found.rules else ["//*[@class or @id]", *(f"//{tag}" for tag in tags)]
    with suppress(TooManyStepsError):
        for element in tree.xpath(" | ".join(paths)):
            if _is_hidden(element, found, matches):
                hidden.append(element)
    return hidden


def _is_hidden(element: html.HtmlElement, found: HidingRules, matches: "Matches") -> bool:
    names = [f".{name}" for name in (element.get("class") or "").split()]
    names += [f"#{element.get('id')}"] if element.get("id") else []
    keys = dict.fromkeys((*names, element.tag, ""))
    if found.rules.keys().isdisjoint(keys) or not found.shown.isdisjoint(keys):
        return False
    # "md:block" and its like show an element on wide screens, by a style sheet not at hand.
    if any(":" in name for name in names) or element.get("style"):
        return False
    fitting = [
        rule
        for key in keys
        for rule in found.rules.get(key, ())
        if matches.fit(rule.parts, len(rule.parts) - 1, element)
    ]
    if any(rule.whole for rule in fitting):
        return True
    return bool(fitting) and not element.xpath("descendant::*[@class or @id or @style]")


def hiding_rules(sheets: list[str], names: set[str]) -> HidingRules:
    """Return the rules of `sheets` that hide something on a page with these classes and ids."""
    found = HidingRules()
    hiding: dict[tuple[str, str], None] = {}
    for selectors, body, is_plain in (rule for sheet in sheets for rule in _rules(sheet)):
        if is_plain and MAY_HIDE.search(body) and may_match(selectors, names):
            hiding[selectors, body] = None
        if _MAY_SHOW.search(body):
            found.shown |= names_in(selectors)
    left = _MAX_SELECTORS
    for selectors, body in islice(hiding, _MAX_SELECTORS):
        style = declarations(body)
        whole = hides(style)
        if not whole and not inherited(style):
            continue
        for parts in islice(read_selectors(selectors, names), left):
            left -= 1
            if parts:
                found.rules[parts[-1].key].append(_Rule(parts, whole))
    return found


def _rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each rule's selectors, its body, and whether it holds on every screen."""
    outer: list[str] = []
    start = 0
    for match in _TOKEN.finditer(sheet):
        if match.group() == "{":
            own, _, prelude = sheet[start : match.start()].rpartition(";")
            if own and len(outer) <= _MAX_DEPTH:
                yield from _rule(outer, own)
            outer.append(prelude.strip())
        elif match.group() == "}":
            if outer and len(outer) <= _MAX_DEPTH:
                yield from _rule(outer, sheet[start : match.start()])
            del outer[-1:]
        else:
            continue
        start = match.end()


def _rule(outer: list[str], body: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the rule of a body within blocks: a rule within a rule is meant within its elements."""
    if len(outer) == 1:
        if not outer[0].startswith("@"):
            yield outer[0], body, True
        return
    media = [prelude for prelude in outer if prelude.startswith("@")]
    selectors = ""
    for prelude in outer:
        if not prelude.startswith("@"):
            nested = prelude.replace("&", f":is({selectors})") if "&" in prelude else prelude
            selectors = nested if not selectors or "&" in prelude else f"{selectors} {prelude}"
    if selectors and body.strip():
        yield selectors, body, all(map(_SCREEN.match, media))
