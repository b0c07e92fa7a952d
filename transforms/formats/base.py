"""What a format is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, NamedTuple

from transforms.records import Article, DeadLetter, RawDocument

Split = Callable[["FileInfo", IO[bytes]], Iterator[RawDocument | DeadLetter]]
Parse = Callable[[RawDocument, "ParseOptions"], Article]


class FileInfo(NamedTuple):
    """A file to read: `uri`, size in bytes, the file's own time, and when it is being read."""

    uri: str
    size: int
    modified_at: datetime | None
    fetched_at: datetime


@dataclass(frozen=True)
class ParseOptions:
    """Settings of the parsers, plain values.

    Attributes:
        fields: for records: article field -> names to look for, in order ("a.b" goes into nested objects).
        earliest: a date before this is not believed.
        id_scope: how far a record's own id is unique when it has no URL: `file`, `folder` or `global`.
        favor_precision: trafilatura's setting.
    """

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    earliest: datetime = datetime(1990, 1, 1, tzinfo=UTC)
    id_scope: str = "file"
    favor_precision: bool = True


class Format(NamedTuple):
    """One input format.

    Attributes:
        media_type: its name in `RawDocument.media_type`.
        suffixes: file name endings, lower case, with the dot.
        split: yields the documents of one decompressed file, in order, and a dead letter for each
            part that cannot be split off; must stream where the format allows it.
        parse: turns one document into one article; raises `Rejected`.
    """

    media_type: str
    suffixes: tuple[str, ...]
    split: Split
    parse: Parse
