"""Lines of news of every kind, written for this project: they show what all news has in common."""

from functools import cache
from pathlib import Path

_LINES = Path(__file__).with_name("news_lines.txt")


@cache
def news_lines() -> tuple[str, ...]:
    """Return a few hundred lines in English."""
    return tuple(_LINES.read_text("utf-8").splitlines())
