"""Selectors of style sheets, matched by cssselect2 within bounds.

Those are left out that depend on a state (`:hover`, `:checked`, `aria-expanded`) or need a look at
many elements (`:has`, `:nth-of-type`). cssselect2 matches each compound; the way from one to the
next is ours, since its own tries every way through the ancestors: so each element is matched with
each compound once.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import tinycss2
from cssselect2 import ElementWrapper, SelectorError
from cssselect2.compiler import CompiledSelector
from cssselect2.parser import ClassSelector, CombinedSelector, IDSelector, Selector, parse
from lxml import html
from tinycss2.ast import Node

_NAME = re.compile(r"[.#](?:[\w-]|[^\x00-\x7f]|\\.)+")
_OPENS = re.compile(
    r":(?!first-child|last-child|only-child|nth-child|nth-last-child|is|where)[\w-]"
    r"|\[\s*(?:aria-|open|[\w-]*(?:state|expand|collaps|activ|visib|show|open))",
    re.IGNORECASE,
)
"""A selector that depends on a state, or takes long to match."""


_MAX_SELECTOR = 300
"""Characters of a selector that is read; longer ones serve no page."""
_MAX_STEPS = 100_000
"""Looks at an element for a selector, of a page in all; then the rest counts as shown."""


class Part(NamedTuple):
    """One compound of a selector, and how the one before it leads there.

    Attributes:
        test: cssselect2's.
        key: an id ("#x"), a class (".x"), a tag or "" that an element of it must have.
        named: whether it asks for a class or an id.
        combinator: " ", ">", "+", "~"; "" for the first.
    """

    test: CompiledSelector
    key: str
    named: bool
    combinator: str


def names_in(selectors: str) -> set[str]:
    """Return the classes and ids in `selectors`, and the tags of those that have none."""
    names = {name.replace("\\", "") for name in _NAME.findall(selectors)}
    for selector in selectors.split(","):
        last = re.split(r"[\s>+~]+", selector.strip())[-1]
        if "." not in last and "#" not in last:
            names.add(re.split(r"[:\[]", last)[0].lower())
    return names - {""}


def may_match(selectors: str, names: set[str]) -> bool:
    """Return whether one of the selectors may have an element on a page with these names."""
    return any(
        len(selector) <= _MAX_SELECTOR
        and not _OPENS.search(selector)
        and ("\\" in selector or names.issuperset(_NAME.findall(selector)) or "(" in selector)
        for selector in selectors.split(",")
    )


def read_selectors(prelude: str, names: set[str]) -> Iterator[tuple[Part, ...]]:
    """Yield the compounds of each selector of a rule, none for one that has no element on the page.

    One selector that is not understood spoils no other, as a browser would have it.

    Args:
        prelude: what stands before the rule's brace.
        names: classes (".x") and ids ("#x") on the page.
    """
    selector: list[Node] = []
    for node in tinycss2.parse_component_value_list(prelude, skip_comments=True):
        if node == ",":
            yield _parts(selector, names)
            selector = []
        else:
            selector.append(node)
    yield _parts(selector, names)


def _parts(selector: list[Node], names: set[str]) -> tuple[Part, ...]:
    """Return the compounds of a selector; none where it is not understood or has no element."""
    text = tinycss2.serialize(selector)
    if len(text) > _MAX_SELECTOR or _OPENS.search(text):
        return ()
    try:
        (parsed,) = parse(selector)
        if parsed.pseudo_element is not None:
            return ()
        parts: list[Part] = []
        node = parsed.parsed_tree
        while node is not None:
            combined = isinstance(node, CombinedSelector)
            compound = node.right if combined else node
            asked = [_own_name(simple) for simple in compound.simple_selectors]
            if not names.issuperset(filter(None, asked)) or _is_nested(compound):
                return ()
            test = CompiledSelector(Selector(compound))
            parts.append(Part(test, _key(test), any(asked), node.combinator if combined else ""))
            node = node.left if combined else None
    except (SelectorError, ValueError):
        return ()
    return tuple(reversed(parts))


def _own_name(simple: object) -> str:
    if isinstance(simple, ClassSelector):
        return f".{simple.class_name}"
    return f"#{simple.ident}" if isinstance(simple, IDSelector) else ""


def _is_nested(compound: object) -> bool:
    """Return whether a compound holds selectors of several: to match those takes long."""
    inner = [
        selector.parsed_tree
        for simple in getattr(compound, "simple_selectors", ())
        for selector in getattr(simple, "selector_list", ())
    ]
    return any(isinstance(node, CombinedSelector) or _is_nested(node) for node in inner)


def _key(test: CompiledSelector) -> str:
    """Return what an element must have for the test: its id, a class, or its tag."""
    if test.id or test.class_name:
        return f"#{test.id}" if test.id else f".{test.class_name}"
    return test.lower_local_name or ""


class TooManyStepsError(Exception):
    """The selectors of a page take too long to match."""


class Matches:
    """Matches elements of one page, each with each compound at most once."""

    def __init__(self, tree: html.HtmlElement) -> None:
        root = tree.getroottree().getroot()
        self._wrappers = {root: ElementWrapper.from_html_root(root)}
        self._known: dict[tuple[int, int, html.HtmlElement], bool] = {}
        self._left = _MAX_STEPS

    def fit(self, parts: tuple[Part, ...], part: int, element: html.HtmlElement) -> bool:
        """Return whether `element` fits a selector up to that part of it.

        Raises:
            TooManyStepsError: matching the selectors of the page takes too long.
        """
        self._left -= 1
        if self._left < 0:
            raise TooManyStepsError
        key = id(parts), part, element
        if key not in self._known:
            self._known[key] = self._fits(parts, part, element)
        return self._known[key]

    def _fits(self, parts: tuple[Part, ...], part: int, element: html.HtmlElement) -> bool:
        test, _, named, combinator = parts[part]
        # Scripts change the names of these two: "no-js" goes.
        if named and element.tag in ("html", "body"):
            return False
        if not test.test(self._wrapper(element)):
            return False
        return part == 0 or any(
            self.fit(parts, part - 1, other) for other in self._led_from(element, combinator)
        )

    def _led_from(self, element: html.HtmlElement, combinator: str) -> Iterator[html.HtmlElement]:
        """Yield the elements from which `combinator` leads to `element`."""
        if combinator == " ":
            yield from element.iterancestors()
        elif combinator == "~":
            yield from element.itersiblings("*", preceding=True)
        else:
            near = (
                element.getparent()
                if combinator == ">"
                else next(element.itersiblings("*", preceding=True), None)
            )
            yield from () if near is None else (near,)

    def _wrapper(self, element: html.HtmlElement) -> ElementWrapper:
        """Return cssselect2's view of an element; made for all its siblings at once."""
        missing = [element]
        while missing[-1] not in self._wrappers:
            missing.append(missing[-1].getparent())
        for holder in reversed(missing[1:]):
            for child in self._wrappers[holder].iter_children():
                self._wrappers.setdefault(child.etree_element, child)
        return self._wrappers[element]
