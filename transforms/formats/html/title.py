"""The headline of a page, of the several that it states."""

import copy
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lxml import etree, html

from transforms.text.words import letters

MAX_TITLE = 1000
"""Characters; no headline is longer, and what is done to one takes time."""

_TRAIL = "ancestor::li or ancestor::nav or ancestor::*[contains(@class, 'breadcrumb')]"
_BELOW = "(//article//h2 | //main//h2 | //header//h2 | //hgroup/h2)[1]"
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|overtitle|eyebrow|topline|dachzeile|spitzmarke|roofline|tagline"
    r"|supertitle|pre-?title|sur-?titre|volanta|antetitulo|cintillo|occhiello|chapeau|rubri[ck]"
    r"|category|label|flag)",
    re.IGNORECASE,
)
"""Class of the line above a headline that says what it is about, in the words of many languages."""


def page_title(tree: html.HtmlElement, stated: "StatedTitles", names: "SiteNames") -> str:
    """Return the headline as it is shared, else as it is marked up, else as the page shows it.

    Args:
        tree: the page.
        stated: what its head says.
        names: of the site and its sections, which are no part of a headline.
    """
    page = text_of(next(tree.iter("title"), None))
    shared, other, headline = (title[:MAX_TITLE] for title in stated.values())
    heading = _main_heading(tree, [shared, headline, other, page])[:MAX_TITLE]
    known = sorted(filter(letters, (headline, heading)), key=len)
    titles = [
        names.without(title, known) if title else ""
        for title in (shared, other, headline, heading, page[:MAX_TITLE])
    ]
    shared, other, marked, seen, _ = titles
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
    return [heading for heading in tree.iter("h1") if text_of(heading)]


def _main_heading(tree: html.HtmlElement, stated: list[str]) -> str:
    """Return the heading that shares most words with what is stated; without that, the first."""
    texts = [heading_text(heading) for heading in shown_headings(tree)]
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
            return rest
    return text_of(heading)


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


_SEPARATOR = re.compile(r" [|\-–—·•»›:/] | ?[|｜：] ?")
_ANY_SEPARATOR = re.compile(r" ?[|\-–—·•»›:/*｜：ㅣ] ?")
_BAR = re.compile(r" ?[|｜] ?")
_LEADING = re.compile(
    r"^(?:the|der|die|das|le|la|les|el|los|las|il|o|a|os|as|de|het) |^l['’]", re.IGNORECASE
)
_DOMAIN = re.compile(r"(?:\.(?:co|com|org|net|gov))?\.[a-z]{2,6}$", re.IGNORECASE)
_GENERIC = re.compile(
    r" (?:news|online|digital|nachrichten|noticias|notícias|notizie|actualités?|nieuws|nyheter"
    r"|haber(?:leri)?)$",
    re.IGNORECASE,
)
_KICKER_ENDS = ("/ ", "| ")
_SECTION_WORDS = 3
"""Most words of a section's name."""

_MAX_PARTS = 6
"""Separators, from the end, that are looked at."""


class SiteNames:
    """The names of a site and of its sections: what stands behind a headline, as whole words."""

    def __init__(self, names: Iterable[str], host: str = "", sections: Iterable[str] = ()) -> None:
        """Take the names that the page states, its host, and its section's names."""
        found = {variant for name in names for variant in _variants(name)}
        self._names = found | _host_names(host)
        self._sections = {letters(name) for name in sections} - {""}

    def is_site(self, text: str) -> bool:
        """Return whether `text` is the whole name of the site.

        >>> names = SiteNames(["The Estmark Post", "AP"], "news.estmark.example")
        >>> [names.is_site(text) for text in ("Estmark Post", "AP", "a report from Japan")]
        [True, True, False]
        """
        return not self._names.isdisjoint(_variants(text))

    def without(self, title: str, known: Collection[str] = ()) -> str:
        """Return `title` without the names of the site and its sections at its end.

        >>> SiteNames(["The Daily"]).without("Storm hits | Norrby News | The Daily")
        'Storm hits'

        Args:
            title: as stated.
            known: headlines without such names, shortest first: what one of them is followed by
                may be a name that is not stated, and what stands before one may be a kicker.
        """
        title = " ".join(title.split()).rstrip(" |｜")
        for other in known:
            if letters(other) == letters(title):
                title = other
            elif self._is_headline(title, other):
                return other
        parts = list(_SEPARATOR.finditer(title))[-_MAX_PARTS:]
        ends = [*(part.start() for part in parts[1:]), len(title)]
        tails = [title[part.end() : end] for part, end in zip(parts, ends, strict=False)]
        for at, part in enumerate(parts):
            if part.start() and self._is_tail(part, tails[at:]):
                return self.without(title[: part.start()])
        return title

    def _is_tail(self, part: re.Match[str], tails: list[str]) -> bool:
        """Return whether what `part` separates from a headline is the site's or a section's name.

        Args:
            part: the separator.
            tails: what stands between it, each further one, and the end.
        """
        short = all(len(tail.split()) <= _SECTION_WORDS for tail in tails[1:])
        if self.is_site(part.string[part.end() :]) or (self.is_site(tails[0]) and short):
            return True
        if len(tails) > 1 or ":" in part.group():
            return False
        if letters(tails[0]) in self._sections:
            return True
        return (
            _BAR.fullmatch(part.group()) is not None
            and _GENERIC.search(tails[0]) is not None
            and len(tails[0].split()) <= _SECTION_WORDS
        )

    def _is_headline(self, title: str, part: str) -> bool:
        """Return whether `title` is the headline `part`, a name behind it or a kicker before."""
        whole, bare = letters(title), letters(part)
        if len(bare) <= len(whole) / 2:
            return False
        if whole.startswith(bare):
            tails = _ANY_SEPARATOR.split(title[_position(title, len(bare)) :])
            short = all(len(tail.split()) <= _SECTION_WORDS for tail in tails)
            parted = len(tails) > 1 and not letters(tails[0])
            return parted and (short or any(map(self.is_site, tails)))
        before = title[: _position(title, len(whole) - len(bare))].rstrip("\"'“‘«([¿¡")
        return whole.endswith(bare) and before.endswith(_KICKER_ENDS)


def _position(text: str, count: int) -> int:
    """Return the place in `text` behind its first `count` letters and digits."""
    for at, character in enumerate(text):
        if count <= 0:
            return at
        count -= len(letters(character))
    return len(text)


def _variants(name: str) -> set[str]:
    """Return the spellings of a site's name, as their letters: as it is, and bare.

    >>> sorted(_variants("The Estmark Post")), sorted(_variants("AP.org")), _variants("Le Monde")
    (['estmarkpost', 'theestmarkpost'], ['ap', 'aporg'], {'lemonde'})
    """
    forms = [" ".join(name.split())]
    bare = _LEADING.sub("", forms[0], count=1)
    forms += [bare] if " " in bare else []
    for pattern in (_DOMAIN, _GENERIC):
        forms += [pattern.sub("", form, count=1) for form in forms]
    return {letters(form) for form in forms} - {""}


def _host_names(host: str) -> set[str]:
    """Return what a site may be called for its host.

    >>> sorted(_host_names("edition.cnn.example"))
    ['cnn', 'cnnexample', 'editioncnn', 'editioncnnexample']
    """
    whole = host.removeprefix("www.")
    bare = _DOMAIN.sub("", whole)
    own = whole[bare.rfind(".") + 1 :]
    return _variants(whole) | _variants(own)


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
