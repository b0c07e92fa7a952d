"""From what a parser found to an `Article`: the same rules for every format."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

from transforms.errors import Rejected
from transforms.formats.base import ParseOptions
from transforms.identity import article_id, canonical_url, topic_of
from transforms.records import Article, RawDocument
from transforms.redaction import redacted
from transforms.text.date_text import DateValue, parse_date
from transforms.text.dates import choose_date, date_from_path
from transforms.text.language import normalise_language

_BY = re.compile(
    r"^\s*(?:written by|by|von|par|por|di|door|av|af|text|words)\b[:\s]+", re.IGNORECASE
)
_BETWEEN_NAMES = re.compile(
    r"\s*[;|/•·\n&]\s*|\s+(?:and|und|et|y|e|og|och|en|with|mit)\s+", re.IGNORECASE
)
_AGENCIES = frozenset(("afp", "ansa", "ap", "apa", "dpa", "efe", "epd", "kna", "pa", "reuters"))
_ADDRESS = re.compile(r"https?:|www\.|@|^[\W\d]*$")


@dataclass
class Found:
    """What a parser found; empty values are unknown.

    Attributes:
        dates: (source, value) pairs for `dates.choose_date`.
        authors: names or bylines.
    """

    title: str = ""
    text: str = ""
    url: str = ""
    source_id: str | None = None
    source: str | None = None
    feed: str | None = None
    authors: Iterable[str] = ()
    section: str | None = None
    language: str | None = None
    dates: tuple[tuple[str, DateValue], ...] = ()
    modified: DateValue = None


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
    whole = path if document.line is None else None
    source_id = found.source_id or (file_stem(whole) if whole else None)
    title, text = " ".join(found.title.split()), found.text.strip()
    paths = [("path", date_from_path(place)) for place in (url, path) if place]
    dates = [*found.dates, *paths, ("file", document.modified_at)]
    chosen = choose_date(dates, document.fetched_at, options.earliest)
    return Article(
        id=identity(document, options, found),
        uri=document.uri,
        fetched_at=document.fetched_at,
        title=title,
        text=text,
        line=document.line,
        source_id=source_id,
        url=url,
        source=found.source or None,
        feed=redacted(found.feed or "") or None,
        authors=author_names(found.authors),
        section=" ".join((found.section or "").split()) or None,
        language=normalise_language(found.language),
        published_at=chosen.published_at,
        date_source=chosen.date_source,
        modified_at=parse_date(found.modified),
        flags=chosen.flags,
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


def file_stem(uri: str) -> str:
    """Return the file's name without its folder and known endings.

    >>> file_stem("/in/abc.v2.html.gz")
    'abc.v2'
    """
    name = posixpath.basename(uri)
    stem = re.sub(
        r"(\.(html?|md|markdown|txt|json))?(\.(gz|bz2|zst))?$", "", name, flags=re.IGNORECASE
    )
    return stem or name


def author_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return single names, each once, without "By" and without addresses.

    A comma parts names only where both sides have a first and a last name, so that "Doe, Jane"
    stays one.

    >>> author_names(["By Jane Doe and John Roe", "jane@news.example"])
    ('Jane Doe', 'John Roe')
    """
    found: dict[str, str] = {}
    for byline in (name for name in names if "://" not in name):
        for part in _BETWEEN_NAMES.split(_BY.sub("", byline)):
            for name in _split_commas(part):
                tidy = " ".join(name.split()).strip(" ,.-–—")
                if tidy and not _ADDRESS.search(tidy):
                    found.setdefault(tidy.casefold(), tidy)
    return tuple(found.values())


def _split_commas(part: str) -> list[str]:
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
    full = all(" " in piece or piece.casefold() in _AGENCIES for piece in pieces)
    return pieces if full else [part]
