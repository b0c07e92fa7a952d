"""Commands that the reader is told to type."""

import shlex
import shutil
import sys
from pathlib import Path


def command_line(*words: str) -> str:
    """Return `newsbeam` with these words as it can be typed in the shell that this was called in.

    >>> command_line("show", "my out")
    "newsbeam show 'my out'"
    """
    return shlex.join([_name(sys.argv[0]), *words])


def _name(called: str) -> str:
    """Return how newsbeam is called: by the path that it was `called` by, if no other finds it."""
    is_found = shutil.which("newsbeam") is not None
    return called if Path(called).name == "newsbeam" and not is_found else "newsbeam"
