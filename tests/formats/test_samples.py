"""The real samples of the sources through the command itself: each input has its outcome."""

import json

from builders import eval_data

INPUTS = {"feeds": 108, "ninjs": 14, "newsml-g2": 24, "warc": 4}
"""Folder -> what its files hold, as their own readers count it; a page that cannot be read too."""

REASONS = {
    *("parse.no_text", "clean.too_short", "read.not_a_feed", "read.not_an_article"),
    *("read.unknown_format", "read.no_pages"),
}


def test_samples_through_the_command(newsbeam, tmp_path):
    inputs = [part for name in INPUTS for part in ("-i", eval_data(name))]
    done = newsbeam("run", *inputs, "-o", tmp_path, "--json")
    assert done.code == 0, done.err
    balance = done.json["balance"]
    assert balance["in"] == sum(INPUTS.values())
    assert balance["written"] >= 34
    assert set(done.json["rejected"]) <= REASONS
    letters = [
        json.loads(line)
        for path in tmp_path.glob("_rejected/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert len(letters) == balance["rejected"]
    assert all(letter["detail"] for letter in letters)
