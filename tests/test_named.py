"""What the words after `newsbeam run` name."""

import json

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.named import sorted_words
from transforms.errors import ConfigError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    for name in ("a.html", "my.yaml", "list.opml", "notes"):
        (tmp_path / name).write_text("A bridge opens\n\nThe council opened it on Monday.")
    (tmp_path / "my.yaml").write_text("summary: {max_words: 33}\ntopics: {file: topics/iptc.yaml}")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "config", "inputs", "feeds"),
    [
        ([], None, [], []),
        (["my.yaml"], "my.yaml", [], []),
        (["feeds"], "feeds", [], []),
        (["feeds.yaml"], "feeds.yaml", [], []),
        (["none.yml"], "none.yml", [], []),
        (["news"], None, ["news"], []),
        (["news/", "a.html"], None, ["news/", "a.html"], []),
        (["notes"], None, ["notes"], []),
        (["none/*.html", "b?.txt"], None, ["none/*.html", "b?.txt"], []),
        (["s3://bucket/news/"], None, ["s3://bucket/news/"], []),
        (["https://a.example/", "HTTP://b"], None, [], ["https://a.example/", "HTTP://b"]),
        (["list.opml"], None, [], ["list.opml"]),
        (["news", "my.yaml", "https://a"], "my.yaml", ["news"], ["https://a"]),
    ],
)
def test_each_word_is_known(folder, words, config, inputs, feeds):
    assert sorted_words(words) == (config, inputs, feeds)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere does not exist: name a file"),
        (["news.example/rss"], "begins with|https://"),
        (["my.yaml", "feeds"], "my.yaml and feeds are configs: name one"),
    ],
)
def test_what_is_nothing_is_refused(folder, words, message):
    with pytest.raises(ConfigError, match=message):
        sorted_words(words)


def test_a_name_with_two_meanings_is_refused(folder):
    (folder / "feeds").mkdir()
    with pytest.raises(ConfigError, match=r"write feeds\.yaml, or \./feeds"):
        sorted_words(["feeds"])
    assert sorted_words(["./feeds"]).inputs == ["./feeds"]


def test_what_is_named_replaces_what_the_config_reads(folder):
    words = ["my.yaml", "a.html", "-i", "notes", "-i", "https://a.example/", "-f", "https://b"]
    done = CliRunner().invoke(app, ["check", *words, "--json"])
    config = json.loads(done.output)["config"]
    assert config["input"]["paths"] == ["a.html", "notes"]
    assert config["input"]["feeds"] == ["https://b", "https://a.example/"]
    assert config["summary"]["max_words"] == 33
