"""The headline of a page, of the several that it states."""

import copy
import re
from dataclasses import dataclass

from lxml import etree, html

from transforms.formats.html.site_names import SiteNames, is_beside_name, position
from transforms.text.words import letters

_CLOSING = re.compile(r"[?!.)\]»”’\"']*")
_CUT = ("...", "…")
_LEAST_CUT = 12
"""Fewest letters of a headline that was cut off."""

_SEARCH_LENGTH = 100
"""Characters from which a headline may have been cut off: search engines read 110."""

MAX_TITLE = 1000
"""Characters; no headline is longer, and what is done to one takes time."""

_TRAIL = "ancestor::li or ancestor::nav or ancestor::*[contains(@class, 'breadcrumb')]"
_ASIDE = "ancestor::nav or ancestor::aside or ancestor::footer"
_BY_ROLE = "//*[@role='heading' and @aria-level='1']"
_BELOW = "(//article//h2 | //main//h2 | //header//h2 | //hgroup/h2)[1]"
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|overtitle|eyebrow|topline|dachzeile|spitzmarke|roofline|tagline"
    r"|supertitle|pre-?title|sur-?titre|volanta|antetitulo|cintillo|occhiello|chapeau|rubri[ck]"
    r"|category|label|flag|badge|live(?:$|[\s_-])|pill|sticker|plus(?:$|[\s_-])|premium|paywall|icon"
    r"|visually-?hidden|sr-only|screen-?reader)",
    re.IGNORECASE,
)
"""Class of the line above a headline that says what it is about, in the words of many languages,
and of the signs beside it: that it is live or paid for, and what is only read aloud."""


_BEHIND = re.compile(
    r"(?<=\w)\s?[¶§🔗]$|\s?\[(?:edit|bearbeiten|modifier|editar|modifica)\]$", re.IGNORECASE
)
_COMMENTS = re.compile(
    r"\(?\d{1,5} (?:comments?|kommentare?|commentaires?|comentarios?|commenti|reacties)\)?",
    re.IGNORECASE,
)
"""What scripts put behind a heading: a link to it, a way to change it, the number of comments."""


def page_title(tree: html.HtmlElement, stated: "StatedTitles", names: SiteNames) -> str:
    """Return the headline as it is shared, else as it is marked up, else as the page shows it.

    The name of the site is a headline only where nothing else is stated.

    Args:
        tree: the page.
        stated: what its head says.
        names: of the site and its sections, which are no part of a headline.
    """
    page = text_of(next(tree.iter("title"), None))
    shared, other, headline = (title[:MAX_TITLE] for title in stated.values())
    headings = [heading_text(heading) for heading in shown_headings(tree)]
    headings = [text for text in headings if not names.is_site(text)] or headings
    headings += _named_seconds(tree, headings, page[:MAX_TITLE])
    heading = _main_heading(headings, [shared, headline, other, page])[:MAX_TITLE]
    known = [title for title in (headline, heading) if letters(title) and not names.is_site(title)]
    known.sort(key=len)
    stated_titles = (shared, other, headline, heading, page[:MAX_TITLE])
    titles = [names.without(title, known) if title else "" for title in stated_titles]
    titles = [_whole(title, [*titles, *stated_titles]) for title in titles]
    titles = [heading if _is_start(title, heading) else title for title in titles]
    if not all(map(names.is_site, filter(None, titles))):
        titles = ["" if names.is_site(title) else title for title in titles]
    if words := _words(titles[3]):  # "The Daily - all the news" is the title of every page
        pairs = zip(titles, stated_titles, strict=True)
        titles = ["" if names.leads(whole) and not words & _words(t) else t for t, whole in pairs]
    shared, other, marked, seen, named = titles
    if not (shared or other) and letters(seen) == letters(named):
        return seen or marked
    if not (shared or other or marked or words & _words(named)) and _is_second(tree, named):
        return named
    return (
        _shown_below_trail(tree, [shared, other, marked])
        or _agreed(shared, other, marked, seen)
        or _nearest(shared, marked, seen)
        or next(filter(None, titles), "")
    )


@dataclass(frozen=True)
class StatedTitles:
    """Titles that a page's head states, `""` for none: for sharing, for Twitter, in JSON-LD."""

    shared: str = ""
    other: str = ""
    headline: str = ""

    def values(self) -> tuple[str, str, str]:
        """Return the three."""
        return self.shared, self.other, self.headline


def shown_headings(tree: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the headings of the first rank that have a text."""
    headings = [heading for heading in tree.iter("h1") if text_of(heading)]
    return headings or [heading for heading in tree.xpath(_BY_ROLE) if text_of(heading)]


def _is_second(tree: html.HtmlElement, title: str) -> bool:
    """Return whether `title` is a heading of the second rank: the first may be "News"."""
    return any(letters(text_of(heading)) == letters(title) != "" for heading in tree.iter("h2"))


def _named_seconds(tree: html.HtmlElement, firsts: list[str], page: str) -> list[str]:
    """Return the headings of the second rank that the page is named for, beside a name.

    There are none where one of the first rank is what the page is named for, and longer.
    """
    shown = (text_of(heading) for heading in tree.xpath(f"//h2[not({_ASIDE})]"))
    seconds = [text for text in shown if is_beside_name(text, page)]
    longest = max((len(first) for first in firsts if is_beside_name(first, page)), default=0)
    return [second for second in seconds if len(second) > longest]


def _main_heading(texts: list[str], stated: list[str]) -> str:
    """Return the heading that shares most words with what is stated; without that, the first."""
    wanted = [words for words in map(_words, stated) if words]

    def shared(text: str) -> float:
        own = _words(text)
        return max((len(own & words) / len(own | words) for words in wanted), default=0.0)

    return max(texts, key=shared, default="")


def heading_text(heading: html.HtmlElement) -> str:
    """Return the text of a heading without the kicker that stands in it.

    >>> heading_text(html.fromstring("<h1><span class=kicker>Demo</span>It rains</h1>"))
    'It rains'
    """
    kickers = [
        inner for inner in heading.iterdescendants() if _KICKER.search(inner.get("class") or "")
    ]
    if kickers:
        bare = copy.deepcopy(heading)
        for inner in list(bare.iterdescendants()):
            if _KICKER.search(inner.get("class") or "") and inner.getparent() is not None:
                inner.drop_tree()
        rest = text_of(bare).strip(" /|:–—-")
        if len(rest.split()) > 1 or len(letters(rest)) > 8:
            return _BEHIND.sub("", rest)
    whole = text_of(heading)
    last = text_of(heading[-1]) if len(heading) else ""
    if last and _COMMENTS.fullmatch(last) and whole.endswith(last):
        whole = whole.removesuffix(last).rstrip()
    return _BEHIND.sub("", whole)


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


def _whole(title: str, others: list[str]) -> str:
    """Return `title` as one of `others` has it: not cut off, and not in capitals alone.

    >>> _whole("Ferry sails again after ...", ["FERRY", "Ferry sails again after two years"])
    'Ferry sails again after two years'
    """
    own = letters(title)
    if title.endswith(_CUT) and len(own) >= _LEAST_CUT:
        longer = (other for other in others if letters(other).startswith(own))
        whole = (other for other in longer if not _rest(other, own).lstrip().startswith(_CUT))
        return next((other for other in whole if letters(other) != own), title)
    if title.isupper() and " " in title:
        same = (_begun(other, own) for other in others if letters(other).startswith(own))
        return next((other for other in same if not other.isupper()), title)
    return title


def _is_start(title: str, heading: str) -> bool:
    """Return whether `title` is a long heading, cut off at the length that search engines read."""
    own = letters(title)
    if not (_SEARCH_LENGTH <= len(title) < len(heading) and letters(heading).startswith(own)):
        return False
    rest = _rest(heading, own)
    return rest[:1].isalnum() or (rest[:1].isspace() and rest[1:2].isalnum())


def _rest(title: str, start: str) -> str:
    """Return what stands in `title` behind the letters `start`."""
    return title[position(title, len(start)) :]


def _begun(title: str, start: str) -> str:
    """Return the start of `title` that has the letters `start`, with the signs behind it."""
    end = position(title, len(start))
    match = _CLOSING.match(title, end)
    return title[: match.end() if match else end]


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


_BREAKS = frozenset(("br", "hr", "div", "p", "li", "h1", "h2", "h3", "h4", "h5", "h6"))


def text_of(element: html.HtmlElement | None) -> str:
    """Return the text of an element on one line, `""` for none.

    What a block, a line break or the glue of two elements parts is parted by a space.

    >>> text_of(html.fromstring("<h1><i>Demo in Norrby</i><b>It rains</b></h1>"))
    'Demo in Norrby It rains'
    """
    if element is None:
        return ""
    pieces: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if inner.tag in _BREAKS:
            pieces.append(" ")
        own = inner.text if isinstance(inner.tag, str) else ""
        text = own if event == "start" else inner.tail if inner is not element else ""
        if text:
            pieces += [" ", text] if pieces and _is_glued(pieces[-1], text) else [text]
    return " ".join("".join(pieces).split())


def _is_glued(before: str, after: str) -> bool:
    """Return whether two words meet where one element ends and another begins."""
    return len(before) > 2 and len(after) > 2 and before[-1].islower() and after[0].isupper()
