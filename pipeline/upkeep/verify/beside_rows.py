"""What lies beside the rows: kept versions, dead letters, what the output remembers."""

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from pipeline.upkeep.verify.each_row import check_row
from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.published_files import FileFacts
from transforms.errors import ConfigError, NewsbeamError
from transforms.letters import Line, letter_files, letter_lines, rewrite_letters
from transforms.output.file_columns import read_columns
from transforms.output.history import FOLDER
from transforms.output.merge import decode_table
from transforms.output.state import damaged_states
from transforms.output.storage import join, list_files, read_bytes
from transforms.output.withheld import is_forgotten, load_forgotten


def check_history(root: str, counts: Counter[str]) -> Iterator[Problem]:
    """Yield the kept versions that cannot be read, or are not what their names say.

    `counts` learns how many `versions` there are.
    """
    for path in list_files(join(root, f"{FOLDER}/date=*/*.parquet")):
        day, name = path.split("/")[-2:]
        where = f"{FOLDER}/{day}/{name}"
        counts["versions"] += 1
        try:
            rows = decode_table(read_bytes(path) or b"", where).to_pylist()
        except (NewsbeamError, OSError) as error:
            yield Problem("bad_version", where, str(error))
            continue
        names = [f"{row['id']}-{row['revision']:04d}.parquet" for row in rows]
        if names != [name]:
            yield Problem("bad_version", where, f"it holds {', '.join(names) or 'nothing'}")
        for row in rows:
            for code, detail in check_row(row, day.removeprefix("date=")):
                yield Problem("bad_version", where, f"{code}: {detail}", id=row["id"])


def check_letters(root: str, counts: Counter[str]) -> Iterator[Problem]:
    """Yield the lines of `_rejected/` that are no dead letter, and those that stand there twice.

    `counts` learns how many `dead_letters` there are.
    """
    seen: set[str] = set()
    for path in letter_files(root):
        where = "_rejected/" + "/".join(path.split("/")[-2:])
        for line in letter_lines(path):
            if line.stored is None:
                yield Problem("bad_dead_letter", where, f"line {line.number}: {line.fault}")
                continue
            counts["dead_letters"] += 1
            id_ = line.stored.letter.id
            if id_ in seen:
                yield Problem(
                    "dead_letter_twice", where, f"line {line.number}: again", True, id=id_
                )
            seen.add(id_)


def drop_repeated(root: str, ids: Collection[str]) -> None:
    """Keep only the first line of each of these dead letters."""
    seen: set[str] = set()

    def change(line: Line) -> bytes | None:
        id_ = line.stored.letter.id if line.stored else ""
        if id_ in ids and id_ in seen:
            return None
        seen.add(id_)
        return line.content

    rewrite_letters(root, change)


def check_states(root: str) -> Iterator[Problem]:
    """Yield the files of `_state/` that cannot be read."""
    for kind, error in damaged_states(root):
        yield Problem("bad_state", kind.NAME, str(error).partition(" cannot be read: ")[2])


def check_forgotten(root: str, facts: Sequence[FileFacts]) -> Iterator[Problem]:
    """Yield the rows of forgotten articles, as a `newsbeam forget` that was killed leaves them."""
    forgotten: Collection[str] = ()
    with contextlib.suppress(ConfigError):  # `check_states` names it
        forgotten = load_forgotten(root)
    for fact in facts if forgotten else ():
        for row in read_columns(join(root, fact.file.path), ("id", "keys")).to_pylist():
            if is_forgotten((row["id"], *(row["keys"] or ())), forgotten):
                detail = f"it is to go: newsbeam forget {root} --id {row['id']}"
                yield Problem("forgotten", fact.file.path, detail, id=row["id"])
