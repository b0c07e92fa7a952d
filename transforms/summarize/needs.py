"""What a sentence needs to be understood, and which others have it.

A reader of a summary knows the title and the sentences before. A sentence that says "he", "the
company", "both" or "however" needs the one that names what is meant. `Context.needs` says, for each
sentence, what taking it costs behind each other one, and what it costs as long as none of certain
others is taken. What is looked for stands in `cues`; what holds for all languages is here: names,
abbreviations that were explained, nouns that were used before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transforms.summarize.antecedents import OPEN, Antecedents
from transforms.summarize.costs import MEDIUM, STRONG, WEAK, Lack
from transforms.summarize.cues import Cues
from transforms.summarize.introductions import Introductions
from transforms.summarize.layout import Layout, asks, continues, is_question
from transforms.summarize.reading import STEM, Reading, read

_EARLY = 8
"""Words within which a sentence that only says who spoke has its verb."""
_PREPOSITION = 5
"""Letters of the longest word that opens a sentence with "this": "After this", "To end this"."""
_PAUSES = frozenset(",;:–—-")
"""Marks between clauses."""
_NEAR = 3
"""Words behind an article in which its noun is looked for."""
_AGAIN = 0.06
"""Cost of "the match" where "a match" was left out."""
_MAIN_NAMES = 2
"""Names, the commonest ones, that "the company" or "the man" most often means ..."""
_MAIN_COUNT = 3
"""... if they stand so often."""

Costs = NDArray[np.float64]


@dataclass(frozen=True)
class Needs:
    """What sentences need.

    Attributes:
        after: cost of each sentence behind each other one: shape (1 + sentences, sentences); row 0
            is for the one that stands first.
        owners: sentences that need any of several others.
        costs: of each of `owners`, if none of them is taken before it.
        others: which ones: shape (len(owners), sentences).
    """

    after: Costs
    owners: NDArray[np.int64]
    costs: Costs
    others: NDArray[np.bool_]


class Context:
    """An article, read: title, sentences, and how they stand."""

    def __init__(self, title: str, sentences: Sequence[str], place: Layout, cues: Cues) -> None:
        self.cues, self.place = cues, place
        self.title = read(title, cues)
        self.sentences = [read(sentence, cues) for sentence in sentences]
        counts = Counter(one.words[n] for one in self.sentences for n in one.capitals)
        counts.update(self.title.words[n] for n in self.title.capitals)
        self.names = frozenset(counts)
        common = counts.most_common(_MAIN_NAMES)
        self.main = frozenset(name for name, count in common if count >= _MAIN_COUNT)
        self.introductions = Introductions(self.title, self.sentences, self.names, cues)
        self.antecedents = Antecedents(self.title, self.sentences, self.names, place.entries, cues)

    def needs(self, wanted: Sequence[int]) -> Needs:
        """Return what the sentences `wanted` need; of the others, it says nothing."""
        count = len(self.sentences)
        after = np.zeros((1 + count, count))
        found: list[tuple[int, float, set[int]]] = []
        for index in wanted:
            if not index:  # it was written to be read first
                continue
            after[:, index] = self._pronouns(index) + self._always(index)
            cost = sum(self._continuing(index))
            after[:, index] += cost
            if self.place.entries[index - 1] == self.place.entries[index]:
                after[index, index] -= cost
            found += [(index, cost, others) for cost, others in self._lacking(index)]
        others = np.zeros((len(found), count), bool)
        for row, (_, _, providers) in enumerate(found):
            others[row, list(providers)] = True
        owners = np.array([owner for owner, _, _ in found], np.int64)
        return Needs(after, owners, np.array([cost for _, cost, _ in found]), others)

    def _pronouns(self, index: int) -> Costs:
        """Return the cost of the pronouns of a sentence behind each other one."""
        costs = np.zeros(1 + len(self.sentences))
        for kind in ("person", "thing"):
            unclear = self.antecedents.unclear(index, kind)
            if unclear:
                cost = STRONG if unclear == OPEN else WEAK
                costs += cost
                costs[[1 + n for n in self.antecedents.of(index, kind)]] -= cost
        return costs

    def _always(self, index: int) -> float:
        """Return what a sentence costs whatever stands before: it asks, or speaks of the writer."""
        one = self.sentences[index]
        return MEDIUM if one.places("self") or asks(one.text) else 0.0

    def _continuing(self, index: int) -> Iterator[float]:
        """Yield what it costs to take a sentence without the one right before it."""
        one = self.sentences[index]
        yield from self._answering(index)
        if not self.cues.known:
            yield WEAK
        if one.at("standing", one.start) or one.start in one.quoted:
            return
        yield from self._opening(one)
        for n in one.places("phrases"):
            if one.at("mild_phrases", n) < one.at("phrases", n):
                yield STRONG
            elif not self._explains(one, n):
                yield MEDIUM
        yield from (MEDIUM for _ in one.places("contrasts")[:1])

    def _explains(self, one: Reading, place: int) -> bool:
        """Return whether what a phrase refers to can stand before it in the sentence.

        Where every noun has a capital, that says little: there must be a clause before.
        """
        if self.cues.are_nouns_capital and not any(
            one.words[n] in _PAUSES or one.at("openers", n) for n in range(one.start + 1, place)
        ):
            return False
        return self.antecedents.is_something_before(one, place)

    def _opening(self, one: Reading) -> Iterator[float]:
        """Yield the cost of a beginning that goes on from what was said."""
        start = one.start
        opener, counted = one.at("openers", start), one.at("counted", start)
        short = len("".join(one.words[start : start + 1])) <= _PREPOSITION
        soon = (start, start + 1, start + 2) if short else (start,)
        if any(self._points_back(one, n) for n in soon):
            yield STRONG
        elif opener:
            yield MEDIUM if one.at("mild", start) == opener else STRONG
        elif counted and any(one.at(kind, start + counted) for kind in ("finite", "speech")):
            yield STRONG
        elif self.cues.begins("dropped", one.text):
            yield MEDIUM

    @staticmethod
    def _points_back(one: Reading, place: int) -> bool:
        """Return whether "this" or its like is at `place`, but not in "this week"."""
        if place > one.start and one.words[place : place + 1] == ("that",):  # "now that"
            return False
        return one.at("demonstratives", place) > 0 and not one.at("times", place + 1)

    def _answering(self, index: int) -> Iterator[float]:
        """Yield the costs of a sentence that replies to the one before, or says who spoke it."""
        one, before = self.sentences[index], self.sentences[index - 1]
        if is_question(before.text):
            yield STRONG if one.at("answers", one.start) else MEDIUM
        same = self.place.paragraphs[index] == self.place.paragraphs[index - 1]
        if same and continues(before.text) and not one.quoted:
            said = [n for n in one.places("speech") if n < _EARLY]
            if said and one.words[said[0] + 1 : said[0] + 2] != ("that",):
                yield STRONG

    def _lacking(self, index: int) -> Iterator[Lack]:
        """Yield what a sentence costs if none of certain others is taken, and these."""
        yield from self.introductions.missing(index)
        yield from self._definite(index)

    @cached_property
    def _where(self) -> dict[str, set[int]]:
        """Where each stem of a word stands."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for n, one in enumerate(self.sentences):
            for stem in one.stems:
                found[stem].add(n)
        return found

    @cached_property
    def _first_told(self) -> dict[str, int]:
        """The first sentence that speaks of something as new: "a match"."""
        found: dict[str, int] = {}
        for n, one in enumerate(self.sentences):
            for place in one.marks.get("indefinite", ()):
                for word in one.words[place + 1 : place + 1 + _NEAR]:
                    if not word[0].isalpha():
                        break
                    found.setdefault(word[:STEM], n)
        return found

    def _definite(self, index: int) -> Iterator[Lack]:
        """Yield nouns with a definite article that mean what was spoken of before."""
        one = self.sentences[index]
        seen = set[str]()
        pointing = set(one.places("demonstratives"))
        for n in sorted((*one.places("articles"), *pointing, *one.places("definite"))):
            word, cost = self._noun_of(one, n)
            stem = word[:STEM]
            if not word or stem in seen or word in one.words[:n]:
                continue
            seen.add(stem)
            before = {m for m in self._where.get(stem, ()) if m < index}
            if n in pointing and cost > WEAK:
                yield cost, {index - 1, max(before, default=index - 1)}
            elif stem in self.title.stems:
                continue
            elif before and self._first_told.get(stem, index) < index:
                yield max(cost, _AGAIN), before
            elif not self._is_named_before(one, n) and (before or cost > WEAK):
                yield from self._known(index, word, cost, before)

    @staticmethod
    def _is_named_before(one: Reading, place: int) -> bool:
        """Return whether a name stands before that the noun may mean, not only "In Lund,"."""
        town = -1
        for n in one.capitals:
            if n >= place:
                break
            if one.at("places", n - 1) or n - 1 == town:
                town = n
            else:
                return True
        return False

    def _known(self, index: int, word: str, cost: float, before: set[int]) -> Iterator[Lack]:
        """Yield the cost of "the company", if it is not what the title is about."""
        if cost > WEAK and not before and self._is_made(word):
            before |= {index - 1}
        elif cost > WEAK and not (before and self._is_thing(word)):
            main = self._main_people if self.cues.says("people", word) else self.main
            if main & self.title.vocabulary:
                return
            before |= {m for m in range(index) if main & self.sentences[m].vocabulary}
            before |= {0, index - 1}
        yield cost, before

    def _is_made(self, word: str) -> bool:
        """Return whether it is what someone did or said, so that no name stands for it."""
        return self.cues.says("made", word) and self._is_thing(word)

    def _is_thing(self, word: str) -> bool:
        """Return whether no name stands for what is meant: "the bill"."""
        return not (self.cues.says("people", word) or self.cues.says("organisations", word))

    @cached_property
    def _main_people(self) -> frozenset[str]:
        """Those of the main names that are never "in Lund"."""
        towns = {
            one.words[n] for one in self.sentences for n in one.capitals if one.at("places", n - 1)
        }
        return self.main - towns

    def _noun_of(self, one: Reading, place: int) -> tuple[str, float]:
        """Return the noun that the definite article at `place` belongs to, and what it costs."""
        words = one.words
        if one.at("definite", place):
            return words[place], MEDIUM
        for n in range(place + 1, min(place + 1 + _NEAR, len(words))):
            if not words[n][0].isalpha() or (
                one.raw[n][0].isupper() and not self.cues.are_nouns_capital
            ):
                return "", 0.0
            if one.at("finite", n):
                break
            if one.at("anaphors", n) and not self._is_described(one, n):
                return words[n], MEDIUM + WEAK
        n = place + 1
        if n < len(words) and len(words[n]) > 3 and not self._is_described(one, n):
            return words[n], WEAK
        return "", 0.0

    @staticmethod
    def _is_described(one: Reading, place: int) -> bool:
        """Return whether what follows a noun says which one is meant: "the man who"."""
        after = place + 1
        if after < len(one.words) and one.words[after] == ",":
            after += 1
            if after < len(one.raw) and one.raw[after][0].isupper():
                return True  # its name: "the company, Cobal,"
        return one.at("describing", after) > 0
