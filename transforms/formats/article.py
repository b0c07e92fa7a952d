"""From what a parser found to an `Article`: the same rules for every format."""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass

from transforms.errors import Rejected
from transforms.formats.base import ParseOptions
from transforms.formats.persons import person_name
from transforms.identity import article_id, canonical_url, topic_of
from transforms.records import NO_TITLE, Article, RawDocument, add_flags
from transforms.redaction import redacted
from transforms.text.date_text import DateValue, parse_date
from transforms.text.dates import choose_date, date_from_path
from transforms.text.language import normalise_language
from transforms.text.roles import is_role

_BY = re.compile(
    r"\s*(?:(?:(?:written|reporting|story|text|words|photos?) by|byline|by|text|words)\b[:\s]"
    r"|(?:von|par|por|di|door|av|af)\b(?::|(?=\s)))\s*",
    re.IGNORECASE,
)
_PART_OF_NAME = re.compile(r"\s*(?:Von|Par|Por|Di|Door|Av|Af)\s+[^\W\d_a-z][\w'’.-]*+\s*")
"""A name that begins like "by" in another language: "Di Wu", "Von Hartley"."""

_BETWEEN_NAMES = re.compile(r" ?[;|/•·&] ?| (?:and|und|et|og|och|en|with|mit) ", re.IGNORECASE)
_BETWEEN_WHOLE_NAMES = re.compile(r" [ye] ", re.IGNORECASE)
"""What also stands within names: "Ortega y Gasset", "Sousa e Silva"."""

_COMMA = re.compile(",")
_BEHIND_NAME = re.compile(
    r"(?<=\w) ?\([^()]*\)$"
    r"|(?<=\w),? (?:(?:reporting |writing )?(?:in|from)|à|aus)"
    r"(?: [^\W\d_a-z][\w.'’-]*+){1,3}$"
)
"""What a person did, or where: "Jane Doe (text)", "Jane Doe in Paris"."""

_PICTURES = re.compile(
    r"(?:photo(?:graph)?s?|fotos?|bild(?:er)?|images?|video|grafik|illustrations?)"
    r"(?: ?:| (?:by|von|par|di|de|av)\b).*",
    re.IGNORECASE,
)
"""Who made the pictures."""

_HANDLE = re.compile(r"(?<!\S)@\w+")
HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,6}")
"""A site called by its host, such as "stern.de"; a name with initials goes on in capitals."""

_AGENCIES = frozenset(("afp", "ansa", "ap", "apa", "dpa", "efe", "epd", "kna", "pa", "reuters"))
_NO_NAME = re.compile(
    r"https?:|www\.|@|^[\W\d]*+$|^(?:undefined|null|none|nan|n/a|unknown|admin(?:istrator)?"
    r"|and|by|und|et)$",
    re.IGNORECASE,
)
_ENGLISH_BY = re.compile(
    r"^\s*+(?:(?:written|reporting|story|text|words) )?by\b[:\s]\s*+", re.IGNORECASE
)
_BETWEEN_PERSONS = re.compile(r" ?[;|] ?|, | (?:and|und|&) ", re.IGNORECASE)
"""What parts persons who were entered as one; all parts must be whole names."""


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
    authors = _each_once([*single_names(found.names), *author_names(found.authors)])
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


def author_names(bylines: Iterable[str]) -> tuple[str, ...]:
    """Return the single names in `bylines`, each once, without "By" and without addresses.

    A comma parts names only where both sides have a first and a last name, so that "Doe, Jane"
    stays one; so does what is "and" in Spanish or Portuguese.

    >>> author_names(["By Jane Doe and John Roe", "j@n.example", "Jos&eacute; Ortega y Gasset"])
    ('Jane Doe', 'John Roe', 'José Ortega y Gasset')
    """
    found = []
    for byline in map(_decoded, bylines):
        if "://" in byline:
            continue
        bare = _without_by(byline)
        for part in _BETWEEN_NAMES.split(bare):
            for piece in _split_whole(_BETWEEN_WHOLE_NAMES, part):
                names = _split_whole(_COMMA, piece)
                if len(names) == 1 and bare != byline:
                    names = [_without_place(piece)]
                found += names[:1] + [name for name in names[1:] if not _is_aside(name)]
    return _each_once(found)


def single_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names that were entered one by one, as they are, without addresses.

    Only what is certainly "by", or several whole names in the place of one, is parted.

    >>> single_names(["Di Wu", "by Von Hartley", "Marks and Sons", "Jane Doe, John Roe"])
    ('Di Wu', 'Von Hartley', 'Marks and Sons', 'Jane Doe', 'John Roe')
    >>> single_names(["Jane Doe, Staff Writer"])
    ('Jane Doe',)
    """
    found: list[str] = []
    for name in map(_decoded, names):
        if "://" not in name:
            parts = _split_whole(_BETWEEN_PERSONS, _ENGLISH_BY.sub("", name, count=1))
            found += parts[:1] + [part for part in parts[1:] if not _is_aside(part)]
    return _each_once(found)


def _decoded(name: str) -> str:
    """Return `name` on one line, without entities, which have a semicolon that parts no names.

    An address beside it goes as well.
    """
    for _ in range(2):
        name = entities.unescape(name) if "&" in name else name
    if "@" in name:
        parts = re.split(r"[;,]", name) if name.count("@") > 1 else [name]
        named = "; ".join(filter(None, map(person_name, parts)))
        name = _HANDLE.sub("", named).strip(" ()<>,")
    return " ".join(name.replace("\n", ";").split())


def _is_aside(name: str) -> bool:
    """Return whether what stands behind a name is a role, or who made the pictures."""
    return is_role(name) or _PICTURES.fullmatch(name) is not None


def _without_place(name: str) -> str:
    """Return a name without the one word behind its comma: behind "By", first names stand first."""
    own, _, place = name.partition(",")
    return own if " " in own.strip() and place and " " not in place.strip() else name


def _without_by(byline: str) -> str:
    if _PART_OF_NAME.fullmatch(byline):
        return byline
    match = _BY.match(byline)
    return byline[match.end() :] if match else byline


def _split_whole(between: re.Pattern[str], part: str) -> list[str]:
    """Return the parts between matches of `between` if all are whole names, else `part`."""
    pieces = [piece.strip() for piece in between.split(part) if piece.strip()]
    while len(pieces) > 1 and " " not in pieces[-1] and is_role(pieces[-1]):
        pieces.pop()
        part = ", ".join(pieces)
    return pieces if all(map(_is_whole, pieces)) else [part]


def _is_whole(name: str) -> bool:
    """Return whether `name` has a first and a last name, or is an agency's or a site's."""
    return " " in name or name.casefold() in _AGENCIES or HOST.fullmatch(name) is not None


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Return `names` tidy, each once, without addresses and what is no name."""
    found: dict[str, str] = {}
    for name in names:
        tidy = " ".join(name.split()).strip(" ,.-–—")
        own = _BEHIND_NAME.sub("", tidy, count=1)
        tidy = own if " " in own else tidy
        if tidy and not _NO_NAME.search(tidy):
            found.setdefault(tidy.casefold(), tidy)
    return tuple(found.values())
