"""What a sentence needs to be understood, and which others have it.

A reader of a summary knows the title and the sentences before. A sentence that says "he", "the
company", "both" or "however" needs the one that names what is meant. `Context.needs` says, for each
sentence, what taking it costs behind each other one, and what it costs as long as none of certain
others is taken. What is looked for stands in `cues`; what holds for all languages is here: names,
abbreviations that were explained, nouns that were used before.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.summarize.antecedents import OPEN, Antecedents
from transforms.summarize.costs import ADDED, FAR, JUMP, MEDIUM, STRONG, WEAK, Lack
from transforms.summarize.cues import Cues
from transforms.summarize.definites import Definites
from transforms.summarize.introductions import Introductions
from transforms.summarize.layout import Layout, asks, continues, is_question
from transforms.summarize.reading import PAUSES, Reading, read

_EARLY = 8
"""Words within which a sentence that only says who spoke has its verb."""
_PREPOSITION = 5
"""Letters of the longest word that opens a sentence with "this": "After this", "To end this"."""
_MAIN_CLAUSE = 14
"""Words within which the main clause has its verb."""

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
        self.introductions = Introductions(self.title, self.sentences, self.names, cues)
        self.definites = Definites(self.title, self.sentences, counts, self.introductions, cues)
        self.antecedents = Antecedents(self.title, self.sentences, self.names, place.entries, cues)

    def needs(self, wanted: Sequence[int]) -> Needs:
        """Return what the sentences `wanted` need; of the others, it says nothing."""
        count = len(self.sentences)
        after = np.zeros((1 + count, count))
        found: list[tuple[int, float, set[int]]] = []
        for index in wanted:
            if not index:  # it was written to be read first
                after[:, index] = MEDIUM if self.sentences[index].places("self") else 0.0
                continue
            after[:, index] = self._pronouns(index) + self._always(index)
            cost = sum(self._continuing(index))
            after[:, index] += cost
            if self.place.entries[index - 1] == self.place.entries[index]:
                after[index, index] -= cost
            found += [(index, cost, others) for cost, others in self._lacking(index)]
        left_out = np.maximum(np.arange(count) - np.arange(count + 1)[:, None], 0)
        after += JUMP * np.minimum(left_out, FAR)
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
                cost = STRONG if unclear == OPEN else self._quoted_pronoun(index, kind)
                costs += cost
                costs[[1 + n for n in self.antecedents.of(index, kind)]] -= cost
        return costs

    def _quoted_pronoun(self, index: int, kind: str) -> float:
        """Return the cost of an unclear pronoun in a quotation: more where it opens with it."""
        one = self.sentences[index]
        return MEDIUM if one.start in one.quoted and one.at(kind, one.start) else WEAK

    def _always(self, index: int) -> float:
        """Return what a sentence costs whatever stands before: it asks, or speaks of the writer."""
        one = self.sentences[index]
        if one.places("self"):
            return STRONG
        return MEDIUM if asks(one.text) else 0.0

    def _continuing(self, index: int) -> Iterator[float]:
        """Yield what it costs to take a sentence without the one right before it."""
        one = self.sentences[index]
        yield from self._answering(index)
        if not self.cues.known:
            yield WEAK
        if self.cues.begins("unnamed", one.text):
            yield MEDIUM
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
            one.words[n] in PAUSES or one.at("clauses", n) for n in range(one.start + 1, place)
        ):
            return False
        return self.antecedents.is_something_before(one, place)

    def _opening(self, one: Reading) -> Iterator[float]:
        """Yield the cost of a beginning that goes on from what was said."""
        start = one.start
        opener, counted = one.at("openers", start), one.at("counted", start)
        short = len("".join(one.words[start : start + 1])) <= _PREPOSITION or any(
            one.at(kind, start) for kind in ("subordinators", "places")
        )
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
        yield from self.definites.missing(index)
        yield from self._adding(index)

    def _adding(self, index: int) -> Iterator[Lack]:
        """Yield what "also" costs without what was said before, or at least of whom."""
        one = self.sentences[index]
        place = next((n for n in one.places("adding") if self._is_in_main_clause(one, n)), 0)
        if place:
            elsewhere = self.antecedents.places_of(one)
            said = (n for n in (one.start, *one.capitals) if n < place and n not in elsewhere)
            names = {one.words[n] for n in said} & self.names
            before = {n for n in range(index) if names & self.sentences[n].vocabulary}
            yield ADDED, {index - 1, *before}

    @staticmethod
    def _is_in_main_clause(one: Reading, place: int) -> bool:
        """Return whether no word between the beginning and `place` opens another clause."""
        if place - one.start > _MAIN_CLAUSE:
            return False
        before = range(one.start + 1, place)
        return not any(one.at("clauses", n) and one.raw[n + 1][0].islower() for n in before)
