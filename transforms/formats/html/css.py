"""As much of CSS as it takes to see that an element is not shown."""

import re
from collections.abc import Mapping
from typing import NamedTuple

Style = Mapping[str, str]
"""Declarations: property -> value, both lower case, the last of a name."""


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255, and how opaque it is, 0 to 1."""

    red: int
    green: int
    blue: int
    alpha: float = 1.0


_COLOURS = {
    "white": Colour(255, 255, 255),
    "black": Colour(0, 0, 0),
    "snow": Colour(255, 250, 250),
    "ivory": Colour(255, 255, 240),
    "whitesmoke": Colour(245, 245, 245),
    "ghostwhite": Colour(248, 248, 255),
    "floralwhite": Colour(255, 250, 240),
    "transparent": Colour(0, 0, 0, 0.0),
}
_NEAR = 12
"""Difference in each of red, green and blue up to which two colours look the same."""

_FAINT = 0.1
"""Opacity below which nothing can be read."""

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

_LENGTH = re.compile(r"(-?\d*\.?\d+) ?([a-z%]*)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b")
_RGB = re.compile(r"rgba?\(([^)]*)\)")
_OFF = ("left", "top", "text-indent", "margin-left", "margin-top", "inset-inline-start")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*(-\d[\d.]*)([a-z%]*)")
_NO_SIZE = re.compile(r"scale(?:x|y|3d)?\(\s*0(?:\.0+)?\s*[,)]")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%|circle\(0")


def declarations(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute or a rule.

    >>> declarations("Color: #FFF; font-size:0 !important")
    {'color': '#fff', 'font-size': '0'}
    """
    pairs = (part.partition(":") for part in uncommented(style).lower().split(";"))
    return {
        name.strip(): value.replace("!important", "").strip()
        for name, colon, value in pairs
        if colon
    }


def uncommented(css: str) -> str:
    """Return `css` without its comments.

    >>> uncommented("a{} /* b{} */ c{} /* d")
    'a{}  c{} '
    """
    end = css.rfind("*/") + 2 if "*/" in css else 0
    return _COMMENT.sub("", css[:end]) + css[end:].partition("/*")[0]


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
        or _number(style.get("opacity"), 1.0) < _FAINT
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
        and (colour.alpha < _FAINT or (ground is not None and same_colour(colour, ground))),
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
    return away or _NO_SIZE.search(transform) is not None


def _has_no_room(style: Style) -> bool:
    clip = f"{style.get('clip', '')} {style.get('clip-path', '')}"
    if _CLIPPED.search(clip):
        return True
    cut = style.get("overflow", "") in ("hidden", "clip")
    sizes = (style.get(name) for name in ("width", "height", "max-width", "max-height"))
    return cut and any(_is_small(size, {"px": 1, "": 0, "em": 0, "%": 0}) for size in sizes)


def foreground(style: Style, attribute: str | None) -> Colour | None:
    """Return the colour of the text, `None` if none is stated that is understood."""
    return parse_colour(style.get("color") or attribute)


def background(style: Style, attribute: str | None) -> Colour | None:
    """Return the colour behind the text, `None` if none is stated; a picture is a dark one."""
    value = style.get("background-color") or style.get("background")
    if "url(" in (value or "") or "gradient" in (value or "") or "background-image" in style:
        return Colour(0, 0, 0)
    colour = parse_colour(value or attribute)
    return colour if colour is None or colour.alpha > _FAINT else None


def parse_colour(value: str | None) -> Colour | None:
    """Return the colour that a CSS value begins with, `None` if it is not understood.

    >>> parse_colour("#fff")[:3], parse_colour("rgba(0, 0, 0, 0)").alpha, parse_colour("inherit")
    ((255, 255, 255), 0.0, None)
    """
    text = (value or "").strip().lower()
    if match := _HEX.match(text):
        digits = match[1] if len(match[1]) > 4 else "".join(2 * digit for digit in match[1])
        red, green, blue, alpha = bytes.fromhex(f"{digits}ff"[:8])
        return Colour(red, green, blue, alpha / 255)
    if match := _RGB.match(text):
        numbers = [float(number) for number in re.findall(r"\d*\.?\d+", match[1])[:4]]
        red, green, blue = ([round(n) for n in numbers[:3]] + [0, 0, 0])[:3]
        return Colour(red, green, blue, numbers[3] if len(numbers) > 3 else 1.0)
    return _COLOURS.get(re.split(r"[\s;]", text)[0])


def same_colour(text: Colour, ground: Colour) -> bool:
    """Return whether text of one colour cannot be seen on the other."""
    near = all(abs(one - other) <= _NEAR for one, other in zip(text[:3], ground[:3], strict=True))
    return near or text.alpha < _FAINT
