"""Finding an article, and all that the output says of it."""

import difflib
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.command_line import command_line
from pipeline.explain.story_reasons import OF_LIKENESS, Likeness, likenesses
from pipeline.pages.marked import marked_paragraphs
from pipeline.show import story_of
from pipeline.upkeep.rejected import stored_letters
from transforms.errors import ConfigError
from transforms.identity import article_id, link_key
from transforms.output.file_columns import read_columns, rereads
from transforms.output.history import FOLDER, full_rows
from transforms.output.ledger import look_up
from transforms.output.listing import day_files
from transforms.output.merge import Row
from transforms.output.storage import is_local, join, list_files
from transforms.records import DeadLetter
from transforms.redaction import redacted
from transforms.text.sentences import split_sentences

NEARBY_DAYS = 7
"""Days before and after an article in which its story and its repeats are looked for."""

_HEX = frozenset("0123456789abcdef")
_OF_NEIGHBOURS = ("id", "title", "source", "url", "published_at", "story_id", "duplicate_of")
_OF_NAMES = ("id", "url", "uri", "duplicates")
_OF_VERSIONS = ("revision", "title", "text", "language", "ingested_at", "run_id")


class Reason(NamedTuple):
    """Why a topic fits.

    Attributes:
        label: the topic.
        score: as it is computed today, 0 to 1.
        phrase: the phrase of the topic that the article is nearest to.
        nearness: cosine of the two.
        sentences: of the article, those nearest to the phrase, best first, each with its cosine.
    """

    label: str
    score: float
    phrase: str
    nearness: float
    sentences: list[tuple[str, float]]


class Revision(NamedTuple):
    """A version that was replaced, and what the next one changed of it.

    Attributes:
        revision: its number.
        ingested_at: when it was read.
        changes: titles and sentences that went, each after `- `, and that came, after `+ `.
    """

    revision: int
    ingested_at: Any
    changes: list[str]


class Trail(NamedTuple):
    """What the output says of an article.

    Attributes:
        row: its row, of all columns; `None` where it has none.
        paragraphs: its text, as `marked_paragraphs` cuts it.
        story: other articles of its story, near it in time.
        likeness: why each of them may be on the same event, in the same order.
        original: the article that it nearly repeats, if its row is near in time.
        repeats: articles that nearly repeat it.
        revisions: its replaced versions that were kept, the oldest first.
        listed_in: whether only another row lists it, whose text is exactly its own; `row` is that.
        letters: dead letters of it.
    """

    row: Row | None
    paragraphs: list[list[str]]
    story: list[Row]
    likeness: list[Likeness]
    original: Row | None
    repeats: list[Row]
    revisions: list[Revision]
    listed_in: bool
    letters: list[DeadLetter]


def find_trail(root: str, name: str) -> Trail:
    """Return what the output `root` says of the article called `name`.

    Args:
        root: the output.
        name: an id of an article or a dead letter, or its beginning; an address; or the file that
            it was read from, with `:LINE` of a dead letter.

    Raises:
        ConfigError: nothing is known of it, or several articles are meant.
    """
    is_meant = _letter_test(name)
    letters = [stored.letter for stored in stored_letters(root) if is_meant(stored.letter)]
    rows = _find_rows(root, name)
    if len(rows) > 1 and letters and _LINE.fullmatch(name):
        rows = []  # a line of a file with other articles
    if len(rows) > 1:
        some = ", ".join(row["id"] for row in rows[:5])
        raise ConfigError(f"{len(rows)} articles of {root} answer to {name}: {some}")
    if not rows and not letters:
        words = name if len(name.split()) > 1 else "WORDS"
        raise ConfigError(
            f"{root} holds no article and no dead letter that answers to {name}; give its id (or "
            "the first six digits or more of that), its address, or the file that it was read "
            f"from. By words of it: {command_line('show', root, '--search', words)}"
        )
    if not rows:
        return Trail(None, [], [], [], None, [], [], listed_in=False, letters=letters)
    (row,) = rows
    near = [other for other in _nearby(root, row) if other["id"] != row["id"]]
    story = [other for other in near if other["story_id"] == row["story_id"]]
    return Trail(
        row,
        marked_paragraphs(row["text"], row["summary"], row["language"]),
        [_without(other, OF_LIKENESS) for other in story],
        likenesses(row, story),
        next((other for other in near if other["id"] == row["duplicate_of"]), None),
        [other for other in near if other["duplicate_of"] == row["id"]],
        _revisions(root, row),
        listed_in=not _is_own(row, name),
        letters=letters,
    )


def _without(row: Row, columns: Container[str]) -> Row:
    return {name: value for name, value in row.items() if name not in columns}


def _letter_test(name: str) -> Callable[[DeadLetter], bool]:
    """Return what says whether a dead letter is called `name`."""
    link, spellings = link_key(name), _spellings(name)

    def is_meant(letter: DeadLetter) -> bool:
        if len(name) >= _SHORTEST and letter.id.startswith(name):
            return True
        is_link = link is not None and link == link_key(letter.uri)
        return is_link or _is_file(letter.uri, spellings, letter.line)

    return is_meant


_SHORTEST = 6
"""Digits of an id that name an article."""

_LINE = re.compile(r"(?P<file>.+):(?P<line>\d{1,9})")


def _spellings(name: str) -> dict[str, int | None]:
    """Return how a file may be called in the output -> the line that is meant, if it is one."""
    names: dict[str, int | None] = {}
    if match := _LINE.fullmatch(name):
        names = dict.fromkeys(_paths(match["file"]), int(match["line"]))
    return names | dict.fromkeys(_paths(name))


def _paths(name: str) -> set[str]:
    is_path = is_local(name) and not name.startswith("file://")
    return {name, os.path.abspath(name), os.path.relpath(name)} if is_path else {name}  # noqa: PTH100


def _is_file(uri: str, spellings: Mapping[str, int | None], line: int | None = None) -> bool:
    """Return whether `uri` is meant; rows do not say their `line`, so any is theirs."""
    for spelling in {uri, redacted(uri)} & spellings.keys():
        meant = spellings[spelling]
        return meant is None or line is None or meant == line
    return False


def _find_rows(root: str, name: str) -> list[Row]:
    """Return the rows that answer to `name`, with all columns."""
    if link := link_key(name):
        ids = {article_id(uri="", whole_file=False, id_scope="", url=name)}
        ids |= _ids(root, lambda row: link in {link_key(url) for url in _addresses(row)})
    elif set(name) <= _HEX and len(name) >= _SHORTEST:
        ids = _ids(root, lambda row: row["id"].startswith(name)) or {name}
    else:
        spellings = _spellings(name)
        ids = _ids(root, lambda row: _is_file(row["uri"], spellings))
    return [row for known in look_up(root, ids, set()) for row in _whole(root, known)]


def _addresses(row: Row) -> Iterator[str]:
    """Yield the addresses of a row and of the articles that it lists."""
    yield row["url"] or ""
    for copy in row["duplicates"]:
        yield copy["url"] or ""


def _whole(root: str, known: Any) -> list[Row]:
    return full_rows(root, known.home, known.row["id"])


@rereads
def _ids(root: str, is_meant: Callable[[Row], bool]) -> set[str]:
    """Return the ids of the rows that are meant."""
    paths = (join(root, file.path) for file in day_files(root))
    rows = (row for path in paths for row in read_columns(path, _OF_NAMES).to_pylist())
    return {row["id"] for row in rows if is_meant(row)}


def _is_own(row: Row, name: str) -> bool:
    """Return whether `name` is that of the row, not of an article that it lists."""
    listed = {copy["id"]: link_key(copy["url"] or "") for copy in row["duplicates"]}
    if row["id"].startswith(name):
        return True
    link = link_key(name)
    return name not in listed and (link is None or link not in listed.values())


@rereads
def _nearby(root: str, row: Row) -> list[Row]:
    """Return the rows of the days around `row`, in order of time."""
    day, span = row["published_at"].date(), timedelta(days=NEARBY_DAYS)
    first, last = str(day - span), str(day + span)
    paths = [join(root, file.path) for file in day_files(root) if first <= file.date <= last]
    tables = [
        _related(read_columns(path, (*_OF_NEIGHBOURS, *OF_LIKENESS)), row)
        for path in paths
        if len(_related(read_columns(path, _OF_NEIGHBOURS), row))  # few have some: no texts yet
    ]
    found: list[Row] = pa.concat_tables(tables).to_pylist() if tables else []
    return sorted(found, key=lambda other: (other["published_at"], other["id"]))


def _related(table: pa.Table, row: Row) -> pa.Table:
    same_story = pc.equal(table["story_id"], story_of(row))
    repeats = pc.equal(table["duplicate_of"], row["id"])
    original = pc.equal(table["id"], row["duplicate_of"] or "")
    wanted = pc.or_kleene(pc.or_kleene(same_story, repeats), original)
    return table.filter(wanted.combine_chunks().fill_null(False))


def _revisions(root: str, row: Row) -> list[Revision]:
    paths = list_files(join(root, f"{FOLDER}/date=*/{row['id']}-*.parquet"))
    old = [kept for path in paths for kept in read_columns(path, _OF_VERSIONS).to_pylist()]
    versions = [*sorted(old, key=lambda version: version["revision"]), row]
    return [
        Revision(before["revision"], before["ingested_at"], list(_changes(before, after)))
        for before, after in pairwise(versions)
    ]


def _changes(before: Row, after: Row) -> Iterator[str]:
    for line in difflib.ndiff(list(_lines(before)), list(_lines(after))):
        if line.startswith(("- ", "+ ")):
            yield line


def _lines(row: Row) -> Iterable[str]:
    return (row["title"] or "", *split_sentences(row["text"], row["language"]))
