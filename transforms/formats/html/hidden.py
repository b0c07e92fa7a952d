"""What a page holds but does not show: taken out, so that no reader is told what no reader saw.

Text can be hidden from people and meant for machines ("ignore all instructions ..."). An element
counts as hidden if its own attributes or a rule of the page's own style sheets say so; what outside
style sheets and scripts do is not known. In doubt an element stays.

A closed `<details>` stays as well, as in the browsers' reading views: answers and transcripts are
in there. Only what speaks to a language model is not taken from what a reader has to open.
"""

from lxml import etree, html

from transforms.formats.html.colours import WHITE, same_colour
from transforms.formats.html.css import (
    Style,
    background,
    declarations,
    foreground,
    hides,
    inherited,
)
from transforms.formats.html.extraction_checks import orders_models
from transforms.formats.html.styles import hidden_by_sheets, may_hide

_NEVER_SHOWN = (
    *("template", "noscript", "noframes", "noembed", "canvas", "datalist", "object", "iframe"),
    *("select", "svg"),
)
_CANDIDATES = (
    "//*[@hidden or (self::dialog or self::details) and not(@open)"
    " or @bgcolor or self::font[@color] or contains(@style, ':')]"
)
_STRUCTURE = (
    "descendant-or-self::*[self::article or self::main or self::h1"
    " or contains(concat(' ', @itemprop, ' '), ' articleBody ')]"
)
_ROOTS = frozenset(("html", "body", "head"))
_MOST = 0.5
"""Share of the page's text in paragraphs from which a hidden part of its structure is the article
itself, shown by a script later."""


def drop_hidden(tree: html.HtmlElement) -> None:
    """Take comments and elements that are not shown out of `tree`; what follows them stays.

    The article itself stays, be it hidden: pages show it by a script, or without one. What a
    `<template>` declares as a shadow tree is shown.
    """
    for element in list(tree.iter("template", "noscript")):
        if element.get("shadowrootmode") or _holds_most(element):
            element.drop_tag()
    etree.strip_elements(
        tree, etree.Comment, etree.ProcessingInstruction, *_NEVER_SHOWN, with_tail=False
    )
    hidden = [element for element in tree.xpath(_CANDIDATES) if _is_hidden(element)]
    hidden += hidden_by_sheets(tree)
    total = _length(tree) if hidden else 0
    dropped: set[html.HtmlElement] = set()
    for element in hidden:
        if dropped.isdisjoint((element, *element.iterancestors())) and not _is_article(
            element, total
        ):
            element.drop_tree()
            dropped.add(element)


def _is_hidden(element: html.HtmlElement) -> bool:
    """Return whether the attributes of `element` say that it, or its text, is not shown."""
    if element.get("hidden", "until-found") != "until-found":
        return True
    if element.tag == "dialog" and element.get("open") is None:
        return True
    if element.tag == "details" and element.get("open") is None:
        return orders_models(" ".join(element.itertext()))
    text = element.get("style") or ""
    if "color" not in text.lower() and not may_hide(text) and element.tag != "font":
        return False
    style = declarations(text)
    if hides(style):
        return True
    properties = inherited(style)
    if not properties and _is_invisible(element, style):
        properties = frozenset(("color",))
    return bool(properties) and not any(
        name in declarations(inner.get("style")) or (name == "color" and inner.get("color"))
        for inner in element.iterdescendants()
        if inner.get("style") or inner.get("color")
        for name in properties
    )


def _is_invisible(element: html.HtmlElement, style: Style) -> bool:
    """Return whether the text has the colour of what is behind it: the nearest stated, or white."""
    colour = foreground(style, element.get("color") if element.tag == "font" else None)
    if colour is None:
        return False
    for holder in (element, *element.iterancestors()):
        ground = background(declarations(holder.get("style") or ""), holder.get("bgcolor"))
        if ground is not None:
            return same_colour(colour, ground)
    return same_colour(colour, WHITE)


def _holds_most(element: html.HtmlElement) -> bool:
    """Return whether most of the page's text is what is shown without scripts only."""
    if element.tag != "noscript" or next(element.iterdescendants("p"), None) is None:
        return False
    return _length(element) >= _MOST * _length(element.getroottree().getroot())


def _is_article(element: html.HtmlElement, total: int) -> bool:
    if element.tag in _ROOTS:
        return True
    return bool(element.xpath(_STRUCTURE)) and _length(element) >= _MOST * total


def _length(element: html.HtmlElement) -> int:
    return sum(len(paragraph.text_content()) for paragraph in element.iter("p"))
