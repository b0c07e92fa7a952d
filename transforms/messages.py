"""From the messages of Kafka and Pub/Sub to documents, by the readers that files have.

A message without a `content-type` or `filename` is one JSON object, with the fields of a line of
JSONL; else these name the format. A topic stands for a file, and a message for a line of it.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

import apache_beam as beam
from apache_beam.io.gcp.pubsub import PubsubMessage

from transforms.bounds import USUAL, Bounds
from transforms.errors import Rejected
from transforms.formats import FileInfo, by_media_type, by_suffix
from transforms.formats.base import STEP, Split, letter, split_whole
from transforms.isolation import each_tried
from transforms.read import MAX_BYTES
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

CONTENT_TYPE, FILENAME = "content-type", "filename"
"""Headers of Kafka, attributes of Pub/Sub, in upper or lower case."""

_OCTETS = "application/octet-stream"
_YEAR_10000 = 253_402_300_800_000
"""In milliseconds: what comes after no `datetime` holds."""

_OTHER_NAMES = {
    "application/atom+xml": ".xml",
    "application/feed+json": ".json",
    "application/rdf+xml": ".xml",
    "application/rss+xml": ".xml",
    "application/x-ndjson": ".jsonl",
    "application/xhtml+xml": ".html",
    "application/xml": ".xml",
    "text/tab-separated-values": ".tsv",
    "text/xml": ".xml",
}
"""Media types by which others know formats -> ending of such a file."""

_one_record: Split = partial(split_whole, media_type=RECORD_MEDIA_TYPE)


class Message(NamedTuple):
    """One message of either kind.

    Attributes:
        uri: names it in its topic.
        content: `None` where it has none.
        headers: names in lower case.
        published_at: when its sender or its broker says that it was sent.
        key: of Kafka.
    """

    uri: str
    content: bytes | None
    headers: Mapping[str, str]
    published_at: datetime | None
    key: str = ""


def kafka_message(record: Any) -> Message:
    """Return the message that a row of `ReadFromKafka(with_metadata=True)` holds."""
    headers = {
        header.key.lower(): (header.value or b"").decode("utf-8", "replace")
        for header in record.headers or ()
    }
    sent = record.timestamp
    return Message(
        f"kafka://{record.topic}/{record.partition}/{record.offset}",
        record.value,
        headers,
        datetime.fromtimestamp(sent / 1000, UTC) if 0 < sent < _YEAR_10000 else None,
        (record.key or b"").decode("utf-8", "replace"),
    )


def pubsub_message(message: PubsubMessage, source: str, id_attribute: str | None) -> Message:
    """Return the message that `ReadFromPubSub(with_attributes=True)` gave.

    Args:
        message: as it was read.
        source: `projects/PROJECT/subscriptions/NAME`, or a topic's name.
        id_attribute: attribute that holds its sender's own id, if it has one.
    """
    _, project, _, name = source.split("/")
    attributes = message.attributes or {}
    identity = (id_attribute and attributes.get(id_attribute)) or message.message_id
    sent = message.publish_time
    return Message(
        f"pubsub://{project}/{name}/{quote(str(identity), safe='')}",
        message.data,
        {key.lower(): value for key, value in attributes.items()},
        # A plain one: Google's own class holds nanoseconds, and needs its library to be unpickled.
        datetime.fromtimestamp(sent.timestamp(), UTC) if sent else None,
    )


def message_documents(
    message: Message, arrived: datetime, max_bytes: int, bounds: Bounds = USUAL
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the documents in `message`, and a dead letter for each part that is none.

    Args:
        message: of either kind.
        arrived: when it did.
        max_bytes: the largest document.
        bounds: on what each may cost.
    """
    content = message.content or b""
    file = FileInfo(message.uri, len(content), message.published_at, arrived)
    if not content:
        owner = f" for the key {message.key!r}" if message.key else ""
        detail = f"a message{owner} without content (in Kafka a tombstone): nothing is removed"
        yield letter(file, "empty_message", detail, content)
        return
    named = {name: message.headers[name] for name in _CHOICE if message.headers.get(name)}
    split = _reader(named)
    if split is None:
        detail = ", ".join(f"{name} {value!r}" for name, value in named.items())
        detail += f": no format reads it; send JSON, or a known {CONTENT_TYPE} or {FILENAME}"
        yield letter(file, "unknown_format", detail, content)
        return
    documents = split(file, io.BytesIO(content), max_bytes)
    is_empty = True
    for item in each_tried(documents, STEP, (message.uri,), bounds):
        is_empty = False
        if isinstance(item, Rejected):
            yield letter(file, item.reason, item.detail, content)
        else:
            yield item
    if is_empty:  # a table without rows, an array without objects
        yield letter(file, "empty_message", "no article is in the message", content)


_CHOICE = (CONTENT_TYPE, FILENAME)


def _reader(named: Mapping[str, str]) -> Split | None:
    """Return what splits a message with these headers; a content type that says more comes first.

    >>> _reader({"content-type": "Application/JSON; charset=utf-8"}) is _one_record
    True
    >>> _reader({"filename": "clip.mp4"})
    """
    kind = named.get(CONTENT_TYPE, "").partition(";")[0].strip().lower()
    name = named.get(FILENAME, "")
    if kind == RECORD_MEDIA_TYPE or (not name and not kind):
        return _one_record
    if kind and kind != _OCTETS:
        form = by_media_type(kind) or by_suffix(_OTHER_NAMES.get(kind, ""))
    else:
        form = by_suffix(name)
    return form.split if form else None


class _DocumentsFn(beam.DoFn):
    def __init__(self, convert: Callable[[Any], Message], max_bytes: int, bounds: Bounds) -> None:
        self._convert, self._max_bytes, self._bounds = convert, max_bytes, bounds

    def process(
        self, message: Any, arrived: Any = beam.DoFn.TimestampParam
    ) -> Iterator[RawDocument | DeadLetter]:
        time = arrived.to_utc_datetime(has_tz=True, allow_lossy_conversion=True)
        converted = self._convert(message)
        yield from message_documents(converted, time, self._max_bytes, self._bounds)


@dataclass
class ReadMessages(beam.PTransform):
    """Read the documents of each message; the dead letters are among them.

    Element-wise, for input with times of arrival: they stay, and are when a document was read.
    """

    convert: Callable[[Any], Message]
    max_bytes: int = MAX_BYTES
    bounds: Bounds = USUAL

    def expand(self, messages: beam.PCollection[Any]) -> beam.PCollection[Any]:
        """Return the documents and the dead letters."""
        return messages | "split" >> beam.ParDo(
            _DocumentsFn(self.convert, self.max_bytes, self.bounds)
        )
