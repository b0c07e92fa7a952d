"""Object stores, through obstore: S3, Google Cloud Storage and Azure.

One client a bucket and process. Every put can carry a condition, on which the store decides: that
there is no object yet, or that it is still the one that was read. So of two writers that want to
change the same object one is told that it came too late, whatever their clocks and locks say.

What a store answers is raised as a `StoreError`, which is an `OSError` as a disk would raise it.
"""

import contextlib
import io
import json
import os
from datetime import datetime
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, GenericError, PreconditionError

from transforms.output.store_client import as_os_error, client

_CHUNK = 1 << 20
"""Bytes that are asked for at once: a request takes about as long as the transfer of so many."""


class Stored(NamedTuple):
    """An object as a listing shows it.

    Attributes:
        path: its address.
        size: bytes.
        tag: its ETag, which changes whenever the object does.
        modified_at: when it was put.
    """

    path: str
    size: int
    tag: str
    modified_at: datetime


@as_os_error("be read")
def read(path: str) -> tuple[bytes, str] | None:
    """Return the content and the version of an object, `None` where there is none.

    Raises:
        StoreError: the store refuses, or does not answer.
    """
    store, key = client(path)
    try:
        answer = obstore.get(store, key)
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
            raise
        return None
    return bytes(answer.bytes()), _version(answer.meta)


def _version(meta: Any) -> str:
    """Return what a condition on the object needs: an ETag, or Google's number of a generation."""
    known = {name: meta[name] for name in ("e_tag", "version")}
    return json.dumps({name: value for name, value in known.items() if value})


@as_os_error("be written")
def put(path: str, content: bytes, expected: str | None = None) -> str:
    """Put an object in one step, under a condition; return its version.

    An answer that was lost on the way is no failure: what is there is then compared with `content`.

    Args:
        path: its address.
        content: all of it.
        expected: the version that it is to replace, "" for none, `None` for whatever is there.

    Raises:
        ChangedError: something else is there.
        StoreError: the store refuses, or does not answer.
    """
    store, key = client(path)
    mode: Any = "overwrite" if expected is None else json.loads(expected or '"create"')
    try:
        return _version(obstore.put(store, key, content, mode=mode, use_multipart=False))
    except (AlreadyExistsError, PreconditionError, GenericError):
        with contextlib.suppress(OSError):  # what the put met says more
            if expected is not None and (found := read(path)) and found[0] == content:
                return found[1]
        raise


@as_os_error("be removed")
def delete(path: str) -> None:
    """Delete an object, if there is one.

    Raises:
        StoreError: the store refuses, or does not answer.
    """
    store, key = client(path)
    with contextlib.suppress(FileNotFoundError):
        obstore.delete(store, key)


@as_os_error("be listed")
def listing(prefix: str) -> list[Stored]:
    """Return the objects whose addresses begin with `prefix`, in order: one request for 1,000.

    Raises:
        StoreError: the store refuses, or does not answer.
    """
    store, start = client(prefix)
    root = prefix[: len(prefix) - len(start)]
    folder, _, name = start.rpartition("/")
    # Clients list folders; those names that come before, such as `_runs/`, need not be sent.
    chunks = obstore.list(store, folder or None, offset=start if name else None)
    found = [meta for chunk in chunks for meta in chunk if meta["path"].startswith(start)]
    return sorted(
        Stored(root + meta["path"], meta["size"], _tag(meta), meta["last_modified"])
        for meta in found
    )


def _tag(meta: Any) -> str:
    """Return the ETag, "" where there is none; Azure's listings leave out its quotation marks."""
    tag: str = meta["e_tag"] or ""
    return f'"{tag}"' if tag and not tag.endswith('"') else tag


@as_os_error("be looked at")
def look(path: str) -> Stored | None:
    """Return an object as a listing shows it, `None` where there is none."""
    store, key = client(path)
    try:
        meta = obstore.head(store, key)
    except FileNotFoundError:
        return None
    return Stored(path, meta["size"], _tag(meta), meta["last_modified"])


@as_os_error("be read")
def read_range(path: str, start: int, end: int, tag: str) -> bytes:
    """Return the bytes of an object from `start` to before `end`.

    Raises:
        FileNotFoundError: the object with this tag is gone.
        StoreError: the store refuses, or does not answer.
    """
    store, key = client(path)
    try:
        answer = obstore.get(store, key, options={"range": (start, end), "if_match": tag or None})
    except PreconditionError as error:
        raise FileNotFoundError(f"{path} was replaced while it was read") from error
    return bytes(answer.bytes())


class StoredFile(io.RawIOBase):
    """An object as a file that is read where one seeks, and not as a whole unless it is small."""

    def __init__(self, path: str, size: int, tag: str) -> None:
        self._path, self._size, self._tag = path, size, tag
        self._at = 0
        self._start, self._held = 0, b""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the position on."""
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        if not self._start <= self._at <= self._at + wanted <= self._start + len(self._held):
            self._fetch(wanted)
        place = self._at - self._start
        buffer[:wanted] = self._held[place : place + wanted]
        self._at += wanted
        return wanted

    def _fetch(self, wanted: int) -> None:
        """Hold what is `wanted`, and what else comes with it at no cost."""
        size = self._size
        # A reader of columns begins at the end, with the footer.
        start = max(0, size - _CHUNK) if self._at + wanted == size else self._at
        end = min(size, max(start + _CHUNK, self._at + wanted))
        start = min(start, self._at)
        self._held = read_range(self._path, start, end, self._tag)
        self._start = start
