"""The files of `OUT/_state/`: what an output remembers besides its rows.

Each is JSON with a `version`. Whoever writes one holds the lock on the output.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
)

from transforms.errors import ConfigError, what_is_wrong
from transforms.output.disk import PRIVATE
from transforms.output.storage import FileState, join, publish, read_bytes
from transforms.output.store_client import StoreError


class StateFile(BaseModel):
    """One file; its fields are what it holds, and their defaults what holds where there is none.

    Each has a `version`; a change that older programs would misread raises it.

    Attributes:
        NAME: of the file, below the output.
        FIX: what to do where it is damaged, and what is lost without it.
    """

    model_config = ConfigDict(frozen=True, val_json_bytes="base64", ser_json_bytes="base64")

    NAME: ClassVar[str]
    FIX: ClassVar[str]

    @classmethod
    def read(cls, root: str) -> Self:
        """Return what the output `root` remembers.

        Raises:
            ConfigError: the file cannot be read, or is of a later version of newsbeam; the message
                names it and the fix.
            StoreError: the store refuses, or does not answer.
        """
        path = join(root, cls.NAME)
        try:
            content = read_bytes(path)
            found = cls() if content is None else cls.model_validate_json(content, strict=True)
        except StoreError:  # which says nothing of the file, and is no reason to remove it
            raise
        except (OSError, ValidationError) as error:
            raise ConfigError(f"{path} cannot be read: {_fault(error)}. {cls.FIX}") from error
        missing = cls.model_fields.keys() - found.model_fields_set
        if content is not None and missing:
            raise ConfigError(f"{path} cannot be read: it lacks {', '.join(missing)}. {cls.FIX}")
        return found

    def write(self, root: str) -> None:
        """Make this what the output `root` remembers. Only the owner of the file can read it."""
        content = self.model_dump_json(indent=1, exclude_none=True) + "\n"
        publish(join(root, self.NAME), content.encode(), PRIVATE)


def _fault(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["loc"] == ("version",):
        return "it is of another version of newsbeam"
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {what_is_wrong(first['msg'])}".removeprefix(": ")


@dataclass(frozen=True, slots=True)
class FeedState:
    """The health of one feed, and how to ask whether it changed.

    Attributes:
        url: as configured, without credentials: its key.
        permanent_url: where it moved for good, and is asked for.
        etag: of the copy whose items were published last.
        last_modified: likewise.
        sha256: hex digest of that copy.
        next_poll: not to be asked before; `None` where it can be at any time.
        last_poll: when it was asked last.
        last_success: when it answered properly last, changed or not.
        last_error: reason code of the fault it has now.
        last_detail: that fault, as a sentence.
        failures: faults in a row.
        new_items: items published from the last answer.
        retired: gone for good (410); asked no more.
        title: as the list that names it has it, else as it calls itself.
        folder: of the list that names it, from the outermost on.
        first_poll: when it was asked first.
        last_new: when an answer brought something new last.
        refused_by: the settings, with their values, under which it has the fault it has now.
    """

    url: str
    permanent_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    next_poll: datetime | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_error: str | None = None
    last_detail: str | None = None
    failures: int = 0
    new_items: int = 0
    retired: bool = False
    title: str = ""
    folder: tuple[str, ...] = ()
    first_poll: datetime | None = None
    last_new: datetime | None = None
    refused_by: str | None = None


class FeedStates(StateFile):
    """Every feed that was asked."""

    NAME = "_state/feeds.json"
    FIX = "Remove it: every feed is then read anew, which doubles nothing"

    version: Literal[1] = 1
    feeds: list[FeedState] = []


def _of_8_bytes(keys: bytes) -> bytes:
    if len(keys) % 8:
        raise ValueError(f"{len(keys)} bytes are no keys of 8 bytes")
    return keys


class ReadFiles(StateFile):
    """The files that `newsbeam watch` has read: 8 bytes each (see `new_files.file_key`)."""

    NAME = "_state/files.json"
    FIX = "Remove it: every file is then read once more, which doubles nothing"

    version: Literal[1] = 1
    keys: Annotated[bytes, AfterValidator(_of_8_bytes)] = b""


def _file_state(values: object) -> object:
    """Return the state of a file; an earlier version of newsbeam had time and inode apart."""
    if isinstance(values, list) and len(values) == 3:
        size, time, inode = values
        return [size, f"{inode}-{time}"]
    return values


class TableFiles(StateFile):
    """The files that a table was brought up to date with, by their paths."""

    NAME = "_state/table.json"
    FIX = "Remove it: the table is then compared with all rows, which takes time and loses nothing"

    version: Literal[1] = 1
    table: str = ""
    files: dict[str, Annotated[FileState, BeforeValidator(_file_state)]] = {}


class Merging(StateFile):
    """Files of a day that are being replaced by one, where that cannot be done in one step."""

    NAME = "_state/merging.json"
    FIX = "Remove it, and run newsbeam verify --fix: rows may stand twice"

    version: Literal[1] = 1
    into: str = ""
    files: tuple[str, ...] = ()


class Withdrawn(StateFile):
    """Identity keys of articles that their source took back, and since when."""

    NAME = "_state/withdrawn.json"
    FIX = (
        "Take it from a backup: without it, older versions of what its agency took back would be"
        " published again"
    )

    version: Literal[1] = 1
    withdrawn: dict[str, AwareDatetime] = {}


class Forgotten(StateFile):
    """Hashed identity keys of what is not to be published again (see `withheld.hashed`)."""

    NAME = "_state/forgotten.json"
    FIX = "Take it from a backup: without it, what was forgotten would be published again"

    version: Literal[1] = 1
    forgotten: frozenset[str] = frozenset()


class Suspects(StateFile):
    """Documents that were under way when a process ended (see `under_way`).

    Attributes:
        newsbeam: the version that they are suspects of.
        ends: step -> name of a document -> ends of processes.
    """

    NAME = "_state/suspects.json"
    FIX = "Remove it: what ended a process before is then tried again"

    version: Literal[1] = 1
    newsbeam: str = ""
    ends: dict[str, dict[str, int]] = {}


STATE_FILES: tuple[type[StateFile], ...] = (
    FeedStates, ReadFiles, Suspects, TableFiles, Merging, Withdrawn, Forgotten,
)  # fmt: skip


def damaged_states(root: str) -> Iterator[tuple[type[StateFile], ConfigError]]:
    """Yield the files of `_state/` that cannot be read, and what is to be said of each."""
    for kind in STATE_FILES:
        try:
            kind.read(root)
        except ConfigError as error:
            yield kind, error


def check_states(root: str) -> None:
    """Raise `ConfigError` if files of `_state/` cannot be read; it names all of them."""
    if found := [str(error) for _, error in damaged_states(root)]:
        raise ConfigError("\n".join(found))
