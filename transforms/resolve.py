"""What each article of a group is: new, a new version, unchanged, or an exact duplicate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

from transforms.identity import topic_of
from transforms.ledger import Known
from transforms.merge import Amendment, Removal, Row, merge_versions
from transforms.records import Article, Duplicate, Listed, Partition, wants_page
from transforms.schema import listed_rows
from transforms.versions import (
    STATED_SOURCES,
    is_news,
    is_replaced,
    last_touched,
    listed_of,
    union_listed,
    union_versions,
    version,
)

_T = TypeVar("_T")


class Resolution(NamedTuple):
    """What becomes of a group of articles.

    `articles` are to be published; `amendments` and `removals` concern rows that are published
    already; `unchanged` and `duplicate` count the articles that need no row of their own.
    """

    articles: list[Article]
    amendments: list[tuple[Partition, Amendment]]
    removals: list[tuple[Partition, Removal]]
    unchanged: int
    duplicate: int


def home_of(article: Article, buckets: int) -> Partition:
    """Return the one partition in which the row of `article` lives."""
    assert article.published_at is not None
    return Partition(
        article.published_at.strftime("%Y-%m-%d"), crc32(article.id.encode()) % buckets
    )


class _Alias(NamedTuple):
    """An article that has no row of its own: the row that lists it, and its id there."""

    owner: str
    id: str


@dataclass
class _Entry:
    """What is known of one id while a group is resolved.

    `row` holds the key columns of the version that stands; `article` is that version if it has to
    be published; `homes` are the partitions with a row, the one to keep first; `parted` are the
    articles that leave its duplicates. It `only_moves` if the article is an older version than the
    row's, with a better date.
    """

    row: Row
    article: Article | None = None
    homes: list[Partition] = field(default_factory=list)
    amendment: Amendment | None = None
    parted: list[Listed] = field(default_factory=list)
    only_moves: bool = False


class _Resolver:
    """Takes articles one by one, in the order in which they count as arriving."""

    def __init__(self, known: Iterable[Known], teasers_wait: bool) -> None:
        self.teasers_wait = teasers_wait
        self.entries: dict[str, _Entry] = {}
        self.id_by_key: dict[str, str] = {}
        self.aliases: dict[str, _Alias] = {}
        self.owner_by_text: dict[str, str] = {}
        self.copies: dict[str, Article] = {}
        self.removals: list[tuple[Partition, Removal]] = []
        self.unchanged = self.duplicate = 0
        for row, home in known:
            self._add_known(row, home)
        for id_, entry in list(self.entries.items()):
            if alias := self.aliases.get(id_):
                self._end_interrupted(entry, alias)

    def _add_known(self, row: Row, home: Partition) -> None:
        id_ = row["id"]
        row = {**row, "listed": row["listed"] or []}
        self.id_by_key.update((key, id_) for key in row["keys"])
        self.owner_by_text.setdefault(row["text_sha256"], id_)
        self._list(id_, row["duplicates"])
        if entry := self.entries.get(id_):  # a move was interrupted: two partitions hold it
            stands = is_replaced(entry.row, row)
            entry.row = merge_versions(entry.row, row)
            entry.homes.insert(0 if stands else 1, home)
        else:
            self.entries[id_] = _Entry(row, homes=[home])

    def _list(self, owner: str, duplicates: Iterable[Row]) -> None:
        self.aliases.update((item["id"], _Alias(owner, item["id"])) for item in duplicates)

    def _end_interrupted(self, entry: _Entry, alias: _Alias) -> None:
        """End what a crash has left: a row for an article that another row lists."""
        seen = _seen(self.entries[alias.owner], alias)
        if seen.versions and not set(entry.row["versions"]) <= set(seen.versions):
            self._part(alias)  # it has another text by now
        else:
            self._give_way(entry, alias.owner)

    def add(self, article: Article) -> None:
        """Take the next article."""
        keys = (article.id, *article.keys)
        row = _key_row(article)
        if id_ := _first(self.id_by_key, keys):
            self.id_by_key.update((key, id_) for key in keys if key not in self.id_by_key)
            self._add_version(self.entries[id_], replace(article, id=id_))
            return
        if alias := _first(self.aliases, keys):
            article = replace(article, id=alias.id)
            row = _key_row(article)
            seen = _seen(self.entries[alias.owner], alias)
            if not self._has_own_text(alias, row):
                self.duplicate += 1
                self._learn(alias, article, row)
                return
            self._part(alias)
            row["versions"] = union_versions(row["versions"], seen.versions)
        if owner := self._owner_of_text(article):
            self.duplicate += 1
            if _first_published(row) < _first_published(self.entries[owner].row):
                self._take_over(self.entries[owner], article, row)
            else:
                self._inherit(self.entries[owner], _Entry(row, article))
        else:
            self._add_new(_Entry(row, article))

    def _has_own_text(self, alias: _Alias, row: Row) -> bool:
        """Return whether `row` is what stands of a listed article, and not its owner's text.

        Either may have been edited since it was listed.
        """
        owner = self.entries[alias.owner]
        seen = _seen(owner, alias)
        if not seen.versions:  # an earlier version of newsbeam did not keep them
            return False
        stands = row["text_sha256"] if is_news(seen, row) else seen.text_sha256
        return bool(stands == row["text_sha256"] != owner.row["text_sha256"])

    def _learn(self, alias: _Alias, article: Article, row: Row) -> None:
        """Note a version of an article that stays listed."""
        entry = self.entries[alias.owner]
        seen, new = _seen(entry, alias), _listing(row)
        if not seen.versions:
            return
        if not is_news(seen, row):
            new = seen._replace(versions=new.versions)
        [after] = union_listed([seen], [new])
        if after.text_sha256 == article.text_sha256:
            self.copies[alias.id] = article
        if after != seen:
            listed = union_listed(listed_of(entry.row), [after])
            entry.row = {**entry.row, "listed": listed_rows(listed)}
            _amend(entry, listed=(after,))

    def settle(self) -> None:
        """Take copies again whose owners got another text after them."""
        while stale := [
            (_first_published(row), article)
            for id_, article in self.copies.items()
            if (alias := self.aliases.get(id_))
            and self._has_own_text(alias, row := _key_row(article))
        ]:
            self.duplicate -= 1
            self.add(min(stale)[1])

    def _part(self, alias: _Alias) -> None:
        """Take an article that has a text of its own from the duplicates of its owner."""
        self.aliases = {key: other for key, other in self.aliases.items() if other != alias}
        entry = self.entries[alias.owner]
        entry.parted.append(_seen(entry, alias))
        for column in ("duplicates", "listed"):
            others = [item for item in entry.row[column] if item["id"] != alias.id]
            entry.row = {**entry.row, column: others}

    def _owner_of_text(self, article: Article) -> str | None:
        return None if self._waits(article) else self.owner_by_text.get(article.text_sha256)

    def _waits(self, article: Article) -> bool:
        """Return whether the text means nothing yet: that of a teaser, before its page."""
        return self.teasers_wait and wants_page(article)

    def _add_new(self, entry: _Entry) -> None:
        id_ = entry.row["id"]
        self.entries[id_] = entry
        self.id_by_key.update((key, id_) for key in entry.row["keys"])
        if entry.article and not self._waits(entry.article):
            self.owner_by_text[entry.row["text_sha256"]] = id_

    def _take_over(self, entry: _Entry, article: Article, row: Row) -> None:
        """Make `article` the row of its text, in place of `entry`, which was published later."""
        if entry.article is None:
            self.duplicate -= 1  # a row that was published gives way, no input of this group
        heir = _Entry({**row, "story_id": entry.row["story_id"]}, article)
        self._add_new(heir)
        self._inherit(heir, entry)
        self._give_way(entry, article.id)

    def _give_way(self, entry: _Entry, owner: str) -> None:
        id_ = entry.row["id"]
        del self.entries[id_]
        for key in entry.row["keys"]:
            if self.id_by_key.get(key) == id_:
                del self.id_by_key[key]
            self.aliases[key] = _Alias(owner, id_)
        for key, alias in self.aliases.items():
            if alias.owner == id_:
                self.aliases[key] = alias._replace(owner=owner)
        if self.owner_by_text.get(entry.row["text_sha256"]) == id_:
            self.owner_by_text[entry.row["text_sha256"]] = owner
        self.removals += [(home, Removal(id_, owner)) for home in entry.homes]

    def _add_version(self, entry: _Entry, article: Article) -> None:
        old, new = entry.row, _key_row(article)
        merged = merge_versions(old, new)
        same_content = old["text_sha256"] == new["text_sha256"]
        moved = same_content and merged["published_at"] != old["published_at"]
        self.unchanged += 1
        replaced = is_replaced(old, new)
        if replaced or moved:
            entry.only_moves = not replaced and (entry.article is None or entry.only_moves)
            # Either this article or the pending one that it replaces needs no row.
            self.unchanged -= entry.article is None
            entry.article = article
            entry.row = merged
            self._retext(entry, old["text_sha256"])
        else:
            stated = {"published_at": old["published_at"], "date_source": old["date_source"]}
            learnt = {
                name: tuple(sorted(set(merged[name]) - set(old[name])))
                for name in ("keys", "versions")
            }
            if any(learnt.values()):
                _amend(entry, **learnt)
            entry.row = {**merged, **stated}

    def _retext(self, entry: _Entry, former: str) -> None:
        """Note that the row of `entry` has another text than the `former`."""
        id_ = entry.row["id"]
        if self.owner_by_text.get(former) == id_:
            del self.owner_by_text[former]
        if entry.article and not self._waits(entry.article):
            owner = self.owner_by_text.setdefault(entry.row["text_sha256"], id_)
            if owner != id_:
                self._join(entry, self.entries[owner])

    def _join(self, *entries: _Entry) -> None:
        """Make one row of two whose texts have become the same: that of the first published."""
        first, other = sorted(entries, key=lambda entry: _first_published(entry.row))
        self.duplicate += other.article is not None
        self._inherit(first, other)
        self._give_way(other, first.row["id"])
        self.owner_by_text[first.row["text_sha256"]] = first.row["id"]

    def _inherit(self, entry: _Entry, other: _Entry) -> None:
        """List `other`, and all that it lists, as duplicates of `entry`."""
        if other.article:
            self.copies[other.row["id"]] = other.article
        duplicates = [*other.row["duplicates"], _duplicate(other.row)._asdict()]
        listed = union_listed(listed_of(other.row), [_listing(other.row)])
        self._list(entry.row["id"], duplicates)
        entry.row = {
            **entry.row,
            "duplicates": [*entry.row["duplicates"], *duplicates],
            "listed": listed_rows(union_listed(listed_of(entry.row), listed)),
        }
        _amend(entry, duplicates=tuple(Duplicate(**item) for item in duplicates), listed=listed)

    def resolution(self, buckets: int) -> Resolution:
        """Return what is to be done."""
        articles, amendments, removals = [], [], [*self.removals]
        for id_, entry in self.entries.items():
            if entry.article:
                article = _published(entry.article, entry.row)
                home = home_of(article, buckets)
                stale = [other for other in entry.homes if other != home]
                if entry.only_moves and stale:
                    article = replace(article, origin=stale[0])
                articles.append(article)
            else:
                home, *stale = entry.homes
                if entry.amendment:
                    amendments.append((home, entry.amendment))
            if entry.homes and entry.parted:
                amendments.append((home, Amendment(id_, parted=tuple(entry.parted))))
            removals += [(other, Removal(id_, id_)) for other in stale]
        return Resolution(articles, amendments, removals, self.unchanged, self.duplicate)


def resolve(
    articles: Iterable[Article],
    known: Iterable[Known],
    buckets: int,
    *,
    teasers_wait: bool = False,
) -> Resolution:
    """Return what becomes of `articles`, given what is `known` to be published.

    They count as arriving in the order of their own times, so the result does not depend on the
    order in which they were read. Of articles with the same text, the one published first is the
    row, even if it arrives last; the others are linked to it.

    Args:
        articles: of a batch.
        known: the published rows that they may concern.
        buckets: per day.
        teasers_wait: whether teasers get the text of their page later: two with the same words are
            not the same article then.
    """
    resolver = _Resolver(known, teasers_wait)
    for article in sorted(articles, key=_arrival):
        resolver.add(article)
    resolver.settle()
    return resolver.resolution(buckets)


def _first_published(row: Row) -> tuple[Any, ...]:
    """Return the order of precedence among articles with one text: stated dates come first."""
    return row["date_source"] not in STATED_SOURCES, row["published_at"], row["id"]


def _arrival(article: Article) -> tuple[Any, ...]:
    time = article.modified_at or article.published_at
    is_message = topic_of(article.uri) is not None
    # Of messages the one sent last: their numbers grow, so a shorter one is an earlier one.
    sent = (article.fetched_at.timestamp(), len(article.uri)) if is_message else (0.0, 0)
    return time, article.published_at, article.id, *sent, article.uri, article.line or 0


def _key_row(article: Article) -> Row:
    return {
        "id": article.id,
        "keys": sorted({article.id, *article.keys}),
        "text_sha256": article.text_sha256,
        "versions": [version(article)],
        "modified_at": article.modified_at,
        "published_at": article.published_at,
        "date_source": article.date_source,
        "duplicates": [],
        "listed": [],
        "uri": article.uri,
        "url": article.url,
        "story_id": None,
    }


def _amend(
    entry: _Entry,
    keys: tuple[str, ...] = (),
    versions: tuple[str, ...] = (),
    duplicates: tuple[Duplicate, ...] = (),
    listed: tuple[Listed, ...] = (),
) -> None:
    before = entry.amendment or Amendment(entry.row["id"])
    entry.amendment = Amendment(
        before.id,
        before.keys + keys,
        before.versions + versions,
        before.duplicates + duplicates,
        before.listed + listed,
    )


def _duplicate(row: Row) -> Duplicate:
    return Duplicate(row["id"], row["url"] or row["uri"])


def _listing(row: Row) -> Listed:
    return Listed(row["id"], last_touched(row), row["text_sha256"], tuple(row["versions"]))


def _seen(owner: _Entry, alias: _Alias) -> Listed:
    """Return what `owner` remembers of an article that it lists."""
    nothing = Listed(alias.id, None, "", ())
    return next((item for item in listed_of(owner.row) if item.id == alias.id), nothing)


def _first(known: Mapping[str, _T], keys: Iterable[str]) -> _T | None:
    """Return what is known of the first of `keys`, best first, that is known."""
    return next((known[key] for key in keys if key in known), None)


def _published(article: Article, row: Row) -> Article:
    return replace(
        article,
        published_at=row["published_at"],
        date_source=row["date_source"],
        keys=tuple(row["keys"]),
        versions=tuple(row["versions"]),
        duplicates=tuple(Duplicate(**duplicate) for duplicate in row["duplicates"]),
        listed=listed_of(row),
        story_id=row["story_id"],
    )
