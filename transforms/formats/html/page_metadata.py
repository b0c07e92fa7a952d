"""What a web page says about its article: JSON-LD and microdata, then meta tags, then the page.

The order of the names in each list was chosen on 80 pages of as many publishers.
"""

import html as entities
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from htmldate import find_date
from lxml import html

from transforms.formats.article import Found, author_names
from transforms.formats.fields import as_names, as_text
from transforms.formats.html.json_ld import article_node, types_of
from transforms.formats.html.title import page_title, text_of
from transforms.identity import canonical_url
from transforms.text.date_text import DateValue, parse_date
from transforms.text.tags import strip_tags
from transforms.text.words import letters

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
_ESCAPED = 3
"""Times that pages escape what they state, one after the other."""
_SECTION = ("article:section", "og:section", "parsely-section", "cxenseparse:section", "section")
_SITE = ("og:site_name", "application-name", "publisher", "dc.publisher", "cre")
_BYLINES = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'author-name')"
    " or contains(@class, 'author__name') or contains(@class, 'byline__name')]"
)
_TIMES = "//time[@datetime and (@pubdate or @itemprop='datePublished')]/@datetime"


def page_metadata(tree: html.HtmlElement, nodes: list[dict[str, Any]]) -> Found:
    """Return what the page and its JSON-LD `nodes` say about its article, all but the text."""
    node, meta = article_node(nodes), _meta_tags(tree)
    url = _address(tree, node, meta)
    site = _site_name(nodes, node, meta)
    return Found(
        title=page_title(tree, _line(as_text(node.get("headline"))), meta, site),
        url=url,
        source=site or _host(url),
        authors=_authors(tree, nodes, node, meta, site),
        section=_section(node, meta),
        language=tree.get("lang") or as_text(node.get("inLanguage")) or meta.get("og:locale"),
        dates=tuple(("page", date) for date in _dates(tree, node, meta)),
        modified=_first(as_text(node.get("dateModified")), *map(meta.get, _MODIFIED)),
    )


def _meta_tags(tree: html.HtmlElement) -> dict[str, str]:
    """Return the content of each meta tag by its lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = _line(tag.get("content") or "")
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _line(text: str) -> str:
    """Return `text` on one line, its entities decoded and without markup."""
    for _ in range(_ESCAPED):
        text = entities.unescape(text)
    return " ".join(strip_tags(text).split())


def _first(*values: str | None) -> str:
    return next((value for value in values if value), "")


def _site_name(nodes: list[dict[str, Any]], node: dict[str, Any], meta: dict[str, str]) -> str:
    publisher = as_names(_resolved(node.get("publisher"), nodes))
    parts = [part for part in _resolved(node.get("isPartOf"), nodes) if isinstance(part, dict)]
    sites = [site for site in (*parts, *nodes) if "WebSite" in types_of(site)]
    names = (*publisher, *map(meta.get, _SITE), *(as_text(site.get("name")) for site in sites))
    return _line(_first(*map(meta.get, _SITE[:1]), *names))


def _section(node: dict[str, Any], meta: dict[str, str]) -> str:
    """Return the page's section; of several, JSON-LD's first."""
    stated = as_text(node.get("articleSection")).strip().partition("\n")[0]
    return _line(_first(stated, *map(meta.get, _SECTION)))


def _host(url: str) -> str:
    """Return the host of `url` without "www.", where the site has no other name."""
    return (urlsplit(canonical_url(url) or "").hostname or "").removeprefix("www.")


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
    marked = author_names(map(_line, as_names(authors)))
    organisations = {
        as_text(a).casefold()
        for a in authors
        if isinstance(a, dict) and "Person" not in types_of(a)
    }
    places: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: iter(marked),
        lambda: (meta[name] for name in _AUTHOR if name in meta),
        lambda: map(text_of, tree.xpath(_BYLINES)[:8]),
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
    one, other = letters(name), letters(site)
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
