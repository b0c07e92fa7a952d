"""Articles as a list to read, on a terminal or in a pipe."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pipeline.groups import Group
from pipeline.show import Row, by_story, time_of
from transforms.text.counted import counted


def print_stories(console: Console, stories: Iterable[list[Row]]) -> None:
    """Print of each story one article whole, the others by their titles and addresses."""
    for story in stories:
        _print_story(console, story)
        console.print()


def print_group(console: Console, group: Group) -> None:
    """Print the first articles of a group, and how many there are: below a heading, or a story."""
    if group.name:
        print_paragraph(console, Text(f"{group.name} · {group.size}", style="bold underline"))
        console.print()
        print_stories(console, by_story(group.rows))
    else:
        counts = f"{counted(group.size, 'article')} of {counted(group.sources, 'source')}"
        _print_story(console, group.rows, counts if group.size > 1 else "")
    if left := group.size - len(group.rows):
        print_paragraph(console, Text(f"and {left} more", style="dim"), 2)
    if left or not group.name:
        console.print()


def _print_story(console: Console, story: list[Row], counts: str = "") -> None:
    for lead in story[:1]:  # it may be gone since it was counted
        _print_row(console, lead, counts)
    for other in story[1:]:
        facts = [
            time_of(other),
            other["source"] or "",
            other["title"] or "(no title)",
            "nearly the same text" if other["duplicate_of"] else "",
        ]
        print_paragraph(console, Text("also: " + _joined(facts), style="dim"), 2)
        _print_address(console, other, 4)


def _print_row(console: Console, row: Row, counts: str) -> None:
    facts = [
        counts,
        time_of(row),
        row["source"] or "",
        f"{row['topic']} {row['topic_score']:.2f}" if row["topic"] else "no topic is certain",
        counted(row["word_count"], "word")
        + (f", revision {row['revision']}" * (row["revision"] > 1)),
        f"also at {len(row['duplicates'])} more" if row["duplicates"] else "",
        f"nearly repeats {row['duplicate_of']}" if row["duplicate_of"] else "",
        ", ".join(row["flags"]),
    ]
    print_paragraph(console, Text(row["title"] or "(no title)", style="bold"))
    print_paragraph(console, Text(_joined(facts), style="dim"))
    print_paragraph(console, Text(row["summary"]), 2)
    _print_address(console, row, 2)


def _print_address(console: Console, row: Row, indent: int) -> None:
    """Print an address so that it can be copied: in one piece, however narrow the terminal is.

    It is that of the file which the article was read from where there is no other.
    """
    text = Text.assemble(" " * indent, (row["url"] or row["uri"], "dim"))
    console.print(text, soft_wrap=True)


def print_paragraph(console: Console, text: Text, indent: int = 0) -> None:
    """Print a paragraph: wrapped on a terminal, one line in a pipe."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        console.print(Text.assemble(" " * indent, text), soft_wrap=True)


def _joined(facts: Iterable[str]) -> str:
    return " · ".join(filter(None, facts))
