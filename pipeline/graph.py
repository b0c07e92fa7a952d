"""The element-wise steps, wired: `settings.make_plan` has settled everything else.

Two chains, between which `dedupe` stands: from a document to a clean article, and from an article
that needs a row to one that is described. What is left, `relate` and `write`, is no graph but plain
calls (`publisher`). Runs on this machine send bounded batches through the chains (`batches`);
engines run both chains and the publisher as one graph (`runners.elsewhere`).
"""

from typing import Any

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from pipeline.settings import Judged, Plan, Trained
from transforms.classify.step import ClassifyArticles, EmbedArticles, HeadTopics, JudgeTopics
from transforms.clean import CleanArticles
from transforms.deadletter import SplitDeadLetters
from transforms.encode import EncodeArticles
from transforms.fulltext import FetchFullText
from transforms.parse import ParseArticles, ParseOutputs
from transforms.records import Article
from transforms.relate.step import DescribeArticles
from transforms.summarize.step import DraftSummaries, SummarizeArticles, VerifySummaries


def clean_articles(
    documents: beam.PCollection[Any], plan: Plan, errors: ErrorHandler
) -> ParseOutputs:
    """Return the clean articles of `documents`, and what their sources have taken back.

    Args:
        documents: `RawDocument`s, and `DeadLetter`s for what could not be read as one.
        plan: all settings.
        errors: receives the dead letters.
    """
    parsed: ParseOutputs = (
        documents
        | "read" >> SplitDeadLetters("read", errors)
        | "parse" >> ParseArticles(plan.parse, errors, plan.bounds)
    )
    clean = CleanArticles(plan.clean, errors, plan.bounds)
    return parsed._replace(articles=parsed.articles | "clean" >> clean)


def describe_articles(
    articles: beam.PCollection[Article], plan: Plan, errors: ErrorHandler
) -> beam.PCollection[Article]:
    """Return `articles` with the text of their pages, where it is fetched, and what models say."""
    if plan.config.fetch.full_text:
        fetch = FetchFullText(plan.fetch, plan.parse, plan.clean, errors, plan.bounds)
        articles = articles | "fulltext" >> fetch
    return apply_models(articles, plan, errors)


def apply_models(
    articles: beam.PCollection[Article], plan: Plan, errors: ErrorHandler
) -> beam.PCollection[Article]:
    """Return `articles` with all that is computed from their text."""
    encoder = plan.config.encoder
    articles = articles | "encode" >> EncodeArticles(
        errors, plan.encoders, encoder.max_sentences, encoder.batch_articles
    )
    if plan.config.output.embedding:
        articles = articles | "embed" >> EmbedArticles(errors, plan.encoders)
    if drafts := plan.drafts:
        articles = (
            articles
            | "summarize" >> DraftSummaries(errors, drafts.load, drafts.options, plan.cache)
            | "verify" >> VerifySummaries(errors, plan.encoders, drafts.check, drafts.judge)
        )
    else:
        articles = articles | "summarize" >> SummarizeArticles(errors, plan.summary)
    describes = DescribeArticles(
        errors, plan.encoders if plan.stories else None, plan.near is not None
    )
    articles = articles | "describe" >> describes
    return articles | "classify" >> choose_topics(plan, errors)


def choose_topics(plan: Plan, errors: ErrorHandler) -> beam.PTransform:
    """Return the step that gives topics."""
    topics, encoders = plan.topics, plan.encoders
    if isinstance(topics, Trained):
        known = encoders.first.languages
        return HeadTopics(errors, topics.path, topics.sha256, languages=known)
    if isinstance(topics, Judged):
        return JudgeTopics(errors, topics.load, encoders, topics.options, plan.cache)
    return ClassifyArticles(topics, errors, encoders)
