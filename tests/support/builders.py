"""Small real records for tests."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apache_beam.runners.portability.fn_api_runner import fn_runner

from pipeline.lock.lock import output_lock
from pipeline.upkeep.verify import verify_output
from transforms.output.versions import version
from transforms.records import Article, RawDocument, TopicScore

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
EVAL = Path(__file__).parents[3] / "shared" / "eval"


def eval_data(*parts):
    """Return a path in the evaluation data, or skip the test where that is absent."""
    path = EVAL.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the evaluation data is not here: {path}")
    return path


def runner():
    return fn_runner.FnApiRunner()


def make_raw(content=b"Text.", uri="in/a.txt", media_type="text/plain", **fields):
    return RawDocument(uri, media_type, content, NOW, **fields)


def make_article(number=1, **changes):
    """Return article `number`, cleaned and dated, published `number` hours after 1 October."""
    text = changes.pop("text", f"Council {number} opened a bridge. It cost {number} million.")
    article = Article(
        id=hashlib.sha256(str(number).encode()).hexdigest()[:32],
        uri=f"in/articles.jsonl#{number}",
        fetched_at=NOW,
        title=f"Bridge {number}",
        text=text,
        url=f"https://news.example.org/{number}",
        published_at=datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=number),
        date_source="record",
        language="en",
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    return replace(article, **changes)


def make_namesake(number=1, **changes):
    """Return article `number`, under a headline that all of these have."""
    return make_article(number, **{"title": "Bridge"} | changes)


def make_published(number=1, **changes):
    """Return article `number` as it reaches `write`."""
    article = make_article(number, **changes)
    return replace(
        article,
        summary=article.text,
        summary_method="extractive",
        summary_model="test",
        faithfulness=1.0,
        topic="politics",
        topic_score=0.75,
        topics=(TopicScore("politics", 0.75),),
        versions=article.versions or (version(article),),
    )


def take_over(held):
    """Take a lock over from its owner, as another machine does once it is silent for long."""
    other = replace(held.owner, run_id="R2", host="elsewhere", guard="another/1/1")
    assert held.claims.create(held.number + 1, other.encode())


def verify_and_fix(output):
    """Return the report of `verify --fix`."""
    with output_lock(str(output), "verify --fix") as lock:
        return verify_output(str(output), lock)
