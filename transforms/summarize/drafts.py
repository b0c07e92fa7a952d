"""Abstractive summaries: an engine writes a draft, which `verify` then holds against the article.

A text longer than the engine reads is cut between sentences; the parts are summarised, and then
their summaries together, in as many rounds as it takes. Only where that leads nowhere, or where one
sentence alone is too long, is something left out, and the article flagged `summary_truncated`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from transforms.models.answer import own_words
from transforms.models.cache import ResultCache, result_key
from transforms.models.contract import EMPTY, Instruction, Writer, Written
from transforms.models.loaders import LoadWriter
from transforms.models.prompt import readable
from transforms.records import Article, add_flags
from transforms.summarize.extractive import STEP, SummaryOptions, summarize_article
from transforms.text.sentences import split_sentences
from transforms.text.words import count_words

SUMMARY_TRUNCATED = "summary_truncated"
"""Flag: a part of the text could not be read for the summary."""
SUMMARY_FAILED = "summary_failed"
"""Flag: the engine wrote no summary; the extractive one stands in."""
FLAGS = frozenset({SUMMARY_FAILED, SUMMARY_TRUNCATED})
FAILED = "failed: "
"""Begins the name of the counter of articles flagged `summary_failed`; the reason follows."""

_BARE = 2
"""Version of what is kept of an answer: since 2, the summary without what stands around it."""

_ROUNDS = 4
"""Each round shortens a text to about a tenth: 4 are enough for a book."""


class Draft(NamedTuple):
    """What was written of one article.

    Attributes:
        text: the summary; empty if there is a problem.
        truncated: whether a part of the article was not read.
        problem: see `Written`.
    """

    text: str
    truncated: bool = False
    problem: str = ""


@dataclass(frozen=True)
class AbstractOptions:
    """Settings of abstractive summaries, plain values.

    Attributes:
        engine: published as `summary_method`.
        model_name: published as `summary_model`.
        model_digest: what determines the model's answers; a part of the cache's key.
        instruction: style, length, language.
        extractive: for articles that the engine does not write about.
        languages: ISO 639-1 codes that the model knows; empty: all.
        batch_size: articles that are sorted by length together.
    """

    engine: str
    model_name: str
    model_digest: str
    instruction: Instruction
    extractive: SummaryOptions
    languages: tuple[str, ...] = ()
    batch_size: int = 128


def cut(
    sentences: Sequence[str], lengths: Sequence[int], most: int
) -> tuple[list[list[str]], bool]:
    """Return `sentences` in parts of at most `most` tokens, and whether one was too long for any.

    >>> cut(["a", "b", "c", "long"], [2, 2, 2, 9], 4)
    ([['a', 'b'], ['c']], True)
    """
    parts: list[list[str]] = []
    room = 0
    truncated = False
    for sentence, length in zip(sentences, lengths, strict=True):
        if length > most:
            truncated = True
        elif parts and length <= room:
            parts[-1].append(sentence)
            room -= length
        else:
            parts.append([sentence])
            room = most - length
    return parts, truncated


def _parts(texts: Sequence[Sequence[str]], writer: Writer) -> list[tuple[list[list[str]], bool]]:
    flat = writer.lengths([f"{sentence} " for sentences in texts for sentence in sentences])
    result, start = [], 0
    for sentences in texts:
        end = start + len(sentences)
        # Joined, a sentence may take a token more than alone.
        result.append(cut(sentences, [n + 1 for n in flat[start:end]], writer.max_input))
        start = end
    return result


def write_drafts(
    texts: Sequence[Sequence[str]], writer: Writer, instruction: Instruction
) -> list[Draft]:
    """Return a draft for each text, given as sentences.

    All texts go through each round together, so that the engine can batch them.
    """
    cut_up = _parts(texts, writer)
    truncated = [too_long for _, too_long in cut_up]
    for _ in range(_ROUNDS):
        long = [index for index, (parts, _) in enumerate(cut_up) if len(parts) > 1]
        if not long:
            break
        parts_to_write = [" ".join(part) for index in long for part in cut_up[index][0]]
        written = iter(_write(parts_to_write, writer, _plain(instruction)))
        shorter = []
        for index in long:
            summaries = [next(written) for _ in cut_up[index][0]]
            truncated[index] |= any(summary.problem for summary in summaries)
            shorter.append([s for part in summaries for s in split_sentences(part.text)])
        for index, (parts, too_long) in zip(long, _parts(shorter, writer), strict=True):
            cut_up[index] = parts, too_long
            truncated[index] |= too_long
    readable_parts = [" ".join(parts[0]) if parts else "" for parts, _ in cut_up]
    written_now = _write(readable_parts, writer, instruction)
    return [
        Draft(one.text, truncated[index] or len(cut_up[index][0]) > 1, one.problem)
        for index, one in enumerate(written_now)
    ]


def _plain(instruction: Instruction) -> Instruction:
    """Return the instruction for a part of a text: its summary is read by the model again."""
    return instruction._replace(style="plain")


def _write(texts: Sequence[str], writer: Writer, instruction: Instruction) -> list[Written]:
    """Return what `writer` writes of each text, less what it says around it.

    An empty text has no summary: the writer is not asked.
    """
    answers = iter(writer.write([text for text in texts if text], instruction))
    written = (next(answers) if text else Written("", EMPTY) for text in texts)
    return [_bare(one) for one in written]


def _bare(written: Written) -> Written:
    """Return `written` as a summary alone; an answer that holds none is empty."""
    if written.problem:
        return written
    text = own_words(written.text)
    return Written(text) if text else Written("", EMPTY)


def is_written(article: Article, options: AbstractOptions) -> bool:
    """Return whether the engine is to write: the article is long enough, its language known."""
    return count_words(article.text) > options.instruction.max_words and (
        not options.languages or article.language is None or article.language in options.languages
    )


def with_draft(article: Article, draft: Draft, options: AbstractOptions) -> Article:
    """Return `article` with the draft, or with the extractive summary where there is none."""
    if draft.problem:
        flagged = replace(article, flags=add_flags(article.flags, SUMMARY_FAILED))
        return summarize_article(flagged, options.extractive)
    flags = add_flags(article.flags, SUMMARY_TRUNCATED) if draft.truncated else article.flags
    return replace(
        article,
        summary=draft.text,
        summary_method=options.engine,
        summary_model=options.model_name,
        flags=flags,
    )


def _key(article: Article, options: AbstractOptions) -> str:
    return result_key(
        article.text_sha256, STEP, _BARE, options.engine, options.model_digest, options.instruction
    )


def draft_articles(
    articles: Sequence[Article],
    load: LoadWriter,
    options: AbstractOptions,
    cache: ResultCache | None,
) -> list[Article]:
    """Return each article with a draft, or with its extractive summary.

    The engine is loaded when the first article needs it.
    """
    keys = {a.id: _key(a, options) for a in articles if is_written(a, options)}
    known = cache.get(list(keys.values())) if cache else {}
    drafts = {key: Draft(*value) for key, value in known.items()}
    missing = [a for a in articles if a.id in keys and keys[a.id] not in drafts]
    if missing:
        texts = [readable(split_sentences(a.text, a.language)) for a in missing]
        written = write_drafts(texts, load(), options.instruction)
        new = {keys[a.id]: draft for a, draft in zip(missing, written, strict=True)}
        drafts |= new
        if cache:
            cache.put({key: list(draft) for key, draft in new.items() if not draft.problem})
    return [
        with_draft(article, drafts[keys[article.id]], options)
        if article.id in keys
        else summarize_article(article, options.extractive)
        for article in articles
    ]
