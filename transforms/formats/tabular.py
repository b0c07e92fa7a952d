"""CSV and Parquet: one article per row."""

import csv
import math
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from datetime import date, time
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.formats.base import PAYLOAD_CAP, FileInfo, Format, document, letter, too_large
from transforms.formats.byte_streams import peek, text_stream
from transforms.formats.encoding import SAMPLE, decode
from transforms.formats.json_records import encode_record, parse_record
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

CSV_TYPE = "text/csv"

PARQUET_BATCH = 256
"""Rows of a Parquet file that are in memory at once, beside its compressed pages."""


class _Lines:
    """The lines of a text; those that a row took can be given back.

    Attributes:
        number: of the last line handed out, 1-based.
        taken: the lines handed out since `mark`.
    """

    def __init__(self, text: IO[str], max_chars: int) -> None:
        self._text = text
        self._waiting: deque[str] = deque()
        self._left = self._max_chars = max_chars
        self.number = 0
        self.taken: list[str] = []

    def mark(self) -> None:
        self.taken = []
        self._left = self._max_chars

    def give_back_all_but_first(self) -> None:
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._left < 0:
            raise csv.Error("the row does not end")
        line = self._waiting.popleft() if self._waiting else self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        self.number += 1
        self.taken.append(line)
        return line


def split_csv(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield a JSON object per row, its names from the first row; `line` is where the row starts.

    A quote that is never closed costs its own line only. A dead letter's payload is the header
    and the row, so that it is a CSV file of its own.
    """
    # The limit holds for the process; the default of 131,072 is less than a long article.
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))
    sample, whole = peek(stream, SAMPLE)
    lines = _Lines(text_stream(whole), max_bytes)
    rows = _rows(lines, _delimiter(file.uri, sample))
    names = next(rows, None)
    header = "".join(lines.taken)
    if not isinstance(names, list) or not any(names):
        reason = "empty_file" if names is None else "bad_csv"
        detail = "the file is empty" if names is None else f"no header row: {names}"
        yield letter(file, reason, detail, sample, media_type=CSV_TYPE)
        return
    for row in rows:
        start = lines.number - len(lines.taken) + 1
        if isinstance(row, list) and len(row) == len(names):
            record = encode_record(dict(zip(names, row, strict=True)))
            yield document(file, RECORD_MEDIA_TYPE, record, start)
        elif row:
            payload = (header + "".join(lines.taken)).encode("utf-8", "replace")
            yield letter(file, *_fault(row, len(names)), payload, line=start, media_type=CSV_TYPE)


def _fault(row: list[str] | csv.Error, expected: int) -> tuple[str, str]:
    """Return the reason and detail of a row that is none."""
    if isinstance(row, csv.Error):
        return "bad_csv", str(row)
    return "wrong_field_count", f"{len(row)} fields, the header has {expected}"


def _delimiter(uri: str, sample: bytes) -> str:
    """Return the delimiter: a tab for .tsv, else the most frequent one of the header."""
    if re.search(r"\.tsv(\.\w+)?$", uri.lower()):
        return "\t"
    header = decode(sample).partition("\n")[0]
    return max(",;\t|", key=header.count)


def _rows(lines: _Lines, delimiter: str) -> Iterator[list[str] | csv.Error]:
    """Yield each row, or the error that its first line makes."""
    while True:
        lines.mark()
        try:
            row = next(csv.reader(lines, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back_all_but_first()
            yield error
        else:
            yield row


def split_parquet(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield a JSON object per row; a row group that cannot be read is one dead letter."""
    with _seekable(stream) as whole:
        try:
            parquet = pq.ParquetFile(whole, pre_buffer=False, buffer_size=SAMPLE)
        except (pa.ArrowException, OSError) as error:
            whole.seek(0)
            yield letter(file, "bad_parquet", _first_line(error), whole.read(PAYLOAD_CAP))
            return
        first_row = 1
        for group in range(parquet.num_row_groups):
            yield from _split_group(file, parquet, group, first_row, max_bytes)
            first_row += parquet.metadata.row_group(group).num_rows


def _split_group(
    file: FileInfo, parquet: pq.ParquetFile, group: int, line: int, max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    try:
        for batch in parquet.iter_batches(PARQUET_BATCH, row_groups=[group], use_threads=False):
            for row in _to_microseconds(batch).to_pylist():
                record = encode_record({name: _json_value(value) for name, value in row.items()})
                if len(record) > max_bytes:
                    yield too_large(file, record, max_bytes, line)
                else:
                    yield document(file, RECORD_MEDIA_TYPE, record, line)
                line += 1
    except (pa.ArrowException, OSError) as error:
        detail = f"row group {group} cannot be read from row {line} on: {_first_line(error)}"
        yield letter(file, "bad_parquet", detail, b"", line=line)


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """Return `stream` itself, or a temporary file of it: Parquet is read from its end."""
    if stream.seekable():
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


def _to_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return `batch` without nanoseconds, which Python's times cannot hold."""
    schema = batch.schema
    for index, field in enumerate(schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            schema = schema.set(index, field.with_type(pa.timestamp("us", field.type.tz)))
    return batch.cast(schema, safe=False)


def _json_value(value: Any) -> Any:
    """Return `value` as JSON holds it: times in ISO 8601, bytes as text, no NaN."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return decode(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _json_value(item) for name, item in value.items()}
    return value


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]


CSV = Format(CSV_TYPE, (".csv", ".tsv"), split_csv, parse_record)
PARQUET = Format("application/vnd.apache.parquet", (".parquet", ".pq"), split_parquet, parse_record)
