"""Markup to plain text, for bodies that are known to be an article already."""

import re

from lxml import etree, html

from transforms.formats.html.hidden import drop_hidden
from transforms.text.tags import TAG

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "table", "td", "th", "tr", "ul",
))  # fmt: skip
_DROPPED = (
    "head",
    "title",
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "svg",
    "form",
    "button",
    "figure",
)


def has_markup(text: str) -> bool:
    """Return whether `text` holds HTML tags.

    >>> has_markup("<p>One</p>"), has_markup("if a < b and c > d")
    (True, False)
    """
    return TAG.search(text) is not None


def markup_to_text(markup: str) -> str:
    r"""Return the text that an HTML fragment shows; blocks are set apart by a blank line.

    >>> markup_to_text("<h2>A</h2><p>One<br>two <b>three</b></p>")
    'A\n\nOne\ntwo three'
    """
    root = parse_fragment(markup)
    drop_hidden(root)
    return tree_text(root)


def tree_text(root: html.HtmlElement) -> str:
    """Return the text of `root`, from which all that is no text is taken out."""
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in _BLOCKS:
            pieces.append("\n\n")
        elif element.tag == "br" and event == "start":
            pieces.append("\n")
        text = element.text if event == "start" else element.tail
        pieces.append(re.sub(r"\s+", " ", text or ""))
    return re.sub(r" *\n *", "\n", re.sub(r"\s*\n\s*\n\s*", "\n\n", "".join(pieces))).strip()


def parse_fragment(markup: str) -> html.HtmlElement:
    """Return the root of an HTML fragment, whatever it holds."""
    inner = re.sub(r"^\s*<\?xml[^>]*>|\x00", "", markup)
    return html.document_fromstring(f"<html><body><div>{inner}</div>")
