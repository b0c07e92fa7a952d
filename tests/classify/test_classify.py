from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.classify.phrases import (
    TopicVectors,
    article_vector,
    classify_article,
    moved_towards,
    topic_probabilities,
    topic_vectors,
)
from transforms.classify.step import ClassifyArticles
from transforms.classify.topics import Topic, TopicSet, load_topics
from transforms.encode import encode_articles
from transforms.errors import ConfigError
from transforms.models.encoder import load_encoder
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.pinned import EMBEDDED
from transforms.records import Article

ROOT = Path(__file__).parents[2]
IPTC = load_topics(ROOT / "configs" / "topics" / "iptc.yaml")

STRIKE = (
    "Bus drivers walk out over pay",
    "Bus drivers went on strike on Monday after talks on wages failed. The union said eight in ten "
    "of its members had voted for the walkout. The company offered a rise of two per cent.",
)
CUP = (
    "Late goal wins the cup",
    "A goal in the last minute gave the home side the cup on Saturday. The coach praised his "
    "players and the fans. It was the club's first trophy in thirty years.",
)
LOREM = (
    "Lorem ipsum",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit. Sed do eiusmod tempor incididunt ut "
    "labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation.",
)
NOT_FOUND = (
    "Page not found",
    "The page you are looking for could not be found. Please go back to the home page or try our "
    "search. Log in to continue. Accept all cookies.",
)


def article(title, text, language="en", name="a"):
    return Article(
        id=name, uri="a.txt", fetched_at=datetime(2024, 5, 1, tzinfo=UTC), title=title, text=text,
        language=language,
    )  # fmt: skip


ENCODERS = Encoders(EncoderLoader(EMBEDDED))


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(EMBEDDED)


@cache
def vectors_of(topics):
    return topic_vectors(topics, load_encoder(EMBEDDED))


def classified(articles, topics, encoder):
    vectors = vectors_of(topics)
    encoded = encode_articles(articles, encoder, max_sentences=40)
    return [classify_article(one, vectors, EMBEDDED.languages) for one in encoded]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(STRIKE, "labour"), (CUP, "sport"), (LOREM, None), (NOT_FOUND, None)],
)
def test_topic(text, expected, encoder):
    (result,) = classified([article(*text)], IPTC, encoder)
    assert result.topic == expected
    assert 0 < result.topic_score < 1
    assert (result.vectors, result.sentences) == (None, ())
    scores = [topic.score for topic in result.topics]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= sum(scores) <= 1


def test_article_without_title(encoder):
    (result,) = classified([article("", CUP[1])], IPTC, encoder)
    assert result.topic == "sport"


def test_language_the_encoder_does_not_know(encoder):
    known, unknown = classified(
        [article(*CUP, language=None), article(*CUP, language="fr")], IPTC, encoder
    )
    assert known.topic == "sport"
    assert (unknown.topic, unknown.topics) == (None, ())
    assert unknown.flags == ("language_not_supported",)


def test_threshold_of_the_topic_file_counts(encoder):
    strict = TopicSet(IPTC.name, IPTC.topics, threshold=1.0)
    (result,) = classified([article(*CUP)], strict, encoder)
    assert result.topic is None
    assert result.topics[0].label == "sport"


def test_probabilities_sum_to_one(encoder):
    vectors = vectors_of(IPTC)
    probabilities = topic_probabilities(article_vector(np.eye(3, 384, dtype=np.float32)), vectors)
    assert probabilities.shape == (18,)
    assert probabilities.sum() == pytest.approx(1)


def test_phrases_move_towards_the_nearest_lines():
    phrase, near, far = np.eye(3, dtype=np.float32)
    near = (phrase + near) / np.sqrt(2, dtype=np.float32)
    (moved,) = moved_towards(phrase[None], np.stack([near, far]))
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert moved @ near > phrase @ near
    assert moved @ far == pytest.approx(0, abs=1e-3)
    assert moved @ phrase > 0.9


def test_the_rest_of_the_batch_does_not_matter(encoder):
    alone = classified([article(*CUP)], IPTC, encoder)
    others = [article(*STRIKE, name=str(number)) for number in range(9)]
    assert classified([article(*CUP), *others], IPTC, encoder)[0] == alone[0]


def test_iptc_has_the_17_subjects_in_order():
    assert [topic.code for topic in IPTC.topics] == [f"medtop:{n:02}000000" for n in range(1, 18)]
    assert all(6 <= len(topic.phrases) <= 20 for topic in IPTC.topics)


WIND = TopicSet(
    "energy",
    (
        Topic("wind and sun", ("wind farms", "solar power plants", "renewable energy")),
        Topic("nuclear", ("nuclear power plants", "reactors and uranium")),
        Topic("grid", ("electricity grid", "power lines", "power cuts and blackouts")),
    ),
)
TURBINES = (
    "Village votes for twelve wind turbines",
    "The turbines on the hill will feed 9,000 homes from next spring, the mayor said on Monday.",
)


@pytest.mark.parametrize(
    ("covers", "fields", "expected"),
    [
        (None, TURBINES, "wind and sun"),
        ("part", TURBINES, "wind and sun"),
        (None, CUP, None),
        ("part", STRIKE, None),
    ],
)
def test_set_that_covers_a_part_competes_with_other_news(covers, fields, expected, encoder):
    topics = replace(WIND, covers=covers, rivals=IPTC.topics)
    (result,) = classified([article(*fields)], topics, encoder)
    assert result.topic == expected
    assert {one.label for one in result.topics} <= {topic.label for topic in WIND.topics}


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (replace(WIND, rivals=IPTC.topics), True),
        (replace(WIND, rivals=IPTC.topics, covers="all"), False),
        # Five topics as wide as these have a place for all news, without saying so.
        (TopicSet("paper", tuple(
            Topic(name, (name,)) for name in (
                "business and economy", "politics and world affairs", "sport", "arts and media",
                "science, health and technology",
            )
        ), rivals=IPTC.topics), False),
        (replace(IPTC, rivals=IPTC.topics, covers=None), False),
    ],
)  # fmt: skip
def test_who_has_rivals(topics, expected):
    assert bool(vectors_of(topics).rivals) == expected


def test_phrases_near_a_topic_are_no_rivals():
    topics = replace(WIND, rivals=WIND.topics, covers="part")
    assert vectors_of(topics).rivals == ()


@pytest.mark.parametrize(
    ("title", "text", "accepted"),
    [
        ("New tram line will link port and airport", "The line costs 900 million and opens in "
         "2031, the contractor said. Trams will run every six minutes.",
         {"economy, business and finance", "politics", "society"}),
        ("Parliament rejects bill on class sizes", "Lawmakers voted 120 to 98 against the bill of "
         "the minister, whose party had lost two allies over it.", {"politics"}),
        ("Plastic particles found on mountain lake", "Researchers traced the pollution to tyres "
         "and say that wind carried it for 300 kilometres.",
         {"environment", "science and technology"}),
        ("Chip maker cuts its sales forecast", "The company expects revenue to fall by a tenth "
         "this quarter, as customers have full stocks.", {"economy, business and finance"}),
        ("Statue of a general defaced overnight", "Police are looking for two men who were seen "
         "with spray cans at the monument.", {"crime, law and justice"}),
        ("Batsman reaches 9,000 runs", "No player of the county got there in fewer innings, and "
         "the captain praised him after the match.", {"sport"}),
    ],
)  # fmt: skip
def test_neighbouring_topics_are_told_apart(title, text, accepted, encoder):
    (result,) = classified([article(title, text)], IPTC, encoder)
    assert result.topic in accepted


VALID = "name: n\ntopics:\n  - {label: A, phrases: [x, y], code: c}\n  - {label: B, phrases: [z]}\n"


def test_load_topics(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(VALID + "threshold: 0.5\ncovers: part\n")
    assert load_topics(path) == TopicSet(
        "n", (Topic("A", ("x", "y"), "c"), Topic("B", ("z",))), threshold=0.5, covers="part"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name: [", "not valid YAML"),
        ("", "valid dictionary"),
        ("topics: []", "name: Field required"),
        (VALID.replace("[z]", "[]"), r"topics entry 2 \(B\), phrases: List should have"),
        (VALID.replace("phrases: [z]", "words: [z]"), r"topics entry 2 \(B\), words"),
        (VALID.replace("phrases: [z]", "phrase: [z]"), r"line \d, .*phrase: .* mean phrases\?"),
        (VALID + "name: m\n", r"name stands twice: in line 1 and in line \d"),
        (VALID.replace("phrases: [z]", "phrases: [z], phrases: [x]"), "phrases stands twice"),
        (VALID.replace("label: B", "label: A"), "topics entry 2, label: 'A' is given twice"),
        (VALID.replace("[x, y]", "[x, x]"), r"topics entry 1 \(A\), phrases: a phrase is given"),
        (VALID.replace("{label: B, phrases: [z]}", "B"), "topics entry 2: Input should be"),
        (VALID + "threshold: 2\n", "threshold: "),
        (VALID + "covers: some\n", "covers: "),
    ],
)
def test_wrong_topic_file_names_file_entry_and_field(tmp_path, content, message):
    path = tmp_path / "t.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_topics(path)
    assert str(path) in str(caught.value)


def test_missing_topic_file(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        load_topics(tmp_path / "none.yaml")


class Discard(beam.PTransform):
    def expand(self, letters):
        assert_that(letters, equal_to([]), label="letters")
        return letters


def test_pipeline(encoder):
    encoded = encode_articles([article(*CUP), article(*STRIKE)], encoder, max_sentences=40)
    with beam.Pipeline(runner=fn_runner.FnApiRunner()) as p, ErrorHandler(Discard()) as errors:
        topics = p | beam.Create(encoded) | ClassifyArticles(IPTC, errors, ENCODERS)
        assert_that(topics | beam.Map(lambda a: a.topic), equal_to(["sport", "labour"]))


def with_phrases(*phrases):
    """Return the vectors of two topics and of none; the first has phrases of these cosines."""
    beside = [np.array([[0.2, 0.98]], np.float32), np.array([[0.1, 0.99]], np.float32)]
    own = np.array([[cosine, np.sqrt(1 - cosine**2)] for cosine in phrases], np.float32)
    return TopicVectors(("a", "b"), (own, *beside), 0.5)


def test_only_the_six_nearest_phrases_of_a_topic_count():
    article = np.array([1, 0], np.float32)
    six = topic_probabilities(article, with_phrases(0.5, 0.4, 0.4, 0.3, 0.3, 0.3))
    more = topic_probabilities(article, with_phrases(0.1, 0.5, 0.4, 0, 0.4, 0.3, 0.3, 0.3, 0.2))
    fewer = topic_probabilities(article, with_phrases(0.5, 0.4, 0.4, 0.3, 0.3))
    np.testing.assert_array_equal(more, six)
    assert fewer[0] > six[0]
