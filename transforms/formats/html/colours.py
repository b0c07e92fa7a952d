"""Colours as CSS writes them, and whether one can be seen on another."""

from collections.abc import Sequence
from typing import NamedTuple

from tinycss2.ast import Node
from tinycss2.color4 import Color, parse_color


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255, and how opaque it is, 0 to 1."""

    red: int
    green: int
    blue: int
    alpha: float = 1.0


WHITE = Colour(255, 255, 255)

FAINT = 0.1
"""Opacity below which nothing can be read."""

_NEAR = 12
"""Difference in each of red, green and blue up to which two colours look the same."""

_TO_SRGB = {
    "xyz-d65": (
        (3.2409699, -1.5373832, -0.4986108),
        (-0.9692436, 1.8759675, 0.0415551),
        (0.0556301, -0.2039770, 1.0569715),
    ),
    "xyz-d50": (
        (3.1341359, -1.6173864, -0.4906620),
        (-0.9787955, 1.9162544, 0.0334427),
        (0.0719554, -0.2289768, 1.4053860),
    ),
}
"""XYZ of each white point to linear sRGB (CSS Color 4, section 18), which tinycss2 leaves out."""

_WAYS = {
    **{"lab": "xyz-d50", "lch": "xyz-d50", "xyz-d50": "xyz-d50"},
    **{"oklab": "xyz-d65", "oklch": "xyz-d65", "xyz-d65": "xyz-d65"},
}


def parse_colour(value: str | Node) -> Colour | None:
    """Return the colour that a CSS value is, `None` if it is none that stands for itself.

    >>> parse_colour("hsl(0 0% 100%)"), parse_colour("inherit")
    (Colour(red=255, green=255, blue=255, alpha=1.0), None)
    """
    colour = parse_color(value)
    if not isinstance(colour, Color):  # a keyword, or no colour
        return None
    red, green, blue = (round(255 * min(max(part, 0), 1)) for part in _srgb(colour))
    return Colour(red, green, blue, colour.alpha)


def _srgb(colour: Color) -> Sequence[float]:
    if colour.space in ("srgb", "hsl", "hwb"):
        return tuple(colour.to("srgb").coordinates)
    if (way := _WAYS.get(colour.space)) is None:  # wide gamuts have nearly the numbers of sRGB
        return tuple(part or 0.0 for part in colour.coordinates)
    xyz = colour.to(way).coordinates
    linear = (sum(a * b for a, b in zip(row, xyz, strict=True)) for row in _TO_SRGB[way])
    return [12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055 for x in linear]


def same_colour(text: Colour, ground: Colour) -> bool:
    """Return whether text of one colour cannot be seen on the other."""
    near = all(abs(one - other) <= _NEAR for one, other in zip(text[:3], ground[:3], strict=True))
    return near or text.alpha < FAINT
