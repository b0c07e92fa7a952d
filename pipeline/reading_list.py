"""Articles as a list to read, on a terminal or in a pipe."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

Row = dict[str, Any]


def print_stories(console: Console, stories: Iterable[list[Row]], heading: str = "") -> None:
    """Print of each story one article whole, the others by their titles and addresses."""
    if heading:
        _print(console, Text(heading, style="bold underline"))
        console.print()
    for lead, *others in stories:
        _print_row(console, lead)
        for other in others:
            facts = [
                _time(other),
                other["source"] or "",
                other["title"] or "(no title)",
                "nearly the same text" if other["duplicate_of"] else "",
            ]
            _print(console, Text("also: " + _joined(facts), style="dim"), 2)
            _print_address(console, other, 4)
        console.print()


def _print_row(console: Console, row: Row) -> None:
    facts = [
        _time(row),
        row["source"] or "",
        f"{row['topic']} {row['topic_score']:.2f}" if row["topic"] else "no topic is certain",
        f"{row['word_count']} words" + (f", revision {row['revision']}" * (row["revision"] > 1)),
        f"also at {len(row['duplicates'])} more" if row["duplicates"] else "",
        f"nearly repeats {row['duplicate_of']}" if row["duplicate_of"] else "",
        ", ".join(row["flags"]),
    ]
    _print(console, Text(row["title"] or "(no title)", style="bold"))
    _print(console, Text(_joined(facts), style="dim"))
    _print(console, Text(row["summary"]), 2)
    _print_address(console, row, 2)


def _print_address(console: Console, row: Row, indent: int) -> None:
    """Print an address so that it can be copied: in one piece, however narrow the terminal is."""
    if row["url"]:
        text = Text.assemble(" " * indent, (row["url"], "dim"))
        console.print(text, soft_wrap=True)


def _print(console: Console, text: Text, indent: int = 0) -> None:
    """Print a paragraph: wrapped on a terminal, one line in a pipe."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        console.print(Text.assemble(" " * indent, text), soft_wrap=True)


def _time(row: Row) -> str:
    return f"{row['published_at']:%Y-%m-%d %H:%M} UTC"


def _joined(facts: Iterable[str]) -> str:
    return " · ".join(filter(None, facts))
