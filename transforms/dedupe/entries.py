"""What is known of each article while a group is resolved: a version that stands, or a mention."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from transforms.output.merge import Amendment, Row, merge_versions
from transforms.output.versions import Edition, listed_of, union_listed, version
from transforms.records import (
    NO_TITLE,
    Article,
    Duplicate,
    Listed,
    Partition,
    is_teaser,
    wants_page,
)


@dataclass
class Entry:
    """An article with a text: that of its row, or one that arrives.

    Attributes:
        row: the key columns of the version that stands.
        article: that version, if it has to be published.
        homes: the partitions with a row, the one to keep first.
        arrived: how many articles of the group it is made of.
        amendment: what a row that need not be published is to learn.
        only_moves: whether the article is an older version than the row's, with a better date.
        heard: where a row lists the article, the versions that were seen of it before, as long as
            nothing else arrives.
    """

    row: Row
    article: Article | None = None
    homes: list[Partition] = field(default_factory=list)
    arrived: int = 0
    amendment: Amendment | None = None
    only_moves: bool = False
    heard: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The article's id."""
        return str(self.row["id"])

    @property
    def is_teaser(self) -> bool:
        """Whether the text is a teaser: two with the same words may have different pages."""
        if self.article:
            return wants_page(self.article)
        return is_teaser(self.row["flags"], self.row["url"])

    def amend(self, **learnt: tuple[Any, ...]) -> None:
        """Add to what the row is to learn."""
        if any(learnt.values()):
            before = self.amendment or Amendment(self.id)
            self.amendment = before._replace(
                **{name: getattr(before, name) + more for name, more in learnt.items()}
            )

    def published(self, listing: "Listing", story_id: str | None) -> Article:
        """Return the article as it is to be published, with what its row is to list."""
        assert self.article is not None
        title = self.article.title or self.row["title"] or ""
        flags = self.article.flags
        return replace(
            self.article,
            title=title,
            flags=tuple(flag for flag in flags if flag != NO_TITLE) if title else flags,
            published_at=self.row["published_at"],
            date_source=self.row["date_source"],
            keys=tuple(self.row["keys"]),
            versions=tuple(self.row["versions"]),
            duplicates=tuple(duplicate for duplicate, _ in listing.values()),
            listed=tuple(seen for _, seen in listing.values() if seen.versions),
            story_id=story_id,
        )


@dataclass
class Mention:
    """An article that rows list as a duplicate, as long as no text of it is at hand.

    Attributes:
        seen: what is known of it; no versions if an earlier newsbeam listed it.
        arrived: how many articles of the group were versions of it.
        row: the key columns of those together.
        heard: the versions that were seen before the group, as long as all of it are among them.
    """

    seen: Listed
    arrived: int = 0
    row: Row | None = None
    heard: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.heard = frozenset(self.seen.versions)

    def arrive(self, row: Row) -> Row:
        """Take one more version, and return it with the best date and all keys of those so far."""
        self.arrived += 1
        self.heard = self.heard if self.heard.issuperset(row["versions"]) else frozenset()
        self.row = merge_versions(self.row, row) if self.row else row
        return row | {name: self.row[name] for name in ("published_at", "date_source", "keys")}

    def stands(self, row: Row) -> bool:
        """Return whether `row` is of the version that stands: its text, and no older headline."""
        latest, touched_at = self.seen.touched_at, Edition.of_row(row).touched_at
        is_older = latest and touched_at and touched_at < latest
        return self.seen.text_sha256 == row["text_sha256"] and not is_older


class Listing(dict[str, tuple[Duplicate, Listed]]):
    """What a row lists as its duplicates, by id."""

    @classmethod
    def of_row(cls, row: Row) -> "Listing":
        """Return what `row` lists."""
        seen = {item.id: item for item in listed_of(row)}
        return cls(
            (item["id"], (Duplicate(**item), seen.get(item["id"], unseen(item["id"]))))
            for item in row["duplicates"]
        )

    def add(self, duplicate: Duplicate, seen: Listed) -> None:
        """Add what was seen of a duplicate; one that is listed keeps its address."""
        known, before = self.get(duplicate.id, (duplicate, seen))
        [after] = union_listed([before], [seen])
        self[duplicate.id] = known, after

    def add_row(self, row: Row) -> None:
        """Add an article that gives way to the row."""
        self.add(Duplicate(row["id"], row["url"] or row["uri"]), listed_row(row))

    def news(self, before: "Listing") -> Iterable[Listed]:
        """Yield what this knows of duplicates and `before` does not."""
        for id_, (_, seen) in self.items():
            if seen.versions and (id_ not in before or before[id_][1] != seen):
                yield seen


def listed_row(row: Row) -> Listed:
    """Return what a row that lists the article of `row` is to remember of it."""
    touched_at = Edition.of_row(row).touched_at
    return Listed(row["id"], touched_at, row["text_sha256"], tuple(row["versions"]))


def unseen(id_: str) -> Listed:
    """Return what is known of a duplicate that an earlier newsbeam listed."""
    return Listed(id_, None, "", ())


def key_row(article: Article) -> Row:
    """Return the key columns of an article that arrives: `flags` of `None`, as no step added any.

    So a teaser whose page may still be fetched is not taken for one that came without it.
    """
    return {
        "id": article.id,
        "keys": sorted({article.id, *article.keys}),
        "title": article.title,
        "text_sha256": article.text_sha256,
        # An engine compares an article twice: before its page is fetched, and when it is published.
        "versions": sorted(article.versions) or [version(article)],
        "modified_at": article.modified_at,
        "published_at": article.published_at,
        "date_source": article.date_source,
        "duplicates": [],
        "listed": [],
        "uri": article.uri,
        "url": article.url,
        "story_id": None,
        "flags": None,
    }
