"""What each article of a group is: new, a new version, unchanged, or an exact duplicate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zlib import crc32

from transforms.identity import topic_of
from transforms.ledger import Known
from transforms.merge import Amendment, Removal, Row, merge_versions
from transforms.records import Article, Duplicate, Partition, wants_page
from transforms.versions import STATED_SOURCES, is_replaced, version


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


@dataclass
class _Entry:
    """What is known of one id while a group is resolved.

    `row` holds the key columns of the version that stands; `article` is that version if it has to
    be published; `homes` are the partitions with a row, the one to keep first.
    """

    row: Row
    article: Article | None = None
    homes: list[Partition] = field(default_factory=list)
    amendment: Amendment | None = None


class _Resolver:
    """Takes articles one by one, in the order in which they count as arriving."""

    def __init__(self, known: Iterable[Known], teasers_wait: bool) -> None:
        self.teasers_wait = teasers_wait
        self.entries: dict[str, _Entry] = {}
        self.id_by_key: dict[str, str] = {}
        self.owner_by_alias: dict[str, str] = {}
        self.owner_by_text: dict[str, str] = {}
        self.removals: list[tuple[Partition, Removal]] = []
        self.unchanged = self.duplicate = 0
        for row, home in known:
            self._add_known(row, home)
        for id_, entry in list(self.entries.items()):
            if owner := self.owner_by_alias.get(id_):  # giving way to `owner` was interrupted
                self._give_way(entry, owner)

    def _add_known(self, row: Row, home: Partition) -> None:
        id_ = row["id"]
        self.id_by_key.update((key, id_) for key in row["keys"])
        self.owner_by_text.setdefault(row["text_sha256"], id_)
        self.owner_by_alias.update((duplicate["id"], id_) for duplicate in row["duplicates"])
        if entry := self.entries.get(id_):  # a move was interrupted: two partitions hold it
            stands = is_replaced(entry.row, row)
            entry.row = merge_versions(entry.row, row)
            entry.homes.insert(0 if stands else 1, home)
        else:
            self.entries[id_] = _Entry(row, homes=[home])

    def add(self, article: Article) -> None:
        """Take the next article."""
        keys = (article.id, *article.keys)
        if id_ := _first(self.id_by_key, keys):
            self._add_version(self.entries[id_], replace(article, id=id_))
            self.id_by_key.update((key, id_) for key in keys if key not in self.id_by_key)
        elif _first(self.owner_by_alias, keys):
            self.duplicate += 1
        elif owner := self._owner_of_text(article):
            self.duplicate += 1
            if _first_published(_key_row(article)) < _first_published(self.entries[owner].row):
                self._take_over(self.entries[owner], article)
            else:
                self._add_duplicate(owner, Duplicate(article.id, article.url or article.uri))
        else:
            self._add_new(_Entry(_key_row(article), article))

    def _owner_of_text(self, article: Article) -> str | None:
        """Return which article has this text; that of a teaser means nothing before its page."""
        waits = self.teasers_wait and wants_page(article)
        return None if waits else self.owner_by_text.get(article.text_sha256)

    def _add_new(self, entry: _Entry) -> None:
        id_ = entry.row["id"]
        self.entries[id_] = entry
        self.id_by_key.update((key, id_) for key in entry.row["keys"])
        if not (self.teasers_wait and entry.article and wants_page(entry.article)):
            self.owner_by_text[entry.row["text_sha256"]] = id_

    def _take_over(self, entry: _Entry, article: Article) -> None:
        """Make `article` the row of its text, in place of `entry`, which was published later."""
        if entry.article is None:
            self.duplicate -= 1  # a row that was published gives way, no input of this group
        former = Duplicate(entry.row["id"], entry.row["url"] or entry.row["uri"])
        duplicates = [*entry.row["duplicates"], former._asdict()]
        inherited = {"duplicates": duplicates, "story_id": entry.row["story_id"]}
        self._add_new(_Entry({**_key_row(article), **inherited}, article))
        self.owner_by_alias.update((item["id"], article.id) for item in duplicates)
        self._give_way(entry, article.id)

    def _give_way(self, entry: _Entry, owner: str) -> None:
        id_ = entry.row["id"]
        del self.entries[id_]
        for key in entry.row["keys"]:
            if self.id_by_key.get(key) == id_:
                del self.id_by_key[key]
            self.owner_by_alias[key] = owner
        for text, of_text in self.owner_by_text.items():  # its earlier texts among them
            if of_text == id_:
                self.owner_by_text[text] = owner
        self.removals += [(home, Removal(id_, owner)) for home in entry.homes]

    def _add_duplicate(self, owner: str, duplicate: Duplicate) -> None:
        entry = self.entries[owner]
        self.owner_by_alias[duplicate.id] = owner
        entry.row = {**entry.row, "duplicates": [*entry.row["duplicates"], duplicate._asdict()]}
        _amend(entry, duplicates=(duplicate,))

    def _add_version(self, entry: _Entry, article: Article) -> None:
        old, new = entry.row, _key_row(article)
        merged = merge_versions(old, new)
        same_content = old["text_sha256"] == new["text_sha256"]
        moved = same_content and merged["published_at"] != old["published_at"]
        self.unchanged += 1
        if is_replaced(old, new) or moved:
            # Either this article or the pending one that it replaces needs no row.
            self.unchanged -= entry.article is None
            entry.article = article
            entry.row = merged
        else:
            stated = {"published_at": old["published_at"], "date_source": old["date_source"]}
            learnt = {
                name: tuple(sorted(set(merged[name]) - set(old[name])))
                for name in ("keys", "versions")
            }
            if any(learnt.values()):
                _amend(entry, **learnt)
            entry.row = {**merged, **stated}
        self.owner_by_text.setdefault(article.text_sha256, article.id)

    def resolution(self, buckets: int) -> Resolution:
        """Return what is to be done."""
        articles, amendments, removals = [], [], [*self.removals]
        for id_, entry in self.entries.items():
            if entry.article:
                article = _published(entry.article, entry.row)
                home = home_of(article, buckets)
                stale = [other for other in entry.homes if other != home]
                articles.append(article)
            else:
                home, *stale = entry.homes
                if entry.amendment:
                    amendments.append((home, entry.amendment))
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
        "uri": article.uri,
        "url": article.url,
        "story_id": None,
    }


def _amend(
    entry: _Entry,
    keys: tuple[str, ...] = (),
    versions: tuple[str, ...] = (),
    duplicates: tuple[Duplicate, ...] = (),
) -> None:
    before = entry.amendment or Amendment(entry.row["id"])
    entry.amendment = Amendment(
        before.id,
        before.keys + keys,
        before.versions + versions,
        before.duplicates + duplicates,
    )


def _first(ids: Mapping[str, str], keys: Iterable[str]) -> str | None:
    """Return the id of the first of `keys`, best first, that is known."""
    return next((ids[key] for key in keys if key in ids), None)


def _published(article: Article, row: Row) -> Article:
    return replace(
        article,
        published_at=row["published_at"],
        date_source=row["date_source"],
        keys=tuple(row["keys"]),
        versions=tuple(row["versions"]),
        duplicates=tuple(Duplicate(**duplicate) for duplicate in row["duplicates"]),
        story_id=row["story_id"],
    )
