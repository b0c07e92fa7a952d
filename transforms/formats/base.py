"""What a format is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, NamedTuple

from transforms.records import Article, DeadLetter, RawDocument

Split = Callable[["FileInfo", IO[bytes], int], Iterator[RawDocument | DeadLetter]]
Parse = Callable[[RawDocument, "ParseOptions"], Article]

STEP = "read"
"""The step that a dead letter of `split` belongs to."""
REASONS = frozenset({
    "bad_csv", "bad_json", "bad_mbox", "bad_parquet", "bad_warc", "bad_xml", "corrupt_compression",
    "empty_file", "empty_message", "feed_list", "no_pages", "not_a_feed", "not_an_article",
    "not_an_object", "not_html", "not_news", "too_large", "unknown_format", "unreadable",
    "unsafe_xml", "wrong_field_count",
})  # fmt: skip

PAYLOAD_CAP = 1 << 20
"""Most bytes that a dead letter keeps of input too large or too broken to be split: 1 MiB."""

LINKS_ONLY = (
    "; a list of titles and addresses holds no articles: fetch its pages first, such as by `wget"
    " --input-file=ADDRESSES --warc-file=pages`, and read what that leaves"
)
"""What to do with an export of bookmarks, for the detail of its rejection."""


class FileInfo(NamedTuple):
    """A file to read.

    Attributes:
        uri: what it is called.
        size: in bytes.
        modified_at: its own time, where its filesystem tells one.
        fetched_at: when it is being read.
        path: where it lies, if that is not the `uri`: a name that is no UTF-8.
    """

    uri: str
    size: int
    modified_at: datetime | None
    fetched_at: datetime
    path: str = ""

    @property
    def place(self) -> str:
        """Where it lies."""
        return self.path or self.uri


@dataclass(frozen=True)
class ParseOptions:
    """Settings of the parsers, plain values.

    Attributes:
        fields: for records: article field -> names to look for, in order, before the default ones
            ("a.b" goes into nested objects).
        earliest: a date before this is not believed.
        id_scope: how far a record's own id is unique when it has no URL: `file`, `folder` or
            `global`.
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
            part that cannot be split off or is larger than the given number of bytes; streams
            where the format allows it.
        parse: turns one document into one article; raises `Rejected`.
    """

    media_type: str
    suffixes: tuple[str, ...]
    split: Split
    parse: Parse


def document(
    file: FileInfo, media_type: str, content: bytes, line: int | None = None
) -> RawDocument:
    """Return the document of `file` that holds `content`."""
    return RawDocument(file.uri, media_type, content, file.fetched_at, file.modified_at, line)


def letter(  # noqa: PLR0913 (the parts of a dead letter)
    file: FileInfo,
    reason: str,
    detail: str,
    payload: bytes,
    *,
    line: int | None = None,
    media_type: str = "application/octet-stream",
) -> DeadLetter:
    """Return the dead letter for a part of `file`, its payload cut to `PAYLOAD_CAP` bytes."""
    kept = payload[:PAYLOAD_CAP]
    times = file.fetched_at, file.modified_at
    return DeadLetter(STEP, reason, detail, file.uri, line, media_type, kept, *times)


def too_large(file: FileInfo, head: bytes, max_bytes: int, line: int | None = None) -> DeadLetter:
    """Return the dead letter for a document of more than `max_bytes` bytes starting with `head`."""
    detail = f"more than {max_bytes} bytes once decompressed; raise input.max_bytes to read it"
    return letter(file, "too_large", detail, head, line=line)


def read_whole(
    file: FileInfo,
    stream: IO[bytes],
    max_bytes: int,
    split: Callable[[bytes], Iterator[RawDocument | DeadLetter]],
) -> Iterator[RawDocument | DeadLetter]:
    """Yield what `split` makes of a file's content, unless that is too large."""
    content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        yield too_large(file, content, max_bytes)
    else:
        yield from split(content)


def split_whole(
    file: FileInfo, stream: IO[bytes], max_bytes: int, *, media_type: str
) -> Iterator[RawDocument | DeadLetter]:
    """Yield the one document of a file that is one article."""

    def split(content: bytes) -> Iterator[RawDocument | DeadLetter]:
        if content.strip():
            yield document(file, media_type, content)
        else:
            yield letter(file, "empty_file", "the file is empty", content, media_type=media_type)

    return read_whole(file, stream, max_bytes, split)
