"""The files of `_rejected/`: every line a dead letter, written once, read, rewritten, published.

People look into these files, and copy and edit them. So a line may be damaged or somebody else's:
it never ends a run, and no rewrite loses it; `newsbeam verify` names it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, ValidationError

from transforms.errors import what_is_wrong
from transforms.output.filecache import FileCache
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.records import DeadLetter

CACHE_BYTES = 100_000_000
"""Of ids of dead letters kept in memory per process, at most: about 700,000."""


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


class Line(NamedTuple):
    """One line of a file of `_rejected/`.

    Attributes:
        path: the file.
        number: counted from 1.
        content: without its end.
        stored: the dead letter that it holds, `None` if it holds none.
        fault: why it holds none.
    """

    path: str
    number: int
    content: bytes
    stored: Stored | None
    fault: str = ""


class _Record(BaseModel):
    """What a line must hold; `modified_at` is missing in older ones."""

    model_config = ConfigDict(strict=True)

    id: str
    step: str
    reason: str
    detail: str
    uri: str
    line: int | None
    media_type: str
    fetched_at: AwareDatetime
    modified_at: AwareDatetime | None = None
    run_id: str
    payload: str | None = None
    payload_base64: Base64Bytes | None = None


def dead_letter_record(letter: DeadLetter, run_id: str) -> dict[str, Any]:
    """Return `letter` as the object that one line of `_rejected/` holds.

    The payload stands in `payload` if it is UTF-8, else in `payload_base64`.
    """
    try:
        payload = {"payload": letter.payload.decode()}
    except UnicodeDecodeError:
        payload = {"payload_base64": base64.b64encode(letter.payload).decode()}
    return letter_facts(letter, run_id) | payload


def letter_facts(letter: DeadLetter, run_id: str) -> dict[str, Any]:
    """Return what is known of `letter`, besides its payload."""
    return {
        "id": letter.id,  # first, so that `_line_id` need not parse the line
        "step": letter.step,
        "reason": letter.reason,
        "detail": letter.detail,
        "uri": letter.uri,
        "line": letter.line,
        "media_type": letter.media_type,
        "fetched_at": letter.fetched_at.isoformat(),
        "modified_at": letter.modified_at.isoformat() if letter.modified_at else None,
        "run_id": run_id,
    }


def letter_files(root: str) -> list[str]:
    """Return the files that hold the dead letters of the output `root`, oldest day first."""
    return list_files(join(root, "_rejected/date=*/part-*.jsonl"))


def letter_lines(path: str) -> Iterator[Line]:
    """Yield the lines of a file of dead letters, but for blank ones."""
    for number, content in enumerate((read_bytes(path) or b"").split(b"\n"), 1):
        if content.strip():
            yield _line(path, number, content)


def _line(path: str, number: int, content: bytes) -> Line:
    try:
        record = _Record.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        fault = f"{place}: {what_is_wrong(first['msg'])}".removeprefix(": ")
        return Line(path, number, content, None, fault)
    payload = record.payload_base64 if record.payload is None else record.payload.encode()
    if payload is None:
        return Line(path, number, content, None, "neither payload nor payload_base64 is there")
    letter = DeadLetter(
        record.step,
        record.reason,
        record.detail,
        record.uri,
        record.line,
        record.media_type,
        payload,
        record.fetched_at,
        record.modified_at,
    )
    if record.id != letter.id:
        fault = f"the id is {record.id}, the content's is {letter.id}"
        return Line(path, number, content, None, fault)
    return Line(path, number, content, Stored(letter, record.run_id, path))


def rewrite_letters(root: str, change: Callable[[Line], bytes | None]) -> int:
    """Replace each line of each file by `change(line)`; return how many lines changed.

    A file is replaced in one step, and removed when no line remains. The lines of which `change`
    returns `None` go.
    """
    changed = 0
    for path in letter_files(root):
        lines = list(letter_lines(path))
        new = [change(line) for line in lines]
        if different := sum(
            content != line.content for line, content in zip(lines, new, strict=True)
        ):
            changed += different
            if kept := [content for content in new if content is not None]:
                publish(path, b"".join(content + b"\n" for content in kept))
            else:
                remove(path)
    return changed


def publish_dead_letters(
    root: str, day: str, run_id: str, letters: Iterable[DeadLetter]
) -> str | None:
    """Publish the letters that are not in `_rejected/` yet as one file; return its path.

    Its name is made from their ids, so a bundle that is tried again replaces its own lines there.
    """
    unique = {letter.id: letter for letter in letters}
    for id_ in known_letters(root):
        unique.pop(id_, None)
    if not unique:
        return None
    ids = sorted(unique)
    name = hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
    path = join(root, f"_rejected/date={day}/part-{name}.jsonl")
    lines = [
        json.dumps(dead_letter_record(unique[i], run_id), ensure_ascii=False).encode() for i in ids
    ]
    others = (line for line in letter_lines(path) if not line.stored)
    publish(path, b"".join(line + b"\n" for line in (*lines, *(line.content for line in others))))
    return path


class _LetterIds(frozenset[str]):
    """The ids of the dead letters of one file."""

    @property
    def nbytes(self) -> int:
        return 150 * len(self)  # a string of 32 characters and its place in a set


_letter_ids: FileCache[_LetterIds] = FileCache(CACHE_BYTES)


def known_letters(root: str) -> Iterator[str]:
    """Yield the ids of the dead letters of the output `root`."""
    for path in letter_files(root):
        yield from _letter_ids.get(path, None, partial(_read_letter_ids, path)) or ()


def _read_letter_ids(path: str) -> _LetterIds:
    lines = (read_bytes(path) or b"").split(b"\n")
    return _LetterIds(filter(None, (_line_id(path, line) for line in lines)))


_HEAD = re.compile(rb'\{"id": ?"([0-9a-f]{32})",')


def _line_id(path: str, content: bytes) -> str:
    """Return the id of the letter in a line; empty where it holds none.

    One that begins and ends as we write it is not parsed: that would take a run a minute for a
    million letters. One that was cut off holds no letter, so that is written anew.
    """
    if (head := _HEAD.match(content)) and content.endswith(b"}"):
        return head[1].decode()
    stored = _line(path, 0, content).stored
    return stored.letter.id if stored else ""
