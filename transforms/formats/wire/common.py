"""What the wire formats of the IPTC have in common: status, embargo, dates and captions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from transforms.errors import Rejected, Withdrawn
from transforms.formats.article import Found, identity, make_article
from transforms.formats.base import ParseOptions
from transforms.records import Article, RawDocument, add_flags
from transforms.text.date_text import DateValue, parse_date

WITHDRAWN = {"canceled": "canceled", "cancelled": "canceled", "withheld": "withheld"}
"""Publication status -> reason of the rejection (IPTC NewsCodes, scheme pubstatusg2)."""

_NOT_TEXT = ("byline", "credit", "editor", "keyword", "note", "shotlist", "writer")
_DESCRIPTIVE = ("caption", "dopesheet", "text", "main", "summary", "abstract")
_TAKEN = ("animation", "audio", "graphic", "picture", "video")


def check_status(
    status: str, embargo: DateValue, document: RawDocument, options: ParseOptions, found: Found
) -> None:
    """Check that an item may be published.

    Args:
        status: its publication status, a word or a code that ends in one.
        embargo: when it may be published.
        document: when this was read is now.
        options: settings of parsing.
        found: what the item says; of one that is taken back, which it is and since when.

    Raises:
        Withdrawn: `canceled` or `withheld`.
        Rejected: `embargoed` until later.
    """
    if reason := WITHDRAWN.get(last_part(status)):
        dates = (parse_date(value) for value in (found.modified, *(d for _, d in found.dates)))
        raise Withdrawn(
            reason,
            f"its publication status is {status[:40]!r}",
            identity(document, replace(options, id_scope="global"), found),
            next(filter(None, dates), document.fetched_at),
        )
    until = parse_date(embargo)
    if until and until > document.fetched_at:
        raise Rejected("embargoed", f"not to be published before {until.isoformat()}")


def last_part(code: str) -> str:
    """Return the word that a code ends in, whether a qcode or an address.

    >>> last_part("stat:canceled"), last_part("http://cv.iptc.org/newscodes/ninature/Text")
    ('canceled', 'text')
    """
    return code.strip().lower().rpartition(":")[2].rpartition("/")[2]


def wire_dates(
    embargo: DateValue,
    first: Sequence[DateValue],
    written: DateValue,
    version: DateValue,
    kind: str,
) -> tuple[tuple[str, DateValue], ...]:
    """Return the dates an item may have been published at, best first, for `Found.dates`.

    Args:
        embargo: when its embargo ended.
        first: when its first version was published or made.
        written: when its content was made: the news if it is a text, but a picture may have been
            taken long before.
        version: when this version was made.
        kind: its type, such as "text" or "picture".
    """
    last = [version, written] if kind in _TAKEN else [written, version]
    return tuple(("record", value) for value in (embargo, *first, *last) if value)


def best_description(descriptions: Iterable[tuple[str, str]]) -> str:
    """Return the caption, else the longest of the other descriptions.

    Args:
        descriptions: (role, text) pairs.

    >>> best_description([("creditline", "AP"), ("caption", "A bridge")])
    'A bridge'
    """
    told = [(role, text) for role, text in descriptions if text and not role.startswith(_NOT_TEXT)]
    captions = (text for wanted in _DESCRIPTIVE for role, text in told if role == wanted)
    return next(captions, max((text for _, text in told), key=len, default=""))


def wire_article(
    document: RawDocument, options: ParseOptions, found: Found, *, has_body: bool
) -> Article:
    """Return the article of a wire item, whose id is unique by itself.

    A new version of it comes in a new file. Without a body, its text is a caption or description,
    which the flag `description_only` says.

    Raises:
        Rejected: `no_text`.
    """
    article = make_article(document, replace(options, id_scope="global"), found)
    return (
        article
        if has_body
        else replace(article, flags=add_flags(article.flags, "description_only"))
    )
