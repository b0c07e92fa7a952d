"""As much of CSS as it takes to see that an element is not shown."""

import re
from collections.abc import Mapping
from functools import lru_cache

import tinycss2

from transforms.formats.html.colours import FAINT, Colour, parse_colour, same_colour

Style = Mapping[str, str]
"""Declarations: property -> value, both lower case, the one of a name that counts."""

_MAX_STYLE = 10_000
"""Characters of declarations that are read: real ones have hundreds."""


_TINY = {"px": 3, "pt": 2, "em": 0.2, "rem": 0.2, "%": 20, "": 0, "vw": 0.2, "vh": 0.2}
"""Font sizes up to which nothing can be read, by unit."""

_FAR = {
    "px": 500,
    "pt": 400,
    "em": 40,
    "rem": 40,
    "%": 100,
    "vw": 100,
    "vh": 100,
    "in": 5,
    "cm": 12,
}
"""Distances to the left or top from which an element is off the screen, by unit."""

_LENGTH = re.compile(r"(-?(?:\d++(?:\.\d++)?|\.\d++)) ?([a-z%]*)")
_FILTER = re.compile(r"opacity\(([^()]*)\)")
_OFF = ("left", "top", "text-indent", "margin-left", "margin-top", "inset-inline-start")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*(-\d[\d.]*)([a-z%]*)")
_NO_SIZE = re.compile(r"scale(?:x|y|3d)?\(\s*0(?:\.0+)?\s*[,)]")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%|circle\(0")


@lru_cache(maxsize=1024)
def declarations(style: str) -> Style:
    r"""Return the declarations of a style attribute or a rule; `!important` outranks what follows.

    >>> declarations(r"Color: #FFF; font-size:0 !important; d\69splay: none; font-size: 2em")
    {'color': '#fff', 'font-size': '0', 'display': 'none'}
    """
    found: dict[str, str] = {}
    important: set[str] = set()
    parsed = tinycss2.parse_blocks_contents(
        style[:_MAX_STYLE], skip_comments=True, skip_whitespace=True
    )
    for node in parsed:
        if node.type != "declaration" or (node.lower_name in important and not node.important):
            continue
        values = [value for value in node.value if value.type != "comment"]
        try:
            found[node.lower_name] = tinycss2.serialize(values).strip().lower()
        except RecursionError:  # brackets in brackets, hundreds deep: no value of anything
            continue
        if node.important:
            important.add(node.lower_name)
    return found


def hides(style: Style) -> bool:
    """Return whether an element with these declarations is invisible with all that is in it.

    >>> hides({"display": "none"}), hides({"opacity": "0.9"})
    (True, False)
    """
    if not style:
        return False
    return (
        style.get("display") == "none"
        or style.get("content-visibility") == "hidden"
        or _number(style.get("opacity"), 1.0) < FAINT
        or any(
            _number(match[1].strip(), 1.0) < FAINT
            for name in ("filter", "-webkit-filter")
            for match in _FILTER.finditer(style.get(name, ""))
        )
        or _is_away(style)
        or _has_no_room(style)
    )


def inherited(style: Style) -> frozenset[str]:
    """Return the properties that hide the text of an element, unless what is in it sets them anew.

    >>> sorted(inherited({"font-size": "0px", "color": "#fff", "background": "white"}))
    ['color', 'font-size']
    """
    colour, ground = foreground(style, None), background(style, None)
    found = {
        "visibility": style.get("visibility") in ("hidden", "collapse"),
        "font-size": _is_small(style.get("font-size"), _TINY),
        "color": colour is not None
        and (colour.alpha < FAINT or (ground is not None and same_colour(colour, ground))),
    }
    return frozenset(name for name, holds in found.items() if holds)


def _number(value: str | None, default: float) -> float:
    match = _LENGTH.fullmatch(value) if value else None
    if match is None:
        return default
    return float(match[1]) / (100 if match[2] == "%" else 1)


def _is_small(value: str | None, limits: Mapping[str, float]) -> bool:
    match = _LENGTH.fullmatch(value) if value else None
    return match is not None and match[2] in limits and float(match[1]) <= limits[match[2]]


def _is_away(style: Style) -> bool:
    placed = style.get("position") in ("absolute", "fixed")
    for name in _OFF:
        match = _LENGTH.fullmatch(style.get(name, ""))
        free = placed or name not in ("left", "top", "inset-inline-start")
        if match and free and -float(match[1]) >= _FAR.get(match[2], float("inf")):
            return True
    transform = style.get("transform", "")
    moved = _MOVED.search(transform)
    away = moved is not None and -float(moved[1]) >= 5 * _FAR.get(moved[2], float("inf"))
    no_size = _NO_SIZE.search(transform) is not None or style.get("scale") in ("0", "0%")
    return away or no_size


def _has_no_room(style: Style) -> bool:
    clip = f"{style.get('clip', '')} {style.get('clip-path', '')}"
    if _CLIPPED.search(clip):
        return True
    cut = style.get("overflow", "") in ("hidden", "clip")
    sizes = (style.get(name) for name in ("width", "height", "max-width", "max-height"))
    return cut and any(_is_small(size, {"px": 1, "": 0, "em": 0, "%": 0}) for size in sizes)


def foreground(style: Style, attribute: str | None) -> Colour | None:
    """Return the colour of the text, `None` if none is stated that is understood."""
    stated = style.get("-webkit-text-fill-color") or style.get("color") or attribute
    return parse_colour(stated) if stated else None


def background(style: Style, attribute: str | None) -> Colour | None:
    """Return the colour behind the text, `None` if none is stated; a picture is a dark one."""
    value = style.get("background-color") or style.get("background") or attribute or ""
    if "url(" in value or "gradient" in value or "background-image" in style:
        return Colour(0, 0, 0)
    parts = tinycss2.parse_component_value_list(value[:_MAX_STYLE])
    colour = next(filter(None, map(parse_colour, parts)), None)
    return colour if colour is None or colour.alpha > FAINT else None
