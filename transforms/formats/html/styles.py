"""Which elements a page's own style sheets hide.

There is no cascade: a rule counts only where nothing on the page could show the element again, as a
script may. What the reader can open by a click is shown in this sense.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
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

_PLAIN_RULE = re.compile(r"([^{}\"'\\/;@]*+)\{([^{}\"'\\/]*+(?:/(?!\*)[^{}\"'\\/]*+)*+)\}")
"""A rule without anything that could hold a brace, as most are: its selectors and its body."""

_TAG = re.compile(r"[a-z][a-z0-9-]*")
_SCREEN = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*$|@layer\b|@supports\b", re.IGNORECASE)
_HIDING = re.compile(
    r":(?:(?<=display:)\s*none|(?<=visibility:)\s*(?:hidden|collapse)|(?<=\s:)"
    r"|(?<=font-size:)\s*(?:-|0*(?:\.[0-2]|[0-3](?:\.\d+)?\s?p[xt]|[12]?\d(?:\.\d+)?\s?%)|0+(?![\d.]))"
    r"|\s*-(?:\d{3}|\d+(?:v[wh]|r?em|%|in|cm))"
    r"|(?<=color:)(?<![-\w]color:)\s*(?:#[ef][\da-f]{3}(?:[\da-f]{4})?(?![\da-f])"
    r"|transparent|rgb|hsl|hwb|lab|lch|ok|color))"
)
"""Declarations that may hide something. Where a space stands before the colon, it is not told."""

_HIDING_WORD = re.compile(
    r"opacity\s*[:(]\s*(?:0(?!\.?0*[1-9])|\.0|0\.0)|clip|scale\w{0,8}[:(]\s*0"
    r"|translate\w{0,8}\(\s*-\d{3}|fill-color|\\|/\*"
)
_CUT = re.compile(r":(?:(?<=width:)|(?<=height:))\s*[01](?![\d.])")
_LIGHT = re.compile(r":(?<=color:)(?<![-\w]color:)\s*(?:#[ef]|white)")
_MAY_SHOW = re.compile(
    r"(?:display|visibility)\s*:\s*+(?!none|hidden|collapse)|opacity\s*:\s*+(?!0?\.?0*(?![.\d]))"
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


class _Sheet(NamedTuple):
    """What a style sheet says that matters here, as its selectors and bodies.

    Attributes:
        hiding: rules, for every screen, that may hide something.
        showing: selectors of those that, for any screen, may show it again.
    """

    hiding: tuple[tuple[str, str], ...]
    showing: tuple[str, ...]


def may_hide(style: str) -> bool:
    """Return whether declarations are worth a closer look: most are not, and a look takes long."""
    low = style.lower()
    return (
        _HIDING.search(low) is not None
        or _HIDING_WORD.search(low) is not None
        or ("overflow" in low and _CUT.search(low) is not None)
        or ("background" in low and _LIGHT.search(low) is not None)
    )


def hidden_by_sheets(tree: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the elements that the style sheets of a page hide, in its order."""
    texts = [str(text) for text in tree.xpath("//style/text()")]
    sheets = [*map(_read, texts)] if any(map(may_hide, texts)) else []
    if not any(sheet.hiding for sheet in sheets):
        return []
    named = tree.xpath("//*[@class or @id]")
    classes = {value: value.split() for value in {element.get("class") or "" for element in named}}
    names = {f".{name}" for own in classes.values() for name in own}
    names |= {f"#{element.get('id')}" for element in named}
    found = hiding_rules(sheets, names)
    if not found.rules:
        return []
    by_class = {value for value, own in classes.items() if _may_be_hidden(own, found)}
    tags = [key for key in found.rules if _TAG.fullmatch(key)]
    if "" in found.rules:
        elements = tree.xpath("//*")
    elif tags:
        elements = tree.xpath(" | ".join(("//*[@class or @id]", *(f"//{tag}" for tag in tags))))
    else:
        elements = named
    matches = Matches(tree)
    hidden: list[html.HtmlElement] = []
    with suppress(TooManyStepsError):
        for element in elements:
            concerned = (
                "" in found.rules
                or element.tag in found.rules
                or element.get("class") in by_class
                or f"#{element.get('id')}" in found.rules
            )
            if concerned and _is_hidden(element, found, matches):
                hidden.append(element)
    return hidden


def _may_be_hidden(classes: list[str], found: HidingRules) -> bool:
    """Return whether there are rules that hide such elements, and none that shows them."""
    keys = [f".{name}" for name in classes]
    return any(key in found.rules for key in keys) and found.shown.isdisjoint(keys)


def _is_hidden(element: html.HtmlElement, found: HidingRules, matches: "Matches") -> bool:
    names = [f".{name}" for name in (element.get("class") or "").split()]
    names += [f"#{element.get('id')}"] if element.get("id") else []
    keys = dict.fromkeys((*names, element.tag, ""))
    if not found.shown.isdisjoint(keys):
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


def hiding_rules(sheets: list[_Sheet], names: set[str]) -> HidingRules:
    """Return the rules of `sheets` that hide something on a page with these classes and ids."""
    found = HidingRules()
    rules = (rule for sheet in sheets for rule in sheet.hiding if may_match(rule[0], names))
    left = _MAX_SELECTORS
    for selectors, body in islice(dict.fromkeys(rules), _MAX_SELECTORS):
        style = declarations(body)
        whole = hides(style)
        if not whole and not inherited(style):
            continue
        for parts in islice(read_selectors(selectors, names), left):
            left -= 1
            if parts:
                found.rules[parts[-1].key].append(_Rule(parts, whole))
    if found.rules:
        found.shown.update(
            *(names_in(selectors) for sheet in sheets for selectors in sheet.showing)
        )
    return found


@lru_cache(maxsize=128)
def _read(sheet: str) -> _Sheet:
    """Return what a sheet says; the pages of a site have mostly the same one."""
    hiding: list[tuple[str, str]] = []
    showing: list[str] = []
    for selectors, body, is_plain in _rules(sheet):
        if is_plain and may_hide(body):
            hiding.append((selectors, body))
        if _MAY_SHOW.search(body.lower()):
            showing.append(selectors)
    return _Sheet(tuple(hiding), tuple(showing))


def _rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each rule's selectors, its body, and whether it holds on every screen."""
    outer: list[str] = []
    start = at = 0
    while True:
        while start == at and (plain := _PLAIN_RULE.match(sheet, start)):
            yield from _rule([*outer[:_MAX_DEPTH], plain[1].strip()], plain[2])
            start = at = plain.end()
        match = _TOKEN.search(sheet, at)
        if match is None:
            return
        at = match.end()
        if match.group() == "{":
            own, _, prelude = sheet[start : match.start()].rpartition(";")
            if own:
                yield from _rule(outer, own)
            outer.append(prelude.strip())
        elif match.group() == "}":
            yield from _rule(outer, sheet[start : match.start()])
            del outer[-1:]
        else:
            continue
        start = at


def _rule(outer: list[str], body: str) -> tuple[tuple[str, str, bool], ...]:
    """Return the rule of a body within blocks, if it is one, with its selectors.

    A rule within a rule is meant within its elements.
    """
    if len(outer) == 1:
        return () if outer[0].startswith("@") else ((outer[0], body, True),)
    if not 0 < len(outer) <= _MAX_DEPTH or not body or body.isspace():
        return ()
    selectors = ""
    for prelude in outer:
        if not prelude.startswith("@"):
            nested = prelude.replace("&", f":is({selectors})") if "&" in prelude else prelude
            selectors = nested if not selectors or "&" in prelude else f"{selectors} {prelude}"
    if not selectors:
        return ()
    plain = all(_SCREEN.match(prelude) for prelude in outer if prelude.startswith("@"))
    return ((selectors, body, plain),)
