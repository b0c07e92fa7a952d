"""What each article of a group is: new, a new version, unchanged, or an exact duplicate.

A scene. On Monday A arrives, and gets its row:

>>> monday = resolve([_example("a", "Fire in the port.", dated=5)], [], buckets=1)

On Tuesday B arrives with A's text and an earlier date: B's row lists A, whose own row goes.

>>> tuesday = resolve([_example("b", "Fire in the port.", dated=4)], _rows(monday), buckets=1)
>>> [(article.id[0], [copy.id[0] for copy in article.duplicates]) for article in tuesday.articles]
[('b', ['a'])]
>>> [(removal.id[0], removal.successor[0]) for _, removal in tuesday.removals]
[('a', 'b')]

On Wednesday A is edited: it gets its row again, and B's is to list it no more.

>>> edit = _example("a", "Fire in the port is out.", dated=5)
>>> wednesday = resolve([edit], _rows(tuesday), buckets=1)
>>> [(article.id[0], article.duplicates) for article in wednesday.articles]
[('a', ())]
>>> [(change.id[0], [copy.id[0] for copy in change.parted]) for _, change in wednesday.amendments]
[('b', ['a'])]
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from transforms.dedupe.entries import Entry, Listing, Mention, key_row, listed_row
from transforms.identity import topic_of
from transforms.output.ledger import Known
from transforms.output.merge import Amendment, Removal, Row, merge_versions
from transforms.output.schema import article_row
from transforms.output.versions import Edition, Precedence, content_of, union_listed, version
from transforms.records import Article, Partition, home_of


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


class _Resolver:
    """Takes articles one by one, in the order in which they count as arriving.

    Then what stands of each is known, and those with the same headline and text are made one row.
    """

    def __init__(self, known: Iterable[Known], teasers_wait: bool, drops_near: bool) -> None:
        self.teasers_wait, self.drops_near = teasers_wait, drops_near
        self.entries: dict[str, Entry] = {}
        self.mentions: dict[str, Mention] = {}
        self.id_by_key: dict[str, str] = {}
        for row, home in known:
            self._add_known(row, home)
        for entry in self.entries.values():
            for id_, (_, seen) in Listing.of_row(entry.row).items():
                if id_ not in self.entries:
                    mention = self.mentions.setdefault(id_, Mention(seen))
                    [mention.seen] = union_listed([mention.seen], [seen])

    def _add_known(self, row: Row, home: Partition) -> None:
        id_ = row["id"]
        self.id_by_key.update((key, id_) for key in row["keys"])
        if entry := self.entries.get(id_):  # a move was interrupted: two partitions hold it
            stands = Edition.of_row(entry.row).is_replaced_by(Edition.of_row(row))
            entry.row = merge_versions(entry.row, row)
            entry.homes.insert(0 if stands else 1, home)
        else:
            self.entries[id_] = Entry(row, homes=[home])

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
            self.entries[id_] = Entry(key_row(article), article, arrived=1)
        if id_ in self.entries:
            self.id_by_key.update((key, id_) for key in keys if key not in self.id_by_key)

    def _add_mentioned(self, mention: Mention, article: Article) -> None:
        """Take a version of an article that is listed; what stands of it makes an entry."""
        row, seen = mention.arrive(key_row(article)), mention.seen
        if not seen.versions:
            return
        news = Edition.of_listed(seen).is_replaced_by(Edition.of_row(row))
        new = listed_row(row) if news else seen._replace(versions=(version(article),))
        [mention.seen] = union_listed([seen], [new])
        if self.drops_near and not news:
            return  # it was listed though its text is another one
        if mention.stands(row):
            row["versions"] = list(mention.seen.versions)
            self.entries[article.id] = Entry(
                row, article, arrived=mention.arrived, heard=mention.heard
            )
            del self.mentions[article.id]

    def _add_version(self, entry: Entry, article: Article) -> None:
        old, new = entry.row, key_row(article)
        entry.heard = entry.heard if entry.heard.issuperset(new["versions"]) else frozenset()
        merged = merge_versions(old, new)
        same_content = old["text_sha256"] == new["text_sha256"]
        moved = same_content and merged["published_at"] != old["published_at"]
        replaced = Edition.of_row(old).is_replaced_by(Edition.of_row(new))
        if replaced or moved:
            entry.only_moves = not replaced and (entry.article is None or entry.only_moves)
            entry.article = article
            entry.row = merged
            return
        stated = {"published_at": old["published_at"], "date_source": old["date_source"]}
        learnt = {
            name: tuple(sorted(set(merged[name]) - set(old[name]))) for name in ("keys", "versions")
        }
        entry.amend(**learnt)
        entry.row = {**merged, **stated}

    def resolution(self, buckets: int) -> Resolution:
        """Return what is to be done."""
        owners = self._owners()
        heirs: dict[str, list[Entry]] = defaultdict(list)
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
        """Return who is the row in place of an entry that says the same: id -> id."""
        same: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            if not (self.teasers_wait and entry.is_teaser):
                same[content_of(entry.row)].append(entry)
        owners: dict[str, str] = {}
        for entries in same.values():
            # One that is listed, and of which nothing is new, takes nobody's place: the list does
            # not say which of its dates held last.
            first = min(entries, key=lambda entry: (bool(entry.heard), Precedence.of(entry.row)))
            owners |= {entry.id: first.id for entry in entries if entry is not first}
        return owners

    def _conclude(
        self,
        entry: Entry,
        heirs: Sequence[Entry],
        owners: Mapping[str, str],
        buckets: int,
        done: Resolution,
    ) -> None:
        """Add to `done` what becomes of an entry that is a row."""
        before, after = Listing.of_row(entry.row), self._list(entry, heirs, owners)
        story = entry.row["story_id"] or next(
            (other.row["story_id"] for other in heirs if other.row["story_id"]), None
        )
        if entry.article:
            article = entry.published(after, story)
            home = home_of(article, buckets)
            stale = [other for other in entry.homes if other != home]
            if entry.only_moves and stale:
                article = replace(article, origin=stale[0])
            done.articles.append(article)
        else:
            home, *stale = entry.homes
            entry.amend(
                duplicates=tuple(after[id_][0] for id_ in after.keys() - before.keys()),
                listed=tuple(after.news(before)),
            )
            if entry.amendment:
                done.amendments.append((home, entry.amendment))
        if entry.homes:  # one by one, as each waits for the article's new place
            for id_ in sorted(before.keys() - after.keys()):
                done.amendments.append((home, Amendment(entry.id, parted=(before[id_][1],))))
        done.removals.extend((other, Removal(entry.id, entry.id)) for other in stale)

    def _list(self, entry: Entry, heirs: Sequence[Entry], owners: Mapping[str, str]) -> Listing:
        """Return what `entry` is to list: what it or its `heirs` have listed, and these."""
        after = Listing()
        for other in (entry, *heirs):
            for id_, (duplicate, seen) in Listing.of_row(other.row).items():
                if mention := self.mentions.get(id_):
                    after.add(duplicate, mention.seen)
                elif owners.get(id_) == entry.id:
                    after.add(duplicate, seen)
        for other in heirs:
            after.add_row(other.row)
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
    order in which they were read. Of articles with the same headline and text, the one published
    first is the row, even if it arrives last; the others are linked to it.

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


def _arrival(article: Article) -> tuple[Any, ...]:
    time = article.modified_at or article.published_at
    is_message = topic_of(article.uri) is not None
    # Of messages the one sent last: their numbers grow, so a shorter one is an earlier one.
    sent = (article.fetched_at.timestamp(), len(article.uri)) if is_message else (0.0, 0)
    return time, article.published_at, article.id, *sent, article.uri, article.line or 0


def _example(letter: str, text: str, dated: int) -> Article:
    """Return the article of a scene, published on a day of October 2026."""
    day = datetime(2026, 10, dated, tzinfo=UTC)
    return Article(
        letter * 32, f"{letter}.txt", day, "", text,
        published_at=day, date_source="record", text_sha256=text,
    )  # fmt: skip


def _rows(resolution: Resolution) -> list[Known]:
    """Return the rows of what a scene publishes."""
    return [Known(article_row(a, "run"), home_of(a, 1)) for a in resolution.articles]
