"""Parquet: one article per row.

Values are converted one by one, so that one that Python cannot hold costs no other: a date outside
the years 1 to 9999, text that is no UTF-8, a duration of centuries.
"""

import math
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, time
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.formats.base import PAYLOAD_CAP, FileInfo, Format, document, letter, too_large
from transforms.formats.encoding import SAMPLE, decode
from transforms.formats.json_records import UNREADABLE, encode_record, parse_record
from transforms.formats.values import is_empty
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument

BATCH = 256
"""Rows of a file that are in memory at once, beside its compressed pages."""

_FAULTS = (ValueError, OverflowError, LookupError, pa.ArrowException, OSError)
"""What a value raises that cannot be converted; of a zone that nobody knows, `LookupError`."""


def split_parquet(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield a JSON object per row; a row group that cannot be read is one dead letter.

    Only columns that can hold a part of an article are read.
    """
    with _seekable(stream) as whole:
        try:
            parquet = pq.ParquetFile(
                whole,
                pre_buffer=False,
                buffer_size=SAMPLE,
                # The dates of Spark and Impala would wrap around in nanoseconds after 2262.
                coerce_int96_timestamp_unit="us",
            )
            names = [field.name for field in parquet.schema_arrow if _is_needed(field.type)]
        except _FAULTS as error:
            whole.seek(0)
            yield letter(file, "bad_parquet", _first_line(error), whole.read(PAYLOAD_CAP))
            return
        first_row = 1
        for group in range(parquet.num_row_groups):
            yield from _split_group(file, parquet, names, group, first_row, max_bytes)
            first_row += parquet.metadata.row_group(group).num_rows


def _is_needed(kind: pa.DataType) -> bool:
    """Return whether a column of this type can hold a part of an article: no lists of numbers."""
    if pa.types.is_dictionary(kind):
        return _is_needed(kind.value_type)
    is_list = any(
        test(kind)
        for test in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    )
    if is_list:
        inner = kind.value_type
        return not (pa.types.is_floating(inner) or pa.types.is_boolean(inner))
    return not pa.types.is_duration(kind)


def _split_group(  # noqa: PLR0913, PLR0917 (a group and its place)
    file: FileInfo,
    parquet: pq.ParquetFile,
    names: list[str],
    group: int,
    line: int,
    max_bytes: int,
) -> Iterator[RawDocument | DeadLetter]:
    try:
        for batch in parquet.iter_batches(
            BATCH, row_groups=[group], columns=names, use_threads=False
        ):
            columns = [(field.name, _readable(batch[i])) for i, field in enumerate(batch.schema)]
            for row in range(batch.num_rows):
                record = encode_record(_record(columns, row))
                if len(record) > max_bytes:
                    yield too_large(file, record, max_bytes, line)
                else:
                    yield document(file, RECORD_MEDIA_TYPE, record, line)
                line += 1
    except _FAULTS as error:
        detail = f"row group {group} cannot be read from row {line} on: {_first_line(error)}"
        yield letter(file, "bad_parquet", detail, b"", line=line)


def _record(columns: list[tuple[str, pa.Array]], row: int) -> dict[str, Any]:
    """Return a row as JSON holds it; values that cannot be converted are only named."""
    record: dict[str, Any] = {}
    unreadable: list[str] = []
    for name, column in columns:
        try:
            value = _json_value(column[row].as_py())
        except _FAULTS:
            value = None
            unreadable.append(name)
        if is_empty(
            record.get(name)
        ):  # of two columns with one name, the first that says something
            record[name] = value
    return {**record, UNREADABLE: unreadable} if unreadable else record


def _readable(column: pa.Array) -> pa.Array:
    """Return a column in a type whose values Python holds: text as bytes, times in microseconds.

    An instant is the same in every zone, so that one with a zone that nobody knows is in UTC.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        values = _readable(column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, values)
    try:
        return pc.cast(column, _held(kind), safe=False)
    except pa.ArrowException:  # no cast between the two
        return column


def _held(kind: pa.DataType) -> pa.DataType:
    """Return the type to which `_readable` casts values of type `kind`."""
    if pa.types.is_timestamp(kind):
        unit = "us" if kind.unit == "ns" else kind.unit
        return pa.timestamp(unit, "UTC" if kind.tz else None)
    if pa.types.is_string(kind):
        return pa.binary()
    if pa.types.is_large_string(kind):
        return pa.large_binary()
    if pa.types.is_list(kind):
        return pa.list_(_held(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_held(field.type)) for field in kind])
    return kind


def _json_value(value: Any) -> Any:
    """Return `value` as JSON holds it: times in ISO 8601, bytes as text, no NaN."""
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):  # a map
            return {str(_json_value(name)): _json_value(item) for name, item in value}
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _json_value(item) for name, item in value.items()}
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return _text_of(value) if isinstance(value, bytes) else value


def _text_of(value: bytes) -> str | None:
    """Return bytes as text; `None` for those of a picture or the like."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None if b"\0" in value else decode(value)


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """Return `stream` itself, or a temporary file of it: Parquet is read from its end."""
    if stream.seekable():
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]


FORMAT = Format("application/vnd.apache.parquet", (".parquet", ".pq"), split_parquet, parse_record)
