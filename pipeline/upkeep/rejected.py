"""Dead letters: list them, show one, export what they hold."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from pipeline.plain_table import plain_table
from transforms.errors import ConfigError
from transforms.letters import Stored, letter_facts, letter_files, letter_lines
from transforms.records import DeadLetter
from transforms.text.counted import counted

SHOWN_CHARACTERS = 4000
"""Most characters of a payload that are shown on a terminal."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """Which dead letters are meant: those that fit every part that is given.

    Attributes:
        steps: any of these steps.
        reasons: any of these reasons.
        ids: ids that begin with any of these.
    """

    steps: Collection[str] = ()
    reasons: Collection[str] = ()
    ids: Collection[str] = ()

    def fits(self, letter: DeadLetter) -> bool:
        """Return whether `letter` is meant."""
        return (
            (not self.steps or letter.step in self.steps)
            and (not self.reasons or letter.reason in self.reasons)
            and (not self.ids or letter.id.startswith(tuple(self.ids)))
        )


def stored_letters(root: str, selection: Selection = Selection()) -> Iterator[Stored]:
    """Yield the dead letters of `root` that are meant, each id once, oldest day first.

    A line that holds none is named in the log, and passed over.
    """
    seen: set[str] = set()
    for path in letter_files(root):
        for stored in letters_in(path):
            if selection.fits(stored.letter) and stored.letter.id not in seen:
                seen.add(stored.letter.id)
                yield stored


def letters_in(path: str) -> Iterator[Stored]:
    """Yield the dead letters of one file; see `stored_letters`."""
    for line in letter_lines(path):
        if line.stored:
            yield line.stored
        else:
            _log.warning("%s, line %d: no dead letter: %s", path, line.number, line.fault)


def count_letters(root: str, selection: Selection) -> Counter[tuple[str, str]]:
    """Return how many dead letters that are meant each step and reason has."""
    letters = (stored.letter for stored in stored_letters(root, selection))
    return Counter((letter.step, letter.reason) for letter in letters)


def find_letter(root: str, id_: str) -> Stored:
    """Return the dead letter whose id begins with `id_`.

    Raises:
        ConfigError: there is none, or more than one.
    """
    found = list(stored_letters(root, Selection(ids=[id_])))
    if len(found) != 1:
        raise ConfigError(f"{len(found) or 'no'} dead letters of {root} have an id like {id_!r}")
    return found[0]


def export_letters(root: str, selection: Selection, folder: Path) -> int:
    """Write the payload of each dead letter that is meant to a file; return how many there are.

    The file is `folder/<id>-<name>`, with the name of the file the input was read from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for stored in stored_letters(root, selection):
        name = stored.letter.uri.rstrip("/").rpartition("/")[2]
        kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[-100:]
        (folder / f"{stored.letter.id}-{kept}").write_bytes(stored.letter.payload)
        count += 1
    return count


def print_counts(console: Console, counts: Counter[tuple[str, str]]) -> None:
    """Print the number of dead letters by step and reason."""
    table = plain_table(None, "step", "reason", "inputs")
    table.columns[2].justify = "right"
    for (step, reason), count in sorted(counts.items()):
        table.add_row(step, reason, str(count))
    console.print(table)


def print_letters(console: Console, letters: Iterator[Stored]) -> None:
    """Print a list of dead letters, two lines each; of those alike in a file, the first."""
    alike: dict[tuple[str, str, str, str], tuple[int, str, str]] = {}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for letter, *_ in letters:
        place = letter.uri if letter.line is None else f"{letter.uri}:{letter.line}"
        key = (letter.step, letter.reason, letter.detail, letter.uri)
        one = (letter.line or 0, letter.id, place)
        alike[key] = min(one, alike.get(key, one))
        counts[key] += 1
    for key, (_, id_, place) in alike.items():
        step, reason, detail, _ = key
        more = f" and {counted(counts[key] - 1, 'more line')}" if counts[key] > 1 else ""
        console.print(Text(f"{id_[:12]}  {step}.{reason}  {detail}"), soft_wrap=True)
        console.print(Text(f"              {place}{more}", style="dim"), soft_wrap=True)


def print_letter(console: Console, stored: Stored) -> None:
    """Print one dead letter, with the beginning of its payload."""
    letter = stored.letter
    facts = stored_facts(stored)
    width = max(map(len, facts))
    for name, value in facts.items():
        console.print(Text.assemble((f"{name:<{width}}  ", "dim"), str(value)), soft_wrap=True)
    shown = letter.payload[: 4 * SHOWN_CHARACTERS].decode("utf-8", "backslashreplace")
    console.print()
    console.print(Text(shown[:SHOWN_CHARACTERS]), soft_wrap=True)
    if len(shown) > SHOWN_CHARACTERS:
        console.print(
            Text(f"... {len(letter.payload)} bytes; --export DIR writes all", style="dim")
        )


def stored_facts(stored: Stored) -> dict[str, Any]:
    """Return what is known of a dead letter: its payload by its size."""
    size = len(stored.letter.payload)
    return letter_facts(stored.letter, stored.run_id) | {"bytes": size}
