"""Which sentences of an article may stand in a summary at all.

Captions, links, credits, greetings, corrections, offers, line-ups, speaker tags and fragments are
not news, whatever they say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

from transforms.summarize.layout import LIST, TALK, Layout, is_question
from transforms.summarize.reading import PAUSES, Reading
from transforms.text.senders import news_end
from transforms.text.sentence_ends import ends_sentence
from transforms.text.words import count_words

_MIN_WORDS = 6
"""A shorter sentence ("He agreed.") says nothing alone."""

_CUT_OFF = re.compile(r"(?:…|\.\.\.)[\s\"'“”’»)\]]*$")
_QUOTES = '"“”„«»「」'

_ADDRESS = re.compile(
    r"https?://|\bwww\.|\S@[^\s@]+\.\w|(?:^|[\s(])[@#]\w|pic\.twitter", re.IGNORECASE
)
_MARKED = re.compile(
    r"\s*(?:[-•*►▶▪‣→➡»>|+©]\s|\+\+\+|\(?\d{1,2}[.)]\s|#\d|\d{1,2}[:.h]\d{2}\s?(?:[ap]\.?m\.?|uhr|gmt|bst)?\s?[:–—|-]?\s"
    r"(?=[A-ZÀ-Þ“\"])|[A-Z]\d?[:.]\s|\[)"
)
_TAGGED = re.compile(r"[A-ZÀ-ÞА-ЯŁŚŻŹ][\w.’'-]*(?: [\w.’'-]+){0,3}\s?[:：]\s?[“\"„«A-ZÀ-ÞА-Я]")
_BRACKETED = re.compile(r"[(\[（]")
_JUNK = re.compile(r"\?\?|\ufffd|[\s?!:]\||\{\"@|\b(?:19|20)\d\d[A-Z][a-z]")
_AFTER_LABEL = {(mark,) for mark in ":：;|([–—-/"}
_LISTED = 12
"""Words from which a sentence may be a line-up or a table ..."""
_MOSTLY = 0.6
"""... if this share of them is capitalised or a number."""
_EARLY = 6
"""Key points stand among the first paragraphs ..."""
_KEY_POINTS = 2
"""... at least so many of them ..."""
_REPEATED = 0.75
"""... each repeated by a later sentence that has this share of its words ..."""
_TELLING = 3
"""... of which there are at least so many."""
_SUBJECT = 8
"""Words within which "the spot where" has its clause."""
_CLAUSE = 4
"""Words within which that clause has its verb, which is then the only one."""
_INTRODUCTION = 2
"""Sentences before a conversation that are enough to tell of it."""
_LETTER = regex.compile(r"\p{Lu}|\p{Ll}")


def is_whole(sentence: str) -> bool:
    """Return whether `sentence` stands alone.

    It is long enough, has an end, its quotation marks are paired, and it is more than a quotation
    (of which nobody would know who says it).

    >>> is_whole("The minister resigned on Monday after a long debate.")
    True
    >>> is_whole("“We will go on as long as it takes.")
    False
    """
    return (
        count_words(sentence) >= _MIN_WORDS
        and ends_sentence(sentence)
        and not (sentence[0] in _QUOTES and sentence[-1] in _QUOTES)
        and _quotes_are_paired(sentence)
    )


def _quotes_are_paired(sentence: str) -> bool:
    """Return whether every quotation opened in `sentence` ends there: "x", “x”, „x“, ”x”, «x»."""
    low, left, right = (sentence.count(mark) for mark in "„“”")
    if low:
        curly = low == left + right
    elif left:
        curly = left == right
    else:
        curly = right % 2 == 0
    return curly and sentence.count('"') % 2 == 0 and sentence.count("«") == sentence.count("»")


def is_news(one: Reading) -> bool:
    """Return whether a sentence looks like a statement of the article, not like page furniture.

    >>> from transforms.summarize.cues import cues_of
    >>> from transforms.summarize.reading import read
    >>> is_news(read("Sign up for our newsletter to get the best stories.", cues_of("en")))
    False
    """
    return not (
        _ADDRESS.search(one.text)
        or _MARKED.match(one.text)
        or _TAGGED.match(one.text)
        or _BRACKETED.match(one.text)
        or _JUNK.search(one.text)
        or _CUT_OFF.search(one.text)
        or _is_furniture(one)
        or _is_promise(one)
        or _is_line_of_speech(one)
        or _is_caption(one)
        or _is_listing(one.text)
    )


def _is_furniture(one: Reading) -> bool:
    if "furniture" in one.marks:
        return True
    if one.at("greetings", one.start) and one.start not in one.quoted:
        return True
    if one.at("imperatives", one.start) and len(one.marks.get("objects", ())) > 0:
        return True
    label = one.start + one.at("labels", one.start)
    if label > one.start and one.words[label : label + 1] in _AFTER_LABEL:
        return True
    return any(place and one.words[place - 1] in "([（" for place in one.marks.get("captions", ()))


def _is_line_of_speech(one: Reading) -> bool:
    """Return whether a dash opens what someone said, as the language has it, and not who."""
    return one.at("dashes", 0) > 0 and "speech" not in one.marks


def _is_promise(one: Reading) -> bool:
    """Return whether a sentence announces what it does not say: "Here are the seven changes"."""
    last = len(one.words) - 1
    ends = (place + size for place, size in one.marks.get("announcing", {}).items())
    opens = one.at("promises", one.start) > 0 and one.start not in one.quoted
    return opens or last in ends


def _is_caption(one: Reading) -> bool:
    """Return whether a sentence only names who is to be seen: "Ada Lis at the opening in Lund"."""
    if _is_only_a_noun(one):
        return True
    end = one.start
    while end < len(one.raw) and (one.raw[end][0].isupper() or one.at("beside", end)):
        end += 1
    if end < one.start + 2 or one.is_grammar(one.start) or not one.at("depicting", end):
        return False
    return "," not in one.raw and not any(
        one.at("finite", n) or one.at("speech", n) or word.endswith("ed")
        for n, word in enumerate(one.words[end:], end)
    )


def _is_only_a_noun(one: Reading) -> bool:
    """Return whether a sentence only names a thing: "The spot where the boy was found."."""
    if not one.at("articles", one.start) or one.quoted or not PAUSES.isdisjoint(one.raw):
        return False
    opens = [n for n in one.places("relatives") if n <= one.start + _SUBJECT]
    if not opens:
        return False
    verbs = [n for n in range(len(one.words)) if one.at("finite", n) or one.at("speech", n)]
    others = (n for n, word in enumerate(one.words) if word.endswith("ed") and n - 1 not in verbs)
    found = {*verbs, *others}
    return len(found) == 1 and opens[0] < min(found) <= opens[0] + _CLAUSE


def _is_listing(sentence: str) -> bool:
    """Return whether `sentence` is a line-up, a table of results, or shouted."""
    words = [word for word in sentence.split() if any(map(str.isalnum, word))]
    if len(words) < _LISTED:
        letters = _LETTER.findall(sentence)
        return len(letters) > 20 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
    odd = sum(word[0].isupper() or word[0].isdigit() for word in words if word[0].isalnum())
    separated = sum(word[-1] in ",;:)" or word[0] in "(" for word in words)
    digits = sum(word[0].isdigit() for word in words)
    return (odd > _MOSTLY * len(words) and separated > 0.2 * len(words)) or digits > 0.4 * len(
        words
    )


def candidates(sentences: Sequence[Reading], place: Layout, title: str = "") -> list[bool]:
    """Return of each sentence, below this title, whether it may stand in a summary.

    Of a conversation only what comes before it may, if that are a few sentences; of a list, what
    stands outside its items, as these go on from their headings. A question tells nothing.
    """
    fit = [
        not place.quoted[n] and is_whole(one.text) and is_news(one)
        for n, one in enumerate(sentences)
    ]
    lost = _cut_off(sentences, title)
    portrait = range(news_end([one.text for one in sentences]), len(sentences))
    said = _said_before(sentences)
    for n in (*_key_points(sentences, place), *portrait, *lost, *said):
        fit[n] = False
    told = [ok and not is_question(one.text) for ok, one in zip(fit, sentences, strict=True)]
    fit = told if any(told) else fit
    if place.form == TALK:
        before = [ok and n < place.talk_from for n, ok in enumerate(fit)]
        if sum(before) >= _INTRODUCTION:
            return before
        return fit
    if place.form == LIST:
        outside = [ok and not inside for ok, inside in zip(fit, place.listed, strict=True)]
        return outside if any(outside) else fit
    return fit


def _cut_off(sentences: Sequence[Reading], title: str) -> list[int]:
    """Return the sentences whose beginning is lost: they open without a capital.

    A name that is written so ("adidas") opens the title too, or another sentence.
    """
    first = {
        n: one.raw[one.start]
        for n, one in enumerate(sentences)
        if one.raw and one.raw[one.start].islower()
    }
    if 2 * len(first) > len(sentences):
        return []
    opening = Counter([*first.values(), *title.split()[:1]])
    return [n for n, word in first.items() if opening[word] < 2 or _is_common(sentences[n])]


def _said_before(sentences: Sequence[Reading]) -> Iterator[int]:
    """Yield the sentences of which every longer word stands in the one before."""
    for n, (before, one) in enumerate(pairwise(sentences), 1):
        if len(one.stems) >= _TELLING and one.stems <= before.stems:
            yield n


def _is_common(one: Reading) -> bool:
    """Return whether a sentence opens with a word that is surely no name."""
    return one.is_grammar(one.start) or any(
        one.at(kind, one.start) for kind in ("speech", "finite")
    )


def _key_points(sentences: Sequence[Reading], place: Layout) -> list[int]:
    """Return the first sentences, each a paragraph, that the text repeats in other words."""
    alone = [place.paragraphs.count(number) == 1 for number in place.paragraphs[:_EARLY]]
    found = []
    for n, is_alone in enumerate(alone):
        stems = sentences[n].stems
        shares = (len(stems & other.stems) / max(1, len(stems)) for other in sentences[n + 1 :])
        repeated = len(stems) >= _TELLING and max(shares, default=0.0) >= _REPEATED
        if not is_alone or not repeated:
            break
        found.append(n)
    return found if len(found) >= _KEY_POINTS else []
