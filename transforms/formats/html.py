"""HTML pages: one article per file; body by trafilatura, the rest by `page_metadata`."""

import copy
import logging
from functools import partial

import trafilatura
from lxml import html
from trafilatura.utils import load_html

from transforms.errors import Rejected
from transforms.formats.article import make_article
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.encoding import decode
from transforms.formats.fields import as_text, plain
from transforms.formats.json_ld import article_node, page_nodes
from transforms.formats.page_metadata import page_metadata
from transforms.records import Article, RawDocument

MEDIA_TYPE = "text/html"

# They log a line for each page that they find odd; what is odd is in the row or the dead letter.
for _library in ("trafilatura", "htmldate"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

MIN_SHARE = 0.25
"""Least share of the text in paragraphs that a precise extraction may leave. Measured on 140 pages:
good ones are above .36, the one that lost its article was at .13."""

MIN_STATED = 1.5
"""How much longer than the extracted text a stated body must be to be taken instead: one that is
1.4 times as long had the reader comments in it."""


def parse_html(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a web page. The page is parsed once.

    Raises:
        Rejected: `not_html` or `no_text`.
    """
    tree = parse_tree(document.content)
    nodes = page_nodes(tree)
    found = page_metadata(tree, nodes)
    stated = plain(as_text(article_node(nodes).get("articleBody")))
    found.text = body_text(tree, stated, favor_precision=options.favor_precision)
    return make_article(document, options, found)


def parse_tree(content: bytes) -> html.HtmlElement:
    """Return the root element of a page.

    Raises:
        Rejected: `not_html`, when there is no element in it.
    """
    tree = load_html(decode(content, declared=True))
    if tree is None:
        raise Rejected("not_html", "the page has no HTML element")
    return tree


def body_text(tree: html.HtmlElement, stated: str, *, favor_precision: bool) -> str:
    """Return the page's main text, paragraphs apart by a blank line.

    Args:
        tree: the page.
        stated: the body as its metadata states it: taken if far more than can be extracted.
        favor_precision: trafilatura's setting; it is tried without where it leaves too little.
    """
    text = _extract(tree, favor_precision=favor_precision)
    if favor_precision and len(text) < MIN_SHARE * sum(map(_length, tree.iter("p"))):
        text = _extract(tree, favor_precision=False)
    return stated if len(stated) > MIN_STATED * len(text) else text


def _extract(tree: html.HtmlElement, *, favor_precision: bool) -> str:
    text = trafilatura.extract(
        copy.deepcopy(tree),
        favor_precision=favor_precision,
        include_comments=False,
        output_format="txt",
    )
    return "\n\n".join((text or "").splitlines())


def _length(element: html.HtmlElement) -> int:
    return len(" ".join("".join(element.itertext()).split()))


FORMAT = Format(
    MEDIA_TYPE, (".html", ".htm", ".xhtml"), partial(split_whole, media_type=MEDIA_TYPE), parse_html
)
