"""The order in which articles arrive, and the batches they arrive in, leave no trace."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import make_namesake, make_published

from transforms.dedupe.resolve import resolve
from transforms.output.ledger import Known
from transforms.output.merge import merge_rows
from transforms.output.row_index import from_table
from transforms.output.schema import article_row
from transforms.records import home_of
from transforms.relate.near.neighbours import COLUMNS
from transforms.relate.near.nodes import NearOptions
from transforms.relate.step import link_articles

START = datetime(2026, 10, 1, tzinfo=UTC)
BUCKETS = 2


class Store:
    """The output in memory: what `write` would publish."""

    def __init__(self):
        self.tables = {}

    def known(self, articles):
        ids = {key for article in articles for key in (article.id, *article.keys)}
        texts = {article.text_sha256 for article in articles}
        for home in sorted(self.tables):
            for row in self.tables[home].to_pylist():
                aliases = {duplicate["id"] for duplicate in row["duplicates"]}
                if ids & {*row["keys"], *aliases} or row["text_sha256"] in texts:
                    yield Known(row, home)

    def recent(self, times):
        days = {time.date() for time in times}
        for home, table in sorted(self.tables.items()):
            if any(abs(date.fromisoformat(home.date) - day) <= timedelta(3) for day in days):
                yield from_table(
                    table, COLUMNS, lambda rows, t=table: t["text"].take(rows).to_pylist(), home
                )

    def take(self, articles):
        resolution = resolve(articles, self.known(articles), BUCKETS)
        left = [(home, removal.id) for home, removal in resolution.removals]
        related = link_articles(resolution.articles, self.recent, NearOptions(), left)
        changes = defaultdict(lambda: ([], [], []))
        for article in related.articles:
            changes[home_of(article, BUCKETS)][0].append(article_row(published(article), "run"))
        amendments = [*related.links, *resolution.amendments]
        for number, items in enumerate((amendments, left), 1):
            for home, item in items:
                changes[home][number].append(item)
        for home, parts in changes.items():
            merged = merge_rows(self.tables.get(home), *parts)
            if merged.table is not None:
                self.tables[home] = merged.table
        outcomes = len(resolution.articles) + resolution.unchanged + resolution.duplicate
        assert outcomes == len(articles)

    def rows(self):
        rows = [row for home in sorted(self.tables) for row in self.tables[home].to_pylist()]
        return [
            {k: v for k, v in row.items() if k not in {"ingested_at", "run_id"}} for row in rows
        ]


def published(article):
    return replace(article, summary=article.text, summary_method="extractive", topic="politics")


def wire(number, edits, own):
    """Return a text of 60 words; those of one `number` differ in `edits` words, which are `own`."""
    words = [f"word{number}x{place}" for place in range(60)]
    for place in range(edits):
        words[7 * place % 60] = f"edit{own}"
    return " ".join(words)


def wire_copies():
    """Return copies of three wire stories over days: edited apart, mended, moved, repeated."""
    chance = random.Random(0)
    articles = []
    for number in range(3):
        for copy in range(9):
            start = START + timedelta(hours=chance.randint(0, 150))
            for edition in range(1 + (copy % 3 == 0)):
                when = start + timedelta(hours=60 * edition * (copy == 6))
                text = wire(number, chance.randint(1, 8), f"{copy}v{edition}")
                if copy == 3 and edition:
                    text = wire(number + 1, 2, "late")
                source = "file" if copy in {2, 5} else "record"
                article = make_namesake(1000 + 10 * number + copy, text=text, date_source=source)
                seen = start + timedelta(hours=edition)
                articles.append(replace(article, published_at=when, modified_at=seen))
    return articles


def copies_that_part(number, start):
    """Return articles with the text of another one, in their first versions or in their second."""
    original = make_namesake(300 + 10 * number, text=f"Wire {number}.", published_at=start)
    yield replace(original, modified_at=start)
    for copy, first in enumerate((0, 1, 0)):
        later = start + timedelta(hours=2 + copy)
        for edition in range(1 + (copy < 2)):
            text = f"Own {number}, {copy}." if (first + edition) % 2 else f"Wire {number}."
            article = make_namesake(301 + 10 * number + copy, text=text, published_at=later)
            yield replace(article, modified_at=later + timedelta(hours=edition))


def arrivals():
    """Return articles of ten stories: edited, corrected, copied, early and late."""
    articles = wire_copies()
    for number in range(10):
        first = make_namesake(number, published_at=START + timedelta(hours=7 * number))
        articles.append(replace(first, modified_at=first.published_at))
        for hours in range(1, 1 + number % 4):
            edit = make_namesake(number, text=f"Edit {hours} of {number}.")
            moved = first.published_at + timedelta(hours=40 * (number % 3 == 2))
            changed = first.published_at + timedelta(hours=hours)
            articles.append(replace(edit, published_at=moved, modified_at=changed))
        for copy in range(number % 3):
            other = make_namesake(100 + 10 * number + copy, text=f"Shared by {number}.")
            when = first.published_at + timedelta(hours=5 - 3 * copy)
            articles.append(replace(other, published_at=when, modified_at=when))
    return articles


def in_batches(articles, seed):
    """Return what comes of `articles` in some order, in some batches."""
    chance, store = random.Random(seed), Store()
    chance.shuffle(articles)
    while articles:
        size = chance.randint(1, 6)
        store.take(articles[:size])
        articles = articles[size:]
    return store


@pytest.mark.parametrize("seed", range(10))
def test_rows_are_the_same_in_any_order_and_any_batches(seed):
    expected, store = Store(), in_batches(arrivals(), seed)
    expected.take(arrivals())
    assert store.rows() == expected.rows()
    store.take(arrivals())
    assert store.rows() == expected.rows()


def arrivals_that_part():
    return [
        article
        for number in range(10)
        for article in copies_that_part(number, START + timedelta(hours=7 * number))
    ]


@pytest.mark.parametrize("seed", range(10))
def test_copies_that_part_have_the_same_rows_once_they_are_read_again(seed):
    """An article that was only listed left no text to make a row of, when its owner was edited."""
    expected, store = Store(), in_batches(arrivals_that_part(), seed)
    expected.take(arrivals_that_part())
    store.take(arrivals_that_part())
    assert store.rows() == expected.rows()
    store.take(arrivals_that_part())
    assert store.rows() == expected.rows()
    assert len(expected.rows()) == 20
    assert sum(len(row["duplicates"]) for row in expected.rows()) == 20


def test_the_arrivals_are_worth_ordering():
    store = Store()
    store.take(arrivals())
    rows = store.rows()
    assert max(row["revision"] for row in rows) == 4
    assert any(row["duplicates"] for row in rows)
    links = {row["id"]: row["duplicate_of"] for row in rows}
    assert 10 < sum(map(bool, links.values())) < 24
    assert {links[first] for first in links.values() if first} == {None}
    assert make_published(1).id in {row["id"] for row in rows}
