"""The values in a stream of JSON, found by their brackets, one at a time.

Only one value is in memory, and a value that is no JSON by itself costs no other: what is between
its brackets is for the parser. NaN, raw control characters and any depth make no difference.
"""

import re
from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

_CHUNK = 1 << 16
_MAX_DEPTH = 5
"""Objects within another in which a list of records is looked for."""

_SPACE = re.compile(rb"[\s\x1e,;)\xef\xbb\xbf]*+")
"""What may stand between values; the end of a call or of a statement too."""

_OUTSIDE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
"""A bracket, a string, or the beginning of one that ends in a later chunk."""

_INSIDE = re.compile(rb'["\\]')
_SCALAR_END = re.compile(rb"[\s,:\]}(]")
_IN_CALL = re.compile(rb'["()]')
_LIST_OF_OBJECTS = re.compile(rb"\[[\s\x1e]*+\{")
_LIST_SO_FAR = re.compile(rb"\[?[\s\x1e]*+")
_NAME = re.compile(rb'"([^"\\]{0,100})"')


class Scanned(NamedTuple):
    """A value as it is written, cut off where it is longer than the limit.

    Attributes:
        content: its bytes.
        number: its 1-based place in its list; `None` for a value that is the whole stream.
        problem: `None`, `too_large`, or `unfinished` where the stream ends within it.
    """

    content: bytes
    number: int | None
    problem: str | None = None


def scan_records(stream: IO[bytes], containers: Collection[str], limit: int) -> Iterator[Scanned]:
    """Yield the records of a stream of UTF-8: elements of lists, or whole values.

    Elements of a list at the top, and of one in an object under a name of `containers`, are
    records; so is an object without such a list, and each value of several that follow another.

    Args:
        stream: where it begins.
        containers: names of fields that hold lists of records.
        limit: most bytes of a record; a longer one is passed over.
    """
    scanner = _Scanner(stream, {name.encode() for name in containers}, limit)
    number = 0
    while first := scanner.peek():
        if first not in b"[{":
            yield Scanned(scanner.rest(), number + 1 if number else None, "unfinished")
            return
        for found in scanner.elements() if first == b"[" else scanner.object():
            number += 1
            several = found.number is not None or number > 1 or bool(scanner.peek())
            yield found._replace(number=number if several else None)


class _Scanner:
    """A place in a stream, and the value that begins there."""

    def __init__(self, stream: IO[bytes], containers: set[bytes], limit: int) -> None:
        self._stream = stream
        self._containers = containers
        self._limit = limit
        self._buffer = b""
        self._at = 0

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK)
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def peek(self) -> bytes:
        """Return the next byte that is no space or comma, nothing at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def rest(self) -> bytes:
        """Return the beginning of what comes now."""
        return self._buffer[self._at : self._at + _CHUNK]

    def elements(self) -> Iterator[Scanned]:
        """Yield the elements of the list that begins here."""
        self._at += 1
        number, last = 0, None
        while (first := self.peek()) and first not in b"]}":
            number += 1
            yield (last := self._value()._replace(number=number))
        if not first and not (last and last.problem == "unfinished"):
            yield Scanned(b"", number + 1, "unfinished")
        self._at += 1

    def object(self, depth: int = 0) -> Iterator[Scanned]:
        """Yield the records of the container that begins here, or the object itself."""
        taken = _Taken(self._limit)
        taken.add(b"{")
        self._at += 1
        comma = b""
        while (first := self.peek()) and first != b"}":
            name = self._value()
            if self.peek() == b":":
                self._at += 1
            value = None
            for found in self._field(name.content, depth):
                if found.number is not None:
                    yield found
                else:
                    value = found
            if value is None:
                self._leave_object()
                return
            taken.add(comma + name.content + b":" + value.content)
            taken.problem = taken.problem or value.problem or name.problem
            comma = b","
        if not first:
            taken.problem = "unfinished"
        taken.add(first)
        self._at += 1
        yield Scanned(bytes(taken.content), None, taken.problem)

    def _field(self, name: bytes, depth: int) -> Iterator[Scanned]:
        """Yield the value that begins here, or the records in it if it is a container's."""
        match = _NAME.fullmatch(name)
        first = self.peek()
        if match is not None and match[1].lower() in self._containers:
            if self._begins_objects():
                yield from self.elements()
                return
            if first == b"{" and depth < _MAX_DEPTH:
                yield from self.object(depth + 1)
                return
        yield self._value()

    def _begins_objects(self) -> bool:
        """Return whether a list begins here whose first element is an object."""
        while not (match := _LIST_OF_OBJECTS.match(self._buffer, self._at)) and (
            _LIST_SO_FAR.fullmatch(self._buffer, self._at) and self._more()
        ):
            pass
        return match is not None

    def _leave_object(self) -> None:
        """Pass over the rest of the object that this is in."""
        while (first := self.peek()) and first != b"}":
            self._value()
        self._at += 1

    def _value(self) -> Scanned:
        """Return the value that begins here, and go behind it."""
        first = self.peek()
        taken = _Taken(self._limit)
        if first in b"{[" and first:
            self._take_brackets(taken)
        elif first == b'"':
            self._take(taken, 1)
            self._take_string(taken)
        else:
            self._take_scalar(taken)
        return Scanned(bytes(taken.content), None, taken.problem)

    def _take(self, taken: "_Taken", size: int) -> None:
        taken.add(self._buffer[self._at : self._at + size])
        self._at += size

    def _take_until(self, taken: "_Taken", pattern: re.Pattern[bytes]) -> bytes:
        """Take all up to and with the first match; return it, nothing at the end."""
        while True:
            match = pattern.search(self._buffer, self._at)
            if match:
                self._take(taken, match.end() - self._at)
                return match.group()
            self._take(taken, len(self._buffer) - self._at)
            if not self._more():
                taken.problem = "unfinished"
                return b""

    def _take_string(self, taken: "_Taken") -> None:
        while self._take_until(taken, _INSIDE) == b"\\":
            if self._at < len(self._buffer) or self._more():
                self._take(taken, 1)

    def _take_brackets(self, taken: "_Taken") -> None:
        depth = 0
        while sign := self._take_until(taken, _OUTSIDE):
            if sign == b'"':
                self._take_string(taken)
            elif len(sign) == 1:
                depth += 1 if sign in b"{[" else -1
            if depth == 0:
                return

    def _take_scalar(self, taken: "_Taken") -> None:
        while True:
            match = _SCALAR_END.search(self._buffer, self._at)
            end = match.start() if match else len(self._buffer)
            self._take(taken, max(end - self._at, 1 if match and not taken.content else 0))
            if match and match.group() == b"(":  # of `ISODate("...")`
                self._take_call(taken)
            elif match or not self._more():
                return

    def _take_call(self, taken: "_Taken") -> None:
        depth = 0
        while sign := self._take_until(taken, _IN_CALL):
            if sign == b'"':
                self._take_string(taken)
            else:
                depth += 1 if sign == b"(" else -1
            if depth == 0:
                return


class _Taken:
    """What was taken of a value, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.content = bytearray()
        self.problem: str | None = None
        self._limit = limit

    def add(self, piece: bytes) -> None:
        room = self._limit + 1 - len(self.content)
        self.content += piece[: max(room, 0)]
        if len(self.content) > self._limit:
            self.problem = "too_large"
