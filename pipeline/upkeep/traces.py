"""Traces of an article in an output: where its id or address stands, in any file of it."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.identity import link_key
from transforms.output.storage import is_local, join, list_files, local_path, read_bytes

_PROSE = frozenset({"text", "summary", "title"})
"""Columns in which another article may mention the address."""
_LISTS = (
    pa.ListType, pa.LargeListType, pa.FixedSizeListType, pa.ListViewType, pa.LargeListViewType,
)  # fmt: skip
_TEXTS = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary,
    pa.types.is_large_binary, pa.types.is_binary_view,
)  # fmt: skip
"""What tables of other writers keep text in, whether they say that it is text or not."""
_ADDRESS = re.compile(r"[^\s\"'<>()\[\]{}\\|]+")


@dataclass(frozen=True)
class Names:
    """What articles are called.

    Attributes:
        keys: their identity keys, ids included.
        links: their addresses, as `identity.link_key` spells them.
    """

    keys: frozenset[str]
    links: frozenset[str]

    def plus(self, keys: Iterable[str], links: Iterable[str | None]) -> "Names":
        """Return these and more."""
        return Names(self.keys | set(keys), self.links | set(filter(None, links)))

    def has(self, keys: Iterable[str], url: str | None) -> bool:
        """Return whether an article that answers to `keys`, at `url`, is meant."""
        return not self.keys.isdisjoint(keys) or bool(url and link_key(url) in self.links)

    def are_in(self, content: bytes) -> bool:
        """Return whether a key or address stands in `content`.

        An address counts where the whole of it does: `/1` is not in `/12`, nor in `/1/2`.
        """
        if any(key.encode() in content for key in self.keys):
            return True
        plain = content.replace(b"\\/", b"/")  # as JSON may write it
        found = (link for link in self.links if link.encode() in plain)
        return any(_is_address(plain.decode(errors="replace"), link) for link in found)


def _is_address(text: str, link: str) -> bool:
    for start in (match.start() for match in re.finditer(re.escape(link), text)):
        address = _ADDRESS.match(text, start)
        if address and link_key(f"https://{address[0].rstrip('.,;:!?')}") == link:
            return True
    return False


class Trace(NamedTuple):
    """A place where a name stands: a file, and its column or an empty string.

    `is_mention` says that it is within another article's prose.
    """

    path: str
    column: str
    is_mention: bool


def find_traces(root: str, names: Names, *tables: str) -> tuple[int, list[Trace]]:
    """Return how many files are below `root`, and the traces in all of them, decompressed.

    Args:
        root: the output.
        names: of articles.
        tables: folders outside the output that are searched too; their files have whole paths.
    """
    paths = {path: _below(root, path) for path in list_files(join(root, "**/*"))}
    paths |= {path: path for table in tables for path in list_files(join(table, "**/*"))}
    return len(paths), [
        trace for path, name in paths.items() for trace in _in_file(path, name, names)
    ]


def _below(root: str, path: str) -> str:
    if is_local(root):
        return Path(path).relative_to(local_path(root)).as_posix()
    return path.removeprefix(root.rstrip("/") + "/")


def _in_file(path: str, name: str, names: Names) -> Iterator[Trace]:
    content = read_bytes(path) or b""
    if names.are_in(name.encode()):
        yield Trace(name, "", is_mention=False)
    elif content[:4] == b"PAR1":
        file = pq.ParquetFile(io.BytesIO(content))
        for field in file.schema_arrow:
            column = file.read([field.name])[field.name]
            if any(_in_array(chunk, names) for chunk in column.chunks):
                yield Trace(name, field.name, field.name in _PROSE)
    elif names.are_in(content):
        yield Trace(name, "", is_mention=False)


def _in_array(array: pa.Array, names: Names) -> bool:
    """Return whether a name stands in the text or bytes within `array`, however nested."""
    kind = array.type
    if isinstance(array, pa.DictionaryArray):
        return _in_array(array.dictionary, names)
    if isinstance(kind, _LISTS):
        return _in_array(array.flatten(), names)
    if isinstance(array, pa.MapArray):
        return _in_array(array.keys, names) or _in_array(array.items, names)
    if isinstance(array, pa.StructArray):
        return any(_in_array(part, names) for part in array.flatten())
    if not any(is_kind(kind) for is_kind in _TEXTS):
        return False
    content = array.cast(pa.large_binary())
    return any(
        names.are_in(value)
        for needle in names.keys | names.links
        for value in content.filter(
            pc.match_substring(content, needle).fill_null(False)
        ).to_pylist()
    )
