"""From documents to articles: the format that wrote a document knows how to parse it."""

from dataclasses import dataclass
from functools import partial

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.deadletter import TryMap
from transforms.errors import Rejected
from transforms.formats import ParseOptions, by_media_type
from transforms.records import Article, RawDocument


def parse_document(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article that `document` holds, with `document` as its `raw`.

    Raises:
        Rejected: `unknown_media_type`, or what the format's parser raises: `bad_json`,
            `not_an_object`, `not_html`, `no_text`.
    """
    form = by_media_type(document.media_type)
    if form is None:
        raise Rejected("unknown_media_type", f"no format reads {document.media_type!r}")
    return form.parse(document, options)


@dataclass
class ParseArticles(beam.PTransform):
    """Parse every document; one that holds no article goes to `errors`.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    options: ParseOptions
    errors: ErrorHandler

    def expand(self, documents: beam.PCollection[RawDocument]) -> beam.PCollection[Article]:
        """Return the articles."""
        return documents | TryMap(
            partial(parse_document, options=self.options), "parse", self.errors
        )
