"""Whether two texts that overlap tell the same news.

Three kinds of texts share most of their words and are no copies: reports made from one form
(forecasts, prices, draws), which differ in names and numbers; texts with the same words about the
sender, or one quotation, which open with other news; and updates, which go on from an earlier text.
A scene:

    >>> form = "Rain is expected over {} today, with {} degrees by noon and gusts of {} at night."
    >>> first, second = Telling(form.format("Lund", 7, 40)), Telling(form.format("Moss", 9, 55))
    >>> relation(first, second, is_later=False)
    <Relation.APART: 3>
    >>> relation(first, Telling(f"{form.format('Lund', 7, 40)} More at noon."), is_later=True)
    <Relation.REPEATS: 1>
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from itertools import chain, groupby
from typing import NamedTuple

from transforms.relate.near.signature import SHINGLE_WORDS
from transforms.relate.near.telling import Kind, Telling

MIN_LEAD = 0.3
"""Part of one of two leads that the other text has to hold. A paper that writes the lead anew has
its own report."""

LEAD_WORDS = 0.1
"""Part of the longer words of the lead of an update that the earlier lead has, too. Releases of one
company have it as well, and are told apart as stories are."""

PASSAGE = 8
"""Words in a row that the other text lacks: a shorter run is an edit."""

MORE_WORDS = 25
MORE_SHARE = 0.15
"""Words that a later text must add to say more, and their part of it."""

WORDS_PER_FACT = 12
"""Of what is added, a name or number vouches for so many words: invitations and notices of a site
have none, or the name of the site."""

_SLOT = 12
"""Words between two places at which both texts are the same, at most, that stand for each other."""

ALIKE = 0.6
"""Part of two names that is the same in other spellings of one: Kyiv and Kiev."""

SOME_NUMBERS = 0.25
MOST_NUMBERS = 0.7
MANY_NAMES = 0.4
"""Parts of the numbers that differ beside a name in the lead, or alone, and of the names. An edit
that changes every third number, as benchmarks/edits.py has it, stays a copy."""


class Run(NamedTuple):
    """Words in a row that the other text lacks: from `start` up to `end`."""

    start: int
    end: int


class Relation(Enum):
    """What a text is to one that it overlaps with.

    It `REPEATS` the other one, is `RELATED` as an update is, or stands `APART`: on another event.
    """

    REPEATS = auto()
    RELATED = auto()
    APART = auto()


def relation(first: Telling, second: Telling, *, is_later: bool) -> Relation:
    """Return what `second`, which overlaps with `first`, is to it.

    Args:
        first: the text that the other one may repeat.
        second: the other one.
        is_later: whether it was published after the first, so that it may say more.
    """
    known, backward = second.known_to(first), first.known_to(second)
    slots = list(_slots(first, _runs(backward), second, _runs(known)))
    short = [slot for slot in slots if slot.is_short]
    if short and _differ(short, first, second, known):
        return Relation.APART
    if max(second.lead_held_by(first), first.lead_held_by(second)) < MIN_LEAD:
        return Relation.RELATED if _leads_agree(first, second) else Relation.APART
    is_more = is_later and _says_more(first, second, slots)
    return Relation.RELATED if is_more else Relation.REPEATS


def _leads_agree(first: Telling, second: Telling) -> bool:
    """Return whether two leads, which are not worded alike, are on one event by their words."""
    left, right = first.lead_words, second.lead_words
    return len(left & right) >= LEAD_WORDS * min(len(left), len(right))


def _runs(known: Sequence[bool]) -> list[Run]:
    """Return where the words that are not `known` stand.

    >>> _runs([True, False, False, True, False])
    [Run(start=1, end=3), Run(start=4, end=5)]
    """
    runs, place = [], 0
    for value, group in groupby(known):
        length = len(list(group))
        if not value:
            runs.append(Run(place, place + length))
        place += length
    return runs


class _Slot(NamedTuple):
    """What one text has where the other one has something else, between words that both have.

    The run of the first text is empty where it has nothing there.
    """

    left: Run
    right: Run

    @property
    def is_short(self) -> bool:
        """Whether the two stand for each other."""
        return all(0 < end - start <= _SLOT for start, end in self)


def _slots(
    first: Telling, first_runs: Sequence[Run], second: Telling, second_runs: Sequence[Run]
) -> Iterator[_Slot]:
    """Yield the runs of the second text, each with what stands at its place in the first one."""
    before = {_before(first, run): run for run in first_runs}
    after = {_after(first, run): run for run in first_runs}
    for run in second_runs:
        left, right = before.get(_before(second, run)), after.get(_after(second, run))
        agree = left is None or right is None or left == right
        yield _Slot((agree and (left or right)) or _NOWHERE, run)


_NOWHERE = Run(0, 0)


def _says_more(first: Telling, later: Telling, slots: Sequence[_Slot]) -> bool:
    """Return whether the passages that only `later` has are news rather than notices of a site."""
    added = 0
    for left, (start, end) in slots:
        instead = set(first.words[slice(*left)])
        kept = sum(word in instead for word in later.words[start:end])
        if end - start >= PASSAGE and kept < (end - start) / 2:
            facts = sum(kind != Kind.PLAIN for kind in later.kinds[start:end])
            added += min(end - start, facts * WORDS_PER_FACT) if later.has_case else end - start
    return added >= max(MORE_WORDS, MORE_SHARE * len(later.words))


def _before(telling: Telling, run: Run) -> tuple[str, ...]:
    return tuple(telling.words[max(0, run.start - SHINGLE_WORDS) : run.start])


def _after(telling: Telling, run: Run) -> tuple[str, ...]:
    return tuple(telling.words[run.end : run.end + SHINGLE_WORDS])


class _Swap(Enum):
    """What stands in one text where the other has something else of its kind."""

    DAY = auto()
    NUMBER = auto()
    NAME = auto()
    LEAD_NAME = auto()
    WORD = auto()


def _swap(left: int, right: int, first: Telling, second: Telling) -> _Swap:
    """Return what two words are that stand for each other and differ; a date counts in a lead."""
    kinds = {first.kinds[left], second.kinds[right]}
    in_lead = left < first.lead or right < second.lead
    are_days = first.is_day(left) and second.is_day(right)
    if kinds == {Kind.NUMBER}:
        return _Swap.DAY if are_days and in_lead else _Swap.NUMBER
    if are_days:
        return _Swap.DAY
    if kinds == {Kind.NAME} and _are_apart(first.words[left], second.words[right], first, second):
        return _Swap.LEAD_NAME if in_lead else _Swap.NAME
    return _Swap.WORD


def _pairs(slot: _Slot, first: Telling, second: Telling) -> Iterator[tuple[int, int]]:
    """Yield the places of words that stand for each other."""
    left, right = range(*slot.left), range(*slot.right)
    if len(left) == len(right):
        yield from zip(left, right, strict=True)
        return
    for kind in (Kind.NUMBER, Kind.NAME):
        yield from zip(
            (place for place in left if first.kinds[place] == kind),
            (place for place in right if second.kinds[place] == kind),
            strict=False,
        )


def _are_apart(one: str, other: str, first: Telling, second: Telling) -> bool:
    """Return whether each word is in one text only, and is no other spelling of the other."""
    if one in second.vocabulary or other in first.vocabulary:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() < ALIKE


def _differ(slots: Sequence[_Slot], first: Telling, second: Telling, known: Sequence[bool]) -> bool:
    """Return whether the texts differ in whom or what they tell of."""
    places = list(chain.from_iterable(_pairs(slot, first, second) for slot in slots))
    pairs: defaultdict[_Swap, list[tuple[str, str]]] = defaultdict(list)
    for left, right in places:
        if first.words[left] != second.words[right]:
            pair = first.words[left], second.words[right]
            pairs[_swap(left, right, first, second)].append(pair)
    kept = [place for place, value in enumerate(known) if value]
    days = len(pairs[_Swap.DAY])
    if days and days >= sum(second.is_weekday(place) for place in kept):
        return True
    names = {*pairs[_Swap.NAME], *pairs[_Swap.LEAD_NAME]}
    is_lead = bool(pairs[_Swap.LEAD_NAME])
    if not first.has_case and not second.has_case:  # what comes again may be a name
        again = Counter(pairs[_Swap.WORD])
        names = {p for p, count in again.items() if count > 1 and _are_apart(*p, first, second)}
        is_lead = bool(names)
    numbers = len(pairs[_Swap.NUMBER])
    changed = numbers / max(numbers + _numbers_kept(places, first, second, kept), 1)
    same_names = {second.words[place] for place in kept if second.kinds[place] == Kind.NAME}
    renamed = len(names) / max(len(names) + len(same_names), 1)
    return (
        (is_lead and changed >= SOME_NUMBERS)
        or (len(names) > 1 and renamed >= MANY_NAMES)
        or (numbers > 2 and changed >= MOST_NUMBERS and numbers >= len(pairs[_Swap.WORD]))
    )


def _numbers_kept(
    places: Sequence[tuple[int, int]], first: Telling, second: Telling, kept: Sequence[int]
) -> int:
    """Return how many numbers of `second` stayed; parts of one that did not (4,312) count not."""
    swapped = {right for left, right in places if first.words[left] != second.words[right]}
    swapped = {place for place in swapped if second.kinds[place] == Kind.NUMBER}
    beside = {place + step for place in swapped for step in (-1, 0, 1)}
    stayed = {*kept, *(right for _, right in places)} - beside
    return sum(second.kinds[place] == Kind.NUMBER for place in stayed)
