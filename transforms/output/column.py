"""What a column of the output is, and how its value is read off an article."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import pyarrow as pa

from transforms.records import Article


@dataclass(frozen=True)
class Column:
    """A column of the output.

    Attributes:
        name: of the column.
        type: in Arrow.
        meaning: for people, in docs/schema.md and in the metadata of each file.
        value: what an article's row holds; left out, it is the article's attribute of that name.
        nullable: whether it may be null.
        since: the version of the schema that brought it.
        older: what the rows of files hold that are older than that.
        step: the step that makes it from the text; `newsbeam backfill` makes it anew with that one.

    Raises:
        ValueError: it may not be null, and older files have nothing to put there.
    """

    name: str
    type: pa.DataType
    meaning: str
    value: Callable[[Article], Any] | None = None
    nullable: bool = False
    since: int = 1
    older: Any = None
    step: str | None = None

    def __post_init__(self) -> None:
        if self.since > 1 and self.older is None and not self.nullable:
            raise ValueError(
                f"column {self.name}: files older than version {self.since} lack it, and null is "
                "not allowed; say what they are to hold (older=...), or make it nullable"
            )

    def of(self, article: Article) -> Any:
        """Return the value for `article`, as Arrow takes it."""
        return attrgetter(self.name)(article) if self.value is None else self.value(article)

    @property
    def field(self) -> pa.Field:
        """The column as a part of `SCHEMA`."""
        return pa.field(self.name, self.type, self.nullable, {"description": self.meaning})

    def absent(self, rows: int) -> pa.Array:
        """Return the column for `rows` rows of a file that is older than it."""
        return pa.array([self.older] * rows, self.type)


def numbers(name: str) -> Callable[[Article], list[Any] | None]:
    """Return a function that reads an article's array of this name."""

    def read(article: Article) -> list[Any] | None:
        array = getattr(article, name)
        return None if array is None else array.tolist()

    return read


def published_at(article: Article) -> datetime:
    """Return when the article was published, in UTC."""
    assert article.published_at is not None
    return article.published_at.astimezone(UTC)


def vector_bytes(article: Article) -> bytes | None:
    """Return the bytes of the article's `story_vector`."""
    return None if article.story_vector is None else article.story_vector.tobytes()


def stamp(_: Article) -> None:
    """Stand in for a value that `stamps` sets as the row is written."""
