"""What a page states about its article, gathered once: meta tags, schema.org's objects, links."""

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml import html

from transforms.formats.html.json_ld import LinkedData, Node, literal, types_of
from transforms.formats.html.own_article import node_addresses, own_article
from transforms.formats.html.title import heading_text, shown_headings, text_of
from transforms.identity import canonical_url, names_an_article
from transforms.text.tags import strip_tags
from transforms.text.words import count_words

_ESCAPED = 3
"""Times that pages escape what they state, one after the other."""

_TWO_HOSTS = re.compile(r"^https?://[^/?#]*(?=https?:/)")
_UNFILLED = re.compile(r"^(?:undefined|null|none|nil|false|true|\[object .*)?$|[{<]{1,2}[%{ ]|^#")
"""What stands where a template had no value."""

_BARE_HOST = re.compile(r"(?:www\.[\w-]+|(?:[\w-]+\.)*[a-z][\w-]*)\.[a-z]{2,}/(?=.)", re.IGNORECASE)
"""A host without a scheme, before a path."""

_LOGO = re.compile(r"\b(?:site )?logo\b(?: of)?|\bhome ?page\b", re.IGNORECASE)
_LOGO_WORDS = 4
"""Most words of a site's name."""

_MAX_PICTURES = 20
"""Pictures of a page that may be a logo: the first ones."""

_SITE = ("og:site_name", "application-name", "publisher", "dc.publisher", "cre")


@dataclass(frozen=True)
class Statements:
    """What a page states.

    Attributes:
        tree: the page.
        meta: the contents of its meta tags by lower-case name, in order.
        linked: its objects.
        article: the object that describes its own article, `{}` if there is none.
        addresses: absolute ones that its head gives it, best first.
    """

    tree: html.HtmlElement
    meta: dict[str, list[str]]
    linked: LinkedData
    article: Node
    addresses: tuple[str, ...]

    def first(self, *names: str) -> str:
        """Return the content of the first meta tag of one of these names, `""` if there is none."""
        return next((self.meta[name][0] for name in names if name in self.meta), "")


def read_statements(tree: html.HtmlElement, linked: LinkedData, uri: str) -> Statements:
    """Return what the page states.

    Args:
        tree: the page, without what is hidden.
        linked: its objects.
        uri: where it was read: relative addresses are relative to it, if it is a web address.
    """
    meta = _meta_tags(tree)
    addresses = tuple(_head_addresses(tree, meta, linked, uri))
    pages = (*addresses, uri) if uri.startswith("http") else addresses
    stated = (meta.get(name, [""])[0] for name in ("og:title", "twitter:title"))
    page_title = text_of(next(tree.iter("title"), None))
    headlines = [*stated, *map(heading_text, shown_headings(tree)), page_title]
    article = own_article(linked, pages, [one_line(text) for text in headlines if text])
    return Statements(tree, meta, linked, article, addresses)


def _meta_tags(tree: html.HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = one_line(tag.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def one_line(text: str) -> str:
    """Return `text` on one line, its entities decoded and without markup.

    >>> one_line("Ren&amp;eacute;e <b>O&#039;Hara</b>")
    "Renée O'Hara"
    """
    for _ in range(_ESCAPED):
        if "&" not in text:
            break
        text = entities.unescape(text)
    return " ".join(strip_tags(text).split())


def _head_addresses(
    tree: html.HtmlElement, meta: dict[str, list[str]], linked: LinkedData, uri: str
) -> Iterator[str]:
    """Yield the canonical addresses, then those for sharing, made absolute."""
    links = [
        link.get("href") or ""
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    shared = [address for name in ("og:url", "twitter:url") for address in meta.get(name, ())]
    objects = (address for node in linked.nodes for address in node_addresses(node))
    base = next((tag.get("href") for tag in tree.iter("base") if tag.get("href")), "")
    known = next((a for a in (*links, *shared, *objects) if a.startswith("http")), "")
    base = join(uri if uri.startswith("http") else known, base.strip())
    for address in map(_mended, (*links, *shared)):
        absolute = join(base, address) if address else ""
        if canonical_url(absolute):
            yield absolute


def _mended(address: str) -> str:
    """Return an address without what templates break in it, `""` for one that was not filled in.

    >>> _mended("www.n.example/a"), _mended("https://n.examplehttps://n.example/a")
    ('https://www.n.example/a', 'https://n.example/a')
    >>> _mended("{{ url }}"), _mended("undefined")
    ('', '')
    """
    address = _TWO_HOSTS.sub("", address.strip())
    if _UNFILLED.search(address):
        return ""
    return f"https://{address}" if _BARE_HOST.match(address) else address


def join(base: str, address: str) -> str:
    """Return `address` as seen from `base`; without a base, of no scheme and host it is `https:`.

    >>> join("", "//n.example/a"), join("https://n.example/a/b", "c")
    ('https://n.example/a', 'https://n.example/a/c')
    """
    try:
        joined = urljoin(base, address)
    except ValueError:
        return ""
    return f"https:{joined}" if joined.startswith("//") else joined


def page_address(page: Statements) -> str:
    """Return the article's address, `""` if none is stated: a home page is no article's.

    What the head says counts before what the article's object says; a canonical address that is
    only a part of the one for sharing is that of the section; that of the page for phones, with
    `/amp` behind it, gives way to the other.
    """
    candidates = [*page.addresses, *node_addresses(page.article)]
    named = [url for url in candidates if names_an_article(canonical_url(url) or "")]
    if not named:
        return ""
    first = (canonical_url(named[0]) or "").rstrip("/")
    if first.endswith("/amp"):
        plain = first.removesuffix("/amp")
        return next((a for a in named if (canonical_url(a) or "").rstrip("/") == plain), named[0])
    longer = (url for url in named[1:] if _is_section_of(first, canonical_url(url) or ""))
    return next(longer, named[0])


def _is_section_of(section: str, address: str) -> bool:
    """Return whether `address` lies below `section`, an address of words alone."""
    path = section.partition("://")[2].partition("/")[2]
    words = path.replace("/", "").isalpha() and path.count("/") < 2
    return words and address.startswith(f"{section}/") and not address.endswith(("/amp", "/amp/"))


def site_names(page: Statements) -> list[str]:
    """Return the names of the site that the page gives, best first."""
    linked, article = page.linked, page.article
    publisher = linked.resolved(article.get("publisher"))
    parts = [part for part in linked.resolved(article.get("isPartOf")) if isinstance(part, dict)]
    sites = [site for site in (*parts, *linked.nodes) if "WebSite" in types_of(site)]
    stated = [value for name in _SITE for value in page.meta.get(name, ())[:1]]
    own = page.meta.get(_SITE[0], [])[:1]
    names = [
        *own,
        *map(literal, publisher),
        *stated,
        *(literal(site.get("name")) for site in sites),
        *(literal(site.get("alternateName")) for site in sites),
    ]
    if not any(names):
        names = _logos(page.tree, page.tree.findtext(".//title") or "")
    return list(dict.fromkeys(filter(None, map(one_line, names))))


def _logos(tree: html.HtmlElement, title: str) -> list[str]:
    """Return what the pictures that are a site's logo are called.

    One that is called as the page is shows the headline, and a long name tells what is seen.
    """
    found = []
    for picture in islice(tree.iter("img"), _MAX_PICTURES):
        holders = (picture, *islice(picture.iterancestors(), 2))
        names = " ".join(f"{e.get('class') or ''} {e.get('id') or ''}" for e in holders)
        name = picture.get("alt") or ""
        bare = _LOGO.sub("", name).strip(" -–|:")
        is_named = "logo" in name.lower() and count_words(bare) <= _LOGO_WORDS
        is_headline = bool(bare) and one_line(title).startswith(one_line(bare))
        if "logo" in names.lower() or is_named or (holders[1].tag == "h1" and not is_headline):
            found.append(bare)
    return found[:1]
