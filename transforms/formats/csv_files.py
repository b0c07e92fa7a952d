"""CSV and TSV, in the dialects that programs write: one article per row."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from transforms.formats.base import FileInfo, Format, document, letter
from transforms.formats.byte_streams import peek, text_stream
from transforms.formats.csv_dates import orders, put_in_order
from transforms.formats.encoding import SAMPLE, decode
from transforms.formats.fields import field_named
from transforms.formats.json_records import encode_record, parse_record
from transforms.formats.values import is_empty
from transforms.records import RECORD_MEDIA_TYPE, DeadLetter, RawDocument
from transforms.text.counted import counted

MEDIA_TYPE = "text/csv"

DELIMITERS = ",;\t|^\x01"

_SEPARATOR = re.compile(r"\"?sep=(.)\"?\s*$", re.IGNORECASE)
"""The line before the header by which Excel is told, and tells, what parts the fields."""

_FORMULA = re.compile(r"=\s?\"(.*)\"", re.DOTALL)
"""A text that is kept from being read as a number or a date by Excel."""

_MOST_HEADING_LINES = 15
"""Lines in which a header is looked for."""


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

    def give_back(self, kept: int) -> None:
        """Give all lines back that were taken since `mark`, but for the first `kept`."""
        self._waiting.extendleft(reversed(self.taken[kept:]))
        self.number -= len(self.taken) - kept
        del self.taken[kept:]
        self._left = self._max_chars

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


class _Style(NamedTuple):
    """What parts fields, what stands around one, and whether spaces follow what parts them."""

    delimiter: str
    quotechar: str = '"'
    skipinitialspace: bool = False


class _Header(NamedTuple):
    """The names of the columns, how rows are written, and the lines that say so."""

    names: list[str]
    style: _Style
    lines: str


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
    beginning = decode(sample)
    try:
        for _ in range(_heading(beginning, file.uri)):
            next(lines, None)
        header = _header(lines, file.uri)
    except csv.Error as error:
        yield letter(file, "bad_csv", f"no header row: {error}", sample, media_type=MEDIA_TYPE)
        return
    if header is None:
        yield letter(file, "empty_file", "the file is empty", sample, media_type=MEDIA_TYPE)
        return
    found = orders(_first_rows(beginning, header), len(header.names))
    for row in _rows(lines, header.style, len(header.names)):
        start = lines.number - len(lines.taken) + 1
        if isinstance(row, list) and len(row) == len(header.names):
            record = encode_record(_record(header.names, put_in_order(row, found)))
            yield document(file, RECORD_MEDIA_TYPE, record, start)
        elif row:
            payload = (header.lines + "".join(lines.taken)).encode("utf-8", "replace")
            fault = _fault(row, len(header.names))
            yield letter(file, *fault, payload, line=start, media_type=MEDIA_TYPE)


def _first_rows(text: str, header: _Header) -> Iterator[list[str]]:
    """Yield the rows at the beginning of a file, the header among them not."""
    with suppress(csv.Error):
        for row in csv.reader(io.StringIO(text, newline=""), **header.style._asdict()):
            if [name.strip("\ufeff ") for name in row] != header.names:
                yield row


def _heading(text: str, uri: str) -> int:
    """Return how many lines stand before the header: the title of a report, and who made it.

    Where the first row names no field that is known, the header is the next that names two, title
    or text among them, if there is one.
    """
    lines = text.splitlines(keepends=True)[:_MOST_HEADING_LINES]
    rows = [
        (n, line) for n, line in enumerate(lines) if line.strip() and not _SEPARATOR.match(line)
    ]
    for number, line in rows:
        with suppress(csv.Error):
            names = next(csv.reader([line], delimiter=_delimiter(line, uri)), [])
            fields = {*map(field_named, names)} - {None}
            is_first = number == rows[0][0]
            if is_first and fields and len(names) > 1:
                return 0
            if len(fields) > 1 and fields & {"title", "text"}:
                return number
    return 0


def _delimiter(line: str, uri: str) -> str:
    """Return what parts the fields in the first row of a file."""
    if re.search(r"\.tsv(\.\w+)?$", uri.lower()):
        return "\t"
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", line).count)


def _header(lines: _Lines, uri: str) -> _Header | None:
    """Return the header, behind blank lines and Excel's `sep=`; `None` if there is no line.

    Raises:
        csv.Error: it cannot be read.
    """
    delimiter = separator = ""
    while True:
        lines.mark()
        line = next(lines, None)
        if line is None:
            return None
        if match := _SEPARATOR.match(line):
            delimiter, separator = match[1], line
        elif line.strip(f'{DELIMITERS} \r\n\ufeff"'):
            break
    style = _style(line, delimiter or _delimiter(line, uri))
    lines.give_back(0)
    row = _row(lines, style, 0)
    return _Header([name.strip() for name in row], style, separator + "".join(lines.taken))


def _style(line: str, delimiter: str) -> _Style:
    """Return how the rows of a file are written whose header is `line`.

    >>> _style("'title', 'text'", ",")
    _Style(delimiter=',', quotechar="'", skipinitialspace=True)
    """
    parts = line.strip().split(delimiter)
    quoted = all(part.strip()[:1] == part.strip()[-1:] == "'" for part in parts)
    spaced = all(part[:1] == " " for part in parts[1:])
    is_list = len(parts) > 1 and delimiter != "\t"
    return _Style(delimiter, "'" if quoted and is_list else '"', spaced and is_list)


def _record(names: list[str], row: list[str]) -> dict[str, str]:
    """Return a row by the names of its columns; of one name, the first value that says something.

    A column without a name is the index that pandas writes.
    """
    record: dict[str, str] = {}
    for name, value in zip(names, row, strict=True):
        if name and is_empty(record.get(name)):
            formula = _FORMULA.fullmatch(value)
            record[name] = formula[1].replace('""', '"') if formula else value
    return record


def _fault(row: list[str] | csv.Error, expected: int) -> tuple[str, str]:
    """Return the reason and detail of a row that cannot be read."""
    if isinstance(row, csv.Error):
        return "bad_csv", str(row)
    return "wrong_field_count", f"{counted(len(row), 'field')}, the header has {expected}"


def _rows(lines: _Lines, style: _Style, width: int) -> Iterator[list[str] | csv.Error]:
    """Yield each row, or the error that its first line makes."""
    while True:
        lines.mark()
        try:
            row = _row(lines, style, width)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back(1)
            yield error
        else:
            while len(row) > width and not row[-1]:  # each row ends with a delimiter
                row.pop()
            yield row


def _row(lines: _Lines, style: _Style, width: int) -> list[str]:
    """Return the next row, with quotes doubled, else escaped by backslashes, else as they are.

    The last in a table parted by tabs only, where a quotation mark may be one of the text.

    Raises:
        StopIteration: there is no row.
        csv.Error: it cannot be read.
    """
    try:
        row = next(csv.reader(lines, **style._asdict(), strict=True))
    except csv.Error:
        if style.delimiter == "\t":
            return _unquoted(lines)
        if f"\\{style.quotechar}" not in "".join(lines.taken[:100]):
            raise
        lines.give_back(0)
        escaped = csv.reader(
            lines, **style._asdict(), strict=True, doublequote=False, escapechar="\\"
        )
        return next(escaped)
    is_whole = (line.count("\t") == width - 1 for line in lines.taken)
    if style.delimiter == "\t" and len(lines.taken) > 1 and all(is_whole):
        return _unquoted(lines)  # a quotation mark here has another one some rows below
    return row


def _unquoted(lines: _Lines) -> list[str]:
    """Return the fields of the first line that was taken, and give the others back."""
    lines.give_back(1)
    return lines.taken[0].rstrip("\r\n").split("\t")


FORMAT = Format(MEDIA_TYPE, (".csv", ".tsv"), split_csv, parse_record)
