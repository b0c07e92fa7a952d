"""What an engine wrote, held against the article: every sentence is supported, or it goes.

A sentence is scored by `support.support` (numbers, names, quotations, words, vectors) and, where a
model is configured, by entailment. One below the threshold is replaced by the sentence of the
article that is nearest to it, or dropped; if too little of a draft holds, the extractive summary
stands in. `summary_method` says which of these it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.models.answer import is_about_summary
from transforms.models.contract import Judge, Vectors
from transforms.models.loaders import Encoders, LoadJudge
from transforms.models.prompt import own_sentences, readable, speaks_to_model
from transforms.records import Article
from transforms.summarize.extractive import (
    EXTRACTIVE,
    SummaryOptions,
    standing_alone,
    summarize_article,
)
from transforms.summarize.support import FAILED, SUPPORTED, support
from transforms.text.sentences import BULLET, split_sentences
from transforms.text.words import count_words

REPAIRED = "_repaired"
"""Added to `summary_method` where sentences were replaced or dropped."""
STOOD_IN = "extractive_instead"
"""`summary_method` of an extractive summary in the place of a draft that did not hold."""

_NEAR = 0.5
"""Least cosine of a sentence of the article that takes the place of one that is not supported."""
_PREMISE = 5
"""Sentences of the article, the nearest ones, that shall entail a sentence of the summary."""
_KEPT = 0.5
"""Share of a draft's sentences that must be supported; else it is not repaired but replaced."""
_STYLE_SENTENCES = {"headline": 1, "brief": 2}


@dataclass(frozen=True)
class VerifyOptions:
    """Settings of the check, plain values.

    Attributes:
        style: see `engines.base.Instruction`.
        max_words: of the summary.
        extractive: for the summary that stands in.
        threshold: support that a sentence needs.
        max_sentences: of the summary; `None`: no limit.
    """

    style: str
    max_words: int
    extractive: SummaryOptions
    threshold: float = SUPPORTED
    max_sentences: int | None = None


class Checked(NamedTuple):
    """One sentence that passed, and its support."""

    sentence: str
    score: float


def draft_sentences(article: Article, style: str) -> list[str]:
    """Return the sentences of a draft, without copies of the prompt and remarks on the summary.

    A last sentence that was cut off is left out, unless it is all there is.
    """
    lines = article.summary.splitlines()
    every = [s for line in lines for s in split_sentences(line, article.language)]
    sentences = [s for s in own_sentences(every) if not is_about_summary(s)]
    cut_off = style in ("plain", "brief") and len(sentences) > 1
    return sentences[:-1] if cut_off and sentences[-1][-1].isalnum() else sentences


def evidence(article: Article) -> Article:
    """Return `article` without the sentences that speak to a language model: they support none."""
    if not speaks_to_model(article.text):
        return article
    assert article.vectors is not None
    kept = [i for i, sentence in enumerate(article.sentences) if not speaks_to_model(sentence)]
    return replace(
        article,
        text=" ".join(readable(split_sentences(article.text, article.language))),
        sentences=tuple(article.sentences[i] for i in kept),
        vectors=article.vectors[[0, *(1 + i for i in kept)]],
    )


def _cosines(vectors: Vectors, source: Article) -> NDArray[np.float64]:
    assert source.vectors is not None
    product: NDArray[np.float64] = vectors.astype(np.float64) @ source.vectors[1:].T
    return product


def premise(vector: Vectors, source: Article) -> str:
    """Return the sentences of the article nearest to a sentence, in the article's order."""
    nearest = np.argsort(-_cosines(vector, source), kind="stable")[:_PREMISE]
    return " ".join(source.sentences[i] for i in sorted(nearest))


def repair(
    sentences: Sequence[str],
    scores: NDArray[np.float64],
    vectors: Vectors,
    source: Article,
    threshold: float,
) -> list[Checked]:
    """Return the supported sentences, the others replaced by the article's own or dropped.

    Args:
        sentences: of the draft.
        scores: support of each.
        vectors: of each.
        source: the article.
        threshold: support that a sentence needs.
    """
    checked: list[Checked] = []
    used = {
        " ".join(s.split())
        for s, score in zip(sentences, scores, strict=True)
        if score >= threshold
    }
    standing = standing_alone(source, introduced=True)
    for sentence, score, cosines in zip(sentences, scores, _cosines(vectors, source), strict=True):
        if score >= threshold:
            checked.append(Checked(sentence, float(score)))
            continue
        best = int(cosines.argmax()) if len(cosines) else 0
        if not len(cosines) or cosines[best] < _NEAR:
            continue
        own = source.sentences[best]
        if own not in used and standing[best]:
            used.add(own)
            checked.append(Checked(own, 1.0))
    return checked


def fitting(checked: Sequence[Checked], options: VerifyOptions) -> list[Checked]:
    """Return the first of the sentences that fit length and style together, each once."""
    most = options.max_sentences or len(checked)
    most = min(most, _STYLE_SENTENCES.get(options.style, most))
    chosen: list[Checked] = []
    words = 0
    for one in checked:
        words += count_words(one.sentence)
        if words > options.max_words or len(chosen) == most:
            break
        if one.sentence not in (other.sentence for other in chosen):
            chosen.append(one)
    return chosen


def styled(sentences: Sequence[str], style: str) -> str:
    """Return the summary of these sentences.

    >>> styled(["One.", "Two."], "bullets").splitlines()
    ['• One.', '• Two.']
    """
    if style == "bullets":
        return "\n".join(BULLET + sentence for sentence in sentences)
    return " ".join(sentences)


def extractive(article: Article, options: VerifyOptions, method: str) -> Article:
    """Return `article` with its extractive summary, in the style asked for."""
    done = summarize_article(article, options.extractive)
    own = [Checked(s, 1.0) for s in split_sentences(done.summary, article.language)]
    chosen = fitting(own, options) or own[:1]
    text = styled([one.sentence for one in chosen], options.style)
    return replace(done, summary=text, summary_method=method)


def verify_article(
    article: Article,
    sentences: Sequence[str],
    vectors: Vectors,
    entailed: NDArray[np.float64] | None,
    options: VerifyOptions,
) -> Article:
    """Return `article` with the draft checked, repaired, or replaced by the extractive summary.

    Args:
        article: with a draft in `summary`, sentences and vectors.
        sentences: of the draft, from `draft_sentences`.
        vectors: of these sentences.
        entailed: probability of entailment of each; `None` where no model is configured.
        options: see there.
    """
    source = evidence(article)
    scores = support(sentences, vectors, source)
    if entailed is not None:
        # A model's NaN counts as not entailed. A missing fact stays missing, whatever it says.
        mean = (scores + np.nan_to_num(entailed, nan=0.0)) / 2
        scores = np.where(scores <= FAILED, np.minimum(scores, mean), mean)
    supported = int((scores >= options.threshold).sum())
    checked = repair(sentences, scores, vectors, source, options.threshold)
    chosen = fitting(checked, options)
    if not chosen or supported < _KEPT * len(sentences):
        return extractive(article, options, STOOD_IN)
    unchanged = supported == len(sentences)
    return replace(
        article,
        summary=styled([one.sentence for one in chosen], options.style),
        summary_method=article.summary_method + ("" if unchanged else REPAIRED),
        faithfulness=sum(one.score for one in chosen) / len(chosen),
    )


def _entailed(
    drafts: Sequence[tuple[Article, list[str]]], vectors: Sequence[Vectors], judge: Judge
) -> list[NDArray[np.float64]]:
    """Return the probability of entailment of every sentence, per draft; NaN where it failed."""
    pairs = [
        (premise(vector, source), sentence)
        for (article, sentences), rows in zip(drafts, vectors, strict=True)
        for source in [evidence(article)]
        for sentence, vector in zip(sentences, rows, strict=True)
    ]
    logits = judge.entailment(pairs)
    probabilities = 1 / (1 + np.exp((logits[:, 1] - logits[:, 0]).clip(-50, 50)))
    return np.split(probabilities, np.cumsum([len(s) for _, s in drafts])[:-1])


def _draft_vectors(
    drafts: Sequence[tuple[Article, list[str]]], encoders: Encoders
) -> list[Vectors]:
    """Return the vectors of the sentences of each draft, by the encoder that read its article."""
    sentences = {article.id: own for article, own in drafts}
    vectors: dict[str, Vectors] = {}
    for load, articles in encoders.groups(article for article, _ in drafts):
        own = [sentences[article.id] for article in articles]
        every = load().encode([sentence for one in own for sentence in one])
        parts = np.split(every, np.cumsum([len(one) for one in own])[:-1])
        vectors |= {article.id: part for article, part in zip(articles, parts, strict=True)}
    return [vectors[article.id] for article, _ in drafts]


def verify_articles(
    articles: Sequence[Article],
    encoders: Encoders,
    load_judge: LoadJudge | None,
    options: VerifyOptions,
) -> list[Article]:
    """Return each article with its draft verified; sentences of all drafts are encoded together."""
    drafts = [
        (article, draft_sentences(article, options.style))
        for article in articles
        if article.summary_method != EXTRACTIVE
    ]
    done: dict[str, Article] = {}
    if drafts:
        vectors = _draft_vectors(drafts, encoders)
        entailed: Sequence[NDArray[np.float64] | None] = [None] * len(drafts)
        if load_judge:
            entailed = _entailed(drafts, vectors, load_judge())
        for (article, sentences), rows, probabilities in zip(
            drafts, vectors, entailed, strict=True
        ):
            done[article.id] = verify_article(article, sentences, rows, probabilities, options)
    return [
        done[article.id] if article.id in done else extractive(article, options, EXTRACTIVE)
        for article in articles
    ]
