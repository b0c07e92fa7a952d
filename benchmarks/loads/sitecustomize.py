"""Notes which processes load the encoder, for scale.py: Python imports this where it starts.

The file that `NEWSBEAM_LOADS` names gets a line each time that `NEWSBEAM_MODEL` is read.
"""

import os
import sys
from typing import Any


def _note(event: str, details: tuple[Any, ...]) -> None:
    if event == "open" and str(details[0]) == os.environ["NEWSBEAM_MODEL"]:
        with open(os.environ["NEWSBEAM_LOADS"], "a", encoding="ascii") as file:  # noqa: PTH123
            file.write(f"{os.getpid()}\n")


if "NEWSBEAM_LOADS" in os.environ:
    sys.addaudithook(_note)
