"""Which part of a page is the article: what an extractor cannot know is put right in the tree.

Each function changes the tree in place. Readings above characters, articles that are appended as
one scrolls, and offers of subscriptions leave it; tables that only place things, lists in the cells
of a table, captions of a page of pictures, and pages without any container get the elements that
extractors look for.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, takewhile

from lxml import etree, html

from transforms.formats.html.captions import keep_captions
from transforms.formats.html.json_ld import Node, literal
from transforms.formats.html.own_article import ALIKE, letter_pairs
from transforms.formats.html.title import heading_text, shown_headings, text_of
from transforms.text.offers import invites_to_pay, is_offer
from transforms.text.words import count_words, letters

READINGS = ("rp", "rt", "rtc")
"""How characters are read: a help beside the text, and no text."""

_BLOCKS = ("article", "aside", "div", "form", "section")
_TABLE_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
_LAYOUT_ROLES = ("presentation", "none")
_LAYOUT_TEXT = 600
"""Characters in a cell from which it is a column of the page: cells of data have less."""

_OWN_WORDS = 15
"""Fewest words below a headline that make it the headline of an article on the page."""

_APPENDED = re.compile(
    r"infinite|append|autoload|auto-load|next-?(?:article|post|story)|more-?(?:articles|posts|stories)"
    r"|scroll-?(?:article|post|story)|lazy-?article"
)
_NUMBERED = re.compile(r"(.*?\D)\d+")
"""Id of one of several articles."""

_BODY_NAME = re.compile(r"article|story|post|entry", re.IGNORECASE)
_MAX_OFFER = 3000
"""Characters of an offer; what is longer is an article behind one."""

_OFFER_SHARE = 0.5
_OFFER_NAME = re.compile(
    r"pay-?wall|pay-?gate|reg-?wall|meter|barrier|piano|tp-?container|offer|angebot|unlock|upsell"
    r"|premium|plus-|-plus|promo|subscri"
    r"|abo(?:nn|box|-|teaser|_)|prenumer|suscri|assin|abbon|prijs|price"
)
_CLASS = re.compile(r"[.#]([\w-]+)")


def find_article(tree: html.HtmlElement, title: str, article: Node) -> bool:
    """Leave the article of a page, for an extractor to find; return whether the rest is for sale.

    Args:
        tree: the page, without what is hidden.
        title: its headline.
        article: the object that describes its article.
    """
    drop_appended(tree, title)
    keep_captions(tree)
    parts = article.get("hasPart")
    nodes = parts if isinstance(parts, list) else [parts]
    paid = [literal(node.get("cssSelector")) for node in nodes if isinstance(node, dict)]
    offered = drop_offers(tree, paid)
    unfold_tables(tree)
    frame_bare(tree)
    return offered


def drop_readings(tree: html.HtmlElement) -> None:
    """Take the readings of ruby text out of the tree."""
    etree.strip_elements(tree, *READINGS, with_tail=False)


def drop_appended(tree: html.HtmlElement, title: str) -> None:
    """Take the articles out that follow the one with the headline `title`, or go before it.

    Another headline is an article's own if text stands below it, in an `<article>` as around the
    page's own headline, or in an element whose name says that it is appended; one of the first rank
    also in any element built like that around the page's own. The sections of one article, which
    may have such headlines too, stand in elements of another kind than its head.
    """
    own = _own_heading(tree, title)
    if own is None:
        return
    others = [head for head in shown_headings(tree) if head is not own]
    holders = [*tree.iter("article"), *filter(_is_appended, tree.iter(*_BLOCKS))]
    others += [head for holder in holders for head in _first_heading(holder)]
    for other in dict.fromkeys(others):
        if other is not own and letters(text_of(other)) != letters(text_of(own)):
            branch = _appended(own, other)
            for element in _beside(own, other) if branch is None else [branch]:
                element.drop_tree()


def _own_heading(tree: html.HtmlElement, title: str) -> html.HtmlElement | None:
    """Return the heading that is most like `title`, `None` if none is."""
    best, likeness = None, ALIKE
    wanted = letter_pairs(title)
    for heading in tree.iter("h1", "h2"):
        pairs = letter_pairs(heading_text(heading))
        shared = len(wanted & pairs) / max(len(wanted | pairs), 1)
        if shared > likeness or (best is None and shared == likeness):
            best, likeness = heading, shared
    return best


def _first_heading(article: html.HtmlElement) -> Iterator[html.HtmlElement]:
    yield from list(article.iter("h1", "h2"))[:1]


def _appended(own: html.HtmlElement, other: html.HtmlElement) -> html.HtmlElement | None:
    """Return the element that holds the other headline's article, `None` if it has none."""
    around = [own, *own.iterancestors()]
    path = [other, *other.iterancestors()]
    common = next((element for element in path if element in around), None)
    if common is None:
        return None  # it went with another one
    branch = path[: path.index(common)]
    home = around[: around.index(common)]
    if not branch or not home:
        return None
    named = [element for element in branch if _is_appended(element)]
    kinds = {kind for element in home if (kind := _kind(element, other)) and _has_text(element)}
    fitting = named[-1:] or [element for element in branch if _kind(element, other) in kinds][:1]
    return next(filter(_has_text, fitting), None)


def _beside(own: html.HtmlElement, other: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the other headline and what follows it, if each has an article's body beside it."""
    body = _body_beside(own)
    if own.getparent() is not other.getparent() or not body or body != _body_beside(other):
        return []
    rest = takewhile(lambda sibling: sibling.tag != "h1", other.itersiblings())
    return [other, *rest]


def _body_beside(heading: html.HtmlElement) -> str:
    """Return the class of the block below `heading` that is called an article's, `""` for none."""
    for sibling in heading.itersiblings():
        if heading.tag != "h1" or sibling.tag == "h1":
            break
        name = sibling.get("class") or ""
        if sibling.tag in _BLOCKS and _BODY_NAME.search(name) and _has_text(sibling):
            return name
    return ""


def _is_appended(element: html.HtmlElement) -> bool:
    return _names_appended(_names_of(element))


def _names_of(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


@lru_cache(maxsize=4096)
def _names_appended(names: str) -> bool:
    """Return whether names of an element say that it is appended; pages use the same ones often."""
    return _APPENDED.search(names.lower()) is not None


@lru_cache(maxsize=4096)
def _names_offer(names: str) -> bool:
    return _OFFER_NAME.search(names.lower()) is not None


def _kind(element: html.HtmlElement, head: html.HtmlElement) -> str | None:
    """Return what the elements of several articles have in common: their tag, or tag and class."""
    if element.tag == "article":
        return "article"
    if element.tag not in _BLOCKS or head.tag != "h1":
        return None
    name = (element.get("class") or "").split()
    if name:
        return f"{element.tag} {name[0]}"
    number = _NUMBERED.fullmatch(element.get("id") or "")
    return f"{element.tag} #{number[1]}" if number else None


def _has_text(element: html.HtmlElement) -> bool:
    """Return whether the paragraphs below `element` have the words of an article."""
    words = accumulate(count_words(text_of(paragraph)) for paragraph in element.iter("p"))
    return any(count >= _OWN_WORDS for count in words)


def drop_offers(tree: html.HtmlElement, paid: Iterable[str]) -> bool:
    """Take the offers of subscriptions out of the tree; return whether one names its terms.

    Args:
        tree: the page.
        paid: CSS selectors of what the page says is not free. The article may stand there as well.
    """
    named = {name for selector in paid for name in _CLASS.findall(selector)}
    found = False
    for element in list(tree.iter(*_BLOCKS)):
        names = _names_of(element)
        suspect = _names_offer(names) or (named and not named.isdisjoint(names.split()))
        if (suspect or _begins_as_offer(element)) and _is_offer_block(element):
            found = found or is_offer(text_of(element))
            element.drop_tree()
    return found


def _begins_as_offer(element: html.HtmlElement) -> bool:
    first = next(element.iterchildren(tag=etree.Element), None)
    return (
        first is not None
        and first.tag in ("h2", "h3", "h4", "p", "strong")
        and invites_to_pay(text_of(first))
    )


def _is_offer_block(element: html.HtmlElement) -> bool:
    """Return whether most of what `element` says are the terms of an offer."""
    if len("".join(element.itertext())) > _MAX_OFFER or next(element.iter("h1"), None) is not None:
        return False
    lines = [text for text in map(text_of, element.iter("p", "li", "h2", "h3", "h4")) if text]
    if not lines:
        return is_offer(text_of(element))
    offers = sum(len(line) for line in lines if is_offer(line) or invites_to_pay(line))
    return offers >= _OFFER_SHARE * sum(map(len, lines)) > 0


def unfold_tables(tree: html.HtmlElement) -> None:
    """Make plain blocks of tables that only place things, and paragraphs of lists in cells."""
    for table in list(tree.iter("table")):
        if _is_layout(table):
            for part in [table, *_own_parts(table)]:
                part.tag = "div"
    for cell in tree.iter("td", "th"):
        for item in list(cell.iter("li", "dd", "dt")):
            item.tag = "p"
        for listing in list(cell.iter("ul", "ol", "dl")):
            listing.drop_tag()


def _own_parts(table: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the parts of a table, not those of tables in its cells."""
    return [
        part
        for part in table.iterdescendants(*_TABLE_PARTS)
        if part.tag != "table" and next(part.iterancestors("table")) is table
    ]


def _is_layout(table: html.HtmlElement) -> bool:
    if table.get("role") in _LAYOUT_ROLES:
        return True
    if next(table.iter("table", "h1"), table) is not table:
        return True
    if next(table.iterdescendants("table", "h1", "nav", "article", "main"), None) is not None:
        return True
    if next(table.iterdescendants("th"), None) is not None:
        return False
    return any(
        len(list(cell.iter("p"))) > 2 or len("".join(cell.itertext())) > _LAYOUT_TEXT
        for cell in table.iterdescendants("td")
    )


def frame_bare(tree: html.HtmlElement) -> None:
    """Put the content of a page without any container that is known into an `<article>`.

    Else an extractor takes single paragraphs, and leaves the lists and quotations between them.
    """
    if next(tree.iter("article", "main"), None) is not None:
        return
    parents: dict[html.HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        if parent is not None:
            parents[parent] = parents.get(parent, 0) + len("".join(paragraph.itertext()))
    if not parents:
        return
    best = max(parents, key=parents.__getitem__)
    named = best.get("class") or best.get("id") or best.get("itemprop") or best.get("role")
    if best.tag != "body" and (named or best.tag not in ("div", "section", "font", "center")):
        return
    if 2 * parents[best] <= sum(parents.values()):
        return
    if best.tag == "body":
        frame = etree.SubElement(best, "article")
        frame.text, best.text = best.text, None
        for child in list(best)[:-1]:
            if child.tag not in ("header", "nav", "aside", "footer"):
                frame.append(child)
    else:
        best.tag = "article"
