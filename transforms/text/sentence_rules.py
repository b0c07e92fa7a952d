"""Whether a sentence ends at a mark: abbreviations, ordinals, quotations and who says them.

The words of each language are data, in sentence_words.toml. Each rule looks a bounded distance
around the mark, so that a text takes time in proportion to its length.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex

from transforms.text.quotations import Span

_DATA = Path(__file__).with_name("sentence_words.toml")
_AHEAD = 160
"""Characters after a mark that are looked at."""
_BEHIND = 40
"""Characters of the longest abbreviation, and of what is glued before it."""
_LIST_LENGTH = 5
_SAID_WORDS = 10
"""Words after a quotation among which the verb stands that tells who said it."""

_OWN_STOP = regex.compile(r"[।॥۔።։]|፡፡|\p{Armenian}:(?=\s|$)")
"""Where a script's own full stop is used, a point only marks abbreviations."""

_LIST_MARK = regex.compile(r"[(\[]?(?:\d{1,3}|\p{L}|[ivxIVX]{1,4})")
_ACRONYM = regex.compile(r"(?:\p{L}{1,3}\.-?)+\p{L}{1,4}")
_ROMAN = regex.compile(r"[IVXLC]{1,6}")
_ORDINAL = regex.compile(r"\d{1,3}|\d{1,2}\.\d{1,2}|[IVXLC]{1,6}")
_INITIAL = regex.compile(r"(?:\p{Lu}|\p{Lo})\p{M}*")
_LETTER = regex.compile(r"\p{L}\p{M}*")
_LAST_PIECE = regex.compile(r".*[.-]")
_THAI = regex.compile(r"[\p{Thai}\p{Lao}]")
_UP_TO_MARK = regex.compile(r"[^.!?।۔։።]*")
_TOKEN = regex.compile(r"(?r)[\p{L}\p{M}\p{N}.\-°º§&]+")
_NEXT_WORD = regex.compile(r"[\p{P}\s]*([\p{L}\p{M}]+|\d+)")
_WORDS = regex.compile(r"[\p{L}\p{M}]+")
_PARTICLE = regex.compile(r"と(?!ころ|ても|はいえ)|って|など|[をがはにのもでへ、]")
_CLAUSE = regex.compile(r"[^。！？，“「]{0,24}")
_DASH = regex.compile(r"[-–—―]\s*")
_OPENS = frozenset('"“”„«»‹‘「『¿¡–—―•')
_CONTINUES = frozenset(",;:)]}%،؛，、；：")


@dataclass(frozen=True)
class Words:
    """What sentence_words.toml tells of a language; see there."""

    numbers: frozenset[str]
    names: frozenset[str]
    ends: frozenset[str]
    suffixes: tuple[str, ...]
    starts: frozenset[str]
    says: frozenset[str]
    ordinals: bool


@cache
def words_of(language: str) -> Words:
    """Return the words of a language; of one without any, what holds for all."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    own, every = data.get(language, {}), data["all"]

    def both(name: str) -> frozenset[str]:
        return frozenset(f"{every.get(name, '')} {own.get(name, '')}".split())

    return Words(
        numbers=both("numbers"),
        names=both("names"),
        ends=both("ends"),
        suffixes=tuple(both("suffixes")),
        starts=both("starts"),
        says=both("says"),
        ordinals=own.get("ordinals", False),
    )


class Rules:
    """The rules for one paragraph.

    Args:
        text: the paragraph.
        language: ISO 639-1 code.
        cased: whether its text has capitals.
    """

    def __init__(self, text: str, language: str, *, cased: bool) -> None:
        self._text, self._language, self._cased = text, language, cased
        self._words = words_of(language)
        self._own_stop = _OWN_STOP.search(text) is not None

    def ends(self, sentence: int, mark: int, end: int, quotation: Span | None) -> bool:
        """Return whether a sentence ends at `end`.

        Args:
            sentence: where it begins.
            mark: where its end marks begin.
            end: behind the marks and what closes after them.
            quotation: what closes there, if anything does.
        """
        after = self._text[end : end + _AHEAD].lstrip()
        if not after or self._goes_on(after):
            return False
        if quotation:
            return not self._says_who(quotation, after)
        if self._text[mark] not in ".．" or self._text[mark + 1 : mark + 2] == ".":
            return True
        return self._point_ends(sentence, mark, after)

    def _goes_on(self, after: str) -> bool:
        """Return whether what follows can only continue the sentence."""
        if after[0] in _CONTINUES:
            return True
        after = _DASH.sub("", after, 1)
        return self._cased and after[:1].islower()

    def _says_who(self, quotation: Span, after: str) -> bool:
        """Return whether a quotation is followed by who says it."""
        before = self._text[max(quotation.start - 3, 0) : quotation.start].rstrip()
        if before[-1:] in (":", "：", "，"):  # it was said before
            return False
        if self._language == "ja":
            return _PARTICLE.match(after) is not None
        if self._language == "zh":
            clause = _CLAUSE.match(after)
            return clause is not None and any(verb in clause.group() for verb in self._words.says)
        # A statement in English and its like goes on to who says it after a comma, not a point.
        if (self._cased and self._text[quotation.end - 2] == ".") or after[0] in _OPENS:
            return False
        until_mark = _UP_TO_MARK.match(after)
        words = _WORDS.findall(until_mark.group().casefold()) if until_mark else []
        return not self._words.says.isdisjoint(words[:_SAID_WORDS])

    def _point_ends(self, sentence: int, mark: int, after: str) -> bool:
        before = self._text[max(sentence, mark - _BEHIND) : mark]
        match = _TOKEN.match(before)
        token = match.group().strip(".-") if match else ""
        if self._own_stop or _is_list_mark(before, mark - sentence) or _THAI.match(token[-1:]):
            return False
        first = _NEXT_WORD.match(after)
        following = first[1] if first else ""
        starts = after[0] in _OPENS or following.lower() in self._words.starts
        return self._may_end_with(token, following, starts=starts)

    def _may_end_with(self, token: str, following: str, *, starts: bool) -> bool:
        """Return whether a sentence may end with `token` and its point.

        Args:
            token: the word before the point.
            following: the next word or number.
            starts: whether it looks like the start of a sentence.
        """
        words, last = self._words, _LAST_PIECE.sub("", token)
        forms = {token, token.lower()} | ({last, last.lower()} if len(last) > 1 else set())
        if _INITIAL.fullmatch(token):
            return starts and token == "I"  # noqa: S105 (a word, no password)
        if not words.ends.isdisjoint(forms) or token.endswith(words.suffixes):
            return starts
        if not words.names.isdisjoint(forms) or _LETTER.fullmatch(token):
            return False
        if not words.numbers.isdisjoint(forms):
            return not (following[:1].isdigit() or _ROMAN.fullmatch(following))
        if _ACRONYM.fullmatch(token) or (words.ordinals and _ORDINAL.fullmatch(token)):
            return starts
        return True


def _is_list_mark(before: str, length: int) -> bool:
    """Return whether the sentence so far is "1", "a" or "iv"."""
    return length <= _LIST_LENGTH and _LIST_MARK.fullmatch(before.strip()) is not None
