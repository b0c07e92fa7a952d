"""Do summaries stand alone? A check that shares no code with the summariser, and how right it is.

    python benchmarks/standalone.py

A reader has the title and the summary. `faults` says what such a reader would miss in an English
summary, from plain rules on words and on what the article says between its sentences: `dangling`
(a pronoun, "the company", a surname, "the other", "One is" whose referent was left out, a quotation
without its speaker) and `boilerplate` (captions, links, greetings, notices, contacts). It reads the
article only to see what stood before a sentence. Nothing of `transforms` is imported.

`standalone.toml` holds articles that were invented for this, and of each some sentences, drawn by
chance or taken by the summariser, judged by one reader before the check was run on them. Its rules
were mended on them afterwards, so what the command prints of their agreement flatters the check.
Of the faults that a reader finds in the summariser's own summaries of real articles, which are
rarer and subtler, it finds few: a high rate is to be believed, a low one is not.
`quality.py summaries` prints the rates on real articles.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("standalone.toml")
DANGLING, BOILERPLATE = "dangling", "boilerplate"


def _words(text: str) -> str:
    return "|".join(text.split())


_PEOPLE = _words(
    """man woman men women boy girl person people child baby mother father son daughter brother
    sister wife husband widow uncle aunt friend neighbour neighbor teenager pensioner minister
    president mayor senator governor councillor politician candidate officer detective policeman
    sergeant soldier judge lawyer witness suspect defendant victim driver pilot captain passenger
    doctor nurse midwife patient teacher pupil student professor scientist researcher biologist
    author writer painter actor actress singer musician director coach manager striker defender
    goalkeeper player midfielder champion winner spokesman spokeswoman chairman chief king queen
    monarch prince princess pope bishop baker farmer electrician engineer worker reporter critic
    who whoever everyone anybody nobody somebody someone expert owner leader official climber
    hiker rapper model star boss"""
)
_THINGS = _words(
    """company firm group club team band agency bank airline manufacturer party charity ministry
    council committee pair duo trio couple man woman boy girl teenager driver defendant suspect
    accused victim player striker defender midfielder actor actress singer director author
    politician official officer researchers scientists authors movie film book song match game
    accident crash incident attack fire blaze explosion decision move announcement proposal plan
    deal agreement study report survey trial verdict ruling bill law scheme project device phone
    app vehicle car bus plane ship ferry building bridge parcel painting post tweet video ban
    strike claim allegation scandal row race title award tax measure exhibition operation"""
)
_SAYS = _words(
    """said says added told asked replied explained recalled admitted insisted warned wrote
    argues argued believes believed claimed claims congratulated hopes hoped wants"""
)
_VERBS = _words(
    """is are was were has have had will would can could may might must do does did went came
    took made got died left won lost remain remains want wanted say says said feared fear fell"""
)
_BACKWARD = re.compile(
    r"(?:instead|otherwise|therefore|thus|hence|which|as a result|in return|in response|in turn|"
    r"for example|for instance|the same|even so|by contrast|in contrast|on the contrary|likewise|"
    r"similarly|nevertheless|nonetheless|that is|because of this|despite this|after that|"
    r"before that|since then|at the time|by then|until then|at that (?:time|point)|then|there|"
    r"however|so(?! far)|further|others|another|(?:yes|no)(?=,)|not so|of these|of them|"
    r"among them|for them|like (?:this|that)|"
    r"in (?:this|that) case|both|neither|the (?:other|others|former|latter|rest|pair|two|duo|"
    r"second|third|last one|first one))\b"
    r"(?! (?:is|are|was|were|has been|have been) (?:a|an|no|no one|some|also|any)\b)",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b(?:the (?:latter|former|others|other one|pair|duo|second one|two of them)|one of them|"
    r"(?:two|three|some|most|many|all|none|both|neither|each) of them|another one|"
    r"(?:\d+|dozens|hundreds|thousands) of them|for this|this one|that one|such an?|"
    r"did so|do so|doing so|the same (?:day|night|reason|thing|evening)|"
    r"that (?:evening|night|day|morning))\b",
    re.IGNORECASE,
)
_ELIDED = re.compile(
    rf"(?:one|two|three|four|five|six|seven|eight|nine|ten|some|many|most|several|few|none|"
    rf"neither|both|all|others|another|an? (?:second|third) one)(?: (?:also|then|later|now))? "
    rf"(?:{_VERBS})\b",
    re.IGNORECASE,
)
_NO_PRONOUN = re.compile(
    r"it (?:is|was|will be|would be|has been|had been|remains|may be|might be)"
    r"(?: not| now| still)? "
    r"(?:over|time|(?:un)?(?:clear|known|likely)|possible|hard|easy|important|too (?:early|late)|"
    r"the (?:\w+th|first|second|third|last)\b|[^\"”]{0,50}?\b(?:that|who|whether|how|if)\b)|"
    r"it (?:seems|seemed|appears|appeared|turned out|emerged)\b",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"https?://|\bwww\.|\S@\S+\.\w|click here|sign up|subscribe|newsletter|follow us|read more|"
    r"more to follow|this (?:article|story|post|live ?blog|press release) |our (?:app|live)|"
    r"(?:getty|reuters|afp|ap) (?:images|photo)|photo(?:graph)? by|pictured|file photo|"
    r"listen to (?:the|our) (?:episode|podcast)|stay with us|welcome to|thank you for reading|"
    r"earn a commission|forward-looking statements|for more information|(?:media|press) contact|"
    r"box office|tickets (?:from|are available)|all rights reserved|get your podcasts|"
    r"presented by|produced by|new episodes|subs not used|\bhere (?:is|are) (?:a|the|what)|"
    r"^[A-Z][^,.]{0,60} is (?:a|the) (?:global|world|leading)|views expressed|"
    r"^(?:photo|picture|image|video|correction|update|watch|editor.s note)\s?:|"
    r"leave (?:us )?a (?:review|comment)|do you have a (?:story|question)|necessarily reflect",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|(?<!\w)[‘'][^’']*[’'](?!\w)")
_SPLIT = re.compile(r"(?<![A-Z]\.)(?<!\b(?:Mr|Dr|Ms|St)\.)(?<!\bMrs\.)(?<=[.!?])([\"”’)]*)\s+")
_CAPITAL = re.compile(r"\b[A-Z][\w’'-]+")
_TIMES = frozenset(
    _words(
        """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April
        May June July August September October November December The A An In On At It He She They
        This That But And For Of To By With From"""
    ).split("|")
)


_HE_OR_SHE = re.compile(r"\b(?:he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:I|[Mm]y|me|[Mm]ine)\b")
_PERSON = re.compile(rf"\b(?:{_PEOPLE})\b", re.IGNORECASE)
_AT_PLACE = re.compile(r"\b(?:in|at|from|near|off|of|to|for)(?: the)? $")
_SPEAKER = re.compile(
    rf"\b(?:(?:Mr|Mrs|Ms|Dr) ([A-Z][\w’'-]+)|(?:{_SAYS}) ([A-Z][\w-]+)(?=[,.])|"
    rf"(?:^|(?<=[.,] ))([A-Z][\w-]+)(?= (?:{_SAYS}|is|was|has|had)\b)|([A-Z][\w-]+)(?=[’']s\b))"
)
_THE = re.compile(
    rf"\b(?:the|this|that) ({_THINGS}|(?!(?:week|month|year|time|day)s?\b)[a-z]{{4,}})\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:(?:in|on|at|for|after|before|with|of|to) )?(?:this|that|these|those|such)\b"
    r"(?! (?:week|month|year|morning|evening|summer|winter|who|time|is the)\b)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:(?:when|if|as|while|after|before|although|but|and) |(?:in|on|at|by) (?:\w+ ){1,3})?"
    r"(it|its|they|their|them|he|she|his|her)\b",
    re.IGNORECASE,
)


_ENOUGH = 6
"""Words before "two of them" that can say of whom."""


class Case(NamedTuple):
    """A summary to be read.

    Attributes:
        title: of the article.
        text: of the article.
        summary: sentences of it.
    """

    title: str
    text: str
    summary: str


class Fault(NamedTuple):
    """What is wrong with a sentence.

    Attributes:
        kind: `dangling` or `boilerplate`.
        why: the words that show it.
        sentence: that has them.
    """

    kind: str
    why: str
    sentence: str


def pieces(line: str) -> list[str]:
    """Return the sentences of a line, also those within a quotation, roughly.

    >>> pieces('Mr. Lis left. "Why? I wait," he said. Nobody knew.')
    ['Mr. Lis left.', '"Why?', 'I wait," he said.', 'Nobody knew.']
    """
    found: list[str] = []
    for part in _SPLIT.sub(r"\1\n", line).splitlines():
        if found and part.strip()[:1].islower():  # '"Why?" he asked.'
            found[-1] += " " + part.strip()
        elif part.strip():
            found.append(part.strip())
    return found


def sentences(line: str) -> list[str]:
    """Return the sentences of a line, a quotation with who says it as one.

    >>> sentences('Mr. Lis left. "Why? I wait," he said. Nobody knew.')
    ['Mr. Lis left.', '"Why? I wait," he said.', 'Nobody knew.']
    """
    found: list[str] = []
    is_open = False
    for piece in pieces(line):
        if is_open:
            found[-1] += " " + piece
        else:
            found.append(piece)
        is_open = _is_open(found[-1])
    return found


def _is_open(sentence: str) -> bool:
    """Return whether a quotation that began in the sentence has no end there."""
    return sentence.count('"') % 2 == 1 or sentence.count("“") > sentence.count("”")


def faults(case: Case) -> list[Fault]:
    """Return what a reader who sees only the title would stumble at."""
    article = [one for line in case.text.splitlines() for one in sentences(line)]
    found, before, last = [], case.title, -1
    for sentence in sentences(case.summary):
        place = article.index(sentence) if sentence in article else -1
        after_gap = place < 0 or place != last + 1
        earlier = article[: max(place, 0)]
        if match := _BOILERPLATE.search(sentence):
            found.append(Fault(BOILERPLATE, match.group(), sentence))
        else:
            reasons = _dangling(sentence, before, earlier, after_gap=after_gap)
            found += [Fault(DANGLING, why, sentence) for why in reasons]
        before, last = f"{before}\n{sentence}", place
    return found


def _dangling(sentence: str, before: str, earlier: list[str], *, after_gap: bool) -> Iterator[str]:
    """Yield the words of a sentence whose meaning was left out.

    Args:
        sentence: to be read.
        before: title, and the summary before the sentence.
        earlier: what the article says before it.
        after_gap: whether the article's last sentence before it is not the summary's.
    """
    bare = _QUOTED.sub(" ", sentence)
    opening = sentence.lstrip('"“‘ ')
    yield from _quotation(sentence, bare)
    yield from _people(sentence, bare, before)
    yield from _names(sentence, before, earlier)
    if not earlier:
        return
    yield from _things(bare, before, earlier)
    if not after_gap:
        return
    for pattern in (_BACKWARD, _ELIDED, _POINTING):
        match = pattern.match(opening)
        if match and not _follows_known(opening[match.end() :], before):
            yield match.group()
    match = _INSIDE.search(bare)
    if match and len(re.split(r"[\s,]", bare[: match.start()])) <= _ENOUGH:
        yield match.group()
    match = _SUBJECT.match(opening)
    if match and not _NO_PRONOUN.match(opening) and not _is_told(match.group(1), earlier, before):
        yield match.group()


def _quotation(sentence: str, bare: str) -> Iterator[str]:
    """Yield what shows that a sentence is part of a conversation."""
    if _is_open(sentence) or sentence.count("”") > sentence.count("“"):
        yield "quotation cut off"
    elif not re.search(r"\w", bare):
        yield "quotation without a speaker"
    if bare.rstrip(' "”').endswith("?"):
        yield "question"


def _people(sentence: str, bare: str, before: str) -> Iterator[str]:
    """Yield a pronoun of a person where nobody is spoken of before."""
    for match in _HE_OR_SHE.finditer(bare):
        if not _speaks_of_someone(f"{before}\n{bare[: match.start()]}"):
            yield match.group()
        return
    if _FIRST.search(bare) and not _FIRST.search(_QUOTED.sub(" ", before)):
        yield "first person"


def _speaks_of_someone(text: str) -> bool:
    if _PERSON.search(text):
        return True
    return any(
        match.group() not in _TIMES and not _AT_PLACE.search(text[: match.start()])
        for match in _CAPITAL.finditer(text)
        if not re.search(r"(?:^|[.!?\n]\W*)$", text[: match.start()])
        or "\n" not in text[match.end() :]
    )


def _names(sentence: str, before: str, earlier: list[str]) -> Iterator[str]:
    """Yield a surname that was introduced in a sentence left out."""
    told = " ".join(earlier)
    for match in _SPEAKER.finditer(sentence):
        name = next(filter(None, match.groups()))
        whole = re.search(rf"\b[A-Z][\w’'-]+ {re.escape(name)}\b", told)
        if whole and name not in before and whole.group() not in sentence:
            yield name


def _things(bare: str, before: str, earlier: list[str]) -> Iterator[str]:
    """Yield "the scheme" where "a scheme" was left out."""
    told = " ".join(earlier).lower()
    known = before.lower()
    for match in _THE.finditer(bare):
        noun = match.group(1).lower()
        is_new = re.search(rf"\ban? (?:[\w’'-]+ ){{0,2}}{re.escape(noun)}\b", told)
        if is_new and noun not in known and noun not in bare[: match.start()].lower():
            yield match.group()


def _follows_known(rest: str, before: str) -> bool:
    """Return whether the next word is one that the summary had: "these seven", "a similar vote"."""
    following = re.match(r" ([\w’'-]{4,})", rest)
    return following is not None and following.group(1).lower()[:5] in before.lower()


def _is_told(pronoun: str, earlier: list[str], before: str) -> bool:
    """Return whether the summary names whom or what the sentences before it are about."""
    for sentence in reversed(earlier):
        if _HE_OR_SHE.fullmatch(pronoun):
            about = [*_PERSON.findall(sentence), *_CAPITAL.findall(sentence[1:])]
        elif _SUBJECT.match(sentence.lstrip('"“‘ ')):
            continue
        else:
            about = re.findall(r"[^\W\d_]{4,}", sentence)[:3]
        about = [word for word in about if word not in _TIMES]
        if about:
            return any(word.lower()[:5] in before.lower() for word in about)
    return True


# How right the check is ---------------------------------------------------------------------------


def judged(path: Path = FILE) -> Iterator[tuple[Case, str]]:
    """Yield the judged summaries, with what is wrong with them: a kind, or nothing."""
    for article in tomllib.loads(path.read_text("utf-8"))["article"]:
        text = article["text"].strip()
        every = [one for line in text.splitlines() for one in pieces(line)]
        for kind in ("fine", DANGLING, BOILERPLATE):
            for numbers in article.get(kind, ()):
                summary = " ".join(every[number] for number in numbers)
                yield Case(article["title"], text, summary), "" if kind == "fine" else kind


def verdict(case: Case) -> str:
    """Return the kind of the worst fault of a summary; nothing if it has none."""
    kinds = {fault.kind for fault in faults(case)}
    return BOILERPLATE if BOILERPLATE in kinds else DANGLING if kinds else ""


def lead(case: Case, count: int) -> str:
    """Return the first sentences of the article."""
    every = [one for line in case.text.splitlines() for one in sentences(line)]
    return " ".join(every[:count])


def rates(cases: Sequence[Case]) -> dict[str, float]:
    """Return the share of summaries with each kind of fault."""
    counts = Counter(verdict(case) for case in cases)
    return {kind: counts[kind] / max(1, len(cases)) for kind in (DANGLING, BOILERPLATE)}


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two readers."""
    same = sum(one == other for one, other in pairs) / len(pairs)
    mine, theirs = (Counter(pair[n] for pair in pairs) for n in (0, 1))
    chance = sum(mine[kind] * theirs[kind] for kind in mine) / len(pairs) ** 2
    return (same - chance) / (1 - chance)


def main() -> None:
    """Print how often the check agrees with the person who judged."""
    cases = list(judged())
    pairs = [(kind, verdict(case)) for case, kind in cases]
    same = sum(one == other for one, other in pairs)
    print(f"Summaries that stand alone: the check and a person agree on {same} of {len(pairs)}")
    print(f"  (kappa {kappa(pairs):.2f})")
    for kind in (DANGLING, BOILERPLATE):
        true = sum(one == kind for one, _ in pairs)
        found = sum(other == kind for _, other in pairs)
        both = sum(one == other == kind for one, other in pairs)
        print(f"  {kind}: {true} by the person, {found} by the check, {both} by both")


if __name__ == "__main__":
    main()
