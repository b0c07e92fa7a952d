"""Credits: whole lines at the end of an article that say who else worked on it, in any language.

A line goes if it says nothing else: a pattern matches it from its first to its last character, and
what may stand for names holds no sentence. `credit_words.toml` has the words of each language.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from transforms.text.agencies import AGENCY

_MAX_LINE = 400
"""Characters; a longer line says more than who worked on it."""

_DEPTH = 4
"""Lines at the end that may be credits."""

_CAPITAL = r"(?-i:[^\W\d_a-zß-öø-ÿāăąćčďđēęěğīįľłńňōőœřśşšťūůűźżžα-ώа-џґ])[\w.'’@-]*+"
_SMALL = (
    r"(?-i:and|of|the|in|from|at|for|by|with|und|der|die|das|den|dem|des|von|vom|aus|mit|für|im|et|de"
    r"|du|la|le|les|à|en|y|e|del|los|las|el|con|per|di|da|della|do|dos|van|het|een|met|och|i|og|ja|av"
    r"|af|fra|från|z|w|a|s|și|din|cu|ve|ile|и|в|с|та|у|з|και|του|της|sowie|as|well|bin|al"
    r"|agency|agencies|wire|wires|news|staff|press|media|services?|others?|colleagues|writers?|reporters?"
    r"|correspondents?|journalists?|editors?|researchers?|bureau|desk|team|newsroom|inputs?|reporting"
    r"|editing|writing|additional|further|compiled|edited|translated|research|photography|photographs"
    r"|graphics|redaktion|agenturen|nachrichtenagenturen|agences?|agencias|agenzie|agências|redacción"
    r"|redazione|afp|ap|dpa|epd|kna|reuters|pti|ani|ians|efe|ansa|afxp|tt|ntb|stt|anp|pap|čtk|rtr|lusa"
    r"|apa|sda|agency's)(?![\w'’@-])"
)
_JOINT = r"(?:[,;:/|][ ]?| (?:[-–—&/|] )?)"
NAMES = rf"(?:{_CAPITAL}|{_SMALL})(?:{_JOINT}(?:{_CAPITAL}|{_SMALL})){{0,60}}"
"""Names of persons, agencies and places, with the small words between them: no sentence."""

_SIGNS = r"(?:[^\w（(【［<\[/]|_)*+"
_OPENED = r"(?:[(（\[［][^\w（(【［<\[/]*+)?"
_END = r"[\W_]*+"
_LOWER = (
    r"(?-i:afp|ap|dpa|rtr|epd|kna|sid|apa|sda|efe|ansa|tt|ntb|stt|anp|belga|pap|čtk|ritzau|lusa)"
)
"""Agencies that stand in lower case between initials."""

_WITH = r"(?:with|mit|avec|con|com|med|met|z|cu)"
_STATEMENT = r"(?-i:[a-z])[^.!?]{30,}\.$"
"""What a sentence says behind a word and a colon: a source is called by a name."""

_INITIALS = r"(?-i:[a-zæøåäöü]{2,6}|[A-Z]{2,4})"
_ANYWHERE = (
    r"(?:updated|last updated|first published|published|posted)(?: (?:at|on))?:? .{0,20}\d.{0,30}",
    rf"[(\[（]?(?:{_WITH} )?(?:l['’])?"
    rf"(?:(?-i:[A-ZÀ-Þ])[\w.]*+(?: [A-Z][\w.]*+){{0,2}}[,/|] ?){{0,2}}(?-i:{AGENCY})"
    rf"(?:(?:[\s/,;|&-]{{1,3}}|,? (?:and|und|et|y|e|en|og|och|i|a|și) )(?-i:{AGENCY})){{0,4}}"
    rf"(?:[/,] ?{_INITIALS}){{0,3}}[)\]）]?",
    r"\((?:[a-zA-Z]{2,4}(?:[/,] ?[a-zA-Z]{2,6}){0,3})\)|(?-i:[A-Z]{2,4}) \([a-z]{2,4}\)",
    r"(?:\(|/)(?-i:[a-zæøåäö]{2,6})(?:/(?-i:[A-Za-zæøåäö]{2,12})){1,3}(?:\)|/)?",
    rf"{_LOWER}(?:[/,-] ?(?:{_LOWER}|{_INITIALS})){{1,4}}",
    r"(?-i:PTI|ANI|IANS|UNI)(?: (?-i:[A-Z]{2,4})){1,6}",
    rf"(?:{_INITIALS}/ ?){{2,4}}|/(?:PRNewswire|GLOBE NEWSWIRE|Business Wire)/",
)
"""What is said alike in every language: a date, agencies, initials."""

_TAIL = re.compile(
    r"(?<=[.!?\"”’)])[\s–—-]*+(?:"
    r"\(?(?i:with|mit) (?i:agency )?inputs(?: from [\w ,.'’-]{2,80})?"
    r"|\(?(?:Additional reporting|Reporting|Writing|Editing|Edited|Compiled) by [^.!?]{3,200}"
    r"|\(?Follow @\w+ for more(?: ?The author tweets @\w+)?"
    r"|Interact with [\w ]{3,40} at Twitter/?@\w+"
    r"|(?:ALSO READ|READ|Also read|Read more) ?[:|]?"
    rf"|\({AGENCY}(?:[/,; ]{{1,2}}[A-Za-z]{{2,6}}){{0,3}}\)"
    r"|\([a-z]{2,4}(?:/[a-z]{2,4}){0,2}\)"
    r")[\s.)]*+$"
)
_TAIL_DEPTH = 400
"""Characters at the end of a paragraph in which a credit may begin."""


def drop_credits(paragraphs: list[str]) -> list[str]:
    """Return `paragraphs` without the credits that they end with; the first always stays.

    >>> drop_credits(["It rained.", "Jane Doe and Al Fox contributed coverage.", "(With AFP)"])
    ['It rained.']
    """
    end = len(paragraphs)
    while end > max(1, len(paragraphs) - _DEPTH) and is_credit(paragraphs[end - 1]):
        end -= 1
    return paragraphs[:end]


def drop_tail(paragraphs: list[str]) -> list[str]:
    """Return `paragraphs` without a credit that stands behind the last sentence of the last one.

    >>> drop_tail(["It rained. (With agency inputs)"])
    ['It rained.']
    """
    if not paragraphs:
        return paragraphs
    *others, last = paragraphs
    start = max(len(last) - _TAIL_DEPTH, 0)
    return [*others, last[:start] + _TAIL.sub("", last[start:], count=1)]


def is_credit(line: str) -> bool:
    """Return whether a whole line only says who else worked on an article.

    >>> is_credit("Mit Material von dpa"), is_credit("Jane Doe contributed 5,000 crowns.")
    (True, False)
    >>> is_credit("Jane Doe contributed research. Reporting by Al Fox; editing by Ann Lee")
    True
    """
    if len(line) > _MAX_LINE:
        return False
    whole, between = _credit()
    return whole.fullmatch(line) is not None or all(
        whole.fullmatch(part) for part in between.split(line)
    )


def credit_languages() -> tuple[str, ...]:
    """Return the ISO 639-1 codes of the languages in which credits are known."""
    return tuple(_tables())


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    source = files("transforms.clean").joinpath("credit_words.toml").read_text("utf-8")
    return tomllib.loads(source)


@cache
def _credit() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the pattern of a credit, and that of what stands between two on one line."""
    label, by, after, alone = ("|".join(_words(name)) for name in ("label", "by", "after", "alone"))
    ways = (
        *_ANYWHERE,
        rf"(?:{label}) ?[:：=＝] ?+(?!{_STATEMENT}).{{1,120}}+",
        rf"(?:{by}):? ?{NAMES}",
        rf"{NAMES},? (?:{after})(?: {NAMES})?",
        rf"{_CAPITAL}(?: {_CAPITAL}){{0,3}}(?: ?/ ?| \((?:{_WITH} )?)(?-i:{AGENCY})",
        rf"{_CAPITAL}(?: {_CAPITAL}){{1,3}},? (?:{_WITH}|and|&|und|et|y|e) (?-i:{AGENCY})",
        alone,
    )
    whole = rf"{_SIGNS}{_OPENED}(?:{'|'.join(ways)}){_END}"
    between = rf"(?<=\w\w)[.;|][ ]+(?=\S)|,[ ]+(?=(?:{by})[ ])"
    return re.compile(whole, re.IGNORECASE), re.compile(between, re.IGNORECASE)


def _words(name: str) -> Iterator[str]:
    """Yield the patterns of this name of every language."""
    for table in _tables().values():
        yield from table.get(name, ())
