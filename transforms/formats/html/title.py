"""The headline of a page, of the several that it states."""

import re

from lxml import html

from transforms.text.words import letters

_SITE_SEPARATOR = re.compile(r"\s+[|\-–—·•»:]\s+|\s*[|｜]\s*")
MAX_TITLE = 1000
"""Characters; no headline is longer, and what is done to one takes time."""
_TRAIL = "ancestor::li or ancestor::nav or ancestor::*[contains(@class, 'breadcrumb')]"
_BELOW = "(//article//h2 | //main//h2 | //header//h2 | //hgroup/h2)[1]"


def page_title(tree: html.HtmlElement, headline: str, meta: dict[str, str], site: str) -> str:
    """Return the headline as it is shared, else as it is marked up, else as the page shows it.

    Args:
        tree: the page.
        headline: what its JSON-LD says.
        meta: its meta tags.
        site: its name, which is no part of a headline.
    """
    heading = next((text for h1 in tree.iter("h1") if (text := text_of(h1))), "")
    page = text_of(next(tree.iter("title"), None))
    known = sorted(filter(letters, (headline[:MAX_TITLE], heading[:MAX_TITLE])), key=len)
    stated = (meta.get("og:title"), meta.get("twitter:title"), headline, heading, page)
    titles = [without_site(title[:MAX_TITLE], site, known) if title else "" for title in stated]
    shared, other, marked, seen, _ = titles
    return (
        _shown_below_trail(tree, [shared, other, marked])
        or _agreed(shared, other, marked, seen)
        or _nearest(shared, marked, seen)
        or next(filter(None, titles), "")
    )


def _shown_below_trail(tree: html.HtmlElement, titles: list[str]) -> str:
    """Return the title that an h2 ends with, where the only h1 is a step of the breadcrumb trail.

    Such an h1 is written for search engines, and so is the title element.
    """
    if not tree.xpath("//h1") or tree.xpath(f"//h1[not({_TRAIL})]"):
        return ""
    shown = [letters(text_of(heading)) for heading in tree.xpath(_BELOW)]
    return next(
        (title for title in titles if title and any(h.endswith(letters(title)) for h in shown)), ""
    )


def _agreed(shared: str, other: str, headline: str, heading: str) -> str:
    """Return what all but the shared title agree on, unless it only says more."""
    same = letters(other)
    agree = same and same == letters(headline) == letters(heading)
    return other if agree and letters(shared) not in same else ""


def _nearest(shared: str, headline: str, heading: str) -> str:
    """Return the headline marked up if the heading seen is more like it than like the shared one.

    Only where the heading is neither of them.
    """
    if letters(heading) in (letters(shared), letters(headline)):
        return ""
    seen = _words(heading)
    alike = len(seen & _words(headline))
    return headline if alike > max(len(seen & _words(shared)), len(seen) / 2) else ""


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def without_site(title: str, site: str, known: list[str]) -> str:
    """Return `title` without the site's name at its end.

    What follows a headline that is `known` by itself goes, and what stands behind a separator if
    it is the site's name.

    >>> without_site("Storm hits - The Daily", "The Daily", [])
    'Storm hits'
    """
    title = " ".join(title.split())
    for other in known:
        if len(other) > len(title) / 2 and letters(title).startswith(letters(other)):
            return other
    for match in reversed(list(_SITE_SEPARATOR.finditer(title))):
        head, tail = title[: match.start()], letters(title[match.end() :])
        name = letters(site)
        if tail and head and (tail in name or (name and name in tail)):
            return without_site(head, site, known)
    return title


def text_of(element: html.HtmlElement | None) -> str:
    """Return the text of an element on one line, `""` for none."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
