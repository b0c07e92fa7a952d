"""What each article of a group is: new, a new version, unchanged, or an exact duplicate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zlib import crc32

from transforms.identity import topic_of
from transforms.output.ledger import Known
from transforms.output.merge import Amendment, Removal, Row, merge_versions
from transforms.output.versions import (
    STATED_SOURCES,
    is_news,
    is_replaced,
    last_touched,
    listed_of,
    union_listed,
    version,
)
from transforms.records import Article, Duplicate, Listed, Partition, is_teaser, wants_page


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

    Attributes:
        row: the key columns of the version that stands.
        article: that version, if it has to be published.
        homes: the partitions with a row, the one to keep first.
        arrived: how many articles of the group it is made of.
        amendment: what a row that need not be published is to learn.
        only_moves: whether the article is an older version than the row's, with a better date.
    """

    row: Row
    article: Article | None = None
    homes: list[Partition] = field(default_factory=list)
    arrived: int = 0
    amendment: Amendment | None = None
    only_moves: bool = False

    @property
    def id(self) -> str:
        """The article's id."""
        return str(self.row["id"])


@dataclass
class _Mention:
    """An article that rows list as a duplicate, as long as no text of it is at hand.

    Attributes:
        seen: what is known of it; no versions if an earlier newsbeam listed it.
        arrived: how many articles of the group were versions of it.
    """

    seen: Listed
    arrived: int = 0


_List = dict[str, tuple[Duplicate, Listed]]
"""What a row lists as its duplicates, by id."""


class _Resolver:
    """Takes articles one by one, in the order in which they count as arriving.

    Then what stands of each is known, and those with the same text are made one row.
    """

    def __init__(self, known: Iterable[Known], teasers_wait: bool, drops_near: bool) -> None:
        self.teasers_wait, self.drops_near = teasers_wait, drops_near
        self.entries: dict[str, _Entry] = {}
        self.mentions: dict[str, _Mention] = {}
        self.id_by_key: dict[str, str] = {}
        for row, home in known:
            self._add_known(row, home)
        for entry in self.entries.values():
            for id_, (_, seen) in _list_of(entry.row).items():
                if id_ not in self.entries:
                    mention = self.mentions.setdefault(id_, _Mention(seen))
                    [mention.seen] = union_listed([mention.seen], [seen])

    def _add_known(self, row: Row, home: Partition) -> None:
        id_ = row["id"]
        self.id_by_key.update((key, id_) for key in row["keys"])
        if entry := self.entries.get(id_):  # a move was interrupted: two partitions hold it
            stands = is_replaced(entry.row, row)
            entry.row = merge_versions(entry.row, row)
            entry.homes.insert(0 if stands else 1, home)
        else:
            self.entries[id_] = _Entry(row, homes=[home])

    def add(self, article: Article) -> None:
        """Take the next article."""
        keys = (article.id, *article.keys)
        id_ = next((self.id_by_key[key] for key in keys if key in self.id_by_key), article.id)
        if id_ in self.entries:
            self.entries[id_].arrived += 1
            self._add_version(self.entries[id_], replace(article, id=id_))
        elif listed := next((key for key in keys if key in self.mentions), None):
            id_ = listed
            self._add_mentioned(self.mentions[id_], replace(article, id=id_))
        else:
            self.entries[id_] = _Entry(_key_row(article), article, arrived=1)
        if id_ in self.entries:
            self.id_by_key.update((key, id_) for key in keys if key not in self.id_by_key)

    def _add_mentioned(self, mention: _Mention, article: Article) -> None:
        """Take a version of an article that is listed; what stands of it makes an entry."""
        mention.arrived += 1
        if not mention.seen.versions:
            return
        row, seen = _key_row(article), mention.seen
        news = is_news(seen, row)
        new = _listing(row) if news else seen._replace(versions=(version(article),))
        [mention.seen] = union_listed([seen], [new])
        if self.drops_near and not news:
            return  # it was listed though its text is another one
        if mention.seen.text_sha256 == article.text_sha256:
            row["versions"] = list(mention.seen.versions)
            self.entries[article.id] = _Entry(row, article, arrived=mention.arrived)
            del self.mentions[article.id]

    def _add_version(self, entry: _Entry, article: Article) -> None:
        old, new = entry.row, _key_row(article)
        merged = merge_versions(old, new)
        same_content = old["text_sha256"] == new["text_sha256"]
        moved = same_content and merged["published_at"] != old["published_at"]
        replaced = is_replaced(old, new)
        if replaced or moved:
            entry.only_moves = not replaced and (entry.article is None or entry.only_moves)
            entry.article = article
            entry.row = merged
            return
        stated = {"published_at": old["published_at"], "date_source": old["date_source"]}
        learnt = {
            name: tuple(sorted(set(merged[name]) - set(old[name]))) for name in ("keys", "versions")
        }
        _amend(entry, **learnt)
        entry.row = {**merged, **stated}

    def resolution(self, buckets: int) -> Resolution:
        """Return what is to be done."""
        owners = self._owners()
        heirs: dict[str, list[_Entry]] = defaultdict(list)
        for id_, owner in owners.items():
            heirs[owner].append(self.entries[id_])
        done = Resolution([], [], [], 0, sum(m.arrived for m in self.mentions.values()))
        unchanged, duplicate = 0, done.duplicate
        for id_, entry in self.entries.items():
            if owner := owners.get(id_, ""):
                duplicate += entry.arrived
                done.removals.extend((home, Removal(id_, owner)) for home in entry.homes)
            else:
                unchanged += entry.arrived - (entry.article is not None)
                self._conclude(entry, heirs[id_], owners, buckets, done)
        return done._replace(unchanged=unchanged, duplicate=duplicate)

    def _owners(self) -> dict[str, str]:
        """Return who is the row in place of an entry that has the same text: id -> id."""
        same: dict[str, list[_Entry]] = defaultdict(list)
        for entry in self.entries.values():
            if not (self.teasers_wait and _is_teaser(entry)):
                same[entry.row["text_sha256"]].append(entry)
        owners: dict[str, str] = {}
        for entries in same.values():
            first = min(entries, key=lambda entry: _first_published(entry.row))
            owners |= {entry.id: first.id for entry in entries if entry is not first}
        return owners

    def _conclude(
        self,
        entry: _Entry,
        heirs: Sequence[_Entry],
        owners: Mapping[str, str],
        buckets: int,
        done: Resolution,
    ) -> None:
        """Add to `done` what becomes of an entry that is a row."""
        before, after = _list_of(entry.row), self._list(entry, heirs, owners)
        story = entry.row["story_id"] or next(
            (other.row["story_id"] for other in heirs if other.row["story_id"]), None
        )
        if entry.article:
            article = _published(entry.article, {**entry.row, "story_id": story}, after)
            home = home_of(article, buckets)
            stale = [other for other in entry.homes if other != home]
            if entry.only_moves and stale:
                article = replace(article, origin=stale[0])
            done.articles.append(article)
        else:
            home, *stale = entry.homes
            _amend(
                entry,
                duplicates=tuple(after[id_][0] for id_ in after.keys() - before.keys()),
                listed=tuple(seen for id_, (_, seen) in after.items() if _new(seen, before, id_)),
            )
            if entry.amendment:
                done.amendments.append((home, entry.amendment))
        if entry.homes:  # one by one, as each waits for the article's new place
            for id_ in sorted(before.keys() - after.keys()):
                done.amendments.append((home, Amendment(entry.id, parted=(before[id_][1],))))
        done.removals.extend((other, Removal(entry.id, entry.id)) for other in stale)

    def _list(self, entry: _Entry, heirs: Sequence[_Entry], owners: Mapping[str, str]) -> _List:
        """Return what `entry` is to list: what it or its `heirs` have listed, and these."""
        after: _List = {}
        for other in (entry, *heirs):
            for id_, (duplicate, seen) in _list_of(other.row).items():
                if mention := self.mentions.get(id_):
                    _union(after, duplicate, mention.seen)
                elif owners.get(id_) == entry.id:
                    _union(after, duplicate, seen)
        for other in heirs:
            _union(after, _duplicate(other.row), _listing(other.row))
        return after


def resolve(
    articles: Iterable[Article],
    known: Iterable[Known],
    buckets: int,
    *,
    teasers_wait: bool = False,
    drops_near: bool = False,
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
        drops_near: whether near-duplicates are listed too: then a version that was seen stays
            listed, whatever its text.
    """
    resolver = _Resolver(known, teasers_wait, drops_near)
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
        "listed": [],
        "uri": article.uri,
        "url": article.url,
        "story_id": None,
    }


def _is_teaser(entry: _Entry) -> bool:
    """Return whether the text is a teaser: two with the same words may have different pages."""
    if entry.article:
        return wants_page(entry.article)
    return is_teaser(entry.row["flags"], entry.row["url"])


def _amend(entry: _Entry, **learnt: tuple[Any, ...]) -> None:
    """Add to what the row of `entry` is to learn."""
    if any(learnt.values()):
        before = entry.amendment or Amendment(entry.id)
        entry.amendment = before._replace(
            **{name: getattr(before, name) + more for name, more in learnt.items()}
        )


def _list_of(row: Row) -> _List:
    """Return what `row` lists."""
    seen = {item.id: item for item in listed_of(row)}
    return {
        item["id"]: (Duplicate(**item), seen.get(item["id"], Listed(item["id"], None, "", ())))
        for item in row["duplicates"]
    }


def _union(listed: _List, duplicate: Duplicate, seen: Listed) -> None:
    """Add what was seen of a duplicate; one that is listed keeps its address."""
    known, before = listed.get(duplicate.id, (duplicate, seen))
    [after] = union_listed([before], [seen])
    listed[duplicate.id] = known, after


def _new(seen: Listed, before: _List, id_: str) -> bool:
    return bool(seen.versions) and (id_ not in before or before[id_][1] != seen)


def _duplicate(row: Row) -> Duplicate:
    return Duplicate(row["id"], row["url"] or row["uri"])


def _listing(row: Row) -> Listed:
    return Listed(row["id"], last_touched(row), row["text_sha256"], tuple(row["versions"]))


def _published(article: Article, row: Row, listed: _List) -> Article:
    return replace(
        article,
        published_at=row["published_at"],
        date_source=row["date_source"],
        keys=tuple(row["keys"]),
        versions=tuple(row["versions"]),
        duplicates=tuple(duplicate for duplicate, _ in listed.values()),
        listed=tuple(seen for _, seen in listed.values() if seen.versions),
        story_id=row["story_id"],
    )
