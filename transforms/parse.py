"""From documents to articles: the format that wrote a document knows how to parse it."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.bounds import USUAL, Bounds
from transforms.compression import COMPRESSED_SUFFIXES
from transforms.deadletter import SplitDeadLetters
from transforms.errors import Rejected, Withdrawn
from transforms.formats import ParseOptions, by_media_type, endings
from transforms.formats.json_records import gaps_of
from transforms.formats.unknown_fields import Gaps, lacks_a_field, tallies
from transforms.identity import topic_of
from transforms.isolation import tried
from transforms.records import (
    NO_TITLE,
    RECORD_MEDIA_TYPE,
    TEASER,
    Article,
    RawDocument,
    Withdrawal,
    dead_letter,
)

STEP = "parse"
REASONS = frozenset({
    "bad_email", "bad_entry", "bad_json", "bad_warc", "bad_xml", "canceled", "embargoed", "no_text",
    "not_an_article", "not_an_object", "not_html", "too_many_elements", "unknown_media_type",
    "unsafe_xml", "withheld",
})  # fmt: skip
FLAGS = frozenset({
    "characters_replaced", "date_in_future", "date_too_old", "date_unreadable", "description_only",
    "fallback_extractor", "field_unreadable", "front_matter_unreadable", "live_blog",
    "malformed_feed", NO_TITLE, "noai", "noindex", "page_truncated", "paywall_stub",
    "stated_text", "summary_only", TEASER, "tdm_reserved", "text_guessed",
})  # fmt: skip
_WITHDRAWALS = "withdrawals"
_MOST_COUNTED = 200
"""Unknown fields that a worker counts: the names in one file may be without number."""


class ParseOutputs(NamedTuple):
    """The outputs of `ParseArticles`."""

    articles: beam.PCollection[Article]
    withdrawals: beam.PCollection[Withdrawal]


def parse_document(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article that `document` holds, with `document` as its `raw`.

    One without an id of its own that fills a file has the file's name as `source_id`.

    Raises:
        Rejected: `unknown_media_type`, or what the format's parser raises: `bad_json`,
            `not_an_object`, `not_html`, `no_text`.
    """
    form = by_media_type(document.media_type)
    if form is None:
        raise Rejected("unknown_media_type", f"no format reads {document.media_type!r}")
    article = form.parse(document, options)
    if article.source_id or document.line is not None or topic_of(document.uri):
        return article
    return replace(article, source_id=file_stem(document.uri) or None)


def file_stem(uri: str) -> str:
    """Return the file's name without its folder, and without the endings by which it is read.

    >>> file_stem("/in/abc.v2.HTML.gz"), file_stem("/in/tale.epub"), file_stem("/in/.txt")
    ('abc.v2', 'tale.epub', '.txt')
    """
    name = posixpath.basename(uri)
    for known in (COMPRESSED_SUFFIXES, endings()):
        lengths = [len(ending) for ending in known if name.lower().endswith(ending)]
        name = name[: -max(lengths, default=0) or None] or name
    return name


class _ParseFn(beam.DoFn):
    def __init__(self, options: ParseOptions, bounds: Bounds) -> None:
        self._options, self._bounds = options, bounds
        self._counted: set[str] = set()

    def process(self, document: RawDocument) -> Iterator[Any]:
        work = partial(parse_document, document, self._options)
        outcome = tried(work, STEP, document, self._bounds)
        self._count_unknown_fields(document, outcome)
        if isinstance(outcome, Rejected):
            yield dead_letter(document, STEP, outcome.reason, outcome.detail)
        else:
            yield outcome
        if isinstance(outcome, Withdrawn):
            yield TaggedOutput(_WITHDRAWALS, Withdrawal(outcome.key, outcome.at))

    def _count_unknown_fields(self, document: RawDocument, outcome: Article | Rejected) -> None:
        """Count the fields that nobody knows, where a record lacks some."""
        if isinstance(outcome, Rejected):
            lacks = outcome.reason == "no_text"
        else:
            lacks = lacks_a_field(outcome)
        if document.media_type != RECORD_MEDIA_TYPE or not lacks:
            return
        found = tried(partial(gaps_of, document, self._options), STEP, document, self._bounds)
        for name in tallies(found) if isinstance(found, Gaps) else ():
            if name in self._counted or len(self._counted) < _MOST_COUNTED:
                self._counted.add(name)
                Metrics.counter(STEP, name).inc()


@dataclass
class ParseArticles(beam.PTransform):
    """Parse every document; one that holds no article goes to `errors`.

    One that takes an article back is a dead letter too, and a `Withdrawal`.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    options: ParseOptions
    errors: ErrorHandler
    bounds: Bounds = USUAL

    def expand(self, documents: beam.PCollection[RawDocument]) -> Any:
        """Return `ParseOutputs`."""
        outputs = documents | "try" >> beam.ParDo(_ParseFn(self.options, self.bounds)).with_outputs(
            _WITHDRAWALS, main="parsed"
        )
        articles = outputs.parsed | SplitDeadLetters(STEP, self.errors)
        return ParseOutputs(articles, outputs[_WITHDRAWALS])
