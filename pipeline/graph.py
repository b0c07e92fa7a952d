"""The whole graph, one chain."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from pipeline import settings
from pipeline.config import Config
from pipeline.feeds import fetch_settings
from transforms.classify.judge import HeadTopics, JudgeTopics
from transforms.classify.phrases import ClassifyArticles, EmbedArticles
from transforms.classify.topics import load_topics
from transforms.clean import CleanArticles, CleanOptions
from transforms.deadletter import SplitDeadLetters
from transforms.dedupe.step import DedupeArticles
from transforms.encode import EncodeArticles
from transforms.formats.base import ParseOptions
from transforms.fulltext import FetchFullText
from transforms.letters import WriteDeadLetters
from transforms.models.pinned import file_sha256
from transforms.output.withheld import first_kept
from transforms.parse import ParseArticles
from transforms.records import Article
from transforms.relate.near.neighbours import NearOptions
from transforms.relate.step import DescribeArticles, RelateArticles
from transforms.relate.stories import StoryOptions
from transforms.summarize.drafts import DraftSummaries
from transforms.summarize.extractive import SummarizeArticles
from transforms.summarize.faithfulness import VerifySummaries
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
    pipeline: beam.Pipeline, source: beam.PTransform, config: Config, context: RunContext
) -> None:
    """Add the graph to `pipeline`: from the documents of `source` to the published output.

    Args:
        pipeline: receives the steps.
        source: makes a PCollection of `RawDocument`, and of the `DeadLetter` of what is none.
        config: all settings.
        context: the run.
    """
    root, run_id = config.output.path, context.run_id
    parse, clean = (
        parse_options(config),
        CleanOptions(config.clean.min_words, keep_teasers=config.fetch.full_text),
    )
    with ErrorHandler(
        WriteDeadLetters(context.rejected_root, f"{context.started_at:%Y-%m-%d}", run_id)
    ) as errors:
        parsed = (
            pipeline
            | "source" >> source
            | "read" >> SplitDeadLetters("read", errors)
            | "parse" >> ParseArticles(parse, errors)
        )
        articles = parsed.articles | "clean" >> CleanArticles(clean, errors)
        unique = (articles, parsed.withdrawals) | "dedupe" >> dedupe_articles(
            config, context.started_at.date(), errors
        )
        if config.fetch.full_text:
            fetch = FetchFullText(fetch_settings(config.fetch), parse, clean, errors)
            unique = unique._replace(articles=unique.articles | "fulltext" >> fetch)
        _ = (
            unique._replace(articles=apply_models(unique.articles, config, errors))
            | "relate" >> RelateArticles(root, near_options(config), story_options(config))
            | "write" >> WriteArticles(root, config.output.buckets, run_id, config.output.revisions)
        )


def dedupe_articles(config: Config, today: date, errors: ErrorHandler) -> DedupeArticles:
    """Return the step that finds out which articles need a row."""
    return DedupeArticles(
        config.output.path,
        config.output.buckets,
        errors,
        kept_from=first_kept(today, config.retention.rows),
        fetches=config.fetch.full_text,
        drops_near=config.near.policy == "drop",
    )


def apply_models(
    articles: beam.PCollection[Article], config: Config, errors: ErrorHandler
) -> beam.PCollection[Article]:
    """Return `articles` with all that is computed from their text."""
    encoder = config.encoder
    encoded = articles | "encode" >> EncodeArticles(
        errors,
        settings.encoder_model(config),
        number_format=encoder.number_format,
        max_sentences=encoder.max_sentences,
        batch_size=encoder.batch_articles,
    )
    if config.output.embedding:
        encoded = encoded | "embed" >> EmbedArticles()
    summaries = summarize(encoded, config, errors)
    if config.stories.enabled:
        summaries = summaries | "describe" >> DescribeArticles()
    return summaries | "classify" >> topics_step(config, errors)


def topics_step(config: Config, errors: ErrorHandler) -> beam.PTransform:
    """Return the step that gives topics, by the engine that `config` names."""
    topics, spec = config.topics, settings.encoder_model(config)
    if topics.head:
        digest = file_sha256(Path(topics.head))
        return HeadTopics(errors, topics.head, digest, languages=spec.languages)
    load_judge = settings.judge(config, topics.model)
    if load_judge is None:
        number_format = config.encoder.number_format
        return ClassifyArticles(load_topics(topics.file), errors, spec, number_format)
    load_encoder, cache = settings.encoder_loader(config), settings.result_cache(config)
    return JudgeTopics(errors, load_judge, load_encoder, settings.nli_options(config), cache)


def summarize(
    articles: beam.PCollection[Article], config: Config, errors: ErrorHandler
) -> beam.PCollection[Article]:
    """Return `articles` with summaries; what an engine writes is verified."""
    own = settings.own_summary(config)
    if config.summary.engine == "extractive":
        return articles | "summarize" >> SummarizeArticles(errors, own)
    load, name, answers, languages = settings.writer(config)
    options = settings.abstract_options(config, name, answers, languages, own)
    check = VerifySummaries(
        settings.encoder_loader(config),
        settings.verify_options(config, own),
        settings.judge(config, config.summary.verify.model),
    )
    drafts = DraftSummaries(load, options, settings.result_cache(config))
    return articles | "summarize" >> drafts | "verify" >> check


def parse_options(config: Config) -> ParseOptions:
    """Return the settings of the parsers."""
    return ParseOptions(
        fields=config.input.fields,
        earliest=config.input.earliest_time,
        id_scope=config.input.id_scope,
    )


def near_options(config: Config) -> NearOptions | None:
    """Return what counts as a near-duplicate; `None` where they are kept."""
    near = config.near
    if near.policy == "keep":
        return None
    return NearOptions(near.days, near.contained, near.jaccard, drop=near.policy == "drop")


def story_options(config: Config) -> StoryOptions | None:
    """Return what counts as one event; `None` where stories are off."""
    stories = config.stories
    if not stories.enabled:
        return None
    return StoryOptions(
        stories.days,
        stories.threshold,
        min_cosine=stories.min_cosine,
        min_names=stories.min_names,
    )
