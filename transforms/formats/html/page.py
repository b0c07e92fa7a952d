"""HTML pages: one article per file; body by trafilatura, the rest by `page_metadata`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ftfy import fix_encoding
from ftfy.fixes import fix_c1_controls
from lxml import html
from trafilatura.utils import load_html

from transforms.errors import Rejected
from transforms.formats.article import Found, make_article
from transforms.formats.base import ParseOptions
from transforms.formats.encoding import decode, may_be_misread
from transforms.formats.html.body import MIN_STATED, page_body
from transforms.formats.html.extraction_checks import orders_models
from transforms.formats.html.hidden import drop_hidden
from transforms.formats.html.json_ld import Node, literal, page_objects, types_of
from transforms.formats.html.microdata import microdata_nodes
from transforms.formats.html.page_metadata import page_metadata
from transforms.formats.html.page_state import (
    MOST_WORDS,
    is_alike,
    page_scripts,
    says_more,
    state_article,
)
from transforms.formats.html.regions import drop_readings, find_article
from transforms.formats.html.statements import read_statements
from transforms.formats.values import plain
from transforms.records import Article, RawDocument, add_flags
from transforms.text.sentence_ends import is_link_list
from transforms.text.words import count_words, letters

MEDIA_TYPE = "text/html"

MAX_ELEMENTS = 100_000
"""Elements of the largest page that is read; real ones have up to some 20,000. All that is done to
a page takes time in proportion, here some seconds."""

MAX_ATTRIBUTES = 500
"""Attributes of one element that are read: to check them, libxml2 takes quadratic time."""

STUB_WORDS = 200
"""A text shorter than this, of an article that is not free, is no more than its beginning."""

_TAG = re.compile(
    r"<[a-zA-Z][^\s/>]*+"
    r"((?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?)?)*+)"
)
"""A start tag as the HTML standard reads it; the group is its attributes."""

_NO_XML = (
    re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"),
    re.compile(
        r"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
        r"|[xX]0*(?:[1-8bcefBCEF]|1[0-9a-fA-F]|[fF]{3}[efEF])(?![0-9a-fA-F]));?"
    ),
)
"""Characters, and references to them, that lxml reads but does not write: an extractor that moves a
text with one would fail. They are two, each of which begins in a way that is soon looked for."""

_MISREAD = re.compile(r"[\x80-\x9f]|[Â-ÅÎ-Ñ×-Ú][\xa0\xad]")
"""Controls that no page means: bytes of Windows-1252, or of UTF-8 that was read as Latin-1; and
blanks and soft hyphens that are bytes of such UTF-8."""

_BETWEEN_TAGS = re.compile(r"[^<>]+")
_ATTRIBUTE = re.compile(
    r"(?<![\s/])[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?)?"
)


def parse_html(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a web page. The page is parsed once.

    Raises:
        Rejected: `not_html`, `too_many_elements` or `no_text`.
    """
    tree = parse_tree(document.content)
    linked = page_objects(tree)
    scripts = page_scripts(tree)
    drop_hidden(tree)
    drop_readings(tree)
    linked.nodes += microdata_nodes(tree)
    page = read_statements(tree, linked, document.uri)
    found = page_metadata(page)
    stated = plain(literal(page.article.get("articleBody")))
    offered = find_article(tree, found.title, page.article)
    found.text, flags = page_body(tree, stated, favor_precision=options.favor_precision)
    if count_words(found.text) < STUB_WORDS:
        flags = (*flags, *_filled_from_state(found, scripts))
    if not found.url and is_link_list(found.text):  # the address says which list: of a front page?
        found.url = next(iter(page.addresses), "")
    article = make_article(document, options, found)
    return replace(
        article,
        flags=add_flags(
            article.flags, *flags, *_stated_flags(page.article, article.text, offered=offered)
        ),
    )


def parse_tree(content: bytes) -> html.HtmlElement:
    """Return the root element of a page.

    Raises:
        Rejected: `not_html`, when there is no element in it; `too_many_elements`.
    """
    markup = decode(content, declared=True)
    if may_be_misread(content):
        markup = _BETWEEN_TAGS.sub(_as_meant, markup)
    for pattern in _NO_XML:
        markup = pattern.sub(" ", markup)
    if any(map(_has_too_many, _TAG.finditer(markup))):
        markup = _TAG.sub(_few_attributes, markup)
    tree = load_html(markup)
    if tree is None:
        raise Rejected("not_html", "the page has no HTML element")
    if (count := int(tree.xpath("count(//*)"))) > MAX_ELEMENTS:
        raise Rejected("too_many_elements", f"{count} elements, at most {MAX_ELEMENTS} are read")
    _take_in_the_rest(tree)
    return tree


def _as_meant(part: re.Match[str]) -> str:
    """Return a part of a page as it was meant; an extractor would drop what it takes to know."""
    text = part.group()
    return fix_c1_controls(fix_encoding(text)) if _MISREAD.search(text) else text


def _take_in_the_rest(tree: html.HtmlElement) -> None:
    """Move what stands after `</html>`, a second root to lxml, into the body, as browsers do."""
    body = tree.find("body")
    for root in list(tree.itersiblings("*")):
        root.tag = "div"
        for inner in root.findall("body"):
            inner.tag = "div"
        (tree if body is None else body).append(root)


def _has_too_many(tag: re.Match[str]) -> bool:
    """Return whether a start tag has more attributes than can be read in good time."""
    start, end = tag.span(1)
    return end - start >= 2 * MAX_ATTRIBUTES and len(_ATTRIBUTE.findall(tag[1])) > MAX_ATTRIBUTES


def _few_attributes(tag: re.Match[str]) -> str:
    """Return a start tag with no more attributes than can be read in good time."""
    if not _has_too_many(tag):
        return tag.group()
    attributes = _ATTRIBUTE.findall(tag[1])
    return tag.group()[: -len(tag[1])] + "".join(attributes[:MAX_ATTRIBUTES])


def _filled_from_state(found: Found, scripts: Sequence[html.HtmlElement]) -> tuple[str, ...]:
    """Fill what the page shows too little of from the state in its scripts; return the flags."""
    is_empty = count_words(found.text) < MOST_WORDS
    told = state_article(scripts, found.title, is_empty=is_empty)
    if told is None or len(told.text) <= MIN_STATED * len(found.text) or orders_models(told.text):
        return ()
    found.text = told.text
    if letters(told.title) in letters(found.title) or not is_alike(found.title, told.title):
        found.title = told.title or found.title
    found.url = found.url or told.url
    first = is_empty or not says_more(found.dates, told.dates)
    found.dates = (*told.dates, *found.dates) if first else (*found.dates, *told.dates)
    found.authors = () if [*found.names] else told.authors
    found.modified = found.modified or told.modified
    return ("stated_text",)


def _stated_flags(node: Node, text: str, *, offered: bool) -> tuple[str, ...]:
    """Return what the page says of its article: `live_blog`, `paywall_stub`."""
    paid = offered or str(node.get("isAccessibleForFree")).casefold() == "false"
    found = {
        "live_blog": "LiveBlogPosting" in types_of(node),
        "paywall_stub": paid and count_words(text) < STUB_WORDS,
    }
    return tuple(flag for flag, holds in found.items() if holds)
