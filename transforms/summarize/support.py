"""How well an article supports a sentence that claims to summarise it, from words and vectors only.

The score is the mean of three shares, each 1 for a sentence that the article holds word for word:
adjacent word pairs found in one sentence of the article, the most words found there in the same
order, and the cosine with the nearest sentence. On top of that come checks that know no degrees:
with a number, a name or a quotation that the article lacks, or a "not" too many or too few, the
score is at most `FAILED`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from transforms.models.contract import Vectors
from transforms.records import Article
from transforms.text.sentences import split_sentences
from transforms.text.words import UNSPACED

SUPPORTED = 0.8
"""A sentence below this score is not supported. Chosen on sentences that people judged; with the
threshold chosen by cross-validation benchmarks/quality.py prints nearly the same accuracy."""

FAILED = 0.4
"""Highest score of a sentence that states a fact which the article lacks."""

_NEAREST = 4
"""Sentences that a sentence is compared with word by word, by shared pairs and by meaning each."""

_TOKEN = regex.compile(
    r"\d+(?:[.,:]\d+)*"  # a number
    rf"|[{UNSPACED}]"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)?"
)
_QUOTED = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|\"([^\"]+)\"|「([^「」]+)」")
_NOT = frozenset({"not", "never", "no", "nor", "neither", "without"})
_COUNTED = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTED.split(), 2)}
_NOUNS_ARE_CAPITAL = frozenset({"de", "lb"})
_STEM = 4
"""Letters by which two forms of a name are known for the same: Germany, German, Germans."""


@dataclass(frozen=True)
class _Source:
    """An article, prepared for comparing many sentences with it.

    Attributes:
        texts: title, if any, and every sentence, spaces normalised.
        sentences: tokens of the title, if any, and of every sentence.
        pairs: of each of them, its pairs of adjacent tokens.
        vectors: of the title and of the sentences that the encoder read.
        nouns_are_capital: whether a capital letter tells nothing.
    """

    texts: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    pairs: tuple[frozenset[tuple[str, str]], ...]
    vectors: Vectors
    nouns_are_capital: bool


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of `text`, case folded; "n't" is "not", "two" is 2, 1,600 is 1600.

    >>> tokens("They didn't pay $1,600 to two men.")
    ('they', 'did', 'not', 'pay', '1600', 'to', '2', 'men')
    """
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.findall(text):
        word = match.casefold().replace("’", "'")
        if word[0].isdigit():
            yield word.replace(",", "")
        elif word in ("can't", "cannot"):
            yield from ("can", "not")
        elif word.endswith("n't"):
            yield from (word.removesuffix("n't"), "not")
        else:
            stem = word.partition("'")[0]
            yield _NUMBER_WORDS.get(stem, stem)


def _source(article: Article) -> _Source:
    # The encoder reads the first sentences only; words are looked for in all of them.
    every = article.sentences
    if sum(map(len, every)) < 0.9 * len(article.text):
        every = split_sentences(article.text, article.language)
    title = (article.title,) if article.title else ()
    texts = tuple(" ".join(text.split()) for text in (*title, *every))
    sentences = tuple(tokens(text) for text in texts)
    assert article.vectors is not None
    return _Source(
        texts,
        sentences,
        tuple(frozenset(pairwise(words)) for words in sentences),
        article.vectors if article.title else article.vectors[1:],
        article.language in _NOUNS_ARE_CAPITAL,
    )


def _in_order(words: Sequence[str], others: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(others) + 1)
    for word in words:
        previous = 0
        for index, other in enumerate(others, 1):
            kept = row[index]
            row[index] = previous + 1 if word == other else max(row[index], row[index - 1])
            previous = kept
    return row[-1]


def _names(sentence: str) -> list[str]:
    """Return the capitalised words of `sentence` after its first; none if it is a headline."""
    words = [w for w in re.findall(r"[^\W\d_]+", sentence)[1:] if len(w) > 1]
    capital = [word for word in words if word[0].isupper()]
    return capital if 2 * len(capital) <= len(words) + 1 else []


def missing_facts(sentence: str, text: str) -> list[str]:
    """Return the numbers, names and quotations in `sentence` that `text` lacks.

    A number may be written otherwise (two, 2; 1,600, 1600), a name be inflected or stand for its
    initials, a quotation be punctuated otherwise.

    >>> missing_facts("Last May Ann Lee paid the EU five euros.", "Ann Lee's European Union: 4")
    ['5', 'May']
    """
    words = tokens(text)
    known = frozenset(words)
    missing = [
        word
        for word in tokens(sentence)
        if word[0].isdigit() and word not in known and not _spaced_number(word).search(text)
    ]
    stems = {word[:_STEM] for word in known}
    initials = "".join(re.findall(r"\b[^\W\d_]", text)).casefold()
    for name in _names(sentence):
        folded = name.casefold()
        if folded[:_STEM] not in stems and not (name.isupper() and folded in initials):
            missing.append(name)
    spoken = f" {' '.join(words)} "
    quotations = ("".join(groups) for groups in _QUOTED.findall(sentence))
    missing += [q for q in quotations if f" {' '.join(tokens(q))} " not in spoken]
    return missing


def _spaced_number(number: str) -> re.Pattern[str]:
    """Return a pattern for `number` in text where a space follows a point or comma: 1, 600."""
    digits = r"(?:,\s*)?".join(re.split(r"[.,:]", number)[0])
    rest = "".join(rf"[.,:]\s*{part}" for part in re.split(r"[.,:]", number)[1:])
    return re.compile(rf"(?<!\d){digits}{rest}(?!\d)")


def _negated_differently(words: Sequence[str], nearest: Sequence[str]) -> bool:
    """Return whether one of the two says "not" between two words that the other says without."""

    def without(some: Sequence[str]) -> set[tuple[str, str]]:
        return {(a, b) for a, no, b in zip(some, some[1:], some[2:], strict=False) if no in _NOT}

    return bool(without(words) & set(pairwise(nearest)) or without(nearest) & set(pairwise(words)))


def _sentence_support(sentence: str, cosines: NDArray[np.float64], source: _Source) -> float:
    if " ".join(sentence.split()) in source.texts:
        return 1.0
    words = tokens(sentence)
    if not words or not source.texts:
        return 0.0
    pairs = frozenset(pairwise(words))
    shares = np.array([len(pairs & other) / max(1, len(pairs)) for other in source.pairs])
    nearest = {*np.argsort(-shares, kind="stable")[:_NEAREST].tolist()}
    nearest |= {*np.argsort(-cosines, kind="stable")[:_NEAREST].tolist()}
    ordered = {index: _in_order(words, source.sentences[index]) for index in sorted(nearest)}
    best = max(ordered, key=lambda index: ordered[index])
    meaning = float(cosines.max(initial=0.0).clip(0, 1))
    score = (float(shares.max()) + ordered[best] / len(words) + meaning) / 3
    checked = sentence.casefold() if source.nouns_are_capital else sentence
    text = " ".join(source.texts)
    if missing_facts(checked, text) or _negated_differently(words, source.sentences[best]):
        return min(score, FAILED)
    return score


def support(
    summary_sentences: Sequence[str], summary_vectors: Vectors, article: Article
) -> NDArray[np.float64]:
    """Return how well `article` supports each sentence of its summary: in [0, 1], 1 if verbatim.

    Compare with `SUPPORTED`.

    Args:
        summary_sentences: to be checked.
        summary_vectors: theirs, float32, shape (len(summary_sentences), dim), unit length.
        article: with sentences and vectors.
    """
    if not summary_sentences:
        return np.zeros(0)
    source = _source(article)
    cosines = summary_vectors.astype(np.float64) @ source.vectors.astype(np.float64).T
    return np.array(
        [
            _sentence_support(sentence, row, source)
            for sentence, row in zip(summary_sentences, cosines, strict=True)
        ]
    )
