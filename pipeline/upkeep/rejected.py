"""Dead letters: list them, show one, export what they hold, and take them off the list."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from transforms.errors import ConfigError
from transforms.letters import letter_facts
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.records import DeadLetter

SHOWN_CHARACTERS = 4000
"""Most characters of a payload that are shown on a terminal."""


class Stored(NamedTuple):
    """A dead letter as it lies in the output.

    Attributes:
        letter: the dead letter.
        run_id: the run that met it first.
        path: the file of `_rejected/` that holds it.
    """

    letter: DeadLetter
    run_id: str
    path: str


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


def letter_files(root: str) -> list[str]:
    """Return the files that hold the dead letters of the output `root`, oldest day first."""
    return list_files(join(root, "_rejected/date=*/part-*.jsonl"))


def letter_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of a file of dead letters."""
    yield from (line for line in (read_bytes(path) or b"").split(b"\n") if line)


def decode_letter(line: bytes, path: str) -> Stored:
    """Return the dead letter that one line of the file `path` holds.

    Raises:
        ValueError: the line is none.
    """
    try:
        record = json.loads(line)
        text, encoded = record.get("payload"), record.get("payload_base64")
        payload = base64.b64decode(encoded, validate=True) if text is None else text.encode()
        modified = record.get("modified_at")  # older lines have none
        letter = DeadLetter(
            record["step"],
            record["reason"],
            record["detail"],
            record["uri"],
            record["line"],
            record["media_type"],
            payload,
            datetime.fromisoformat(record["fetched_at"]),
            datetime.fromisoformat(modified) if modified else None,
        )
        id_, run_id = record["id"], record["run_id"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a field is missing or of the wrong kind: {error}") from error
    if id_ != letter.id:
        raise ValueError(f"the id is {id_}, the content's is {letter.id}")
    return Stored(letter, run_id, path)


def stored_letters(root: str, selection: Selection = Selection()) -> Iterator[Stored]:
    """Yield the dead letters of `root` that are meant, each id once, oldest day first.

    Raises:
        ConfigError: a line cannot be read; the message names its file.
    """
    seen: set[str] = set()
    for path in letter_files(root):
        for stored in letters_in(path):
            if selection.fits(stored.letter) and stored.letter.id not in seen:
                seen.add(stored.letter.id)
                yield stored


def letters_in(path: str) -> Iterator[Stored]:
    """Yield the dead letters of one file.

    Raises:
        ConfigError: a line cannot be read; the message names its file.
    """
    for number, line in enumerate(letter_lines(path), 1):
        try:
            yield decode_letter(line, path)
        except ValueError as error:
            raise ConfigError(
                f"{path}, line {number}: no dead letter: {error}; take the line out of the file"
            ) from error


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


def listed_ids(root: str) -> set[str]:
    """Return the ids of all dead letters."""
    return {_line_id(line) for path in letter_files(root) for line in letter_lines(path)}


def rewrite_letters(root: str, change: Callable[[str, bytes], bytes | None]) -> int:
    """Replace each line of each file by `change(id, line)`; return how many lines changed.

    A file is replaced in one step, and removed when no line remains. The lines of which `change`
    returns `None` go.
    """
    changed = 0
    for path in letter_files(root):
        lines = list(letter_lines(path))
        kept = [(line, change(_line_id(line), line)) for line in lines]
        if different := sum(new != old for old, new in kept):
            changed += different
            content = b"".join(new + b"\n" for _, new in kept if new is not None)
            if content:
                publish(path, content)
            else:
                remove(path)
    return changed


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
    table = Table("step", "reason", "inputs")
    table.columns[2].justify = "right"
    for (step, reason), count in sorted(counts.items()):
        table.add_row(step, reason, str(count))
    console.print(table)


def print_letters(console: Console, letters: Iterator[Stored]) -> None:
    """Print a list of dead letters, one or two lines each."""
    for letter, *_ in letters:
        place = letter.uri if letter.line is None else f"{letter.uri}:{letter.line}"
        head = f"{letter.id[:12]}  {letter.step}.{letter.reason}  {letter.detail}"
        console.print(Text(head), soft_wrap=True)
        console.print(Text(f"              {place}", style="dim"), soft_wrap=True)


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


def _line_id(line: bytes) -> str:
    """Return the id that a line begins with, without parsing the rest of it."""
    return line[:64].decode(errors="replace").split('"')[3] if line.count(b'"', 0, 64) > 3 else ""
