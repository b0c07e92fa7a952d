"""Extractive summaries: the few sentences of an article that together say most of it, unchanged.

Of all sets of up to `MAX_CHOSEN` of the first `CANDIDATES` sentences that fit the length, the one
is taken whose summed vector points most nearly where the article's does. So a set is judged as a
whole: a second sentence on the same thing adds little (redundancy), one on another thing that the
article is about adds much (coverage). A sentence costs what a reader would miss: a "he" whose name
is neither in the title nor in the set, "the company", "however" (`needs`); captions, links and
their like are never taken (`fitness`). Where the encoder does not know the language, vectors of
words stand in for its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from transforms.models.pinned import EMBEDDED
from transforms.records import Article
from transforms.summarize.costs import MEDIUM
from transforms.summarize.cues import cues_of
from transforms.summarize.fitness import candidates
from transforms.summarize.layout import layout
from transforms.summarize.needs import Context
from transforms.summarize.sentence_sets import (
    AnyVectors,
    Limits,
    choose_pool,
    lacking,
    place_weights,
    score_sets,
    sets_of,
    theme,
)
from transforms.summarize.word_vectors import word_vectors
from transforms.text.sentences import join_sentences
from transforms.text.words import count_words

STEP = "summarize"
EXTRACTIVE = "extractive"

MAX_WORDS = 70
"""Longest summary; on Inshorts the mean is then 60 words, which is what its editors write."""

_OPENS = 0.1
"""Worth of the article's first sentence where there is no title: nothing else says what it is of.
With a title it costs ROUGE."""


class Told(NamedTuple):
    """What a choice of sentences rests on besides them.

    Attributes:
        title: of the article; empty if it has none.
        text: that the sentences are of; empty if only they are known.
        language: ISO 639-1 code, `None` if unknown.
    """

    title: str = ""
    text: str = ""
    language: str | None = None


_NOTHING_TOLD = Told()


@dataclass(frozen=True)
class SummaryOptions:
    """Settings of the extractive summary, plain values.

    Attributes:
        max_words: longest summary; an article of no more words is its own summary.
        model_name: of the encoder; published as `summary_model`.
        languages: ISO 639-1 codes that it knows; an article of unknown language is tried.
    """

    max_words: int = MAX_WORDS
    model_name: str = EMBEDDED.name
    languages: tuple[str, ...] = EMBEDDED.languages


def sentence_vectors(article: Article, languages: tuple[str, ...]) -> AnyVectors:
    """Return what tells title and sentences apart: shape (1 + sentences, any), unit length.

    Those of the encoder, or vectors of words where it does not know the article's language: on
    German standfirsts +.3 ROUGE-1, on those of other languages +2.4.

    Args:
        article: with sentences and vectors.
        languages: that the encoder knows.
    """
    assert article.vectors is not None
    if article.language is None or article.language in languages:
        return article.vectors
    return word_vectors([article.title, *article.sentences])


def choose_sentences(
    sentences: Sequence[str], vectors: AnyVectors, max_words: int, told: Told = _NOTHING_TOLD
) -> list[int]:
    """Return the indices of the sentences that make the summary, in article order.

    Where no sentence is short enough, the shortest of the candidates is taken.

    Args:
        sentences: of the article, at least one.
        vectors: shape (1 + len(sentences), dim).
        max_words: most words in the summary.
        told: what else is known of the article.
    """
    place = layout(told.text or "\n\n".join(sentences), sentences)
    context = Context(told.title, sentences, place, cues_of(told.language))
    words = np.array([count_words(sentence) for sentence in sentences])
    fit = np.array(candidates(context.sentences, place, told.title))
    if not fit.any():
        fit = np.ones(len(sentences), bool)
    fits = fit & (words <= max_words)
    if not fits.any():
        return [int(np.where(fit, words, words.max() + 1).argmin())]
    needs = context.needs(np.flatnonzero(fits).tolist())
    places = place_weights(place)
    pool = choose_pool(fits, vectors, needs)
    members, sets = sets_of(len(pool))
    short = sets @ words[pool] <= max_words
    members, sets = members[short], sets[short]
    limits = Limits(places, max_words)
    scores = score_sets(sets, pool, vectors, words[pool], limits)
    scores += theme(sets, pool, told.title, sentences)
    scores -= lacking(members, sets, pool, needs)
    if not told.title and pool[0] == 0:
        scores += _OPENS * sets[:, 0]
    chosen: list[int] = pool[np.flatnonzero(sets[scores.argmax()])].tolist()
    return chosen


def standing_alone(article: Article, *, introduced: bool = False) -> list[bool]:
    """Return of each sentence of `article` whether it can be read with the title alone.

    Args:
        article: with sentences.
        introduced: whether what the article is about is known, as within a model's draft; then
            "the company" and surnames are understood.
    """
    place = layout(article.text, article.sentences)
    context = Context(article.title, article.sentences, place, cues_of(article.language))
    fit = candidates(context.sentences, place, article.title)
    needs = context.needs(range(len(fit)))
    costs = needs.after[0]
    if not introduced:
        np.add.at(costs, needs.owners, needs.costs)
    return [ok and cost < MEDIUM for ok, cost in zip(fit, costs, strict=True)]


def summarize_article(article: Article, options: SummaryOptions) -> Article:
    """Return `article` with the summary taken from its sentences; `faithfulness` is 1 by making.

    Args:
        article: with sentences (at least one) and vectors.
        options: see there.
    """
    chosen: Sequence[int] = range(len(article.sentences))
    if count_words(article.text) > options.max_words:
        vectors = sentence_vectors(article, options.languages)
        told = Told(article.title, article.text, article.language)
        chosen = choose_sentences(article.sentences, vectors, options.max_words, told)
    return replace(
        article,
        summary=join_sentences(article.sentences[index] for index in chosen),
        summary_method=EXTRACTIVE,
        summary_model=options.model_name,
        faithfulness=1.0,
    )
