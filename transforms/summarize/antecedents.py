"""What a pronoun means: the sentences behind which a reader knows it.

No grammar is parsed. "he" means someone who is named, or called "the driver", before it in the
sentence; else the one that the nearest sentence before is about, and all sentences in between that
speak of him too. So a later sentence may stand behind any of these, or behind the title if that
has the name.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from transforms.summarize.cues import Cues
from transforms.summarize.reading import ARTICLES, PAUSES, Reading

_AFTER_COMMA = 4
"""Words after the comma within which "In his speech, President Lis" must name someone."""
_LONG = 3
"""A word of more letters is not only grammar ..."""
_SOME = 2
"""... and so many before a pronoun say something that it can mean."""
_OPENING = 3
"""Words within which "In the whole of Lund" names the place."""
_OPENS_CLAUSE = PAUSES | {"("}
_WINDOW_BEFORE, _WINDOW_AFTER = 4, 24
"""Words around a pronoun that show whether it stands for anything."""


OPEN, QUOTED = "open", "quoted"


class Antecedents:
    """Answers what the pronouns of an article's sentences need.

    Args:
        title: of the article.
        sentences: of the article.
        names: all words that are capitalised within a sentence, in lower case.
        entries: number of the entry that each sentence stands in.
        cues: of the language.
    """

    def __init__(
        self,
        title: Reading,
        sentences: Sequence[Reading],
        names: frozenset[str],
        entries: Sequence[int],
        cues: Cues,
    ) -> None:
        self._title, self._sentences, self._names, self._entries = title, sentences, names, entries
        self._cues = cues
        self._known: dict[tuple[int, str], str] = {}

    def unclear(self, index: int, kind: str) -> str:
        """Return whether the sentence does not say what a pronoun of it means.

        Args:
            index: of the sentence.
            kind: `person` or `thing`.

        Returns:
            Empty, `OPEN`, or `QUOTED`: it only occurs in a quotation.
        """
        if (index, kind) not in self._known:
            self._known[index, kind] = self._unclear(self._sentences[index], kind)
        return self._known[index, kind]

    def _unclear(self, one: Reading, kind: str) -> str:
        named = self.is_something_before
        if kind == "person" and self._names:
            named = self.is_someone_before
        found = ""
        for place in sorted(one.marks.get(kind, ())):
            if self._speaks(one, place) and kind == "person":
                if any(n not in one.quoted for n in self._people(one, place)):
                    break
            elif (
                named(one, place)
                and (not one.at("several", place) or self._is_several_before(one, place))
                and not (one.at("affected", place) and self._is_of_subject(one, place))
            ):
                break
            if self._is_named_after(one, place) or self._means_nothing(one, place):
                continue
            if place not in one.quoted:
                return OPEN
            found = QUOTED
        return found

    @staticmethod
    def _speaks(one: Reading, place: int) -> bool:
        """Return whether the pronoun is who says what is quoted: nobody named there is meant."""
        beside = (place - 1, place + 1)
        return (
            len(one.quoted) > 0
            and place not in one.quoted
            and any(one.at("speech", n) and n not in one.quoted for n in beside)
        )

    def _means_nothing(self, one: Reading, place: int) -> bool:
        """Return whether the pronoun stands for nothing, as in "it rained".

        Of the pronouns in such words only the first does: not "his" in "it was his fault that".
        """
        start = max(0, place - _WINDOW_BEFORE)
        around = _joined(one.words[start : place + _WINDOW_AFTER])
        at = len(_joined((*one.words[start:place], "")))
        earlier = max(
            (
                len(_joined((*one.words[start:n], "")))
                for n in range(start, place)
                if one.at("person", n) or one.at("thing", n)
            ),
            default=-1,
        )
        spans = self._cues.spans("unreferring", around)
        return any(earlier < begin <= at < end for begin, end in spans)

    def is_something_before(self, one: Reading, place: int) -> bool:
        """Return whether something that a pronoun can mean stands before it in the sentence."""
        where = self.places_of(one)
        if any(n < place and n not in where for n in one.capitals):
            return True
        if place > one.start and self._opens_with_name(one):
            return True
        words = (n for n, word in enumerate(one.words[:place]) if len(word) > _LONG)
        said = (n for n in words if n not in where and not one.at("times", n))
        return sum(not one.is_grammar(n) for n in said) >= _SOME

    @staticmethod
    def places_of(one: Reading) -> frozenset[int]:
        """Return the places of names that only say where or when: "In Lund", "on Monday"."""
        found = {n for n in one.capitals if one.at("times", n)}
        runs = one.capitals[:1] if one.at("places", one.start) else ()
        starts = [n for n in one.capitals if one.at("places", n - 1)]
        for start in (*runs, *starts):
            if start in starts or start <= one.start + _OPENING:
                found |= set(
                    takewhile(lambda n: one.raw[n][0].isupper(), range(start, len(one.raw)))
                )
        return frozenset(found)

    @staticmethod
    def _is_of_subject(one: Reading, place: int) -> bool:
        """Return whether a pronoun is what the sentence's subject does something to: "Lis saw it".

        It means neither the subject nor anything behind it. Where another clause began, or
        anything else was named, it may mean that.
        """
        after, before = place + 1, range(one.start, place)
        if one.at("finite", after) or one.at("speech", after):
            return False
        if one.at("speech", place - 1) or any(
            one.words[n] in _OPENS_CLAUSE or one.at("clauses", n) or one.at("subordinators", n)
            for n in before
        ):
            return False
        begins = (n for n in before if n == one.start or one.raw[n - 1][0].islower())
        named = sum(
            one.raw[n][0].isupper() or any(one.at(kind, n) for kind in ARTICLES)
            for n in begins
            if not (one.at("places", n - 1) or one.at("describing", n - 1))  # "sailors of the line"
        )
        return named < _SOME

    def _is_several_before(self, one: Reading, place: int) -> bool:
        """Return whether several people or things that "they" can mean stand before it."""
        return any(
            one.at("groups", n) or (len(word) > _LONG and word.endswith("s"))
            for n, word in enumerate(one.words[:place])
            if not one.at("times", n)
        )

    def is_someone_before(self, one: Reading, place: int) -> bool:
        """Return whether someone is named, or spoken of, before `place` in the sentence."""
        return next(self._people(one, place), None) is not None

    def _people(self, one: Reading, end: int) -> Iterator[int]:
        """Yield the places before `end` of words that seem to name people."""
        for n in range(one.start, min(end, len(one.words))):
            if (
                one.at("people", n)
                or one.words[n].endswith(_OF_AGE)
                or (one.raw[n][0].isupper() and self._may_be_person(one, n))
            ):
                yield n

    def _may_be_person(self, one: Reading, place: int) -> bool:
        raw = one.raw[place]
        if not raw[0].isupper() or (len(raw) > 1 and raw.isupper()):
            return False  # an abbreviation
        if place == one.start and not self._opens_with_name(one):
            return False
        if one.at("organisations", place) or one.at("times", place):
            return False
        return place == one.start or not one.at("places", place - 1)

    def _opens_with_name(self, one: Reading) -> bool:
        """Return whether the first word is capitalised as a name, not only as the first word."""
        start = one.start
        if start >= len(one.words):
            return False
        if one.at("titles", start):
            return True
        if one.words[start] in self._names:
            return not one.is_grammar(start)
        follows = start + 1 < len(one.raw) and one.raw[start + 1][0].isupper()
        return follows and not one.is_grammar(start)

    def _is_named_after(self, one: Reading, place: int) -> bool:
        """Return whether what is meant follows: "In his speech, President Lis said"."""
        if not one.at("subordinators", one.start) or "," not in one.words[place:]:
            return False
        comma = one.words.index(",", place)
        following = range(comma + 1, min(comma + _AFTER_COMMA, len(one.words)))
        if any(one.at("person", n) or one.at("thing", n) for n in following):
            return False
        return any(
            one.raw[n][0].isupper() or one.at("articles", n) or one.at("people", n)
            for n in following
        )

    def of(self, index: int, kind: str) -> list[int]:
        """Return the sentences behind which a pronoun is understood; -1 is the title."""
        anchor = index - 1
        while anchor >= 0 and self._entries[anchor] == self._entries[index]:
            if not self.unclear(anchor, kind) and self._subject(anchor, kind):
                break
            anchor -= 1
        else:
            return []
        meant = self._subject(anchor, kind)
        chain = [n for n in range(anchor, index) if n == anchor or self.unclear(n, kind)]
        same = [n for n in range(anchor) if meant & self._subject(n, kind)]
        return [*([-1] if meant & self._title.vocabulary else []), *same, *chain]

    def _subject(self, index: int, kind: str) -> frozenset[str]:
        """Return the first name in a sentence, most often what it is about.

        For `thing` also its first long words, where there is no name: something is always meant.
        """
        one = self._sentences[index]
        if kind == "person" and self._names:
            first = next(self._people(one, len(one.words)), None)
        else:
            opens = (one.start,) if self._opens_with_name(one) else ()
            first = next(iter((*opens, *one.capitals)), None)
        if first is None:
            words = [word for word in one.words if len(word) > _LONG]
            return frozenset(words[:_SOME] if kind == "thing" or not self._names else ())
        end = first + 1
        while end < len(one.raw) and one.raw[end][0].isupper():
            end += 1
        return frozenset(one.words[first:end])


def _joined(words: Sequence[str]) -> str:
    return " ".join(words).replace(" ' ", "'")


_OF_AGE = ("year-old", "year-olds")
