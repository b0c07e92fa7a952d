"""Publish dead letters, each once."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from transforms.output.filecache import FileCache
from transforms.output.storage import join, list_files, publish, read_bytes
from transforms.records import DeadLetter

CACHE_BYTES = 100_000_000
"""Of ids of dead letters kept in memory per process, at most: about 700,000."""


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
        "id": letter.id,  # first, so that `_known_letters` need not parse the line
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


def publish_dead_letters(
    root: str, day: str, run_id: str, letters: Iterable[DeadLetter]
) -> str | None:
    """Publish the letters that are not in `_rejected/` yet as one file; return its path.

    Its name is made from their ids, so a bundle that is tried again replaces its own file.
    """
    unique = {letter.id: letter for letter in letters}
    for id_ in _known_letters(root):
        unique.pop(id_, None)
    if not unique:
        return None
    ids = sorted(unique)
    name = hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
    lines = (json.dumps(dead_letter_record(unique[i], run_id), ensure_ascii=False) for i in ids)
    path = join(root, f"_rejected/date={day}/part-{name}.jsonl")
    publish(path, "".join(f"{line}\n" for line in lines).encode())
    return path


class _LetterIds(frozenset[str]):
    """The ids of the dead letters of one file."""

    @property
    def nbytes(self) -> int:
        return 150 * len(self)  # a string of 32 characters and its place in a set


_letter_ids: FileCache[_LetterIds] = FileCache(CACHE_BYTES)


def _known_letters(root: str) -> Iterator[str]:
    for path in list_files(join(root, "_rejected/date=*/part-*.jsonl")):
        yield from _letter_ids.get(path, None, partial(_read_letter_ids, path)) or ()


def _read_letter_ids(path: str) -> _LetterIds:
    lines = (read_bytes(path) or b"").split(b"\n")
    return _LetterIds(line[:64].decode(errors="replace").split('"')[3] for line in lines if line)


class _PublishLettersFn(beam.DoFn):
    def __init__(self, root: str, day: str, run_id: str) -> None:
        self._settings = root, day, run_id

    def process(self, group: tuple[int, Iterable[DeadLetter]]) -> Iterator[str]:
        letters = list(group[1])
        for letter in letters:
            Metrics.counter("rejected", f"{letter.step}.{letter.reason}").inc()
        if path := publish_dead_letters(*self._settings, letters):
            yield path


@dataclass
class WriteDeadLetters(beam.PTransform):
    """Publish dead letters under `_rejected/` by the day of the run; counts step and reason.

    Bounded input only. Timestamps are lost.
    """

    root: str
    day: str
    run_id: str

    def expand(self, letters: beam.PCollection[DeadLetter]) -> beam.PCollection[str]:
        """Return the paths of the files that were published."""
        return (
            letters
            | "as one group" >> beam.Map(lambda letter: (0, letter))
            | beam.GroupByKey()
            | "publish" >> beam.ParDo(_PublishLettersFn(self.root, self.day, self.run_id))
        )
