"""What is remembered of each feed between runs: `OUT/_state/feeds.json`.

One file for all feeds (some 400 bytes each), replaced atomically.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from transforms.errors import ConfigError
from transforms.output.storage import join, publish, read_bytes

FILE = "_state/feeds.json"


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


_FILE_CONTENT = TypeAdapter(list[FeedState])


def load_states(output: str) -> dict[str, FeedState]:
    """Return the states kept in `output`, by URL.

    Raises:
        ConfigError: the file is damaged.
    """
    path = join(output, FILE)
    content = read_bytes(path)
    if content is None:
        return {}
    try:
        states = _FILE_CONTENT.validate_json(content)
    except ValidationError as error:
        raise ConfigError(
            f"{path} is damaged ({error.error_count()} errors); remove it, and every feed is read"
            " anew, which doubles nothing"
        ) from error
    return {state.url: state for state in states}


def commit_states(output: str, changed: Iterable[FeedState]) -> Mapping[str, FeedState]:
    """Keep the `changed` states in `output`; return all.

    A state says that its feed's items need not be read again: commit it after they are published.
    """
    states = load_states(output)
    states |= {state.url: state for state in changed}
    ordered = [states[url] for url in sorted(states)]
    publish(join(output, FILE), _FILE_CONTENT.dump_json(ordered, indent=1, exclude_defaults=True))
    return states
