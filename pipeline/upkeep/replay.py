"""Run dead letters through today's code.

What now passes is published by the normal graph and leaves the list; what fails again stays, with
today's reason. The order is: publish the rows, publish the dead letters that are new, take off the
list what has gone. So a crash anywhere loses nothing, and replaying again ends the work.
"""

import glob
import io
import json
import posixpath
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain

from rich.console import Console
from rich.text import Text

from pipeline.command_line import command_line
from pipeline.lock.lock import OutputLock
from pipeline.manifest import Manifest
from pipeline.upkeep.rejected import Selection, letters_in, stored_letters
from transforms.compression import COMPRESSED_SUFFIXES
from transforms.errors import FAULT, Rejected
from transforms.formats import Format, by_media_type, by_suffix
from transforms.formats.base import PAYLOAD_CAP, STEP, FileInfo
from transforms.identity import topic_of
from transforms.isolation import TOO_COSTLY, each_tried
from transforms.letters import (
    Line,
    Stored,
    known_letters,
    letter_files,
    publish_dead_letters,
    rewrite_letters,
)
from transforms.output.storage import is_local, join, local_path, remove
from transforms.records import DeadLetter, RawDocument
from transforms.text.counted import counted

SCRATCH = "_replay"
"""Where, below the output, the graph of a replay puts its dead letters; of no value afterwards."""

Document = RawDocument | DeadLetter
RunDocuments = Callable[[Iterable[Document], str], Manifest]
"""Runs the graph on documents; its dead letters go to `_rejected/` below the given folder."""

_AS_STORED = frozenset({"corrupt_compression", "unknown_format", FAULT, TOO_COSTLY})
_OCTETS = "application/octet-stream"


@dataclass
class Replayed:
    """What came of a replay.

    Attributes:
        manifest: of the run; `None` where nothing could be replayed.
        left: how many dead letters have left the list.
        stayed: how many failed again.
        new: how many came in the place of those that left, from a later step.
        unkept: how many were not kept whole, by the file that a run must read again.
    """

    manifest: Manifest | None = None
    left: int = 0
    stayed: int = 0
    new: int = 0
    unkept: Counter[str] = field(default_factory=Counter)


def replay(
    output: str, select: Selection, max_bytes: int, run_documents: RunDocuments, lock: OutputLock
) -> Replayed:
    """Run the dead letters of `output` that are meant through today's code.

    Args:
        output: the output whose list it is.
        select: which dead letters are meant.
        max_bytes: see `documents_of`.
        run_documents: see there.
        lock: held on the output.

    Raises:
        OutputLockedError: another process has taken the lock over.
    """
    done = Replayed()
    tried: set[str] = set()
    scratch = join(output, SCRATCH)
    _clear(scratch)

    def documents() -> Iterator[Document]:
        for stored in stored_letters(output, select):
            if is_kept(stored.letter):
                tried.add(stored.letter.id)
                yield from documents_of(stored, max_bytes)
            else:
                done.unkept[stored.letter.uri] += 1

    stream = documents()
    if first := next(stream, None):
        done.manifest = run_documents(chain([first], stream), scratch)
        lock.check()
        _update(output, scratch, tried, done)
        _clear(scratch)
    return done


def is_kept(letter: DeadLetter) -> bool:
    """Return whether the dead letter holds its input whole.

    A file that could not be read at all, or only from its beginning, was not kept.
    """
    if letter.step != STEP:
        return True
    whole = 0 < len(letter.payload) < PAYLOAD_CAP and letter.reason != "too_large"
    return whole and not (_is_as_stored(letter) and _is_compressed(letter.uri))


def documents_of(stored: Stored, max_bytes: int) -> list[Document]:
    """Return the documents that a dead letter holds.

    What `read` rejected is split again as the file it came from; where that fails again, the dead
    letter itself is among them, with today's reason.
    """
    letter = stored.letter
    if letter.step != STEP:
        raw = RawDocument(
            letter.uri,
            letter.media_type,
            letter.payload,
            # An embargo is over or not by today's clock.
            datetime.now(UTC) if letter.reason == "embargoed" else letter.fetched_at,
            letter.modified_at,
            letter.line,
        )
        return [raw]
    form = _format_of(letter)
    if form is None:
        return [letter]
    file = FileInfo(letter.uri, len(letter.payload), letter.modified_at, letter.fetched_at)
    parts = form.split(file, io.BytesIO(letter.payload), max_bytes)
    found = list(each_tried(parts, STEP, (letter.id,)))
    failed = [item for item in found if isinstance(item, DeadLetter | Rejected)]
    documents: list[Document] = [
        _at_line(item, letter) for item in found if isinstance(item, RawDocument)
    ]
    if failed:
        again = replace(letter, reason=failed[0].reason, detail=failed[0].detail)
        documents.append(again)
    return documents


def print_replayed(console: Console, done: Replayed, output: str) -> None:
    """Print what came of a replay."""
    console.print(
        f"{counted(done.left, 'dead letter')} left the list, {done.stayed} failed again, "
        f"{done.new} are new",
        highlight=False,
    )
    if done.unkept:
        count = done.unkept.total()
        console.print(f"{count} were not kept whole; read their files again:", highlight=False)
        for uri in sorted(done.unkept):
            console.print(Text(f"  {_read_again(uri, output)}"), soft_wrap=True)


def _read_again(uri: str, output: str) -> str:
    """Return the command, as a shell takes it, that reads a file again, or what to do instead."""
    if topic_of(uri):
        return f"{uri}: have it sent again"
    return command_line("run", "-i", glob.escape(uri), "-o", output)


def _update(output: str, scratch: str, tried: set[str], done: Replayed) -> None:
    """Bring the list up to date with what the graph rejected this time."""
    assert done.manifest is not None
    day, run_id = f"{done.manifest.started_at:%Y-%m-%d}", done.manifest.run_id
    failed: dict[str, tuple[str, str]] = {}
    known = set(known_letters(output))
    for path in letter_files(scratch):
        letters = [stored.letter for stored in letters_in(path)]
        fresh = [letter for letter in letters if letter.id not in known]
        publish_dead_letters(output, day, run_id, fresh)
        done.new += len(fresh)
        failed |= {item.id: (item.reason, item.detail) for item in letters if item.id in tried}

    def change(line: Line) -> bytes | None:
        id_ = line.stored.letter.id if line.stored else ""
        if id_ not in tried:
            return line.content
        if id_ not in failed:
            return None
        record = json.loads(line.content)
        if (record["reason"], record["detail"]) == failed[id_]:
            return line.content
        reason, detail = failed[id_]
        record |= {"reason": reason, "detail": detail, "run_id": run_id}
        return json.dumps(record, ensure_ascii=False).encode()

    rewrite_letters(output, change)
    done.stayed = len(failed)
    done.left = len(tried) - len(failed)


def _clear(scratch: str) -> None:
    if is_local(scratch):
        shutil.rmtree(local_path(scratch), ignore_errors=True)
    for path in letter_files(scratch):
        remove(path)


def _at_line(document: RawDocument, letter: DeadLetter) -> RawDocument:
    """Return a document of one table row at the line that the row had in its file."""
    is_row = letter.line is not None and letter.media_type == "text/csv"
    return replace(document, line=letter.line) if is_row else document


def _format_of(letter: DeadLetter) -> Format | None:
    """Return the format that reads the payload: of the file's name, or else of its media type."""
    uri = letter.uri
    if _is_compressed(uri) and not _is_as_stored(letter):
        uri = posixpath.splitext(uri)[0]
    return by_suffix(uri) or by_media_type(letter.media_type)


def _is_as_stored(letter: DeadLetter) -> bool:
    """Return whether the payload is the file as stored; else it is decompressed."""
    return letter.reason in _AS_STORED and letter.media_type == _OCTETS


def _is_compressed(uri: str) -> bool:
    return uri.lower().endswith(tuple(COMPRESSED_SUFFIXES))
