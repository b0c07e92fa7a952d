"""Nouns with "the" or "this" that name what was spoken of before: "the company", "this measure".

Such a noun costs something behind none of the sentences that had it, unless a name in its own
sentence or what the title is about stands for it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from transforms.summarize.costs import MEDIUM, STRONG, WEAK, Lack
from transforms.summarize.cues import Cues
from transforms.summarize.introductions import Introductions
from transforms.summarize.reading import STEM, Reading

_NOT_SHOWN = frozenset(("that", "dat", "such"))
"""Demonstratives that mostly open a clause, or speak of a kind."""
_NEAR = 3
"""Words behind an article in which its noun is looked for."""
_AGAIN = 0.06
"""Cost of "the match" where the match was left out."""
_STOPS = {(mark,) for mark in ",.;:"}
"""Where a noun ends a clause, its cost was not worth its ROUGE."""
_SHORT = 2
"""A noun of so few letters is known by no ending."""
_MAIN_NAMES = 2
"""Names, the commonest ones, that "the company" or "the man" most often means ..."""
_MAIN_COUNT = 3
"""... if they stand so often."""


class Definites:
    """What the definite nouns of an article's sentences need.

    Args:
        title: of the article.
        sentences: of the article.
        names: how often each capitalised word stands.
        introductions: of the article's names.
        cues: of the language.
    """

    def __init__(
        self,
        title: Reading,
        sentences: Sequence[Reading],
        names: Counter[str],
        introductions: Introductions,
        cues: Cues,
    ) -> None:
        self._title, self._sentences, self._cues = title, sentences, cues
        self._introductions = introductions
        self._counts = names

    @cached_property
    def _main(self) -> frozenset[str]:
        """The commonest names, if they stand often, without those that are ever "in Lund"."""
        towns = {
            one.words[n] for one in self._sentences for n in one.capitals if one.at("places", n - 1)
        }
        nouns = self._introductions.nouns
        rest = Counter({name: count for name, count in self._counts.items() if name not in nouns})
        common = rest.most_common(_MAIN_NAMES)
        return frozenset(n for n, count in common if count >= _MAIN_COUNT and n not in towns)

    @cached_property
    def _where(self) -> dict[str, set[int]]:
        """Where each stem of a word stands."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for n, one in enumerate(self._sentences):
            for stem in one.stems:
                found[stem].add(n)
        return found

    @cached_property
    def _first_told(self) -> dict[str, int]:
        """The first sentence that speaks of something as new: "a match"; words and their stems."""
        found: dict[str, int] = {}
        for n, one in enumerate(self._sentences):
            for place in one.marks.get("indefinite", ()):
                for word in one.words[place + 1 : place + 1 + _NEAR]:
                    if not word[0].isalpha():
                        break
                    found.setdefault(word, n)
                    found.setdefault(word[:STEM], n)
        return found

    def missing(self, index: int) -> Iterator[Lack]:
        """Yield what nouns cost that mean what was spoken of before, and the sentences with it."""
        one = self._sentences[index]
        yield from self._ending(index)
        seen = set[str]()
        pointing = set(one.places("demonstratives"))
        for n in sorted((*one.places("articles"), *pointing, *one.places("definite"))):
            word, cost = self._noun_of(one, n)
            stem = word[:STEM]
            if not word or stem in seen or word in one.words[:n]:
                continue
            seen.add(stem)
            before = {m for m in self._where.get(stem, ()) if m < index}
            if n in pointing and (cost > _AGAIN or self._shows(one, n)):
                yield max(cost, STRONG), {index - 1, max(before, default=index - 1)}
            elif stem in self._title.stems:
                continue
            elif before and self._first_told.get(stem, index) < index:
                yield max(cost, _AGAIN), before
            elif (before or cost > _AGAIN) and (
                self._is_nameless(word) or not self._is_named_before(one, n)
            ):
                yield from self._known(index, word, cost, before)

    def _ending(self, index: int) -> Iterator[Lack]:
        """Yield what "hunden" costs where the sentence with "en hund" is left out."""
        one = self._sentences[index]
        for word in one.vocabulary if self._cues.endings else ():
            for ending in self._cues.endings:
                base = word.removesuffix(ending)
                first = self._first_told.get(base, index)
                if base != word and len(base) > _SHORT and first < index:
                    if word in self._title.vocabulary or base in self._title.vocabulary:
                        continue
                    sayings = (word, base)
                    yield (
                        _AGAIN,
                        {
                            m
                            for m in range(index)
                            if any(saying in self._sentences[m].vocabulary for saying in sayings)
                        },
                    )

    @staticmethod
    def _shows(one: Reading, place: int) -> bool:
        """Return whether "these" belongs to the noun behind it, but not in "these days"."""
        if one.words[place] in _NOT_SHOWN or one.at("articles", place):
            return False
        if one.at("standing", place) or one.at("thing", place):
            return False
        return not any(one.at(kind, place + 1) for kind in ("times", "describing", "finite"))

    def _is_named_before(self, one: Reading, place: int) -> bool:
        """Return whether a name stands before that the noun may mean, not only "In Lund,"."""
        town = -1
        for n in one.capitals:
            if n >= place:
                break
            if self._cues.are_nouns_capital and not self._introductions.is_in_full(one.words[n]):
                continue
            if one.at("places", n - 1) or n - 1 == town:
                town = n
            else:
                return True
        return False

    def _known(self, index: int, word: str, cost: float, before: set[int]) -> Iterator[Lack]:
        """Yield the cost of "the company", if it is not what the title is about."""
        if cost > _AGAIN and not before and self._is_nameless(word):
            before |= {index - 1}
        elif cost > _AGAIN and not (before and self._is_thing(word)):
            main = self._main
            if self._is_person(word):  # a town in the title is nobody
                main = frozenset(filter(self._introductions.is_in_full, main))
            if main & self._title.vocabulary:
                return
            before |= {m for m in range(index) if main & self._sentences[m].vocabulary}
            tells = not self._is_person(word) or self._speaks_of_someone(self._sentences[0])
            before |= {0, index - 1} if tells else {index - 1}
        yield cost, before

    def _is_nameless(self, word: str) -> bool:
        """Return whether no name stands for it: several people, an event, what someone decided."""
        return self._cues.says("nameless", word) or (
            self._cues.says("made", word) and self._is_thing(word)
        )

    def _is_person(self, word: str) -> bool:
        """Return whether somebody is called so: "the singer"."""
        return self._cues.says("people", word) or self._cues.is_all("agents", word)

    def _speaks_of_someone(self, one: Reading) -> bool:
        """Return whether a sentence has somebody in it: called so, or named by two words."""
        return len(one.marks.get("people", ())) > 0 or any(
            self._introductions.is_in_full(one.words[n]) for n in (one.start, *one.capitals)
        )

    def _is_thing(self, word: str) -> bool:
        """Return whether no name stands for what is meant: "the bill"."""
        return not (self._cues.says("people", word) or self._cues.says("organisations", word))

    def _noun_of(self, one: Reading, place: int) -> tuple[str, float]:
        """Return the noun that the definite article at `place` belongs to, and what it costs."""
        words = one.words
        if one.at("definite", place):
            return words[place], MEDIUM
        phrase = self._phrase(one, place)
        for n in phrase:
            is_anaphor = one.at("anaphors", n) or self._cues.is_all("agents", words[n])
            if is_anaphor and not self._is_described(one, n):
                return words[n], MEDIUM + WEAK
        n = next(iter(phrase), len(words))
        ends = not self._cues.are_nouns_capital and len(phrase) < _NEAR
        is_short = ends and words[n + len(phrase) : n + len(phrase) + 1] in _STOPS
        if n < len(words) and len(words[n]) > 3 and not is_short and not self._is_described(one, n):
            return words[n], _AGAIN
        return "", 0.0

    def _phrase(self, one: Reading, place: int) -> list[int]:
        """Return the places of words behind an article that its noun may be.

        None where a name follows: "the late actor Tor Eide". A noun with a capital is the first.
        """
        found = []
        for n in range(place + 1, min(place + 1 + _NEAR, len(one.words))):
            if not one.words[n][0].isalpha() or one.at("finite", n):
                break
            if one.raw[n][0].isupper():
                return [n] if self._cues.are_nouns_capital else []
            found.append(n)
        return [] if self._cues.are_nouns_capital else found

    @staticmethod
    def _is_described(one: Reading, place: int) -> bool:
        """Return whether what follows a noun says which one is meant: "the man who"."""
        after = place + 1
        if after < len(one.words) and one.words[after] == ",":
            after += 1
            if after < len(one.raw) and one.raw[after][0].isupper():
                return True  # its name: "the company, Cobal,"
        return one.at("describing", after) > 0
