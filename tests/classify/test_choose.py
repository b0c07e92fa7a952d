import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from pipeline.config import Config
from pipeline.train import read_labelled, train_topics
from transforms.classify.head import head_topics
from transforms.classify.judge import NliOptions, judge_articles
from transforms.classify.topics import Topic, TopicSet
from transforms.encode import encode_articles
from transforms.errors import ConfigError
from transforms.models.cache import ResultCache
from transforms.models.linear import read_head, train_head, write_head
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.pinned import EMBEDDED
from transforms.records import Article, DeadLetter

LOAD = EncoderLoader(EMBEDDED)
ENCODERS = Encoders(LOAD)
TOPICS = TopicSet("t", (
    Topic("sport", ("football match", "tennis tournament")),
    Topic("economy", ("stock market", "inflation and interest rates")),
    Topic("weather", ("storm and heavy rain", "weather forecast")),
))  # fmt: skip
TEXTS = {
    "sport": "The striker scored twice as the home side won the cup final on Saturday.",
    "economy": "Shares fell sharply after the central bank raised interest rates again.",
    "weather": "A storm with heavy rain flooded several streets in the north on Sunday.",
}


def options(**change):
    given = {
        "topics": TOPICS, "hypothesis": "This is about {}.", "candidates": 2,
        "model_digest": "d", "languages": (),
    }  # fmt: skip
    return NliOptions(**{**given, **change})


@pytest.fixture(scope="module")
def articles():
    now = datetime(2026, 5, 1, tzinfo=UTC)
    made = [
        Article(label, "", now, "", text, language="en", text_sha256=label)
        for label, text in TEXTS.items()
    ]
    return encode_articles(made, LOAD(), 30)


class Judge:
    """Finds that a text entails whatever contains `word`; notes what it was asked."""

    def __init__(self, word, value=5.0):
        self.word, self.value, self.asked = word, value, []

    def entailment(self, pairs):
        self.asked += pairs
        return np.array([[self.value if self.word in h else 0.0, 0.0] for _, h in pairs])

    def __call__(self):
        return self


def test_only_likely_labels_are_asked_about(articles):
    judge = Judge("economy")
    done = judge_articles(articles, judge, ENCODERS, options(), None)
    assert len(judge.asked) == 6
    assert done[1].topic == "economy"
    assert done[1].topic_score == pytest.approx(np.exp(5) / (np.exp(5) + 1))
    assert (done[1].sentences, done[1].vectors) == ((), None)
    assert [p for p, _ in judge.asked[:2]] == [TEXTS["sport"]] * 2


def test_all_labels_are_asked_about_where_the_encoder_cannot_read(articles):
    judge = Judge("sport")
    french = replace(articles[0], language="fr")
    for setting in (options(candidates=0), options()):
        judge_articles([french], judge, ENCODERS, setting, None)
        assert len(judge.asked) == 3
        judge.asked.clear()
    [none] = judge_articles([french], judge, ENCODERS, options(languages=("en",)), None)
    assert (none.topic, none.flags, judge.asked) == (None, ("language_not_supported",), [])


def test_scores_that_are_not_finite_reject_only_their_article(articles):
    done = judge_articles(articles, Judge("weather", float("nan")), ENCODERS, options(), None)
    rejected = [one for one in done if isinstance(one, DeadLetter)]
    assert 1 <= len(rejected) < len(done) or len(rejected) == 3
    assert {letter.reason for letter in rejected} == {"bad_score"}


def test_scores_are_kept_until_the_topics_change(articles, tmp_path):
    judge, cache = Judge("sport"), ResultCache(str(tmp_path), 10**6)
    first = judge_articles(articles, judge, ENCODERS, options(), cache)
    asked = len(judge.asked)
    assert judge_articles(articles, judge, ENCODERS, options(), cache) == first
    assert len(judge.asked) == asked
    judge_articles(articles, judge, ENCODERS, options(hypothesis="{}, it is."), cache)
    assert len(judge.asked) == 2 * asked


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.jsonl"
    rows = [
        {"title": title, "text": text, "label": label}
        for label, text in TEXTS.items()
        for title in ("", "News of the day")
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_head_is_trained_saved_and_used(labelled, articles, tmp_path):
    head = train_topics(str(labelled), Config())
    again = train_topics(str(labelled), Config())
    assert (head.weight == again.weight).all()
    write_head(head, str(tmp_path / "head.safetensors"))
    head = read_head(str(tmp_path / "head.safetensors"))
    assert head.encoder == EMBEDDED.digest
    done = [head_topics(article, head, 0.3, ("en",)) for article in articles]
    assert [article.topic for article in done] == list(TEXTS)
    french = head_topics(replace(articles[0], language="fr"), head, 0.3, ("en",))
    assert (french.topic, french.flags) == (None, ("language_not_supported",))


def test_two_labels_have_a_row_each():
    vectors = np.eye(4, dtype=np.float32)
    head = train_head(vectors, ["a", "a", "b", "b"], EMBEDDED)
    assert head.weight.shape == (2, 4)
    assert (head.weight @ vectors[0] + head.bias).argmax() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "x"}', "row 1: needs `label`"),
        ("[1]", "row 1: is no JSON object"),
        ("{", "cannot be read"),
    ],
)
def test_labelled_file_with_a_fault(tmp_path, content, message):
    path = tmp_path / "l.jsonl"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_labelled(str(path))


def test_too_few_labels_and_broken_heads(tmp_path):
    with pytest.raises(ConfigError, match="too few for b"):
        train_head(np.eye(3, dtype=np.float32), ["a", "a", "b"], EMBEDDED)
    with pytest.raises(ConfigError, match="does not exist"):
        read_head(str(tmp_path / "none"))
    (tmp_path / "bad").write_bytes(b"x" * 99)
    with pytest.raises(ConfigError, match="is no head"):
        read_head(str(tmp_path / "bad"))


def test_csv_file_of_labelled_articles(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("title,text,label\nA,B,c\n,D,e\n")
    assert [tuple(row) for row in read_labelled(str(path))] == [("A", "B", "c"), ("", "D", "e")]
