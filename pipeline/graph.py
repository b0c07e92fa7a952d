"""The whole graph, one chain: wiring only, `settings.make_plan` has settled everything else."""

from datetime import date, datetime
from typing import NamedTuple

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from pipeline.settings import Judged, Plan, Trained
from transforms.classify.step import ClassifyArticles, EmbedArticles, HeadTopics, JudgeTopics
from transforms.clean import CleanArticles
from transforms.deadletter import SplitDeadLetters
from transforms.dedupe.step import DedupeArticles
from transforms.encode import EncodeArticles
from transforms.fulltext import FetchFullText
from transforms.letters import WriteDeadLetters
from transforms.output.withheld import first_kept
from transforms.parse import ParseArticles
from transforms.records import Article
from transforms.relate.step import DescribeArticles, RelateArticles
from transforms.summarize.step import DraftSummaries, SummarizeArticles, VerifySummaries
from transforms.write import WriteArticles


class RunContext(NamedTuple):
    """What belongs to a run and not to its config.

    Attributes:
        run_id: its id.
        started_at: when it started (UTC).
        rejected_root: where its dead letters go, below `_rejected/`.
    """

    run_id: str
    started_at: datetime
    rejected_root: str


def build_graph(
    pipeline: beam.Pipeline, source: beam.PTransform, plan: Plan, context: RunContext
) -> None:
    """Add the graph to `pipeline`: from the documents of `source` to the published output.

    Args:
        pipeline: receives the steps.
        source: makes a PCollection of `RawDocument`, and of `DeadLetter` for what could not be
            read as one.
        plan: all settings.
        context: the run.
    """
    output, run_id = plan.config.output, context.run_id
    with ErrorHandler(write_letters(context)) as errors:
        parsed = (
            pipeline
            | "source" >> source
            | "read" >> SplitDeadLetters("read", errors)
            | "parse" >> ParseArticles(plan.parse, errors)
        )
        articles = parsed.articles | "clean" >> CleanArticles(plan.clean, errors)
        unique = (articles, parsed.withdrawals) | "dedupe" >> dedupe_articles(
            plan, context.started_at.date(), errors
        )
        if plan.config.fetch.full_text:
            fetch = FetchFullText(plan.fetch, plan.parse, plan.clean, errors)
            unique = unique._replace(articles=unique.articles | "fulltext" >> fetch)
        _ = (
            unique._replace(articles=apply_models(unique.articles, plan, errors))
            | "relate" >> RelateArticles(output.path, plan.near, plan.stories)
            | "write" >> WriteArticles(output.path, output.buckets, run_id, output.revisions)
        )


def write_letters(context: RunContext) -> WriteDeadLetters:
    """Return the step that publishes the dead letters of a run."""
    day = f"{context.started_at:%Y-%m-%d}"
    return WriteDeadLetters(context.rejected_root, day, context.run_id)


def dedupe_articles(plan: Plan, today: date, errors: ErrorHandler) -> DedupeArticles:
    """Return the step that finds out which articles need a row."""
    config = plan.config
    return DedupeArticles(
        config.output.path,
        config.output.buckets,
        errors,
        kept_from=first_kept(today, config.retention.rows),
        fetches=config.fetch.full_text,
        drops_near=config.near.policy == "drop",
    )


def apply_models(
    articles: beam.PCollection[Article], plan: Plan, errors: ErrorHandler
) -> beam.PCollection[Article]:
    """Return `articles` with all that is computed from their text."""
    encoder = plan.config.encoder
    articles = articles | "encode" >> EncodeArticles(
        errors, plan.encoder, encoder.max_sentences, encoder.batch_articles
    )
    if plan.config.output.embedding:
        articles = articles | "embed" >> EmbedArticles()
    if drafts := plan.drafts:
        articles = (
            articles
            | "summarize" >> DraftSummaries(drafts.load, drafts.options, plan.cache)
            | "verify" >> VerifySummaries(plan.encoder, drafts.check, drafts.judge)
        )
    else:
        articles = articles | "summarize" >> SummarizeArticles(errors, plan.summary)
    if plan.stories:
        articles = articles | "describe" >> DescribeArticles()
    return articles | "classify" >> choose_topics(plan, errors)


def choose_topics(plan: Plan, errors: ErrorHandler) -> beam.PTransform:
    """Return the step that gives topics."""
    topics, languages = plan.topics, plan.encoder.model.languages
    if isinstance(topics, Trained):
        return HeadTopics(errors, topics.path, topics.sha256, languages=languages)
    if isinstance(topics, Judged):
        return JudgeTopics(errors, topics.load, plan.encoder, topics.options, plan.cache)
    return ClassifyArticles(topics, errors, plan.encoder, languages)
