"""What a web page says about its article: JSON-LD first, then meta tags, then the page itself.

The order of the names in each list was chosen on 80 pages of as many publishers.
"""

import html as entities
import re
from collections.abc import Callable, Iterator
from typing import Any

from htmldate import find_date
from lxml import html

from transforms.date_text import DateValue, parse_date
from transforms.formats.article import Found, author_names
from transforms.formats.fields import as_names, as_text
from transforms.formats.json_ld import article_node, types_of

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "datepublished", "article:published"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "publishdate",
        "publish-date",
        "publish_date",
        "pubdate",
    ),
    *("publication_date", "article.published", "dc.date.issued", "dcterms.created", "dc.date"),
    *("dcterms.date", "prism.publicationdate", "cxenseparse:recs:publishtime", "date"),
)
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_AUTHOR = (
    *("author", "article:author", "parsely-author", "sailthru.author", "cxenseparse:author"),
    *(
        "articleauthor",
        "dcsext.author",
        "dc.creator",
        "dcterms.creator",
        "byl",
        "article:author_name",
    ),
)
_TITLE = ("og:title", "twitter:title")
_SITE = ("og:site_name", "application-name", "publisher", "dc.publisher", "cre")
_SITE_SEPARATOR = re.compile(r"\s+[|\-–—·•»:]\s+|\s*[|｜]\s*")
_BYLINES = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'author-name')"
    " or contains(@class, 'author__name') or contains(@class, 'byline__name')]"
)
_TIMES = "//time[@datetime and (@pubdate or @itemprop='datePublished')]/@datetime"


def page_metadata(tree: html.HtmlElement, nodes: list[dict[str, Any]]) -> Found:
    """Return what the page and its JSON-LD `nodes` say about its article, all but the text."""
    node, meta = article_node(nodes), _meta_tags(tree)
    site = _site_name(nodes, node, meta)
    return Found(
        title=_title(tree, node, meta, site),
        url=_address(tree, node, meta),
        source=site,
        authors=_authors(tree, nodes, node, meta, site),
        language=tree.get("lang") or as_text(node.get("inLanguage")) or meta.get("og:locale"),
        dates=tuple(("page", date) for date in _dates(tree, node, meta)),
        modified=_first(as_text(node.get("dateModified")), *map(meta.get, _MODIFIED)),
    )


def _meta_tags(tree: html.HtmlElement) -> dict[str, str]:
    """Return the content of each meta tag by its lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = (tag.get("content") or "").strip()
        if name and content:
            found.setdefault(name.lower(), entities.unescape(content))
    return found


def _first(*values: str | None) -> str:
    return next((value for value in values if value), "")


def _site_name(nodes: list[dict[str, Any]], node: dict[str, Any], meta: dict[str, str]) -> str:
    publisher = as_names(_resolved(node.get("publisher"), nodes))
    return entities.unescape(_first(*map(meta.get, _SITE[:1]), *publisher, *map(meta.get, _SITE)))


def _title(tree: html.HtmlElement, node: dict[str, Any], meta: dict[str, str], site: str) -> str:
    """Return the headline as it is shared, else as it is marked up, else as the page shows it."""
    headline = entities.unescape(as_text(node.get("headline")))
    shared = [meta[name] for name in _TITLE if name in meta]
    heading = next((text for h1 in tree.iter("h1") if (text := _text(h1))), "")
    page = _text(next(tree.iter("title"), None))
    known = sorted(filter(_letters, (headline, heading)), key=len)
    return next((without_site(t, site, known) for t in (*shared, headline, heading, page) if t), "")


def without_site(title: str, site: str, known: list[str]) -> str:
    """Return `title` without the site's name at its end.

    What follows a headline that is `known` by itself goes, and what stands behind a separator if
    it is the site's name.

    >>> without_site("Storm hits - The Daily", "The Daily", [])
    'Storm hits'
    """
    title = " ".join(title.split())
    for other in known:
        if len(other) > len(title) / 2 and _letters(title).startswith(_letters(other)):
            return other
    for match in reversed(list(_SITE_SEPARATOR.finditer(title))):
        head, tail = title[: match.start()], _letters(title[match.end() :])
        name = _letters(site)
        if tail and head and (tail in name or (name and name in tail)):
            return without_site(head, site, known)
    return title


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _text(element: html.HtmlElement | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _address(tree: html.HtmlElement, node: dict[str, Any], meta: dict[str, str]) -> str:
    links = (link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical")
    page = node.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, dict) else page
    candidates = (*links, meta.get("og:url"), as_text(node.get("url")), as_text(page))
    return next((url for url in candidates if url and url.startswith(("http://", "https://"))), "")


def _authors(
    tree: html.HtmlElement,
    nodes: list[dict[str, Any]],
    node: dict[str, Any],
    meta: dict[str, str],
    site: str,
) -> tuple[str, ...]:
    """Return the persons named, from the first place that names any; else the organisation."""
    authors = _resolved(node.get("author") or node.get("creator"), nodes)
    marked = author_names(map(entities.unescape, as_names(authors)))
    organisations = {
        as_text(a).casefold()
        for a in authors
        if isinstance(a, dict) and "Person" not in types_of(a)
    }
    places: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: iter(marked),
        lambda: (meta[name] for name in _AUTHOR if name in meta),
        lambda: map(_text, tree.xpath(_BYLINES)[:8]),
    )
    for place in places:
        names = author_names(place())
        persons = tuple(
            n for n in names if not _is_site(n, site) and n.casefold() not in organisations
        )
        if persons and len(persons[0]) < 80:
            return persons
    return marked


def _is_site(name: str, site: str) -> bool:
    one, other = _letters(name), _letters(site)
    named = bool(other) and (one in other or other in one)
    return named or re.search(r"\.\w{2,3}$", name) is not None


def _resolved(value: Any, nodes: list[dict[str, Any]]) -> list[Any]:
    """Return `value` as a list, with the node in place of a mere reference to it."""
    items = value if isinstance(value, list) else [value] if value else []
    named = {
        node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node
    }
    return [
        named.get(str(item.get("@id")), item)
        if isinstance(item, dict) and not item.get("name")
        else item
        for item in items
    ]


def _dates(tree: html.HtmlElement, node: dict[str, Any], meta: dict[str, str]) -> list[DateValue]:
    """Return the publication dates stated, best first; htmldate's guess if there is none."""
    stated: list[DateValue] = [as_text(node.get("datePublished")), as_text(node.get("dateCreated"))]
    stated += [meta[name] for name in _PUBLISHED if name in meta]
    stated += tree.xpath(_TIMES)[:1]
    stated = [date for date in stated if date]
    if any(parse_date(date) for date in stated):
        # A date with a time says more than one without.
        return sorted(stated, key=lambda date: parse_date(date) is None or ":" not in str(date))
    return [*stated, find_date(tree, extensive_search=True, original_date=True)]
