"""What a command prints: the one way to standard output, standard error and the log.

What is printed came from anywhere, so it is printable (`printable`) whatever the command prints it
with; a terminal that cannot show a character shows another one; and a reader that has had enough,
such as `head`, ends the command well.
"""

import codecs
import contextlib
import io
import json
import logging
import os
import re
import select
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from transforms.text.printable import printable

_C1 = re.compile("[\x7f-\x9f]")
"""Control characters that JSON leaves as they are."""
_LOOK_ALIKE = "newsbeam.look_alike"
_PLAIN = dict(zip("·•‘’‚“”„«»–—−…→×ßøØłŁđĐ", "-*'''" + '"' * 5 + "---.>xsoOlLdD", strict=True))
"""What looks like a character that is no letter with marks."""


class Screen(Console):
    """A console whose texts obey nobody: what moves a cursor or sets a colour is only our own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Return the pieces of `renderable`, their texts printable."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else printable(text), style, control)

    def on_broken_pipe(self) -> None:
        """Raise what `readable_to_the_end` expects."""
        raise BrokenPipeError


def terminal(*, stderr: bool = False) -> Screen:
    """Return what the command prints to; no `[...]` or `:...:` in a text stands for something."""
    return Screen(stderr=stderr, markup=False, emoji=False)


def say(text: str) -> None:
    """Print one line on standard output."""
    print(printable(text))


def print_json(value: Any) -> None:
    """Print `value` as JSON on standard output."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = json.dumps(value, indent=2, ensure_ascii=not is_unicode, default=str)
    print(_C1.sub(lambda character: f"\\u{ord(character[0]):04x}", text))


class PrintableFormatter(logging.Formatter):
    """Formats records of the log so that they can be shown."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return printable(super().format(record))


def show_any_character() -> None:
    """Have standard output and error show another character for one that they cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_LOOK_ALIKE)


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the first character that could not be encoded, and where to go on.

    One character stands for one, so that columns stay columns.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    plain = _PLAIN.get(character) or unicodedata.normalize("NFKD", character)[0]
    try:
        plain.encode(error.encoding)
    except UnicodeEncodeError:
        plain = "?"
    return plain, error.start + 1


codecs.register_error(_LOOK_ALIKE, _look_alike)


@contextlib.contextmanager
def readable_to_the_end() -> Iterator[None]:
    """End the body, as if it were done, once nobody reads standard output any more."""
    try:
        yield
    except BrokenPipeError:
        if not _has_no_reader(sys.stdout.fileno()):  # it was another pipe
            raise
    finally:
        try:
            sys.stdout.flush()  # now, not when the interpreter ends
        except BrokenPipeError:
            _discard_the_rest()


def _has_no_reader(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


def _discard_the_rest() -> None:
    """Let what is still to be written to standard output go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
