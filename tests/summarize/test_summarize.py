from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.records import Article
from transforms.summarize.extractive import (
    SummaryOptions,
    Told,
    choose_sentences,
    summarize_article,
)
from transforms.summarize.fitness import is_whole
from transforms.summarize.sentence_sets import target_vector
from transforms.summarize.step import SummarizeArticles
from transforms.text.words import count_words

A, B, C = np.eye(3, dtype=np.float32)
ZERO = np.zeros(3, np.float32)


def sentence(name, words=10):
    filler = name.lower().translate(str.maketrans("0123456789", "abcdefghij")) + "word"
    return " ".join([name, *[filler] * (words - 1)]) + "."


def article(sentences=(), vectors=None, title="", text=None):
    return Article(
        id="a", uri="a.txt", fetched_at=datetime(2024, 5, 1, tzinfo=UTC), title=title,
        text=" ".join(sentences) if text is None else text, sentences=tuple(sentences),
        vectors=vectors,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The council has voted for the plan.", True),
        ("“We will not go back to that,” she said.", True),
        ("Wird der Rat morgen über den Plan abstimmen?", True),
        ("Der Rat sagte am Montag: „Wir gehen nicht zurück.“", True),
        ("Rådet sade i måndags: ”Vi går inte tillbaka.”", True),
        ("Le conseil a dit lundi : « Nous ne reculons pas. »", True),
        ("Wir gehen nicht mehr dahin zurück.“", False),
        ("東京で両国の首脳が会談した。", True),
        ("He agreed.", False),
        ("Share this story with your friends today", False),
        ('"We will not go back to that time.', False),
        ("“We will not go back to that time.”", False),
        ("It was over.” The crowd went home again.", False),
    ],
)
def test_is_whole(text, expected):
    assert is_whole(text) == expected


@pytest.mark.parametrize(
    ("sentences", "vectors", "expected"),
    [
        # One on each subject, rather than two on the same.
        (("S1", "S2", "S3", "S4"), [ZERO, A, A, B, B], [0, 2]),
        # The title decides between later ones.
        (("S1", "S2", "S3"), [C, A, B, C], [0, 2]),
        # "He" needs the sentence before it.
        (("S1", "S2", "He", "S4"), [ZERO, A, A, B, B], [0, 3]),
        (("S1", "He", "S3"), [ZERO, A, B, A], [0, 1]),
        # What is no sentence is taken only where there is nothing else.
        (("S1", "“S2", "S3"), [ZERO, A, B, C], [0, 2]),
        (("“S1", "“S2"), [ZERO, A, B], [0, 1]),
    ],
)
def test_choose_sentences(sentences, vectors, expected):
    texts = [sentence(name) for name in sentences]
    assert choose_sentences(texts, np.stack(vectors), max_words=20) == expected


def test_words_of_the_title_are_told():
    texts = [sentence(name) for name in ("Rain", "Snow", "Wind", "Hail")]
    vectors = np.tile(A, (5, 1))
    chosen = choose_sentences(texts, vectors, 20, Told("Hail, then snow"))
    assert chosen == [1, 3]


def test_sentences_that_are_all_too_long():
    texts = [sentence("S1", 60), sentence("S2", 50), sentence("S3", 55)]
    assert choose_sentences(texts, np.stack([ZERO, A, B, C]), max_words=40) == [1]


def test_first_sentences_weigh_most_in_the_target():
    target = target_vector(np.stack([ZERO, A, B, C]))
    assert target[0] > target[1] > target[2] > 0
    assert np.linalg.norm(target) == pytest.approx(1)


def test_short_article_is_its_own_summary():
    short = article(("It rained.", "The match was off."), np.stack([ZERO, A, B]))
    result = summarize_article(short, SummaryOptions())
    assert result.summary == "It rained. The match was off."
    assert (result.summary_method, result.faithfulness) == ("extractive", 1.0)
    assert result.summary_model == "all-MiniLM-L6-v2"


def test_article_of_one_sentence():
    one = article((sentence("S1", 200),), np.stack([ZERO, A]))
    assert summarize_article(one, SummaryOptions()).summary == one.text


@pytest.mark.parametrize(("language", "expected"), [("de", "S1"), ("en", "S2"), (None, "S2")])
def test_words_stand_in_for_an_encoder_that_does_not_know_the_language(language, expected):
    texts = (
        "Nichts davon war am Abend sicher. " * 3 + "Nichts.",
        "S1 die Brücke über den Rhein wird neu gebaut.",
        "S2 andere Dinge kamen später hinzu.",
    )
    one = article(texts, np.stack([B, C, A, B]), title="Neue Rheinbrücke: Brücke wird gebaut")
    summary = summarize_article(replace(one, language=language), SummaryOptions(10)).summary
    assert summary.startswith(expected)


@pytest.mark.parametrize("count", [2, 3, 14, 30])
def test_summary_is_whole_sentences_in_order_within_the_length(count):
    texts = [sentence(f"S{n}", 8 + n % 20) for n in range(count)]
    vectors = np.random.default_rng(0).normal(size=(1 + count, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    summary = summarize_article(article(texts, vectors), SummaryOptions(40)).summary
    found = [text for text in texts if text in summary]
    assert summary == " ".join(found)
    assert 0 < count_words(summary) <= 40


class Discard(beam.PTransform):
    def expand(self, letters):
        assert_that(letters, equal_to([]), label="letters")
        return letters


def test_pipeline():
    texts = [sentence(f"S{n}", 30) for n in range(5)]
    long = article(texts, np.stack([ZERO, A, A, B, A, B]))
    with beam.Pipeline(runner=fn_runner.FnApiRunner()) as p, ErrorHandler(Discard()) as errors:
        results = (
            p
            | beam.Create([long, replace(long, text="", sentences=("Rain.",))])
            | SummarizeArticles(errors, SummaryOptions())
            | beam.Map(lambda result: result.summary)
        )
        assert_that(results, equal_to([f"{texts[0]} {texts[2]}", "Rain."]))
