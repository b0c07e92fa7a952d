"""What tells, in each language, that a sentence needs another one, or that it is not news.

One TOML file a language in `cues/`, named by its ISO 639-1 code. A key holds words and phrases,
separated by blanks or one an entry, or (`PATTERNS`) regular expressions. All keys are optional:

    person, thing     pronouns and possessives, for people only, and for anything
    several           of these, what only several people or things are called
    affected          of these, those that may be what a verb or preposition has behind it
    groups            words that several are meant by, where a plural does not end with "s"; "and"
    unreferring       patterns of pronouns that stand for nothing ("it rained")
    demonstratives    "this"; at the start of a sentence, or before one of `anaphors`
    times             with `demonstratives` they refer to the day of the paper ("this week")
    articles          definite ones; with one of `anaphors` they refer to something
    indefinite        articles of what is spoken of for the first time
    anaphors          nouns that, with an article, mostly name what was named before ("the company")
    made              of these, what was done or said ("the measure") in the sentence before
    agents            patterns of more of these
    nameless          more of `anaphors`, or of `definite` where there are none: several people, and
                      events, so that no name stands for them
    describing        after a noun, they say which one is meant ("the plan to")
    definite          nouns that have their article in them ("selskapet")
    endings           of any noun with its article in it
    openers           at the start of a sentence, they go on from the one before ("however")
    mild              of these, those that a reader hardly misses anything at
    standing          beginnings that look like one of the above and are none ("so far")
    counted, finite   a number or quantity before a verb lacks its noun ("One is a school bus")
    phrases           that refer back wherever they stand ("the latter")
    mild_phrases      of these, those that something named in the sentence itself explains
    contrasts         within a sentence, they set it against the one before (", however,")
    adding            in the main clause, they add it to what was said ("also")
    clauses           words that open another clause
    answers           they answer a question
    self              the writer, who is not named in a summary
    speech            verbs of saying
    dropped           patterns of sentences that leave out their subject ("Anunció que")
    unnamed           patterns of quotations whose speaker is left out ("..., disse.")
    people, titles, organisations, places, subordinators   what is before a name, or stands for one
    honorifics        titles that do not say who someone is ("Mr")
    promises, announcing   a list is announced: at the start, and at the end of a sentence
    furniture         what is not news wherever it stands: links, credits, offers, notices
    greetings         the same at the start of a sentence
    imperatives, objects   the same: "Watch" at the start, and "our channel" somewhere behind it
    labels            before a colon or bracket, at the start: "Photo:", "Correction:"
    dashes            at the start, they open what someone said
    captions          after an opening bracket: "(left)"
    relatives         words that open a clause about a noun; with no other verb it is a caption
    beside            words between the names of people in a picture ("and wife")
    depicting         right behind the name at the start, in a sentence without a verb: "Lis at"

Where there is no file, only what holds for all languages is known: see `needs` and `fitness`.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

_FOLDER = Path(__file__).with_name("cues")

_SIGNS = "".join(
    sign for sign in map(chr, range(0x300, 0x2000)) if unicodedata.category(sign)[0] == "M"
)
"""Vowel signs and accents of their own, which are no letters for `re`."""
_LETTERS = rf"[^\W\d_]+(?:[{_SIGNS}]+[^\W\d_]*)*"

TOKEN = re.compile(
    r"[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff]"  # unspaced
    rf"|{_LETTERS}(?:-{_LETTERS})*"
    r"|\d+(?:[.,:]\d+)*"
    r"|[^\w\s]"
)
"""A word, a number, a mark, or a character of a script without spaces."""

ENDINGS = "endings"
PATTERNS = ("unreferring", "dropped", "unnamed", "agents")
PHRASES = (
    "person", "thing", "demonstratives", "times", "articles", "indefinite", "anaphors", "definite",
    "describing", "openers", "mild", "standing", "counted", "finite", "phrases", "mild_phrases",
    "contrasts", "answers", "self", "speech", "people", "titles", "honorifics", "organisations",
    "places", "subordinators", "promises", "announcing", "furniture", "greetings", "imperatives",
    "objects", "labels", "captions", "depicting", "made",
    "dashes", "nameless", "several", "groups", "adding", "clauses", "affected",
    "relatives", "beside",
)  # fmt: skip

Kind = str
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Cues:
    """The cues of one language.

    Attributes:
        known: whether there is a file for it.
        single: what kinds a word is of.
        longer: phrases by their first two words: kind and all words, the longest first.
        patterns: by kind.
        are_nouns_capital: whether a capital within a sentence need not be that of a name.
        endings: of nouns that have their article in them.
    """

    known: bool = False
    single: Mapping[str, tuple[Kind, ...]] = field(default_factory=dict)
    longer: Mapping[tuple[str, str], tuple[tuple[Kind, Phrase], ...]] = field(default_factory=dict)
    patterns: Mapping[Kind, re.Pattern[str]] = field(default_factory=dict)
    are_nouns_capital: bool = False
    endings: tuple[str, ...] = ()

    def says(self, kind: Kind, word: str) -> bool:
        """Return whether `word` alone is of this kind."""
        return kind in self.single.get(word, ())

    def spans(self, kind: Kind, text: str) -> Iterator[tuple[int, int]]:
        """Yield where patterns of this kind are found in `text`."""
        pattern = self.patterns.get(kind)
        for match in pattern.finditer(text) if pattern else ():
            yield match.span()

    def begins(self, kind: Kind, text: str) -> bool:
        """Return whether `text` begins with a pattern of this kind."""
        pattern = self.patterns.get(kind)
        return pattern is not None and pattern.match(text) is not None

    def is_all(self, kind: Kind, word: str) -> bool:
        """Return whether a pattern of this kind is all of `word`."""
        pattern = self.patterns.get(kind)
        return pattern is not None and pattern.fullmatch(word) is not None

    def marks(self, words: Sequence[str]) -> dict[Kind, dict[int, int]]:
        """Return where phrases of each kind begin among `words`, and how many words they have."""
        found: dict[Kind, dict[int, int]] = {}
        for place, pair in enumerate(pairwise(words)):
            for kind, phrase in self.longer.get(pair, ()):
                size = len(phrase)
                if size == 2 or tuple(words[place : place + size]) == phrase:
                    found.setdefault(kind, {}).setdefault(place, size)
        for place, word in enumerate(words):
            for kind in self.single.get(word, ()):
                found.setdefault(kind, {}).setdefault(place, 1)
        return found


def tokens(text: str) -> list[str]:
    """Return the words and marks of `text`, in lower case.

    >>> tokens("L’entreprise, dit-elle.")
    ['l', "'", 'entreprise', ',', 'dit-elle', '.']
    """
    return TOKEN.findall(text.lower().replace("’", "'"))


@lru_cache(maxsize=64)
def cues_of(language: str | None) -> Cues:
    """Return the cues of the language with this ISO 639-1 code; none where there is no file.

    An unknown language is read as English, as it is where sentences are split.
    """
    path = _FOLDER / f"{_ALIKE.get(language or '', language or 'en')}.toml"
    if not path.is_file():
        return Cues()
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    assert content.keys() <= {*PATTERNS, *PHRASES, ENDINGS}, f"{path}: {content.keys()}"
    nouns = "anaphors" if "anaphors" in content else "definite"
    single: defaultdict[str, list[Kind]] = defaultdict(list)
    longer: defaultdict[tuple[str, str], list[tuple[Kind, Phrase]]] = defaultdict(list)
    for kind in sorted(content.keys() & set(PHRASES)):
        value = content[kind]
        for entry in value.split() if isinstance(value, str) else value:
            first, *more = tokens(entry)
            if more:
                longer[first, more[0]].append((kind, (first, *more)))
            else:
                single[first] += [kind, nouns] if kind == "nameless" else [kind]
    patterns = {
        kind: re.compile("|".join(f"(?:{one})" for one in content[kind]), re.IGNORECASE)
        for kind in PATTERNS
        if kind in content
    }
    by_length = {
        pair: tuple(sorted(phrases, key=lambda one: -len(one[1])))
        for pair, phrases in longer.items()
    }
    kinds = {word: tuple(dict.fromkeys(of)) for word, of in single.items()}
    endings = tuple(content.get(ENDINGS, "").split())
    return Cues(True, kinds, by_length, patterns, language == "de", endings)


_ALIKE = {"nb": "no", "nn": "no"}
