"""What an element says of the author, line by line: names apart from roles, dates and links."""

import re

from lxml import etree, html

_BREAKS = frozenset(("br", "li", "p", "div", "ul", "ol", "dd", "dt", "td", "tr"))
_NOT_A_NAME = re.compile(
    r"(?:^|[\s_-])(?:roles?|job|position|bio|biography|description|dates?|time|avatar|social|share"
    r"|follow|tooltip)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class of what stands beside a name."""

_ELSEWHERE = re.compile(
    r"mailto:|tel:|javascript:|#"
    r"|(?:https?:)?//(?:[\w-]+\.)*(?:twitter|x|facebook|instagram|linkedin|threads|bsky)\.\w+/"
)
"""Where a link beside a name leads, unless it is the name."""

_LIKE_A_NAME = re.compile(
    r"(?<![\w.'’-])(?!Follow|E-?[Mm]ail|View|Contact)[^\W\d_a-z][\w.'’-]*+ [^\W\d_a-z]"
)

_NO_TEXT = frozenset(("time", "script", "style", "svg", "button"))


def byline_text(element: html.HtmlElement) -> str:
    r"""Return the text of `element`, each of its parts in a line of its own.

    Parts are parted by a line's end, or are elements beside each other with no text between; words
    in such elements are one name. What is certainly no name is left out where others are left.

    >>> byline_text(html.fromstring("<p>By <a>Jane Doe</a> and <a>Ann Lee</a><i>Editors</i></p>"))
    'By Jane Doe and Ann Lee\nEditors'
    """
    for strict in (True, False):
        lines = _words_joined(_lines(element, strict=strict))
        if lines:
            return "\n".join(lines)
    return ""


def _lines(element: html.HtmlElement, *, strict: bool) -> list[str]:
    lines: list[str] = []
    before: html.HtmlElement | None = None
    skipped: html.HtmlElement | None = None
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if skipped is None and strict and inner is not element and _is_beside(inner):
            skipped = inner
        if inner.tag in _BREAKS:
            before = None
        at_start = event == "start" and isinstance(inner.tag, str) and inner.tag not in _NO_TEXT
        text, owner = (inner.text, inner) if at_start and skipped is None else ("", inner)
        if event == "end":
            skipped = None if skipped is inner else skipped
            if inner is element:
                break
            text, owner = (inner.tail if skipped is None else ""), inner.getparent()
        if not text or not text.strip():
            continue
        if lines and before is not None and _is_within(before, owner):
            lines[-1] += text
        else:
            lines.append(text)
        before = owner
    return [" ".join(line.split()) for line in lines]


def _is_within(one: html.HtmlElement, other: html.HtmlElement) -> bool:
    """Return whether one of two elements is the other, or stands in it."""
    return one is other or one in other.iterancestors() or other in one.iterancestors()


def _is_beside(inner: html.HtmlElement) -> bool:
    if inner.tag in _NO_TEXT or _NOT_A_NAME.search(inner.get("class") or ""):
        return True
    if inner.tag != "a" or not _ELSEWHERE.match(inner.get("href") or ""):
        return False
    return not _LIKE_A_NAME.search(" ".join(inner.text_content().split()))


def _words_joined(lines: list[str]) -> list[str]:
    r"""Return `lines` with single words that follow each other in one: "Jane\nDoe"."""
    joined: list[str] = []
    open_line = False
    for line in lines:
        single = " " not in line
        if single and open_line:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
        open_line = single
    return joined
