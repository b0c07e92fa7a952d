"""Names that the reader of a summary has not been told of.

News introduces a person, a body or an abbreviation once, with first name, office or all words, and
then goes on with one word of it: "Mr Newton", "the BL". A sentence that has only this word costs
something behind none of those that had it before.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from transforms.summarize.costs import MEDIUM, Lack
from transforms.summarize.cues import Cues
from transforms.summarize.reading import ARTICLES, Reading

_EXPLAINED = re.compile(r"\(([A-ZÀ-Þ]{2,6})s?\)")

_NAME = 0.2
"""Cost of a name without the words that it was introduced with."""

_MIN_LETTERS = 3
_LONG_NAME = 3
"""Words of a name that is called by its last two afterwards."""

_INITIAL = 2
"""Words and marks from an initial to the name."""
_DETERMINERS = (*ARTICLES, "demonstratives", "thing")


class Introductions:
    """Where the names of an article are introduced.

    Args:
        title: of the article.
        sentences: of the article.
        names: all words that are capitalised within a sentence, in lower case.
        cues: of the language.
    """

    def __init__(
        self,
        title: Reading,
        sentences: Sequence[Reading],
        names: frozenset[str],
        cues: Cues,
    ) -> None:
        self._title, self._sentences, self._names = title, sentences, names
        self._cues = cues

    def missing(self, index: int) -> Iterator[Lack]:
        """Yield what the names in a sentence cost, and the sentences that introduce them."""
        yield from self._abbreviations(index)
        yield from self._surnames(index)

    @cached_property
    def _explained(self) -> dict[str, set[int]]:
        """Where each abbreviation is explained: "the Bank of Lund (BL)"."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for n, one in enumerate(self._sentences):
            for word in _EXPLAINED.findall(one.text) if "(" in one.text else ():
                found[word].add(n)
        return found

    def is_in_full(self, word: str) -> bool:
        """Return whether a capitalised word is part of a longer name somewhere, and no noun."""
        return word in self._in_full and word not in self.nouns

    def _abbreviations(self, index: int) -> Iterator[Lack]:
        if not self._explained:
            return
        raw = set(self._sentences[index].raw)
        for word, places in self._explained.items():
            before = {n for n in places if n < index}
            if word in raw and before and index not in places and word not in self._title.raw:
                yield MEDIUM, before

    @cached_property
    def _in_full(self) -> dict[str, int]:
        """The first sentence in which each name stands beside another word of it."""
        found: dict[str, int] = {}
        for n, one in enumerate(self._sentences):
            for run in self._runs(one):
                for place in run if len(run) > 1 or _has_initial(one, run[0]) else ():
                    found.setdefault(one.words[place], n)
        return found

    @cached_property
    def _presented(self) -> frozenset[str]:
        """Single names that a bracket, an age or a title says who they are of: "Ada (Lis)"."""
        return frozenset(
            one.words[run[0]]
            for one in self._sentences
            for run in self._runs(one)
            if len(run) == 1
            and (
                self._is_described(one, run[0], ARTICLES)
                or one.raw[run[0] + 1 : run[0] + 2] == ("(",)
            )
        )

    @cached_property
    def _where(self) -> dict[str, set[int]]:
        """Where each word that is a name somewhere stands."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for n, one in enumerate(self._sentences):
            for word in one.vocabulary & self._names:
                found[word].add(n)
        return found

    @cached_property
    def nouns(self) -> frozenset[str]:
        """Where every noun has a capital: words that follow an article somewhere."""
        if not self._cues.are_nouns_capital:
            return frozenset()
        return frozenset(
            one.words[n]
            for one in (self._title, *self._sentences)
            for n in one.capitals
            if any(one.at(kind, n - 1) for kind in _DETERMINERS)
        )

    def _runs(self, one: Reading) -> Iterator[list[int]]:
        """Yield the places of capitalised words that stand in a row, without "Mr" before them."""
        run: list[int] = []
        for n in (one.start, *one.capitals):
            if n >= len(one.words) or one.is_grammar(n) or not self._is_name(one, n):
                continue
            if run and n != run[-1] + 1:
                yield run
                run = []
            if not one.at("honorifics", n):
                run.append(n)
        if run:
            yield run

    def _is_name(self, one: Reading, place: int) -> bool:
        """Return whether a capital is that of a name, not only that of a beginning."""
        return place > one.start or (
            one.raw[place][0].isupper() and one.words[place] in self._names
        )

    def _surnames(self, index: int) -> Iterator[Lack]:
        """Yield names that stand without the words that they were introduced with."""
        one = self._sentences[index]
        for run in self._runs(one):
            word, place = one.words[run[0]], run[0]
            if len(word) < _MIN_LETTERS or one.raw[place].isupper():
                continue
            if len(run) > 1 or _has_initial(one, place):
                yield from self._shortened(index, run)
                continue
            if word in self._title.vocabulary or one.at("times", place):
                continue
            before = {n for n in self._where[word] if n < index}
            if not before or self._is_described(one, place) or word in self.nouns:
                continue
            cost = self._cost(one, place, in_full=self._in_full.get(word, index) < index)
            if cost:
                yield cost, before

    def _shortened(self, index: int, run: list[int]) -> Iterator[Lack]:
        """Yield a name of two words that had another one before them: "Del Olmo"."""
        words = tuple(self._sentences[index].words[n] for n in run)
        where = self._longer.get(words, set())
        before = {n for n in where if n < index}
        is_told = self._is_described(self._sentences[index], run[-1], ARTICLES)
        if before and not is_told and not self._title.vocabulary.issuperset(words):
            yield _NAME, before

    @cached_property
    def _longer(self) -> dict[tuple[str, ...], set[int]]:
        """Where the last two words of each name of three are."""
        found: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        for n, one in enumerate(self._sentences):
            for run in self._runs(one):
                if len(run) == _LONG_NAME:
                    found[tuple(one.words[m] for m in run[1:])].add(n)
        return found

    def _cost(self, one: Reading, place: int, *, in_full: bool) -> float:
        """Return what a single word of a name costs.

        Args:
            one: the sentence.
            place: of the word.
            in_full: whether it stood in a longer name before.
        """
        is_person = not self._cues.are_nouns_capital and (
            self._is_person(one, place) or one.words[place] in self._presented
        )
        return _NAME if in_full or is_person else 0.0

    def _is_person(self, one: Reading, place: int) -> bool:
        """Return whether who is named speaks, or is called "Mr"."""
        return any(one.at("speech", n) for n in (place - 1, place + 1)) or (
            place > 0 and one.at("honorifics", place - 1) > 0
        )

    @staticmethod
    def _is_described(one: Reading, place: int, articles: tuple[str, ...] = ("articles",)) -> bool:
        """Return whether a word before or after says who it is: "coach Lis", "Lis, 34, ..."."""
        if place > 0 and one.at("people", place - 1):
            return True
        after = one.words[place + 1 : place + 3]
        return (
            len(after) > 1
            and after[0] == ","
            and (after[1].isdigit() or any(one.at(kind, place + 2) for kind in articles))
        )


def _has_initial(one: Reading, place: int) -> bool:
    """Return whether initials stand before a name: "J.J. Lis"."""
    if place < _INITIAL or one.raw[place - 1] != ".":
        return False
    letter = one.raw[place - _INITIAL]
    return len(letter) == 1 and letter.isupper()
