"""Random edits, copies, crashes and rejections: nothing is lost, doubled or unsettled.

A model in memory of what stands behind `dedupe`: it publishes in the order of `write`.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import make_article

from transforms.dedupe.resolve import resolve
from transforms.output.ledger import Known
from transforms.output.merge import Amendment, Removal, amend, merge_versions
from transforms.output.schema import article_row
from transforms.records import home_of
from transforms.write import is_due, look_for

START = datetime(2026, 10, 1, tzinfo=UTC)
PER_RUN = {"ingested_at", "run_id"}


@dataclass
class Output:
    """Rows by partition and id, and the ids that ever had a row or were listed."""

    buckets: int
    teasers_wait: bool
    rows: dict = field(default_factory=dict)
    had: set = field(default_factory=set)

    def known(self, keys, texts=frozenset()):
        return [
            Known(row, home)
            for (home, _), row in sorted(self.rows.items())
            if keys & {*row["keys"], *listed(row)} or row["text_sha256"] in texts
        ]

    def take(self, articles, chance=None, crash=0.0, reject=0.0):
        """Publish a batch; sometimes a part of it only. Return whether all of it was."""
        keys = {key for article in articles for key in (article.id, *article.keys)}
        known = self.known(keys, {article.text_sha256 for article in articles})
        done = resolve(articles, known, self.buckets, teasers_wait=self.teasers_wait)
        assert len(done.articles) + done.unchanged + done.duplicate == len(articles)
        passed = [a for a in done.articles if not reject or chance.random() >= reject]
        first, last = defaultdict(list), defaultdict(list)
        for article in passed:
            home, row = home_of(article, self.buckets), published(article)
            if article.origin:
                row = merge_versions(self.rows[article.origin, article.id], row)
            first[home.date].append((home, row))
        for home, change in (*done.amendments, *done.removals):
            (last if look_for(change) else first)[home.date].append((home, change))
        steps = [(changes, False) for changes in first.values()]
        steps += [(changes, True) for changes in last.values()]
        is_killed = bool(crash) and chance.random() < crash
        for changes, waits in steps[: chance.randrange(len(steps) + 1) if is_killed else None]:
            self.merge([c for c in changes if not waits or self.is_due(*c)])
        self.had |= {id_ for _, id_ in self.rows} | {
            i for r in self.rows.values() for i in listed(r)
        }
        return len(passed) == len(done.articles) and not is_killed

    def is_due(self, home, change):
        return is_due(change, home, self.known(set(look_for(change))))

    def merge(self, changes):
        for home, change in sorted(changes, key=lambda item: isinstance(item[1], Amendment)):
            place = home, change["id"] if isinstance(change, dict) else change.id
            if isinstance(change, Removal):
                self.rows.pop(place, None)
            elif isinstance(change, dict):
                old = self.rows.get(place)
                self.rows[place] = merge_versions(old, change) if old else change
            elif place in self.rows:
                self.rows[place] = amend(self.rows[place], change)

    def state(self):
        return {
            place: {name: value for name, value in row.items() if name not in PER_RUN}
            for place, row in self.rows.items()
        }

    def check(self, articles):
        """Check what must hold once every article was read without a crash."""
        rows = {id_: row for (_, id_), row in self.rows.items()}
        assert len(rows) == len(self.rows), "an id has two rows"
        mentions = Counter(id_ for row in rows.values() for id_ in listed(row))
        assert set(mentions.values()) <= {1}, "an article is listed twice"
        assert not mentions.keys() & rows.keys(), "a duplicate has a row"
        assert {a.id for a in articles} <= mentions.keys() | rows.keys(), "an article is lost"
        said = Counter((row["title"], row["text_sha256"]) for row in rows.values())
        assert self.teasers_wait or set(said.values()) == {1}, "two rows say the same"
        for row in rows.values():
            assert all(item["text_sha256"] == row["text_sha256"] for item in row["listed"])


def listed(row):
    return [item["id"] for item in row["duplicates"]]


def published(article):
    whole = replace(article, summary=article.text, summary_method="extractive", topic="politics")
    return article_row(whole, "run")


def arrivals(chance, dates, teasers):
    """Return versions of a few articles, in few words: so they meet, and part again."""
    articles, texts = chance.randint(2, 4), chance.randint(1, 4)
    found = []
    for place in range(chance.randint(3, 9)):
        number = chance.randrange(articles)
        hours = chance.choice([5, 10, 15, 30, 50]) if dates else 10 * (number * 7 % 5) + number
        article = make_article(
            number,
            title=f"Headline {chance.choice([0, 0, 0, 1])}",
            text=f"Text {chance.randrange(texts)}.",
            published_at=START + timedelta(hours=hours),
            modified_at=START + timedelta(hours=chance.randint(60, 99), minutes=place),
            date_source=chance.choice(["record", "record", "file", "run"]) if dates else "record",
            flags=("teaser",) if teasers and chance.random() < 0.3 else (),
        )
        found.append(replace(article, uri=f"in/articles.jsonl#{place}"))
    return found


WORLDS = {
    "edits and copies": {},
    "dates": {"dates": True},
    "teasers": {"teasers": True},
    "kills": {"crash": 0.5},
    "rejections": {"reject": 0.3},
    "all": {"dates": True, "teasers": True, "crash": 0.3, "reject": 0.2},
}


@pytest.mark.parametrize(("dates", "seed"), [*((False, n) for n in range(200)), (True, "103True")])
def test_the_same_articles_again_change_nothing(dates, seed):
    """With copies and edits in them; dates of the last world come from files and runs."""
    articles = arrivals(random.Random(seed if dates else f"{seed}{dates}"), dates, teasers=False)
    output = Output(buckets=1, teasers_wait=False)
    output.take(articles)
    state = output.state()
    output.take(articles)
    assert output.state() == state


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("world", WORLDS)
def test_nothing_is_lost_or_doubled_and_all_settles(world, seed):
    features = {"dates": False, "teasers": False, "crash": 0.0, "reject": 0.0} | WORLDS[world]
    chance = random.Random(seed)
    articles = arrivals(chance, features.pop("dates"), features["teasers"])
    output = Output(chance.choice([1, 2]), features.pop("teasers"))
    waiting = chance.sample(articles, len(articles))
    read = []
    while waiting:
        size = chance.randint(1, 4)
        batch, waiting = waiting[:size], waiting[size:]
        output.take(batch, chance, **features)
        read += batch
        known = {id_ for _, id_ in output.rows} | {
            id_ for row in output.rows.values() for id_ in listed(row)
        }
        assert output.had <= known, "an article that was published, or listed, is lost"
        if not features["crash"] and not features["reject"]:
            assert {article.id for article in read} <= known
    for _ in range(2):
        output.take(articles)
    output.check(articles)
    settled = output.state()
    output.take(articles)
    assert output.state() == settled


@pytest.mark.parametrize("seed", range(100))
def test_the_same_batches_again_change_nothing_from_the_second_time_on(seed):
    """Versions state different dates, and a row does not know the dates of those that it lists."""
    chance = random.Random(f"again {seed}")
    articles, output = arrivals(chance, dates=True, teasers=False), Output(1, teasers_wait=False)
    size = chance.randint(1, 4)
    states = []
    for _ in range(4):
        for start in range(0, len(articles), size):
            output.take(articles[start : start + size])
        states.append(output.state())
    assert states[1] == states[2] == states[3]
