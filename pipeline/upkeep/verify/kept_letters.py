"""Dead letters: each can be read, and is listed once."""

from collections import Counter
from collections.abc import Iterator

from pipeline.upkeep.rejected import decode_letter, letter_files, letter_lines, rewrite_letters
from pipeline.upkeep.verify.findings import Problem


def check_letters(root: str, counts: Counter[str]) -> Iterator[Problem]:
    """Yield the lines of `_rejected/` that are no dead letter, and those that stand there twice.

    `counts` learns how many `dead_letters` there are.
    """
    seen: set[str] = set()
    for path in letter_files(root):
        name = "_rejected/" + "/".join(path.split("/")[-2:])
        for number, line in enumerate(letter_lines(path), 1):
            try:
                id_ = decode_letter(line, path).letter.id
            except ValueError as error:
                yield Problem("bad_dead_letter", name, f"line {number}: {error}")
                continue
            counts["dead_letters"] += 1
            if id_ in seen:
                yield Problem("dead_letter_twice", name, f"line {number}: again", True, id=id_)
            seen.add(id_)


def drop_repeated(root: str, ids: set[str]) -> None:
    """Keep only the first line of each of these dead letters."""
    seen: set[str] = set()

    def change(id_: str, line: bytes) -> bytes | None:
        if id_ not in ids:
            return line
        keep = id_ not in seen
        seen.add(id_)
        return line if keep else None

    rewrite_letters(root, change)
