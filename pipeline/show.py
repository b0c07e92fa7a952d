"""Published summaries, readable in a terminal."""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from transforms.errors import ConfigError
from transforms.output.ledger import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join

COLUMNS = (
    "id",
    "published_at",
    "title",
    "source",
    "url",
    "authors",
    "language",
    "topic",
    "topic_score",
    "summary",
    "faithfulness",
    "word_count",
    "revision",
    "duplicates",
    "duplicate_of",
    "story_id",
    "flags",
)


@rereads
def select_rows(root: str, day: date | None, topic: str | None, limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` published rows of a day and a topic, newest first.

    Args:
        root: the output.
        day: UTC day; `None` for all.
        topic: a label, or a part of one, in any case; `None` for all.
        limit: rows at the most.

    Raises:
        ConfigError: `root` holds no output.
    """
    files = day_files(root)
    if not files:
        raise ConfigError(f"{root} holds no published articles; is it the output of a run?")
    dates = {file.date for file in files if day is None or file.date == day.isoformat()}
    found: list[dict[str, Any]] = []
    for date_ in sorted(dates, reverse=True):
        if len(found) >= limit:
            break
        of_day = [file for file in files if file.date == date_]
        table = pa.concat_tables(read_columns(join(root, file.path), COLUMNS) for file in of_day)
        if topic:
            table = table.filter(pc.match_substring(table["topic"], topic, ignore_case=True))
        found += table.sort_by([("published_at", "descending")])[: limit - len(found)].to_pylist()
    return found


def by_story(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return rows grouped by story, in the order of each one's first row.

    The first of a group is its first row that repeats no other one.
    """
    stories: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        stories.setdefault(row["story_id"] or row["id"], []).append(row)
    return [sorted(story, key=lambda row: bool(row["duplicate_of"])) for story in stories.values()]


def print_rows(console: Console, rows: list[dict[str, Any]]) -> None:
    """Print rows as a list to read: of each story one article whole, the others by their titles."""
    for lead, *others in by_story(rows):
        _print_row(console, lead)
        for other in others:
            facts = [
                f"{other['published_at']:%Y-%m-%d %H:%M} UTC",
                other["source"] or "",
                other["title"] or "(no title)",
                "nearly the same text" if other["duplicate_of"] else "",
            ]
            line = Text("also: " + " · ".join(fact for fact in facts if fact), style="dim")
            console.print(Padding(line, (0, 0, 0, 2)))
        console.print()


def _print_row(console: Console, row: dict[str, Any]) -> None:
    facts = [
        f"{row['published_at']:%Y-%m-%d %H:%M} UTC",
        row["source"] or "",
        f"{row['topic']} {row['topic_score']:.2f}" if row["topic"] else "no topic is certain",
        f"{row['word_count']} words" + (f", revision {row['revision']}" * (row["revision"] > 1)),
        f"also at {len(row['duplicates'])} more" if row["duplicates"] else "",
        f"nearly repeats {row['duplicate_of']}" if row["duplicate_of"] else "",
        ", ".join(row["flags"]),
    ]
    console.print(Text(row["title"] or "(no title)", style="bold"))
    console.print(Text(" · ".join(fact for fact in facts if fact), style="dim"))
    console.print(Padding(Text(row["summary"]), (0, 0, 0, 2)))
    if row["url"]:
        console.print(Padding(Text(row["url"], style="dim"), (0, 0, 0, 2)), soft_wrap=True)
