"""Plain text: one article per file."""

from functools import partial

from transforms.formats.article import Found, make_article
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.encoding import decode
from transforms.records import Article, RawDocument
from transforms.text.date_lines import date_line, head_date_line
from transforms.text.sentence_ends import ends_statement

MEDIA_TYPE = "text/plain"
MAX_TITLE = 200
"""Longest first line, in characters, that is taken for a headline."""


def parse_text(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a text file; a date below its headline is the article's.

    Raises:
        Rejected: `no_text`.
    """
    title, text = split_title(decode(document.content))
    found = Found(title=title, text=text)
    lines = text.split("\n")
    if title and not date_line(title) and (head := head_date_line(lines)):
        at, line = head
        found.dates = (("page", line.date),)
        # The lines beside it may be a paragraph that was broken to a common width.
        found.text = "\n".join([*lines[:at], "", lines[at], "", *lines[at + 1 :]])
    return make_article(document, options, found)


def split_title(text: str) -> tuple[str, str]:
    r"""Return headline and body: the first line is the headline if it is short and more follows.

    A first line that ends like a sentence is of the body unless a blank line or a date follows.

    >>> split_title("Storm hits\n\nA storm hit.")
    ('Storm hits', 'A storm hit.')
    >>> split_title("A storm hit.\nIt was large.")
    ('', 'A storm hit.\nIt was large.')
    """
    text = "\n".join(text.lstrip("\ufeff").splitlines()).strip()
    first, _, rest = text.partition("\n")
    below, _, _ = rest.partition("\n")
    apart = not below.strip() or not _goes_on(first) or date_line(below) is not None
    if len(first) <= MAX_TITLE and rest.strip() and apart:
        return first.strip(), rest.strip()
    return "", text


def _goes_on(line: str) -> bool:
    """Return whether `line` ends as lines of a text do, and headlines do not."""
    return line.rstrip().endswith((",", ";", ":")) or ends_statement(line)


FORMAT = Format(
    MEDIA_TYPE, (".txt", ".text"), partial(split_whole, media_type=MEDIA_TYPE), parse_text
)
