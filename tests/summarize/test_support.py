"""Support of a sentence by an article, with the embedded encoder."""

from datetime import UTC, datetime

import pytest

from transforms.encode import encode_articles
from transforms.models.encoder import load_encoder
from transforms.models.pinned import EMBEDDED
from transforms.records import Article
from transforms.summarize.support import FAILED, SUPPORTED, missing_facts, support, tokens

TEXT = (
    "The council of Lisbon did not approve the plan on Monday. Mayor Ana Costa said it would cost "
    "€1,600 for each of two hundred families. “We will look at it again,” she said. "
    "The European Union pays for half of the 3.5 km tunnel."
)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(EMBEDDED)


def encoded(encoder, text, title="", language="en"):
    article = Article(
        id="a", uri="a.txt", fetched_at=datetime(2024, 5, 1, tzinfo=UTC), title=title,
        text=text, language=language,
    )  # fmt: skip
    (done,) = encode_articles([article], encoder, 30)
    return done


def score(encoder, sentence, text=TEXT, **fields):
    return support([sentence], encoder.encode([sentence]), encoded(encoder, text, **fields))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It can't be 2.5 or two.", ("it", "can", "not", "be", "2.5", "or", "2")),
        ("Costa’s 1,600 men", ("costa", "1600", "men")),
        ("東京で", ("東", "京", "で")),
        ("–", ()),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It costs 1600 euros.", []),
        ("It costs 1,700 euros.", ["1700"]),
        ("Two families of Lisbon met.", []),
        ("Costa spoke on Tuesday in Lisbon about it.", ["Tuesday"]),
        ("It is 3.5 km, says the EU, and no more.", []),
        ("It is 3.6 km, says the UN, and no more.", ["3.6", "UN"]),
        ('She said "we will look at it again" to all.', []),
        ("She said “we shall look at it again” to all.", ["we shall look at it again"]),
        ("Council Approves New Tunnel In Porto", []),  # a headline: capitals tell nothing
    ],
)
def test_missing_facts(sentence, expected):
    assert missing_facts(sentence, TEXT) == expected


@pytest.mark.parametrize("spaced", ["1, 600 people", "It was 1. 6 km away", "in 1,600 cases"])
def test_a_number_is_found_with_spaces(spaced):
    number = "1.6" if "km" in spaced else "1,600"
    assert missing_facts(f"It was {number}.", spaced) == []
    assert missing_facts(f"It was {number}5.", spaced) == [f"{number}5".replace(",", "")]


def test_support_is_one_for_a_sentence_of_the_article(encoder):
    article = encoded(encoder, TEXT)
    vectors = encoder.encode(article.sentences)
    assert support(article.sentences, vectors, article).tolist() == [1.0] * 4
    assert support((), vectors[:0], article).shape == (0,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Mayor Ana Costa said it would cost €1,600 for each family.",
        "The council of Lisbon did not approve the plan.",
        "Lisbon's council didn't approve the plan on Monday.",
    ],
)
def test_what_the_article_says_is_supported(encoder, sentence):
    assert SUPPORTED <= score(encoder, sentence) < 1


@pytest.mark.parametrize(
    "sentence",
    [
        "The council of Lisbon did approve the plan on Monday.",
        "The council of Lisbon did not approve the plan on Friday.",
        "Mayor Ana Costa said it would cost €1,900 for each of two hundred families.",
        "Mayor Ana Silva said it would cost €1,600 for each of two hundred families.",
        "“We will never look at it again,” she said.",
        "The mayor resigned after a row about her salary.",
        "–",
    ],
)
def test_what_the_article_does_not_say_is_not(encoder, sentence):
    assert score(encoder, sentence) <= max(FAILED, 0.5)


def test_sentences_beyond_those_encoded_count(encoder):
    filler = " ".join(f"Sentence number {n} says nothing new." for n in range(40))
    sentence = "The bridge of Porto was closed after a storm."
    assert score(encoder, sentence, f"{filler} {sentence}") == 1.0
    assert score(encoder, "Nothing new.", "") == 0.0


def test_german_nouns_are_no_names(encoder):
    text = "Der Stadtrat von Bonn hat am Montag den Bau einer Brücke über den Rhein beschlossen."
    shorter = "Der Stadtrat von Bonn hat den Bau der Querung beschlossen."
    assert score(encoder, shorter, text, language="de") > FAILED
    assert score(encoder, shorter, text, language="fr") <= FAILED
    assert score(encoder, "Der Rat hat 3 Brücken beschlossen.", text, language="de") <= FAILED


def test_the_title_supports_too(encoder):
    title = "Porto closes a bridge after a storm"
    assert score(encoder, title, TEXT, title=title) == 1.0
    assert score(encoder, title, TEXT) < SUPPORTED
