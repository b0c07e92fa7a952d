"""From what a parser found to an `Article`: the same rules for every format."""

from collections.abc import Iterable
from dataclasses import dataclass

from transforms.errors import Rejected
from transforms.formats.base import ParseOptions
from transforms.formats.bylines import author_names, each_once, single_names
from transforms.identity import article_id, canonical_url, topic_of
from transforms.records import NO_TITLE, Article, RawDocument, add_flags
from transforms.redaction import redacted
from transforms.text.date_text import DateValue, parse_date
from transforms.text.dates import choose_date, date_from_path
from transforms.text.language import normalise_language


@dataclass
class Found:
    """What a parser found; empty values are unknown.

    Attributes:
        dates: (source, value) pairs for `dates.choose_date`.
        authors: bylines, of one person or several.
        names: single persons, one each: names as they are.
        flags: remarks of the parser.
    """

    title: str = ""
    text: str = ""
    url: str = ""
    source_id: str | None = None
    source: str | None = None
    feed: str | None = None
    authors: Iterable[str] = ()
    names: Iterable[str] = ()
    section: str | None = None
    language: str | None = None
    dates: tuple[tuple[str, DateValue], ...] = ()
    modified: DateValue = None
    flags: tuple[str, ...] = ()


def make_article(document: RawDocument, options: ParseOptions, found: Found) -> Article:
    """Return the article that `document` holds, with its identity and its date.

    Raises:
        Rejected: `no_text`, when nothing but space was found as text.
    """
    if not found.text.strip():
        raise Rejected("no_text", "no article text was found")
    url = canonical_url(found.url) if found.url else None
    # A message has no name, and its number may look like a date.
    path = None if topic_of(document.uri) else document.uri
    title, text = " ".join(found.title.split()), found.text.strip()
    paths = [("path", date_from_path(place)) for place in (url, path) if place]
    dates = [*found.dates, *paths, ("file", document.modified_at)]
    chosen = choose_date(dates, document.fetched_at, options.earliest)
    authors = each_once([*single_names(found.names), *author_names(found.authors)])
    remarks = {
        "characters_replaced": any("\ufffd" in part for part in (title, text, *authors)),
        NO_TITLE: not title,
    }
    flags = [*found.flags, *(flag for flag, holds in remarks.items() if holds)]
    return Article(
        id=identity(document, options, found),
        uri=document.uri,
        fetched_at=document.fetched_at,
        title=title,
        text=text,
        line=document.line,
        source_id=found.source_id or None,
        url=url,
        source=found.source or None,
        feed=redacted(found.feed or "") or None,
        authors=authors,
        section=" ".join((found.section or "").split()) or None,
        language=normalise_language(found.language),
        published_at=chosen.published_at,
        date_source=chosen.date_source,
        modified_at=parse_date(found.modified),
        flags=add_flags(chosen.flags, *flags),
        raw=document,
    )


def identity(document: RawDocument, options: ParseOptions, found: Found) -> str:
    """Return the id of the article that `document` holds."""
    return article_id(
        uri=document.uri,
        whole_file=document.line is None,
        id_scope=options.id_scope,
        url=canonical_url(found.url) if found.url else None,
        source_id=found.source_id,
        source=found.source,
        title=" ".join(found.title.split()),
        text=found.text.strip(),
    )
