from dataclasses import replace

import numpy as np
import pytest
from builders import make_article

from transforms.classify.scores import knows, softmax, with_topics, without_topics
from transforms.records import TopicScore


def encoded():
    return replace(make_article(), sentences=("One.",), vectors=np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("scores", "topic", "score", "listed"),
    [
        ((0.2, 0.7, 0.1), "b", 0.7, "bac"),
        ((0.3, 0.05, 0.65), "c", 0.65, "ca"),
        ((0.5, 0.1, 0.4), "a", 0.5, "acb"),  # it reaches the threshold
        ((0.45, 0.35, 0.2), None, 0.45, "abc"),  # no topic is certain enough; its score is known
        ((0.08, 0.09, 0.07), None, 0.09, ""),
    ],
)
def test_the_best_topic_its_score_and_those_that_fit(scores, topic, score, listed):
    done = with_topics(encoded(), ("a", "b", "c"), scores, threshold=0.5)
    assert (done.topic, done.topic_score) == (topic, score)
    assert done.topics == tuple(TopicScore(label, scores["abc".index(label)]) for label in listed)
    assert (done.sentences, done.vectors) == ((), None)


def test_of_equal_scores_the_first_label_stands():
    assert with_topics(encoded(), ("b", "a"), (0.5, 0.5), threshold=0.5).topic == "b"


def test_an_article_that_no_model_can_read_says_so():
    done = without_topics(replace(encoded(), flags=("short",)))
    assert done.flags == ("language_not_supported", "short")
    assert (done.topic, done.topic_score, done.topics) == (None, None, ())
    assert (done.sentences, done.vectors) == ((), None)


@pytest.mark.parametrize(
    ("languages", "language", "known"),
    [((), "fr", True), (("en",), None, True), (("en",), "en", True), (("en", "de"), "fr", False)],
)
def test_languages_that_a_model_knows(languages, language, known):
    assert knows(languages, language) is known


def test_softmax():
    shares = softmax(np.array([1000.0, 1000.0, 0.0]))
    assert shares.tolist() == [0.5, 0.5, 0.0]
    odds = softmax(np.log([1.0, 3.0]))
    assert odds.tolist() == pytest.approx([0.25, 0.75])
