"""Who wrote the article, as its page says."""

import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any

from lxml import html

from transforms.formats.bylines import HOST, author_names, single_names
from transforms.formats.html.byline_text import byline_text
from transforms.formats.html.json_ld import Node, literal, types_of
from transforms.formats.html.site_names import SiteNames
from transforms.formats.html.statements import Statements, one_line
from transforms.formats.html.title import text_of

_AUTHOR = (
    *("author", "article:author", "parsely-author", "sailthru.author", "cxenseparse:author"),
    *("articleauthor", "dcsext.author", "dc.creator", "dcterms.creator", "byl"),
    *("article:author_name", "og:author", "citation_author", "creator"),
)
_BYLINES = (
    "//*[@rel='author' or @itemprop='author' or @property='author'"
    " or contains(@class, 'author-name') or contains(@class, 'author__name')"
    " or contains(@class, 'byline__name')]"
)
_MAX_BYLINES = 8
_WRITTEN_BY = re.compile(
    r"(?:(?:written|posted|published|story) )?by|authors?|(?:verfasst|geschrieben) von"
    r"|autor(?:en|in)?|(?:écrit|rédigé) par|auteur|escrit[oa]? (?:por|per)|scritto da|autore"
    r"|geschreven door|skriven av|skrevet a[vf]|napisane przez|napsal|kirjoittanut|yazan|автор"
    r"|написано",
    re.IGNORECASE,
)
"""Label of the author in the card of a post."""

_FOR = re.compile(r" (?:for|für|pour|para|per|voor|för) ")
_PARTED = re.compile(r" [-–—|/·] ")
_NAMED_BYLINE = (
    "//*[contains(@class, 'aut') or contains(@class, 'byline') or contains(@class, 'writer')"
    " or contains(@class, 'reporter') or contains(@class, 'journalist')]"
)
_BYLINE = re.compile(
    r"(?:\w[\w-]*[_-])?(?:author|byline|autor|auteur|autore|writer|reporter|journalist)s?"
    r"(?:[_-]+(?:names?|links?|info))?",
    re.IGNORECASE,
)
"""Class of an element that holds the byline, be it with more than the name."""

_AUTHOR_PAGE = re.compile(r"/(?:authors?|autor(?:en|es)?|auteurs?|autor[ei]|redacteur)/[^/]")
_INNER_NAME = ".//*[@itemprop='name']"
_LONGEST = 80
"""Characters of a name; what is longer is a text about the author."""

_LONGEST_BYLINE = 160
"""Characters of a byline with roles and dates; what is longer is a text."""


def page_authors(page: Statements, site: SiteNames) -> tuple[str, ...]:
    """Return the persons named, from the first place that names any; else the organisation.

    Args:
        page: what it states.
        site: its names, which are no person's.
    """
    authors = page.linked.resolved(page.article.get("author") or page.article.get("creator"))
    marked = _marked_names(authors)
    organisations = {
        name.casefold()
        for author in authors
        if isinstance(author, dict) and "Person" not in types_of(author)
        for name in single_names(map(one_line, person_names(author)))
    }
    places: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: marked,
        *(lambda name=name: author_names(page.meta.get(name, ())) for name in _AUTHOR),
        lambda: author_names(_labelled(page)),
        lambda: author_names(map(_byline, page.tree.xpath(_BYLINES)[:_MAX_BYLINES])),
        lambda: () if marked else _first_byline(page.tree),
        lambda: () if marked else author_names(_linked(page.tree)),
    )
    for place in places:
        own = (_without_site(name, site) for name in place())
        persons = tuple(name for name in own if name and name.casefold() not in organisations)
        if persons and len(persons[0]) < _LONGEST:
            return persons
    return marked


def _labelled(page: Statements) -> list[str]:
    """Return what the card of a post has behind the label "Written by"."""
    pairs = ((page.first(f"twitter:label{n}"), page.first(f"twitter:data{n}")) for n in (1, 2))
    return [value for label, value in pairs if _WRITTEN_BY.fullmatch(label.strip(" :"))]


def _byline(element: html.HtmlElement) -> str:
    """Return the name of the person that an element describes, else its text, in lines."""
    inner = element.xpath(_INNER_NAME) if element.get("itemscope") is not None else []
    return (inner[0].get("content") or text_of(inner[0])) if inner else byline_text(element)


def _first_byline(tree: html.HtmlElement) -> tuple[str, ...]:
    """Return the names in the first short element that is called a byline and has any."""
    for element in tree.xpath(_NAMED_BYLINE)[:_MAX_BYLINES]:
        if any(map(_BYLINE.fullmatch, (element.get("class") or "").split())):
            text = _byline(element)
            names = author_names([text]) if 0 < len(text) <= _LONGEST_BYLINE else ()
            if own := tuple(name for name in names if not any(map(str.isdecimal, name))):
                return own
    return ()


def _linked(tree: html.HtmlElement) -> list[str]:
    """Return the names that lead to pages of authors, between the headline and the text."""
    found: list[str] = []
    behind = False
    for element in tree.iter("h1", "a", "p"):
        if element.tag == "h1":
            behind = True
        elif behind and element.tag == "p" and len(text_of(element)) > _LONGEST:
            break
        elif behind and element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
            name = text_of(element)
            if " " in name and not any(map(str.isdecimal, name)):
                found.append(name)
    return found


def _without_site(name: str, site: SiteNames) -> str:
    """Return `name` without the site behind a comma or "for", `""` if the site stands first."""
    for match in _PARTED.finditer(name):
        if site.is_site(name[match.end() :]):
            name = name[: match.start()]
            break
    own, *more = name.split(",")
    if site.is_site(own.strip()) or HOST.fullmatch(own.strip()):
        return ""
    for match in _FOR.finditer(own):
        if site.is_site(own[match.end() :]):
            return own[: match.start()]
    kept = takewhile(lambda part: not (site.is_site(part) or HOST.fullmatch(part.strip())), more)
    return ",".join([own, *kept])


def _marked_names(authors: list[Any]) -> tuple[str, ...]:
    """Return the names of JSON-LD's authors; a string that stands alone may be a whole byline."""
    if len(authors) == 1 and isinstance(authors[0], str):
        return author_names([one_line(authors[0])])
    return single_names(one_line(name) for author in authors for name in person_names(author))


def person_names(value: Any) -> list[str]:
    """Return the names of a schema.org person or organisation, be they stated in parts.

    >>> person_names({"givenName": "Rina", "familyName": "Okafor"})
    ['Rina Okafor']
    >>> person_names({"@type": "Person", "name": {"@value": "Jane Doe"}})
    ['Jane Doe']
    >>> person_names({"@type": "Role", "roleName": "Editor", "author": {"name": "Jane Doe"}})
    ['Jane Doe']
    """
    if not isinstance(value, dict):
        return [literal(value)]
    if "Role" in types_of(value) and (persons := value.get("author")):
        each = persons if isinstance(persons, list) else [persons]
        return [name for person in each for name in person_names(person)]
    stated = value.get("name")
    names = [literal(name) for name in (stated if isinstance(stated, list) else [stated])]
    return list(filter(None, names)) or [_from_parts(value) or literal(value)]


def _from_parts(person: Node) -> str:
    parts = ("givenName", "additionalName", "familyName")
    return " ".join(filter(None, (literal(person.get(part)) for part in parts)))
