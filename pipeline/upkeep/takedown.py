"""What came of a takedown."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from pipeline.plain_table import plain_table
from pipeline.upkeep.traces import Trace
from transforms.output import state
from transforms.text.counted import counted


@dataclass
class Forgotten:
    """What came of it.

    Attributes:
        counts: how many `rows`, kept `versions`, listed `duplicates`, `dead_letters`, lines of
            `manifests` and `run_pages` went, and how many rows were `relinked`.
        searched: how many files were searched at the end.
        traces: what was found there.
        unknown: the names that no article had.
    """

    counts: Counter[str] = field(default_factory=Counter)
    searched: int = 0
    traces: list[Trace] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def left(self) -> list[Trace]:
        """Traces that are no mention by another article."""
        return [trace for trace in self.traces if not trace.is_mention]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "removed": dict(sorted(self.counts.items())),
            "unknown": self.unknown,
            "searched": self.searched,
            "left": [trace._asdict() for trace in self.left],
            "mentions": [trace._asdict() for trace in self.traces if trace.is_mention],
        }


def print_forgotten(console: Console, result: Forgotten) -> None:
    """Print what went, and what the search at the end found."""
    table = plain_table(None, "what", "removed")
    table.columns[1].justify = "right"
    for what in ("rows", "versions", "duplicates", "dead_letters", "manifests", "run_pages"):
        table.add_row(what.replace("_", " "), str(result.counts[what]))
    console.print(table)
    for name in result.unknown:
        text = f"No article here has {name}. It stays out from now on."
        console.print(text, highlight=False, soft_wrap=True)
    if relinked := result.counts["relinked"]:
        console.print(f"{relinked} other rows named them; they do no more.", highlight=False)
    for trace in result.traces:
        kind = "mentioned by another article" if trace.is_mention else "LEFT"
        console.print(f"{kind}: {trace.path} {trace.column}".rstrip(), highlight=False)
    if not result.left:
        console.print(
            f"{counted(result.searched, 'file')} searched: nothing is left. "
            f"{state.Forgotten.NAME} keeps hashes only, so that no run publishes them again.",
            highlight=False,
        )
    elif any(trace.path.startswith("_table") for trace in result.left):
        console.print("A table that no run follows any more is left in _table: remove it.")
