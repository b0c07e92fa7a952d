"""How much what a page's state refers to may take up when it stands where it is referred to."""

from typing import Any

MAX_EXPANDED = 10_000_000
"""Characters that all values of a page's state may take up in the places that refer to them."""

_PER_VALUE = 50
"""Characters that a value counts for beside those of its text."""


class Room:
    """What is left for values in the places that refer to them: few bytes can stand for many."""

    def __init__(self, left: int = MAX_EXPANDED) -> None:
        self.left = left

    def takes(self, value: Any) -> bool:
        """Return whether there is room for a value, without its parts, and take it.

        >>> room = Room(100)
        >>> room.takes("ten letters"), room.takes("ten letters")
        (True, False)
        """
        self.left -= _PER_VALUE + (len(value) if isinstance(value, str) else 0)
        return self.left >= 0
