"""Published articles as files for people: tables, a page, notes, a feed."""

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import xlsxwriter

from pipeline.show import time_of
from transforms.errors import ConfigError
from transforms.text.printable import as_xml

Row = dict[str, Any]
Cell = str | int | datetime | None

COLUMNS = (
    "published_at", "title", "summary", "topic", "source", "authors", "language", "url",
    "word_count", "story_id", "duplicate_of", "also_at", "date_source", "flags", "id",
)  # fmt: skip
"""What a person reads of an article; `also_at` holds the addresses of its `duplicates`."""

_WIDTHS = {"title": 60, "summary": 80, "published_at": 17, "url": 40}
_MOST_ROWS, _MOST_CHARACTERS = 1_048_575, 32_767
"""Of a sheet below its header, and of a cell: Excel's limits."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def record(row: Row) -> dict[str, Cell]:
    """Return what a person reads of a row; lists as text."""
    return {
        **{name: row.get(name) for name in COLUMNS},
        "authors": "; ".join(row["authors"] or ()),
        "also_at": " ".join(other["url"] or "" for other in row["duplicates"] or ()).strip(),
        "flags": " ".join(row["flags"] or ()),
    }


def write_csv(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write a table with a mark that spreadsheets need to see it is UTF-8.

    A text that a spreadsheet would compute begins with an apostrophe.
    """
    with _Text(file, "utf-8-sig") as text:
        table = csv.writer(text)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow([_harmless(_plain(cell)) for cell in record(row).values()])


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_xlsx(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write a sheet with a filter on each column; texts stay texts.

    Raises:
        ConfigError: there are more articles than a sheet holds.
    """
    options = {"constant_memory": True, "remove_timezone": True}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("articles")
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 2)
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, 14))
            sheet.write_string(0, column, name, bold)
        count = 0
        for count, row in enumerate(rows, 1):
            if count > _MOST_ROWS:
                raise ConfigError(f"a sheet holds at most {_MOST_ROWS} articles: export to .csv")
            for column, cell in enumerate(record(row).values()):
                if isinstance(cell, datetime):
                    sheet.write_datetime(count, column, cell, date)
                elif isinstance(cell, int):
                    sheet.write_number(count, column, cell)
                else:
                    sheet.write_string(count, column, (cell or "")[:_MOST_CHARACTERS])
        sheet.autofilter(0, 0, count, len(COLUMNS) - 1)


def write_jsonl(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write an object a line; what lists hold stays in lists."""
    for row in rows:
        also = [other["url"] for other in row["duplicates"] or () if other["url"]]
        values = {name: row.get(name) for name in COLUMNS} | {"also_at": also}
        values["published_at"] = _plain(row["published_at"])
        file.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")


def write_markdown(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write notes: a heading for each day and each article."""
    with _Text(file, "utf-8") as text:
        day = ""
        for row in rows:
            if day != (day := f"{row['published_at']:%Y-%m-%d}"):
                text.write(f"# {day}\n\n")
            title, url = _marked(row["title"] or "(no title)"), _address(row)
            text.write(f"## [{title}](<{url}>)\n\n" if url else f"## {title}\n\n")
            text.write(f"{_marked(_facts(row))}\n\n{_marked(row['summary'])}\n\n")


def _marked(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, on one line."""
    line = _MARKS.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", line)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>News</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:auto;padding:1rem;
color-scheme:light dark}h2{font-size:1.1rem;margin-bottom:0}.facts{opacity:.75;margin:0}</style>
<h1>News</h1>
"""


def write_html(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write a page without scripts or requests."""
    with _Text(file, "utf-8") as text:
        text.write(_PAGE)
        for row in rows:
            title, url = html.escape(row["title"] or "(no title)"), html.escape(_address(row))
            head = f'<a href="{url}" rel="noreferrer">{title}</a>' if url else title
            language = html.escape(row["language"] or "")
            text.write(
                f'<article lang="{language}" dir="auto"><h2>{head}</h2>'
                f'<p class="facts">{html.escape(_facts(row))}</p>'
                f"<p>{html.escape(row['summary'])}</p></article>\n"
            )
        text.write("</html>\n")


def write_rss(file: IO[bytes], rows: Iterable[Row]) -> None:
    """Write a feed, RSS 2.0, that other readers can follow."""
    with _Text(file, "utf-8") as text:
        text.write('<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>')
        text.write("<title>News</title><link/><description>Articles by newsbeam</description>\n")
        for row in rows:
            parts = [
                ("title", row["title"]),
                ("link", _address(row)),
                ("description", row["summary"]),
                ("category", row["topic"]),
                ("pubDate", format_datetime(row["published_at"])),
            ]
            inner = "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in parts if value)
            text.write(f'<item><guid isPermaLink="false">{row["id"]}</guid>{inner}</item>\n')
        text.write("</channel></rss>\n")


Writer = Callable[[IO[bytes], Iterable[Row]], None]

FORMATS: dict[str, Writer] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "jsonl": write_jsonl,
    "md": write_markdown,
    "html": write_html,
    "rss": write_rss,
}
"""Ending -> what writes such a file."""


def export(rows: Iterator[Row], file: Path) -> int:
    """Write `rows` to `file`, in the format of its ending; return how many there are.

    What is there is replaced once the new file is whole.

    Raises:
        ConfigError: the ending is none of `FORMATS`, or the file cannot be written.
    """
    write = FORMATS.get(file.suffix.lower().removeprefix("."))
    if write is None:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise ConfigError(f"--to {file}: the name has to end with one of {endings}")
    whole = file.with_name(f".{file.name}.part")
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for count, row in enumerate(rows, 1):  # noqa: B007 (the result)
            yield row

    try:
        with whole.open("wb") as content:
            write(content, counted())
        whole.replace(file)
    except OSError as error:
        raise ConfigError(f"--to {file}: it cannot be written: {error.strerror}") from error
    finally:
        whole.unlink(missing_ok=True)
    return count


class _Text(io.TextIOWrapper):
    """A text file over a binary one, which stays open when this is closed."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__(file, encoding, errors="replace", newline="")

    def __exit__(self, *_: object) -> None:
        self.detach()


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "" if cell is None else str(cell)


def _address(row: Row) -> str:
    """Return the address of an article if it is one of the web: others could run something."""
    url = row["url"] or ""
    return url if re.match(r"https?://[^\s<>]+$", url) else ""


def _facts(row: Row) -> str:
    return " · ".join(filter(None, (time_of(row), row["source"], row["topic"], row["language"])))


def _xml(text: str) -> str:
    return escape(as_xml(text))
