"""Recorded floors of the whole command, scored by the evaluation data's own scorer."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import quality
from builders import eval_data

from transforms.summarize.support import SUPPORTED

TOPICS = {"bbc": 0.94, "agnews": 0.85}
SUMMARIES = {
    # ROUGE-1, -2, -Lsum at least, words at most. Inshorts: the editors' own first 60 words.
    "inshorts": (47.1, 23.8, 41.0, 65),
    "cnndm": (41.3, 17.0, 37.0, 70),
}
EXTRACTION = 0.975
SUPPORT = 0.75
"""Balanced accuracy on sentences that three people judged."""


def score(kind, gold, output):
    command = [sys.executable, eval_data("score.py"), kind, gold, output]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=True
    )
    return done.stdout


def published(newsbeam, output, *arguments):
    done = newsbeam("run", "-o", output, "--json", *arguments)
    assert done.code == 0, done.err
    return done.json["balance"]


@pytest.mark.parametrize(("name", "floor"), TOPICS.items())
def test_topics(tmp_path, newsbeam, name, floor):
    gold = eval_data("topics", f"{name}.jsonl")
    topics = eval_data("topics", f"{name}.yaml")
    published(newsbeam, tmp_path / "out", "-i", gold, "--topics", topics)
    scored = score("topics", gold, tmp_path / "out")
    found, wanted, macro_f1 = re.search(r"matched (\d+)/(\d+) .*macro_f1 (\S+)", scored).groups()
    # An item whose text stands twice has one row.
    assert int(found) >= 0.99 * int(wanted)
    assert float(macro_f1) >= floor, scored


@pytest.mark.parametrize(("name", "floors"), SUMMARIES.items())
def test_summaries(tmp_path, newsbeam, name, floors):
    gold = eval_data("summaries", f"{name}.jsonl")
    published(newsbeam, tmp_path / "out", "-i", gold)
    scored = score("summaries", gold, tmp_path / "out")
    pattern = r"^{}\s+R1 (\S+) R2 (\S+) RLsum (\S+) words (\d+)"
    *rouge, words = map(float, re.search(pattern.format("newsbeam"), scored, re.M).groups())
    assert all(got >= floor for got, floor in zip(rouge, floors[:3], strict=True)), scored
    assert words <= floors[3], scored
    lead = re.search(pattern.format("lead3"), scored, re.M)
    assert rouge[0] > float(lead[1])
    assert words < float(lead[4])


def test_standfirsts(tmp_path, newsbeam):
    gold = eval_data("summaries", "standfirst.jsonl")
    published(newsbeam, tmp_path / "out", "-i", gold)
    languages = quality.by_language(quality.read_items(gold))
    assert {"de", "en"} <= set(languages)
    for language, items in languages.items():
        part = tmp_path / f"{language}.jsonl"
        part.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
        scored = score("summaries", part, tmp_path / "out")
        rows = re.findall(r"^(\S+)\s+R1 (\S+) R2 (\S+) RLsum (\S+)", scored, re.M)
        rouge = {name: list(map(float, figures)) for name, *figures in rows}
        for lead in ("lead2", "lead3"):
            assert all(a > b for a, b in zip(rouge["newsbeam"], rouge[lead], strict=True)), scored


def test_extraction(tmp_path, newsbeam):
    gold = eval_data("extraction", "expected.json")
    balance = published(newsbeam, tmp_path / "out", "-i", gold.parent / "html")
    assert balance["in"] == 60
    scored = score("extraction", gold, tmp_path / "out")
    assert float(re.search(r"f1 (\S+)", scored)[1]) >= EXTRACTION, scored


def test_support():
    gold = eval_data("faithfulness", "cnndm.jsonl")
    items = quality.read_items(gold)
    faithful = np.array([item["faithful"] for item in items])
    scores = quality.supports(items)
    groups = [item["article"] for item in items]
    assert quality.cross_validated(scores, faithful, groups, 10, seed=0) >= SUPPORT
    assert quality.balanced_accuracy(scores >= SUPPORTED, faithful) >= SUPPORT


def test_cross_validation_keeps_an_article_in_one_fold():
    # Each article's sentences tell their truth by a score of their own: useless for other articles.
    scores = np.arange(40.0)
    faithful = np.arange(40) % 2 == 0
    groups = [str(number // 2) for number in range(40)]
    assert quality.cross_validated(scores, faithful, groups, 5, seed=1) == 0.5
    assert quality.cross_validated(faithful * 1.0, faithful, groups, 5, seed=1) == 1
