"""What became of inputs: of a batch, and of a run."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.errors import FAULT, BalanceError
from transforms.named_code import plugin_at_fault
from transforms.step_names import FULLTEXT
from transforms.text.counted import counted

if TYPE_CHECKING:  # it brings numpy, which a command that lists runs does not need
    from transforms.records import DeadLetter


def unread_feeds(outcomes: Mapping[str, int]) -> str:
    """Return how many of the feeds that were asked could not be read; `""` if all could.

    >>> unread_feeds({"Fetched": 5, "Failed": 1, "Unreadable": 1, "Skipped": 3})
    '2 of 7 feeds could not be read'
    """
    failed = sum(outcomes.get(name, 0) for name in ("Failed", "Unreadable", "Fault"))
    asked = sum(outcomes.values()) - outcomes.get("Skipped", 0)
    return f"{failed} of {counted(asked, 'feed')} could not be read" if failed else ""


def feeds_text(outcomes: Mapping[str, int]) -> str:
    """Return what came of feeds, in words.

    >>> feeds_text({"Fetched": 5, "Skipped": 3})
    '5 read, 3 not due'
    """
    words = {
        "Fetched": "read", "NotModified": "without news", "Skipped": "not due", "Failed": "failed",
        "Unreadable": "no feed", "Fault": "met a fault",
    }  # fmt: skip
    return ", ".join(f"{count} {words.get(name, name)}" for name, count in sorted(outcomes.items()))


@dataclass
class Counts:
    """What became of the inputs of a run.

    Attributes:
        read: documents found in the input, each counted where it was read.
        written: rows published: new ones and new versions.
        unchanged: inputs whose row needs no change, among them older versions of a row.
        duplicate: articles whose text has a row under another id.
        rejected: dead letters by step and reason, as `step.reason`.
        page_faults: pages of teasers that met a fault; the teaser has its row.
        plugin_faults: dead letters of faults of plug-ins, by the plug-in.
    """

    read: int = 0
    written: int = 0
    unchanged: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    page_faults: int = 0
    plugin_faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Add the counts of another batch."""
        self.read += other.read
        self.written += other.written
        self.unchanged += other.unchanged
        self.duplicate += other.duplicate
        self.rejected += other.rejected
        self.page_faults += other.page_faults
        self.plugin_faults += other.plugin_faults

    @property
    def faults(self) -> int:
        """Return how many inputs met a fault of newsbeam."""
        all_faults = sum(n for key, n in self.rejected.items() if key.endswith(f".{FAULT}"))
        return all_faults - self.plugin_faults.total()

    @property
    def accounted(self) -> int:
        """Return how many inputs have an outcome."""
        return self.written + self.unchanged + self.duplicate + self.rejected.total()

    def check(self) -> None:
        """Raise `BalanceError` unless every input has exactly one outcome."""
        if self.read != self.accounted:
            raise BalanceError(
                f"{self.read} inputs were read, but {self.accounted} are accounted for: "
                f"{self.written} written + {self.unchanged} unchanged + {self.duplicate} duplicate "
                f"+ {self.rejected.total()} rejected. Rows that are published are whole; run "
                f"again, and report this with the manifest."
            )

    def balance(self) -> dict[str, int]:
        """Return the balance as the manifest shows it."""
        return {
            "in": self.read,
            "written": self.written,
            "unchanged": self.unchanged,
            "duplicate": self.duplicate,
            "rejected": self.rejected.total(),
        }


@dataclass
class Outcome:
    """What became of a batch.

    Attributes:
        read: how many inputs it had.
        steps: counters, by step.
        rejected: inputs that have no row, by `step.reason`.
        feeds: rows written, by the address of the feed that listed their articles.
        created: paths of files under names that were free, below the output.
        changed: paths of files that were replaced under their names, or are gone.
        plugin_faults: see `Counts`.
    """

    read: int = 0
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    feeds: Counter[str] = field(default_factory=Counter)
    created: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    plugin_faults: Counter[str] = field(default_factory=Counter)

    def count(self, step: str, counts: Counter[str]) -> None:
        """Add the counters of a step."""
        self.steps.setdefault(step, Counter()).update(counts)

    def reject(self, letters: Iterable["DeadLetter"]) -> None:
        """Count the inputs that became dead letters."""
        for letter in letters:
            self.rejected[f"{letter.step}.{letter.reason}"] += 1
            if letter.reason == FAULT and (plugin := plugin_at_fault(letter.detail)):
                self.plugin_faults[plugin] += 1

    @property
    def counts(self) -> Counts:
        """The balance: an input that ends in a step is counted there under what became of it."""
        outcomes = {
            name: sum(counted[name] for counted in self.steps.values())
            for name in ("written", "unchanged", "duplicate")
        }
        pages = self.steps.get(FULLTEXT, Counter())
        return Counts(
            read=self.read,
            rejected=Counter(self.rejected),
            page_faults=pages[FAULT],
            plugin_faults=Counter(self.plugin_faults),
            **outcomes,
        )
