"""`newsbeam explain`: all that an output says of one article."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from builders import NOW
from command import run_newsbeam
from rich.console import Console
from site_pages import DAY, article, write_articles

from pipeline.cli import main
from pipeline.explain import topic_reasons
from pipeline.explain.story_reasons import Likeness, likenesses
from pipeline.explain.trail import find_trail
from pipeline.explain.trail_text import print_trail
from transforms.errors import ConfigError
from transforms.letters import publish_dead_letters
from transforms.output.schema import article_row, rows_table
from transforms.records import DeadLetter, Duplicate
from transforms.text.date_sources import DATE_SOURCES

TEXT = "It rained. Roads flooded in the town. It ended."


def letter(uri):
    return DeadLetter("parse", "no_text", "none found", uri, 3, "text/html", b"x", NOW)


@pytest.fixture
def root(tmp_path):
    lead = article(1, story_id="s", text=TEXT, title="Rain", flags=("long",))
    lead = replace(lead, summary="Roads flooded in the town.")
    told = article(2, story_id="s", title="Told again")
    copy = (Duplicate("c" * 32, "https://copy.example/1"),)
    near = article(3, duplicate_of=lead.id, title="Nearly", duplicates=copy)
    far = article(4, story_id="s", title="Far", published_at=DAY + timedelta(days=20))
    return write_articles(tmp_path / "out", [lead, told, near, far])


def test_what_the_output_says_of_an_article(root):
    lead, told, near, _ = (article(number) for number in range(1, 5))
    for name in (lead.id, lead.id[:6], "https://news.example.org/1?utm_source=x"):
        trail = find_trail(str(root), name)
        assert trail.row["title"] == "Rain"
        assert [other["id"] for other in trail.story] == [told.id]
        assert [other["id"] for other in trail.repeats] == [near.id]
        assert trail.original is None
        assert not trail.listed_in
    assert trail.paragraphs == [["It rained. ", "Roads flooded in the town.", " It ended."]]
    assert find_trail(str(root), near.id).original["id"] == lead.id


def test_what_two_articles_of_a_story_have_in_common():
    def row(title, text, vector, language="en"):
        stored = None if vector is None else np.array(vector, np.int8).tobytes()
        return {"title": title, "text": text, "language": language, "story_vector": stored}

    one = row("Ferry aground", "Today the ferry Solveig ran aground off Brackwater.", [3, 4])
    other = row("Solveig freed", "At noon tugs freed the Solveig, which ran aground.", [4, 3])
    found, alike = likenesses(one, [other, row("Ferry", None, [127])])
    assert found == Likeness(pytest.approx(0.96), ["Solveig"], ["aground", "ran"])
    assert (alike.cosine, alike.names) == (None, [])
    one, other = [
        row("Voss", f"Gestern kam Karin Voss {end}.", None, "de") for end in ("an", "weg")
    ]
    assert likenesses(one, [other]) == [Likeness(None, ["Voss", "Karin Voss", "Karin"], [])]


@pytest.mark.parametrize("name", ["c" * 32, "https://copy.example/1"])
def test_a_copy_is_found_in_the_row_that_lists_it(root, name):
    trail = find_trail(str(root), name)
    assert (trail.row["title"], trail.listed_in) == ("Nearly", True)


def test_what_is_no_name_is_told_what_is(root):
    with pytest.raises(ConfigError, match=r"id .* address, or the file") as caught:
        find_trail(str(root), "Told again")
    assert f"show {root} --search 'Told again'" in str(caught.value)
    with pytest.raises(ConfigError, match="--search WORDS"):
        find_trail(str(root), "f" * 32)


def test_an_article_that_was_rejected_has_its_dead_letters(root):
    publish_dead_letters(str(root), "2026-10-05", "R", [letter("https://a.example/x")])
    trail = find_trail(str(root), "http://a.example/x/")
    assert trail.row is None
    assert [each.reason for each in trail.letters] == ["no_text"]
    assert find_trail(str(root), trail.letters[0].id[:8]).letters == trail.letters


def test_an_article_is_found_by_the_file_it_was_read_from(root, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    whole = str(tmp_path / "in/a:b.txt")
    alone = article(5, url=None, uri=whole, title="Alone")
    two = [article(n, url=None, uri="in/two.csv", title=f"Row {n}") for n in (6, 7)]
    write_articles(root, [alone, *two])
    publish_dead_letters(str(root), "2026-10-05", "R", [letter("in/two.csv"), letter(whole)])
    for name in (whole, "a:b.txt", "./a:b.txt", "a:b.txt:3"):
        trail = find_trail(str(root), name)
        assert (trail.row["title"], len(trail.letters)) == ("Alone", 1)
    assert not find_trail(str(root), "a:b.txt:4").letters
    trail = find_trail(str(root), "in/two.csv:3")
    assert (trail.row, trail.letters[0].uri) == (None, "in/two.csv")
    for name in ("in/two.csv", "in/two.csv:4"):
        with pytest.raises(ConfigError, match="2 articles of"):
            find_trail(str(root), name)


@pytest.mark.parametrize(
    ("name", "message"),
    [("https://b.example/none", "no article and no dead letter"), ("abc", "no article")],
)
def test_what_is_unknown_is_said(root, name, message):
    with pytest.raises(ConfigError, match=message):
        find_trail(str(root), name)


def test_a_kept_revision_is_told_by_its_changes(root):
    lead = replace(article(1), versions=("1", "2"), text="It rained. Roads are dry.", title="Rain")
    old = article_row(lead, "R") | {"revision": 1}
    folder = root / "_revisions" / "date=2026-10-05"
    folder.mkdir(parents=True)
    pq.write_table(rows_table([old]), folder / f"{lead.id}-0001.parquet")
    (revision,) = find_trail(str(root), lead.id).revisions
    assert revision.revision == 1
    assert revision.changes == [
        "- Roads are dry.", "+ Roads flooded in the town.", "+ It ended."
    ]  # fmt: skip


def test_the_command_tells_it(root):
    said = run_newsbeam("explain", root, article(1).id, "--without-models").out
    for part in ("> Roads flooded in the town.", "  It ended.", "Told again", "flags long",
                 "from the record", "published: politics; politics 0.75"):  # fmt: skip
        assert part in said
    known = run_newsbeam("explain", root, article(1).id, "--without-models", "--json").json
    assert known["row"]["title"] == "Rain"
    assert known["topic_reasons"] is None
    assert run_newsbeam("explain", root, "https://b.example/none").code == 2


def test_each_way_to_find_a_date_is_told_in_words(root, capsys):
    trail = find_trail(str(root), article(1).id)
    for source in DATE_SOURCES:
        print_trail(Console(), trail._replace(row=trail.row | {"date_source": source}))
        said = capsys.readouterr().out
        assert ("states no date" in said) == (source in {"file", "run"})


def test_what_the_output_holds_is_told_before_anything_is_loaded(root, monkeypatch, capfd):
    told_first = []

    def plan_of(*_):
        told_first.append(capfd.readouterr().out)
        raise ConfigError("no model is here")

    monkeypatch.setattr(topic_reasons, "plan_of", plan_of)
    with pytest.raises(SystemExit):
        main(["explain", str(root), article(1).id])
    assert "> Roads flooded in the town." in told_first[0]
    assert "published: politics; politics 0.75" in told_first[0]
    assert "Told again" in told_first[0]


def test_topics_are_explained_by_phrases_and_sentences(root, tmp_path):
    topics = tmp_path / "topics.yaml"
    topics.write_text(
        "name: two\ntopics:\n  - label: weather\n    phrases: [heavy rain and floods]\n"
        "  - label: sport\n    phrases: [football match]\n"
    )
    done = run_newsbeam("explain", root, article(1).id, "--topics", topics, "--json")
    assert done.code == 0, done.err
    said = run_newsbeam("explain", root, article(1).id, "--topics", topics).out
    assert "Topics, computed today\n  weather " in said
    best, other = done.json["topic_reasons"]
    assert best["label"] == "weather"
    assert best["phrase"] == "heavy rain and floods"
    assert best["score"] > other["score"]
    assert best["sentences"][0][0] == "Roads flooded in the town."
