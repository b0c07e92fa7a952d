"""Text from outside as it can be shown: on a terminal, in a log, in a message."""

import re

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys (C0 and C1, of which escape sequences are made), and what turns the
direction of the text around it; not tabs and ends of lines."""
_HALVES = re.compile("[\ud800-\udfff]")

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def printable(text: str) -> str:
    r"""Return `text` without characters that are commands; U+FFFD stands for what is none.

    >>> printable("\x1b]8;;https://a.example\x07News\x1b[0m\n\u202egpj.exe")
    ']8;;https://a.exampleNews[0m\ngpj.exe'
    """
    return _HALVES.sub("\ufffd", _COMMANDS.sub("", text))


def as_xml(text: str, instead: str = "") -> str:
    r"""Return `text` without characters that XML 1.0 cannot hold.

    >>> as_xml("A\x0bB", "?")
    'A?B'
    """
    return _NO_XML.sub(instead, text)


def one_line(text: str, most: int) -> str:
    r"""Return `text` printable, on one line, of at most so many characters.

    >>> one_line("It broke:\n  here,   and there", 20)
    'It broke: here, and…'
    """
    line = " ".join(printable(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
