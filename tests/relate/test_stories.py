from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import make_article

from transforms.output.listing import Listing
from transforms.output.row_index import from_table
from transforms.records import Partition
from transforms.relate.near.recent import recent_rows
from transforms.relate.stories import (
    COLUMNS,
    StoryArticle,
    StoryOptions,
    assign_stories,
    story_article,
)
from transforms.relate.story_names import story_names
from transforms.relate.story_vectors import quantise, story_vector

EVENTS = {
    "storm": ["Odette", "Northgate", "Harbour", "Courier", "Lorne"],
    "vote": ["Estmark", "Varga", "Tallis", "Coalition", "Zelin"],
}
DIM = 32


def vector_of(event, noise=0.0, seed=0):
    base = np.random.default_rng(sum(event.encode())).normal(size=DIM)
    return quantise(base + noise * np.random.default_rng(seed).normal(size=DIM))


def report(number, event, noise=0.3, names=None, hours=None):
    """Return article `number` about `event`, in words of its own."""
    article = make_article(number)
    time = article.published_at
    if hours is not None:
        time = make_article(0).published_at + timedelta(hours=hours)
    sentence = "The " + " ".join(EVENTS[event] if names is None else names)
    return StoryArticle(
        article.id, time, story_names("", [sentence], None), vector_of(event, noise, number)
    )


def as_table(articles, stories):
    return pa.table(
        {
            "id": pa.array([a.id for a in articles], pa.string()),
            "published_at": pa.array(
                [a.published_at for a in articles], pa.timestamp("us", tz="UTC")
            ),
            "date_source": pa.array(["record" for _ in articles], pa.string()),
            "story_id": pa.array([stories.get(a.id) for a in articles], pa.string()),
            "story_names": pa.array([a.names.tolist() for a in articles], pa.list_(pa.uint32())),
            "story_vector": pa.array([a.vector.tobytes() for a in articles], pa.binary()),
        }
    )


def published(articles, stories):
    by_date = groupby(
        sorted(articles, key=lambda a: (a.published_at, a.id)), lambda a: a.published_at.date()
    )
    return [
        from_table(
            as_table(list(own), stories),
            COLUMNS,
            lambda rows: [None for _ in rows],
            Partition(str(date), 0),
        )
        for date, own in by_date
    ]


def test_vectors_keep_their_direction_in_bytes():
    vectors = np.random.default_rng(1).normal(size=(4, 384)).astype(np.float32)
    mean = story_vector(vectors)
    assert np.linalg.norm(mean) == pytest.approx(1)
    small = quantise(mean).astype(float)
    assert small @ mean / np.linalg.norm(small) > 0.999
    assert quantise(np.zeros(4, np.float32)).tolist() == [0, 0, 0, 0]


def test_what_is_compared_of_an_article():
    vectors = np.eye(2, dtype=np.float32)
    article = replace(make_article(1), sentences=("In Northgate it rained.",), vectors=vectors)
    compared = story_article(article)
    assert compared.id == article.id
    assert compared.names.tolist() == story_names(article.title, article.sentences, "en").tolist()
    assert compared.vector.tolist() == [127, 127]


def test_what_a_sender_says_of_itself_makes_no_story():
    news = ("Orvane builds a mill in Tarn.", "It will grind 900 tonnes a day.")
    about = ("About Orvane: Orvane grinds grain in Halm and in Lund.",)
    vectors = np.eye(4, dtype=np.float32)
    release, paper = (
        story_article(replace(make_article(1), sentences=part, vectors=vectors[: 1 + len(part)]))
        for part in ((*news, *about), news)
    )
    assert release.names.tolist() == paper.names.tolist()
    assert release.vector.tolist() == paper.vector.tolist() == [127, 127, 127, 0]


def test_articles_on_one_event_are_one_story_whatever_the_order():
    articles = [report(n, "storm" if n % 2 else "vote") for n in range(1, 9)]
    stories = assign_stories(articles, [])
    assert stories == {a.id: articles[n % 2].id for n, a in enumerate(articles)}
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(len(articles))
        assert assign_stories([articles[n] for n in shuffled], []) == stories


@pytest.mark.parametrize(
    "other",
    [
        report(2, "vote"),
        report(2, "storm", noise=5),
        report(2, "storm", names=["Odette"]),
        report(2, "storm", names=[]),
        report(2, "storm", hours=130),
    ],
    ids=["another event", "far vector", "one name", "no names", "another week"],
)
def test_what_is_another_story(other):
    first = report(1, "storm")
    assert assign_stories([first, other], []) == {first.id: first.id, other.id: other.id}


def test_a_story_keeps_its_id_as_articles_join():
    articles = [report(n, "storm") for n in range(1, 9)]
    stories = {}
    for number in (3, 4, 0, 7, 1):
        known = published([a for a in articles if a.id in stories], stories)
        stories |= assign_stories([articles[number]], known)
    assert set(stories.values()) == {articles[3].id}


@pytest.mark.parametrize("size", [1, 7, 45])
def test_where_limits_are_reached_batches_give_what_one_batch_gives(monkeypatch, size):
    monkeypatch.setattr("transforms.relate.stories._ROWS_PER_NAME", 8)
    monkeypatch.setattr("transforms.relate.stories._COMPARED", 3)
    chance = np.random.default_rng(3)
    names = [name for event in EVENTS.values() for name in event]
    articles = [
        report(
            number,
            str(chance.choice(list(EVENTS))),
            noise=0.7,
            names=chance.choice(names, 5, replace=False).tolist(),
            hours=int(chance.integers(30)),
        )
        for number in range(120)
    ]
    articles.sort(key=lambda article: (article.published_at, article.id))
    everything = assign_stories(articles, [])
    assert 20 < len(set(everything.values())) < 100
    stories = {}
    for start in range(0, len(articles), size):
        known = published(articles[:start], stories)
        stories |= assign_stories(articles[start : start + size], known)
    assert stories == everything


def test_a_large_late_batch_joins_as_well(monkeypatch):
    monkeypatch.setattr("transforms.relate.stories._ROWS_PER_NAME", 6)
    monkeypatch.setattr("transforms.relate.stories._COMPARED", 3)
    *late, first = (report(n, "storm", noise=0) for n in range(1, 15))
    stories = assign_stories(late, published([first], {first.id: first.id}))
    assert set(stories.values()) == {first.id}


def test_rows_of_another_encoder_take_no_places(monkeypatch):
    monkeypatch.setattr("transforms.relate.stories._COMPARED", 3)
    *old, one, two = (report(n, "storm") for n in range(1, 7))
    rows = published([article._replace(vector=np.ones(8, np.int8)) for article in old], {})
    assert assign_stories([one, two], rows) == dict.fromkeys([one.id, two.id], one.id)


def test_published_articles_keep_their_story():
    first, second = report(1, "storm"), report(2, "storm")
    stories = {first.id: first.id, second.id: second.id}
    assert assign_stories([second], published([first, second], stories)) == {second.id: second.id}


def test_a_story_that_was_given_stays_whatever_is_more_similar():
    first, second = report(1, "storm", noise=0), report(2, "storm", noise=0)
    rows = published([first], {first.id: "a later one"})
    for own in ("an older one", second.id):
        assert assign_stories([second], rows, given={second.id: own}) == {second.id: own}
        stories = {first.id: "a later one", second.id: own}
        again = published([first, second], stories)
        assert assign_stories([second, first], again) == stories


def test_two_stories_stay_two():
    first, second, third = (report(n, "storm", noise=0.1 * n) for n in (1, 2, 3))
    stories = {first.id: first.id, second.id: second.id}
    joined = assign_stories([third], published([first, second], stories))
    assert joined[third.id] in stories.values()
    assert set(joined) == {third.id}


def test_a_near_duplicate_belongs_to_the_story_of_the_first():
    first, copy = report(1, "storm"), report(2, "vote")
    links = {copy.id: first.id}
    assert assign_stories([first, copy], [], duplicate_of=links)[copy.id] == first.id
    rows = published([first], {first.id: "older"})
    assert assign_stories([copy], rows, duplicate_of=links) == {copy.id: "older"}


def test_rows_of_another_encoder_or_without_vectors_are_not_compared():
    first, second = report(1, "storm"), report(2, "storm")
    for vector in (np.ones(8, np.int8), np.empty(0, np.int8)):
        rows = published([first._replace(vector=vector)], {})
        assert assign_stories([second], rows) == {second.id: second.id}


def test_a_day_of_which_no_row_can_be_compared():
    """Nor is any article of the batch dated on it."""
    first, second = report(1, "storm"), report(2, "storm", hours=30)
    for vector in (np.ones(8, np.int8), np.empty(0, np.int8)):
        rows = published([first._replace(vector=vector)], {})
        assert assign_stories([second], rows) == {second.id: second.id}


def test_stories_are_found_in_the_output(tmp_path):
    first, second = report(1, "storm"), report(30, "storm")
    folder = tmp_path / "date=2026-10-01"
    folder.mkdir()
    pq.write_table(as_table([first], {first.id: first.id}), folder / "part-00.parquet")
    rows = recent_rows(Listing(str(tmp_path)), [second.published_at], StoryOptions().days, COLUMNS)
    assert assign_stories([second], rows) == {second.id: first.id}


def test_no_articles():
    assert assign_stories([], []) == {}


def test_words_that_are_no_names_do_not_make_a_story():
    """Two forecasts share their words and no name."""
    words = "drizzle gusts knots estuary squall haze"
    for names, joined in (("", False), (" in Ormely and Karst", True)):
        compared = [
            report(number, "storm", noise=0)._replace(
                names=story_names("", [f"the {words}{names}"], "en")
            )
            for number in (1, 2)
        ]
        stories = assign_stories(compared, [])
        assert (len(set(stories.values())) == 1) is joined


def test_what_overlaps_and_is_on_another_event_stays_apart():
    first, second, third = (report(n, "storm") for n in (1, 2, 3))
    pair = (min(first.id, second.id), max(first.id, second.id))
    stories = assign_stories([first, second], [], apart={pair})
    assert stories == {first.id: first.id, second.id: second.id}
    rows = published([first], {first.id: first.id})
    assert assign_stories([second], rows, apart={pair}) == {second.id: second.id}
    assert assign_stories([third], rows, apart={pair}) == {third.id: first.id}


def english(number, sentence, cosine):
    """Return an article of one sentence whose vector has this cosine with that of `cosine` 1."""
    direction = np.zeros(DIM)
    direction[:2] = cosine, np.sqrt(1 - cosine**2)
    return report(number, "storm")._replace(
        names=story_names("", [sentence], "en"), vector=quantise(direction)
    )


BRIEF = "the blaze on the Solveig off Karsund filled decks with smoke and passengers sang"


@pytest.mark.parametrize(
    ("other", "cosine", "joined"),
    [
        ("a tug pulled the Solveig into Karsund with smoke of the blaze today", 0.6, True),
        ("a tug pulled the Solveig into Karsund with smoke of the blaze today", 0.5, False),
        ("a tug pulled the Solveig into Karsund after the blaze at dawn today", 0.6, False),
        ("a tug pulled the Solveig into Karsund with its new owner at dawn today", 0.6, False),
        (f"{BRIEF} {' '.join(f'Qu{chr(97 + n)}x' for n in range(26))}", 0.6, False),
    ],
    ids=[
        "four in common",
        "far vector",
        "three in common",
        "only its name",
        "more is said than is shared",
    ],
)
def test_short_texts_need_less_if_they_share_more_than_a_name(other, cosine, joined):
    stories = assign_stories([english(1, BRIEF, 1.0), english(2, other, cosine)], [])
    assert (len(set(stories.values())) == 1) is joined


def test_one_rare_name_and_other_words_are_enough():
    texts = (
        "the blaze off Karsund filled decks with smoke",
        "smoke and a blaze on decks at Karsund",
    )
    for name, joined in (("Karsund", True), ("Paris", False)):
        compared = [
            english(n, text.replace("Karsund", name), 1 - 0.4 * n) for n, text in enumerate(texts)
        ]
        assert (len(set(assign_stories(compared, []).values())) == 1) is joined


def test_the_title_of_a_brief_weighs_no_more_than_a_third_of_it():
    vectors = np.eye(4, dtype=np.float32)
    for sentences, weight in ((3, 1), (6, 2), (9, 3), (20, 3)):
        lead = np.repeat(vectors[1:2], sentences, axis=0)
        mean = story_vector(np.concatenate([vectors[:1], lead]))
        assert mean[0] / mean[1] == pytest.approx(weight / sentences)
