"""Which files an input names: files, folders and globs, on this machine or in an object store."""

import os
import posixpath
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from apache_beam.io.filesystem import FileMetadata

from transforms.errors import ConfigError
from transforms.formats import FileInfo
from transforms.local_files import Links, LocalFile, files_below, path_of, regular_file, uri_of
from transforms.output.storage import (
    glob_pattern,
    is_local,
    local_path,
    match_stored,
    path_failure,
    require_filesystem,
)

_NO_LINKS = Links()
_ANYTHING = re.compile(".*", re.DOTALL)


def match_files(
    patterns: Sequence[str],
    clock: Callable[[], datetime],
    *,
    may_be_none: bool = False,
    follow_links: bool = False,
    source: str = "",
) -> list[FileInfo]:
    """Return the files that `patterns` name, sorted by uri, each once.

    Args:
        patterns: files, folders (with all below them) or globs, where `**` crosses folders. Names
            starting with `.` or `_` are passed over unless a pattern spells them out.
        clock: tells the time that becomes `fetched_at`.
        may_be_none: a pattern that matches nothing is no error.
        follow_links: whether links that lead out of the input are followed, and links to folders.
        source: the config that names the patterns, for messages.

    Raises:
        ConfigError: a pattern matches nothing or cannot be listed.
    """
    now = clock()
    links = input_links(patterns, follow_links)
    matched = {pattern: _match(pattern, links) for pattern in patterns}
    for pattern in patterns:
        if not (matched[pattern] or may_be_none):
            raise ConfigError(
                f"input {pattern!r} matches no file (looked for {_parts(pattern).absolute}, and in "
                f"it if it is a folder); {where_else(pattern, source)}check the path, or give a "
                "file, a folder or a glob such as 'news/**/*.html'"
            )
    found = {file.path: file for files in matched.values() for file in files}
    return sorted(file_info(found[path], now) for path in found)


def input_links(patterns: Sequence[str], follow_links: bool) -> Links:
    """Return which links an input follows."""
    tops = [_parts(pattern).top for pattern in patterns if is_local(pattern)]
    return Links([os.path.realpath(top) for top in tops], follow_links)


def before_wildcards(pattern: str) -> str:
    """Return the part of `pattern` before any wildcard.

    >>> before_wildcards("news/2026-*/a.txt")
    'news/2026-'
    """
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


def where_else(pattern: str, source: str) -> str:
    """Return what to tell of a pattern that is not found, ending in "; ", "" where it is absolute.

    Args:
        pattern: counts from the working directory, as all do.
        source: the config that names it, which may lie in another folder.
    """
    if "://" in pattern or Path(pattern).is_absolute():
        return ""
    told = "a relative path counts from the current directory; "
    folder = Path(source).absolute().parent
    if source and folder != Path.cwd() and (folder / before_wildcards(pattern)).exists():
        told += (
            f"it is there below {folder}, the folder of {Path(source).name}: run newsbeam there, "
            "or write the whole path; else "
        )
    return told


def _match(pattern: str, links: Links) -> list[LocalFile]:
    """Return the files that one pattern names, not the hidden ones."""
    require_filesystem("input.paths", pattern)
    parts = _parts(pattern)
    try:
        if parts.is_glob:
            return _visible(_list(parts.absolute, links), parts.top)
        below = _visible(_list(parts.folder + "**", links), parts.folder)
        return below or _list(parts.absolute, links)
    except OSError as error:
        raise path_failure(f"input {pattern!r} cannot be listed", error) from error


class _Parts(NamedTuple):
    """A pattern as an absolute path, its part before any wildcard, and it as a folder."""

    absolute: str
    fixed: str
    folder: str

    @property
    def is_glob(self) -> bool:
        return self.fixed != self.absolute

    @property
    def top(self) -> str:
        """Where names begin that must not be hidden."""
        return posixpath.dirname(self.fixed) if self.is_glob else self.absolute


def _parts(pattern: str) -> _Parts:
    absolute = pattern if "://" in pattern else path_of(str(Path(pattern).absolute()))
    fixed = before_wildcards(absolute)
    if "://" not in pattern and os.path.lexists(absolute):  # a name may hold what means something
        fixed = absolute
    return _Parts(absolute, fixed, absolute.rstrip("/") + "/")


class Appearing(NamedTuple):
    """Files that may be there one day.

    Attributes:
        glob: matches them, and hidden ones.
        folder: where names begin that must not be hidden.
        links: which are followed.
    """

    glob: str
    folder: str
    links: Links = Links()

    def is_visible(self, file: FileMetadata) -> bool:
        """Return whether `file`, one that `glob` matches, can be read and is not hidden."""
        found = LocalFile(file.path, 0, None)
        readable = not is_local(file.path) or regular_file(file.path, self.links)
        return bool(readable and _visible([found], self.folder))


def appearing(pattern: str, links: Links = _NO_LINKS) -> Appearing:
    """Return what to look for again and again, so that it finds what `match_files` would.

    A name without wildcards is a folder, which need not be there yet, unless it is a file now.

    Raises:
        ConfigError: there is no filesystem for it.
    """
    require_filesystem("input.paths", pattern)
    parts = _parts(pattern)
    if parts.is_glob:
        return Appearing(parts.absolute, parts.top, links)
    if not parts.absolute.endswith("/") and _list(parts.absolute, links):
        return Appearing(parts.absolute, parts.absolute, links)
    return Appearing(parts.folder + "**", parts.folder, links)


def _list(pattern: str, links: Links) -> list[LocalFile]:
    """Return the files that match `pattern`; a path that is there is one, whatever it holds."""
    if not is_local(pattern):
        return [LocalFile(f.path, f.size, f.modified_at) for f in match_stored(pattern)]
    path = str(local_path(pattern))
    if os.path.lexists(path):
        file = regular_file(path, links._replace(everywhere=True))  # it is named itself
        return [file] if file else []
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    folder = pattern.removesuffix("**") if pattern.endswith("/**") else posixpath.dirname(fixed)
    if pattern.endswith("/**") and Path(folder).is_dir():
        return list(files_below(folder.rstrip("/") or "/", links, _ANYTHING))
    return list(files_below(folder or "/", links, glob_pattern(pattern)))


def _visible(files: list[LocalFile], folder: str) -> list[LocalFile]:
    start = len(folder)
    return [f for f in files if not re.search(r"(?:^|/)[._]", f.path[start:].lstrip("/"))]


def file_info(file: LocalFile, now: datetime) -> FileInfo:
    """Return what is to be read, called by text alone."""
    uri = uri_of(file.path)
    place = file.path if uri != file.path else ""
    return FileInfo(uri, file.size, file.modified_at, now, place)
