"""What a check of an output found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.command_line import command_line
from pipeline.plain_table import plain_table
from transforms.text.counted import counted

SHOWN = 50
"""Most problems that are listed on a terminal."""


class Problem(NamedTuple):
    """A promise that does not hold.

    Attributes:
        code: snake_case, listed in docs/trust.md.
        path: the file or folder, relative to the output.
        detail: one sentence for a person.
        fixable: whether `--fix` can mend it without losing anything.
        fixed: whether it has.
        id: the article's or dead letter's id, if it is about one.
    """

    code: str
    path: str
    detail: str
    fixable: bool = False
    fixed: bool = False
    id: str = ""


@dataclass
class Report:
    """What was found.

    Attributes:
        problems: what does not hold, those that were mended included.
        counts: what was looked at: `files`, `rows`, `dead_letters`, `manifests`, `checksums`
            (files that are as their manifest says) and `unrecorded` (files that a run changed which
            was killed before it could record them).
        writer: who is writing to the output at this moment; its work in progress may be among the
            problems.
    """

    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    writer: str | None = None

    @property
    def remaining(self) -> list[Problem]:
        """Return the problems that were not mended."""
        return [problem for problem in self.problems if not problem.fixed]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "clean": not self.remaining,
            "counts": dict(sorted(self.counts.items())),
            "writer": self.writer,
            "problems": [problem._asdict() for problem in self.problems],
        }


def print_problems(console: Console, report: Report, output: str) -> None:
    """Print what was found."""
    if report.writer:
        console.print(Text(f"Being written by {report.writer}: look again when it has ended."))
    if report.problems:
        console.print(_table(report.problems))
    if len(report.problems) > SHOWN:
        console.print(f"... and {len(report.problems) - SHOWN} more; --json lists all")
    counts = report.counts
    looked = (
        f"{counted(counts['rows'], 'row')} in {counted(counts['files'], 'file')}, "
        f"{counted(counts['dead_letters'], 'dead letter')}, "
        f"{counted(counts['manifests'], 'manifest')}, {counted(counts['checksums'], 'checksum')}"
    )
    remaining = report.remaining
    if not remaining:
        console.print(Text.assemble(("OK", "green"), f": {looked}"))
        return
    console.print(Text.assemble((counted(len(remaining), "problem"), "red"), f": {looked}"))
    if any(problem.fixable for problem in remaining):
        fix = command_line("verify", output, "--fix")
        console.print(Text(f"{fix} mends those marked as fixable"), soft_wrap=True)


def _table(problems: list[Problem]) -> Table:
    table = plain_table(None, "problem", "where", "what", "fixable")
    for problem in problems[:SHOWN]:
        state = "fixed" if problem.fixed else "yes" if problem.fixable else "no"
        where = f"{problem.path} {problem.id}".strip()
        table.add_row(problem.code, Text(where, overflow="fold"), Text(problem.detail), state)
    return table
