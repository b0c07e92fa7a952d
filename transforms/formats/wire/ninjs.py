"""IPTC ninjs 1, 2 and 3, the wire format in JSON: what a news object says about its article."""

import re
from collections.abc import Mapping
from typing import Any

from transforms.errors import Rejected
from transforms.formats.article import Found
from transforms.formats.base import ParseOptions
from transforms.formats.html.markup import markup_to_text
from transforms.formats.values import as_names, as_text, plain
from transforms.formats.wire.common import best_description, check_status, wire_article, wire_dates
from transforms.records import Article, RawDocument

TYPES = frozenset((
    "animation", "audio", "component", "composite", "event", "graphic", "liveblog", "package",
    "picture", "planning", "text", "video",
))  # fmt: skip
"""Values of `type`, those of the agencies' dialects included."""

_MARKS = (
    *("versioncreated", "contentcreated", "firstcreated", "pubstatus", "representationtype"),
    *("body_xhtml", "description_xhtml", "bodies", "headlines", "renditions"),
)
_NOT_ARTICLES = ("event", "package", "planning")


def is_ninjs(record: Any) -> bool:
    """Return whether a JSON value is a ninjs object.

    >>> is_ninjs({"uri": "urn:a", "type": "text", "versioncreated": "2024-05-13T10:00:00Z"})
    True
    >>> is_ninjs({"uri": "nyt://article/1", "type": "Article", "headline": {"main": "Storm"}})
    False
    """
    if not isinstance(record, Mapping):
        return False
    standard = record.get("$standard")
    if isinstance(standard, Mapping) and as_text(standard.get("name")).lower() == "ninjs":
        return True
    named = isinstance(record.get("uri", record.get("guid")), str)
    kind = as_text(record.get("type")) or "text"
    return named and kind in TYPES and any(mark in record for mark in _MARKS)


def ninjs_article(
    document: RawDocument, options: ParseOptions, record: Mapping[str, Any]
) -> Article:
    """Return the article of a ninjs object.

    Raises:
        Rejected: `no_text`, or what `check_status` and `find_ninjs` raise.
    """
    found, has_body = find_ninjs(record)
    status = as_text(record.get("pubstatus"))
    check_status(status, _date(record, "embargoed"), document, options, found)
    return wire_article(document, options, found, has_body=has_body)


def find_ninjs(record: Mapping[str, Any]) -> tuple[Found, bool]:
    """Return what a ninjs object says about its article, and whether it has a body.

    Raises:
        Rejected: `not_an_article`, for an event, a plan or a package.
    """
    kind = as_text(record.get("type"))
    if kind in _NOT_ARTICLES:
        raise Rejected("not_an_article", f"a ninjs object of type {kind!r}")
    body = _body(record)
    uri = as_text(record.get("uri")) or as_text(record.get("guid"))
    # The address of an agency's interface shows no page, and its query is the request's.
    interface = re.match(r"https?://api\.", uri)
    authors = (as_names(record.get(name)) for name in ("byline", "by", "authors"))
    sources = (as_names(record.get(name)) for name in ("infosources", "source", "copyrightholder"))
    return Found(
        title=plain(_headline(record)),
        text=body or _description(record),
        url="" if interface else uri,
        source_id=uri.partition("?")[0] if interface else uri,
        source=next((names[0] for names in sources if names), None),
        authors=next((names for names in authors if names), ()),
        language=as_text(record.get("language")),
        dates=wire_dates(
            _date(record, "embargoed"),
            [_date(record, "firstpublished"), _date(record, "firstcreated")],
            _date(record, "contentcreated"),
            _date(record, "versioncreated"),
            kind,
        ),
        modified=_date(record, "versioncreated"),
    ), bool(body)


def _headline(record: Mapping[str, Any]) -> str:
    """Return the main headline, else another, else the title."""
    headlines = _entries(record, "headlines")
    main = sorted(headlines, key=lambda entry: entry.get("role") not in ("main", "headline"))
    values = (
        as_text(record.get("headline")),
        *(as_text(entry.get("value")) for entry in main),
        *(as_text(record[name]) for name in record if re.match(r"headline_\w", name)),
        as_text(record.get("title")),
    )
    return next(filter(None, values), "")


def _body(record: Mapping[str, Any]) -> str:
    """Return the body; markup comes first, because it tells paragraphs apart."""
    entries = _entries(record, "bodies")
    values = [(as_text(e.get("contenttype")), as_text(e.get("value"))) for e in entries]
    values += [(name, as_text(record[name])) for name in record if re.match(r"body_\w", name)]
    values.sort(key=lambda pair: not _is_markup(pair[0]))
    return next(filter(None, (_text(kind, value) for kind, value in values)), "")


def _is_markup(kind: str) -> bool:
    return re.search("html|xml", kind) is not None


def _text(kind: str, value: str) -> str:
    """Return `value` as text; `kind` is its field's name or media type."""
    return markup_to_text(value) if _is_markup(kind) and "<" in value else plain(value)


def _description(record: Mapping[str, Any]) -> str:
    """Return the caption, else the longest of the other descriptions."""
    entries = [
        (
            as_text(entry.get("role")),
            _text(as_text(entry.get("contenttype")), as_text(entry.get("value"))),
        )
        for entry in _entries(record, "descriptions")
    ]
    entries += [
        (re.sub(r"^description_?|_?x?html$", "", name), _text(name, as_text(value)))
        for name, value in record.items()
        if re.match(r"description(?:_|$)", name)
    ]
    return best_description(entries)


def _entries(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = record.get(name)
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _date(record: Mapping[str, Any], name: str) -> str | None:
    return as_text(record.get(name)) or None
