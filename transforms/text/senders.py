"""Where a press release ends and what its sender says of itself begins."""

import re
from collections.abc import Sequence

_ABOUT = (
    r"(?:About|Über|À propos d[eu]s?|Acerca de|Sobre|Informazioni su|Over|Om|Tietoja|O) "
    r"|À propos d['’]"
)
_HEADING = re.compile(rf"(?:{_ABOUT})(?P<name>[^.:!?\n]{{2,70}}?)\s?(?::|$)")
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w&.-]+")
_NUMBER = re.compile(r"\b\d+\b")
_NOTICE = re.compile(
    r"(?:Forward[- ]looking statements?|Safe harbou?r|(?:Media|Press) contacts?|Notes? to editors"
    r"|Pressekontakt|Contacts? presse|Contacto de prensa|Contatti stampa|Contacto de imprensa"
    r"|Perscontact|Presskontakt|Kontakt dla mediów)\b[^.!?\n]{0,40}?(?::|$)",
    re.IGNORECASE,
)
_NEWS = 2
"""Sentences that come first, at least."""


def news_end(sentences: Sequence[str]) -> int:
    """Return how many sentences of an article come before its sender speaks of itself.

    That begins with a heading such as "About Cobal", if the news knows the name and what follows
    goes on with it, or with a notice to investors or the address for journalists. Releases of one
    sender share it. Behind "About 300 Jobs" the news goes on.

    >>> news_end(["Cobal builds a plant.", "It costs 9m.", "About Cobal: Cobal makes metals."])
    2
    """
    for place, sentence in enumerate(sentences[_NEWS:], _NEWS):
        if _NOTICE.match(sentence):
            return place
        name = _introduced(sentence, sentences[place + 1 : place + 2])
        if name and any(name in known for known in sentences[:place]):
            return place
    return len(sentences)


def _introduced(sentence: str, following: Sequence[str]) -> str:
    """Return the name that a heading announces and what follows repeats, if so."""
    heading = _HEADING.match(sentence)
    name = _NAME.search(heading["name"]) if heading else None
    if not heading or not name or _NUMBER.search(heading["name"]):
        return ""
    rest = sentence[heading.end() :] or " ".join(following)
    return name[0] if name[0] in rest[: 2 * len(heading[0])] else ""
