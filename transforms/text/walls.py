"""Walls: pages that stand before an article, ask for something, and are none themselves.

Consent to cookies, "pay or accept", proofs of being human, "enable JavaScript". They are told by
how they speak: sentence after sentence a site says "we" and "you" about tracking, partners, robots
or browsers. An article about the same speaks of others, or quotes, and quotations do not count.
"""

import re
from functools import cache
from typing import NamedTuple

from transforms.text.wall_words import WordPattern, word_lists, word_pattern, words_in
from transforms.text.words import count_words

_PROOFS = r"(?:re)?captcha|cloudflare|ray id|ddos|incapsula|datadome|perimeterx|access denied"
_ANYWHERE = (
    r"cookie|java ?script|js\b|gdpr|dsgvo|rgpd|ccpa|kvkk|tracking|tracker|ad[- ]?block|iab\b|tcf\b"
    r"|opt-?out|informasjonskapsl|evästei|vafrakök|sütik|бисквитк|kolačić|колачић|piškotk|колачињ"
    rf"|küpsis|sīkdat|slapuk|çerez|galetes\b|fianái?n|ciasteczk|{_PROOFS}"
)
"""What is called the same in most languages, and the names of cookies in the others."""

_SWITCHED = (
    r"java ?script|js\b|cookie|browser|ad[- ]?block|navigateur|navegador|navigatore|böngésző"
    r"|prohlížeč|prehliadač|przeglądark|браузер|браўзер|selain|webbläsar|nettleser|vafra|tarayıcı|περιήγησης"
    r"|φυλλομετρητ|preglednik|pregledač|прегледач|brskalnik|прелистувач|pārlūk|naršykl|brauser"
    r"|nabigatzaile|brabhsálaí"
)
"""What a page asks to be switched on or off, or calls too old."""

_MOST_CHARACTERS = 6000
"""Characters of the longest text that may be a wall."""

_SHORT_WORDS = 150
"""Most words of a page that asks for a proof of being human, or for JavaScript."""

_REST = 400
"""Characters beside what asks for consent that may be an article: the rest of a wall is less."""

_BRIEF_WORDS = 12
"""Words of a text that need not name whom it asks: "Enable JavaScript to go on"."""

_SHARE = 0.5
"""Share of a page's text that speaks like a wall from which it is one."""

_SWITCH_SHARE = 0.3
_ADDRESSED = 0.8
"""And the shares that ask to switch something on, and that speak to the reader at all: together,
they are enough as well."""

_CONCEPTS = 3
"""Fewest different things that a page asking for consent speaks of."""

_SENTENCE = re.compile(r"(?<=[.!?…:;。])\s+|\n+")
_QUOTED = re.compile(r"“[^“”\n]{0,400}”|«[^«»\n]{0,400}»|„[^„“”\n]{0,400}[“”]|\"[^\"\n]{0,400}\"")


class Wall(NamedTuple):
    """What kind of wall a page is: `consent`, `robot_check` or `script_check`; and its words."""

    kind: str
    language: str


class _Words(NamedTuple):
    """The patterns of one words."""

    language: str
    we: WordPattern
    you: WordPattern
    consent: WordPattern
    robot: WordPattern
    pay: WordPattern


def wall_languages() -> dict[str, str]:
    """Return the languages in which walls are known: ISO 639-1 code -> English name."""
    return {code: table["name"] for code, table in word_lists().items()}


def find_wall(title: str, text: str, language: str | None = None) -> Wall | None:
    """Return what wall a page with this title and text is, `None` if it is none.

    Args:
        title: of the page.
        text: all that it shows, before any of it is taken for furniture and dropped.
        language: ISO 639-1 code of the text's language; without it, each is tried on a text that
            names cookies, scripts or the like.

    >>> find_wall("Just a moment", "Please verify that you are human. Enable JavaScript, please.")
    Wall(kind='robot_check', language='en')
    >>> find_wall("Law on cookies", "Parliament voted for a law that lets readers refuse cookies.")
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    count = count_words(text)
    brief = count <= _BRIEF_WORDS
    text = f"{title}\n{text}"
    if language is None and not _names_any().search(text):
        return None
    sentences = sentences_of(text)
    for words in _words_of(language):
        if not brief and not words.you.search(text):
            continue
        if kind := _kind(sentences, words, short=count <= _SHORT_WORDS, brief=brief):
            return Wall(kind, words.language)
    return None


def sentences_of(text: str) -> list[str]:
    """Return the sentences of `text` without what they quote."""
    return [s for s in _SENTENCE.split(_QUOTED.sub(" ", text)) if s and not s.isspace()]


def _kind(sentences: list[str], words: _Words, *, short: bool, brief: bool) -> str:
    """Return the kind of wall that `sentences` speak like, `""` if none.

    Args:
        sentences: of the page.
        words: of its language.
        short: whether it is short enough for a check of robots or scripts.
        brief: and for one that does not name whom it asks.
    """
    total = sum(map(len, sentences))
    consent = robot = script = addressed = 0
    concepts: set[str] = set()
    checks: set[str] = set()
    is_site = asks_proof = asks_any = False
    for sentence in sentences:
        speaks, asks = words.we.search(sentence), words.you.search(sentence)
        proofs = words_in(words.robot, sentence) | words_in(_proofs(), sentence)
        switched = bool(proofs) and _switched().search(sentence) is not None
        robot += len(sentence) * bool(proofs)
        script += len(sentence) * switched
        addressed += len(sentence) * bool(speaks or asks)
        checks |= proofs
        asks_any = asks_any or bool(asks and proofs)
        asks = asks or (brief and switched and words.robot.match(sentence.strip()))
        asks_proof = asks_proof or bool(asks and proofs and (switched or speaks))
        about = words_in(words.consent, sentence) | words_in(_anywhere(), sentence)
        if (speaks or asks) and (about or words.pay.search(sentence)):
            consent += len(sentence)
            concepts |= about
            is_site = is_site or (speaks is not None and bool(about))
    rest = total - consent
    if (
        consent >= _SHARE * total
        and rest < max(_REST, consent / 3)
        and len(concepts) >= _CONCEPTS
        and is_site
    ):
        return "consent"
    asked = robot >= _SHARE * total or (
        script >= _SWITCH_SHARE * total and addressed >= _ADDRESSED * total
    )
    if short and (asks_proof or (asks_any and len(checks) > 1)) and asked:
        return "script_check" if script >= robot / 2 else "robot_check"
    return ""


_ALIKE = (
    frozenset(("no", "nn", "da", "sv")),
    frozenset(("cs", "sk")),
    frozenset(("hr", "bs", "sr", "sl", "mk")),
    frozenset(("ru", "uk", "be", "bg", "mk")),
    frozenset(("es", "gl", "ca", "pt")),
)
"""Languages of which a short text of one is taken for another's."""


@cache
def _words_of(language: str | None) -> tuple[_Words, ...]:
    """Return the words of a language and of those that are much alike; of all if it is unknown."""
    codes = {language}.union(*(group for group in _ALIKE if language in group))
    known = [code for code in word_lists() if code in codes]
    return tuple(map(_compiled, known or word_lists()))


@cache
def _compiled(language: str) -> _Words:
    table = word_lists()[language]
    return _Words(
        language,
        word_pattern(table["we"], whole=True),
        word_pattern(table["you"], whole=True),
        *(word_pattern(table[name]) for name in ("consent", "robot", "pay")),
    )


@cache
def _anywhere() -> WordPattern:
    return word_pattern(_ANYWHERE)


@cache
def _names_any() -> WordPattern:
    return word_pattern(f"{_ANYWHERE}|{_SWITCHED}|robot|робот")


@cache
def _proofs() -> WordPattern:
    return word_pattern(_PROOFS)


@cache
def _switched() -> WordPattern:
    return word_pattern(_SWITCHED)
