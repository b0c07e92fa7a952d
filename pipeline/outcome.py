"""What became of inputs: of a batch, and of a run."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.errors import FAULT, BalanceError
from transforms.step_names import FULLTEXT

if TYPE_CHECKING:  # it brings numpy, which a command that lists runs does not need
    from transforms.records import DeadLetter


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
    """

    read: int = 0
    written: int = 0
    unchanged: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    page_faults: int = 0

    def add(self, other: "Counts") -> None:
        """Add the counts of another batch."""
        self.read += other.read
        self.written += other.written
        self.unchanged += other.unchanged
        self.duplicate += other.duplicate
        self.rejected += other.rejected
        self.page_faults += other.page_faults

    @property
    def faults(self) -> int:
        """Return how many inputs met a fault of newsbeam."""
        return sum(n for key, n in self.rejected.items() if key.endswith(f".{FAULT}"))

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
    """

    read: int = 0
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    feeds: Counter[str] = field(default_factory=Counter)
    created: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def count(self, step: str, counts: Counter[str]) -> None:
        """Add the counters of a step."""
        self.steps.setdefault(step, Counter()).update(counts)

    def reject(self, letters: Iterable["DeadLetter"]) -> None:
        """Count the inputs that became dead letters."""
        self.rejected.update(f"{letter.step}.{letter.reason}" for letter in letters)

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
            **outcomes,
        )
