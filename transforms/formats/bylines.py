"""The single names in bylines: without "by", roles, places, credits of pictures, and nobodies."""

import html as entities
import re
from collections.abc import Iterable

from transforms.formats.persons import person_name
from transforms.text.agencies import AGENCY
from transforms.text.roles import is_role


def _any(words: str) -> str:
    return "|".join(re.escape(word) for word in " ".join(words.split()).split(", "))


_KIND = _any("""
interview, report, reportage, reportaje, analysis, analyse, análisis, opinion, opinión, kommentar,
gastbeitrag, gastkommentar, essay, kolumne, column, tribune, review, commentary, story, text,
words, texte, written, reporting, reported, posted, published, photo, photos
""")
_LABEL = _any("""
author, authors, byline, text, texts, words, story, writer, writers, autor, autora, autorin,
autoren, autores, auteur, auteurs, autrice, autore, autori, texte, textes, texto, testo, tekst,
teksti, bericht, artikel, journalist, journaliste, periodista, reporter, skribent, napsal, napsala,
szöveg, szerző, yazan, yazar, haber, muhabir, penulis, oleh, tác giả, автор, авторы, автори,
авторка, текст, συντάκτης, κείμενο, מאת, كتب, كتبت, بقلم, الكاتب, إعداد, نویسنده, लेखक, লেখক,
ผู้เขียน, 作者, 撰文, 文, 文字, 記者, 记者, 執筆, 取材, 글, 글쓴이, 취재, 기자
""")
_BY = re.compile(
    rf"\s*(?:(?:(?:(?:an?|eine?|une?|una) )?(?:{_KIND}) (?:by|von|par|por|di|de|door|av|af)|byline"
    r"|by|words)\b[:\s]|(?:von|par|por|di|door|av|af)\b(?::|(?=\s))|text\s"
    rf"|(?:oleh|بقلم|كتب|كتبت|记者|記者|作者)\s|(?:{_LABEL}) ?[:：＝=／])\s*",
    re.IGNORECASE,
)
_PART_OF_NAME = re.compile(r"\s*(?:Von|Par|Por|Di|Door|Av|Af)\s+[^\W\d_a-z][\w'’.-]*+\s*")
"""A name that begins like "by" in another language: "Di Wu", "Von Hartley"."""

_NOT_WRITTEN = re.compile(
    r"\s*(?:(?:责任编辑|責任編輯|编辑|編輯|編集|校对|审核|editors?|producers?|lektorat) ?[:：]"
    r"|(?:edited|reviewed|produced|translated|fact[ -]checked) by\b)",
    re.IGNORECASE,
)
"""Label of somebody who had to do with the text, and did not write it."""

_EASTERN_ROLE = re.compile(
    r"(?<=[가-힣一-鿿]{2}) ?(?:기자|記者|记者|特派员|特派員|특파원|편집위원)$"
)
_EASTERN_PLACE = re.compile(r"^\[?[^\[\]=\s]{1,20} ?= ?([가-힣]{2,4}) ?기자\]?$")
"""Place, agency and reporter, as the papers of Korea write them."""

_OUR = re.compile(
    r"^(?i:(?:unser(?:e[mnr]?)?|our|notre|nostr[ao]|nuestr[oa]) (?:[\w-]+ ){0,2}?"
    r"(?:\w*(?:korrespondent|redakteur|reporter|mitarbeiter)(?:in)?|correspondante?"
    r"|envoyée? spéciale?|inviat[oa]|corresponsal)) (?=[^\W\d_a-z])"
)
_WITH_AGENCY = re.compile(rf" (?i:with|mit|avec|con|com|met|med) (?:{AGENCY})$")
_BETWEEN_NAMES = re.compile(
    r" ?[;|/•·&、] ?| (?:\+|and|und|et|og|och|en|with|mit|avec|con|com|met|med) ", re.IGNORECASE
)
_BETWEEN_WHOLE_NAMES = re.compile(r" [yeiиіу] | (?:ja|dan|ve|та|και) ", re.IGNORECASE)
"""What also stands within names: "Ortega y Gasset", "Sousa e Silva"."""

_COMMA = re.compile(r", ?|،|，")
_BEHIND_NAME = re.compile(
    r"(?<=\w) ?\([^()]*\)$"
    r"|(?<=\w),? (?:(?:reporting |writing )?(?:in|from)|à|aus)"
    r"(?: [^\W\d_a-z][\w.'’-]*+){1,3}$"
)
"""What a person did, or where: "Jane Doe (text)", "Jane Doe in Paris"."""

_BEHIND_DASH = re.compile(r"(?<=\w) [—–-] [^\W\d_a-z][^\n—–-]{0,30}$")
"""The place of a byline: "Jane Doe — São Paulo"."""

_PICTURES = re.compile(
    r"(?:photo(?:graph)?(?:s|y|ies)?|pictures|fotos?|fotografías?|bild(?:er)?|images?|video|grafik"
    r"|illustrations?|kuvat?|foto(?:graf(?:ie|ía|ia)|grafi[ae])?|фото|写真|摄影|사진)"
    r"(?: ?[:：]| (?:by|von|par|di|de|av)\b).*",
    re.IGNORECASE,
)
"""Who made the pictures."""

_PICTURES_BEHIND = re.compile(rf"(?<=\w)[.,;]? [/|•·]? ?{_PICTURES.pattern}", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\S)@\w+")
HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,6}")
"""A site called by its host, such as "stern.de"; a name with initials goes on in capitals."""

_AGENCIES = frozenset(("afp", "ansa", "ap", "apa", "dpa", "efe", "epd", "kna", "pa", "reuters"))
_NO_NAME = re.compile(
    r"https?:|www\.|@|^[\W\d]*+$|^(?:undefined|null|none|nan|n/a|unknown|admin(?:istrator)?"
    r"|and|by|und|et)$",
    re.IGNORECASE,
)
_NOBODIES = """
staff writer writers reporter reporters editor editors editorial web online digital news desk team
newsroom room bureau correspondent correspondents the our contributor contributors guest author
authors wordpress webmaster root user super site default anonymous redaktion redaktionen die
redaction rédaction la le redazione redacción redação redactie de redaksjonen toimitus redakcja
redakce redakcia редакция редакція редакцията 编辑部 編集部 편집부 本站 published updated posted
email follow
"""
_NOBODY = frozenset(_NOBODIES.split())
"""Words of what stands where nobody is named: "Web Desk", "Staff Reporter", "Die Redaktion"."""

_ENGLISH_BY = re.compile(
    r"^\s*+(?:(?:written|reporting|story|text|words|posted|published|reported) )?by\b[:\s]\s*+",
    re.IGNORECASE,
)
_LABELLED = re.compile(rf"^\s*+(?:{_LABEL}) ?[:：＝]\s*+", re.IGNORECASE)
_BETWEEN_PERSONS = re.compile(r" ?[;|] ?| [/+] |, | (?:and|und|with|&) ", re.IGNORECASE)
"""What parts persons who were entered as one; all parts must be whole names."""


def author_names(bylines: Iterable[str]) -> tuple[str, ...]:
    """Return the single names in `bylines`, each once, without "By" and without addresses.

    A comma parts names only where both sides have a first and a last name, so that "Doe, Jane"
    stays one; so does what is "and" in Spanish or Portuguese.

    >>> author_names(["By Jane Doe and John Roe", "j@n.example", "Jos&eacute; Ortega y Gasset"])
    ('Jane Doe', 'John Roe', 'José Ortega y Gasset')
    >>> author_names(["Texte : Jane Doe avec AFP", "Von unserer Korrespondentin Ann Lee", "Staff"])
    ('Jane Doe', 'Ann Lee')
    """
    found: list[str] = []
    for byline in map(_decoded, bylines):
        if "://" in byline:
            continue
        own = _WITH_AGENCY.sub("", _PICTURES_BEHIND.sub("", byline, count=1), count=1)
        for part in _BETWEEN_NAMES.split(_without_by(own)):
            if not _NOT_WRITTEN.match(part):
                bare = _OUR.sub("", _without_by(f"{part} ").rstrip(), count=1)
                found += _names_of(bare, labelled=bare != part or own != _without_by(own))
    return each_once(found)


def _names_of(bare: str, *, labelled: bool) -> list[str]:
    """Return the names in what stands between two signs that part names."""
    found = []
    for piece in _split_whole(_BETWEEN_WHOLE_NAMES, bare):
        names = _split_whole(_COMMA, piece)
        if labelled:
            names = [_BEHIND_DASH.sub("", name, count=1) for name in names]
        if len(names) == 1 and labelled:
            names = [_without_place(names[0])]
        found += names[:1] + [name for name in names[1:] if not _is_aside(name)]
    return found


def single_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names that were entered one by one, as they are, without addresses.

    Only what is certainly "by", or several whole names in the place of one, is parted.

    >>> single_names(["Di Wu", "by Von Hartley", "Marks and Sons", "Jane Doe, John Roe"])
    ('Di Wu', 'Von Hartley', 'Marks and Sons', 'Jane Doe', 'John Roe')
    >>> single_names(["Jane Doe, Staff Writer", "Autor: John Roe"])
    ('Jane Doe', 'John Roe')
    """
    found: list[str] = []
    for name in map(_decoded, names):
        if "://" not in name and not _NOT_WRITTEN.match(name):
            own = _LABELLED.sub("", _PICTURES_BEHIND.sub("", name, count=1), count=1)
            parts = _split_whole(_BETWEEN_PERSONS, _ENGLISH_BY.sub("", own, count=1))
            found += parts[:1] + [part for part in parts[1:] if not _is_aside(part)]
    return each_once(found)


def each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Return `names` tidy, each once, without addresses and what is no name."""
    found: dict[str, str] = {}
    for name in names:
        tidy = _EASTERN_PLACE.sub(r"\1", " ".join(name.split()), count=1)
        tidy = _EASTERN_ROLE.sub("", tidy, count=1).strip(" ,.-–—\u200b")
        own = _BEHIND_NAME.sub("", tidy, count=1)
        tidy = own if " " in own else tidy
        if tidy and not _NO_NAME.search(tidy) and not _is_nobody(tidy):
            found.setdefault(tidy.casefold(), tidy)
    persons = tuple(name for name in found.values() if not is_role(name))
    return persons or tuple(found.values())


def _is_nobody(name: str) -> bool:
    """Return whether `name` says only that somebody of the paper wrote it.

    >>> _is_nobody("Staff Reporter"), _is_nobody("Jane Reporter"), _is_nobody("Norrby Post Staff")
    (True, False, False)
    """
    return all(word in _NOBODY for word in name.casefold().split())


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
