import json
import random
from dataclasses import replace
from datetime import timedelta

import duckdb
import numpy as np
import pytest
from articles import seed_paragraphs
from builders import make_article, make_published
from edits import EDITS, paragraphs_of
from runs import run_settings

from pipeline.upkeep.verify import verify_output
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.pinned import EMBEDDED
from transforms.output.merge import Amendment, Removal
from transforms.records import Duplicate, Partition
from transforms.relate.near import recent
from transforms.relate.near.links import find_near
from transforms.relate.near.nodes import NearOptions
from transforms.relate.step import (
    describe_article,
    join_stories,
    link_articles,
    relate,
)
from transforms.relate.stories import StoryOptions, quantise
from transforms.relate.story_names import story_names
from transforms.write import WriteOptions, write

BODY = """
The Northgate council voted on Tuesday to close the Harbour bridge for eleven months, after
engineers found cracks in four of its six piers. Drivers will be sent through Port Ellery, where
traders said that they had not been asked. Mayor Odette Lorne said that safety left her no choice
and that the work, which will cost 14 million euros, would begin in March. The bridge carries some
22,000 vehicles a day and was last repaired after the flood of 1998. The regional government has
promised to pay a third of the cost, and the council will borrow the rest over twenty years.
"""
TEXTS = {
    "wire": BODY,
    "copy": BODY.replace("Drivers", "Motorists").replace("some 22,000", "about 22,000"),
    "short": BODY[: BODY.index("The regional")],
    "other": "A choir of forty bakers from Zelin won the singing prize in Tallis on Sunday.",
}


def look(rows):
    return lambda times: rows


NEAR_SEEDS = {
    ("exports/syndicated.csv", "wire/tallis-2026-09-30.jsonl"),
    ("archive/mixed-2026-10-14.jsonl.bz2", "wire/tallis-2026-10-07.jsonl"),
    ("archive/science-2026-10-15.jsonl.zst", "archive/science-2026-10-15.jsonl.zst"),
}


def described(number, text, vector=(1.0, 0.5)):
    article = make_published(number, text=text)
    names = story_names("", text.split(". "), "en")
    return replace(article, story_names=names, story_vector=quantise(np.array(vector)))


def test_copies_are_linked():
    first, copy, other = (
        make_article(number, text=TEXTS[name])
        for number, name in enumerate(("wire", "copy", "other"), 1)
    )
    related = link_articles([copy, first, other], look([]), NearOptions())
    links = {article.id: article.duplicate_of for article in related.articles}
    assert links == {first.id: None, copy.id: first.id, other.id: None}
    assert {len(article.near_keys) for article in related.articles} == {32, 0}
    assert (related.links, related.duplicate) == ([], 0)


def test_a_dropped_article_is_listed_with_what_it_stands_for():
    first, copy = (make_article(n, text=TEXTS[name]) for n, name in ((1, "wire"), (2, "copy")))
    mirror = Duplicate("f" * 32, "https://mirror.example.org")
    related = link_articles(
        [first, replace(copy, duplicates=(mirror,))], look([]), NearOptions(drop=True)
    )
    assert [article.id for article in related.articles] == [first.id]
    assert related.articles[0].duplicates == (Duplicate(copy.id, copy.url), mirror)
    assert related.duplicate == 1


def test_a_story_goes_on():
    first, second = described(1, TEXTS["wire"]), described(2, TEXTS["wire"])
    stories = join_stories([first, second], look([]), StoryOptions(), {})
    assert [article.story_id for article in stories] == [first.id, first.id]
    given = join_stories([replace(first, story_id="a" * 32), second], look([]), StoryOptions(), {})
    assert [article.story_id for article in given] == ["a" * 32, "a" * 32]


def test_a_first_that_arrives_late_shares_the_story_of_its_copies():
    late, copy = described(1, TEXTS["other"], (0.0, 1.0)), described(2, TEXTS["wire"])
    known = replace(copy, story_id=copy.id)
    (joined, _) = join_stories([late, known], look([]), StoryOptions(), {late.id: copy.id})
    assert joined.story_id == copy.id


def test_a_day_that_another_writer_replaces_meanwhile_is_read_again(tmp_path, monkeypatch):
    """As one that was suspended right before its last step, and had lost the lock meanwhile."""
    options, real = WriteOptions(str(tmp_path), 1, "run"), recent.open_file
    first, copy, other = (
        described(number, TEXTS[name]) for number, name in ((1, "wire"), (2, "copy"), (3, "other"))
    )
    write(link_articles([first], look([]), NearOptions()).articles, (), (), options)

    def late(path, state=None):
        monkeypatch.setattr(recent, "open_file", real)
        write([other], (), (), options)
        return real(path, state)

    monkeypatch.setattr(recent, "open_file", late)
    [linked] = relate([copy], (), options.root, NearOptions(), None).articles
    assert linked.duplicate_of == first.id


def test_what_stories_are_found_by():
    article = replace(
        make_article(1), sentences=("In Northgate it rained.",), vectors=np.eye(2, dtype=np.float32)
    )
    done = describe_article(article, Encoders(EncoderLoader(EMBEDDED)))
    assert (
        done.story_names.tolist()
        == story_names(article.title, article.sentences, article.language).tolist()
    )
    assert done.story_vector.dtype == np.int8


NEAR = NearOptions()


def publish_related(root, articles, removals=(), near=NEAR):
    """Publish `articles` as it is done behind `classify`; return what `relate` said of them."""
    related = relate(articles, removals, str(root), near, StoryOptions())
    write(related.articles, related.links, removals, WriteOptions(str(root), 1, "run"))
    return related


def test_a_late_first_changes_published_links(tmp_path):
    late, first, copy = (
        described(number, TEXTS[name]) for number, name in ((1, "wire"), (2, "copy"), (30, "short"))
    )
    publish_related(tmp_path, [copy])
    publish_related(tmp_path, [first])
    related = publish_related(tmp_path, [late])
    assert related.links == [
        (Partition(f"2026-10-0{day}", 0), Amendment(article.id, duplicate_of=late.id))
        for day, article in ((1, first), (2, copy))
    ]
    rows = "select id, duplicate_of, story_id from read_parquet('{}/date=*/*.parquet')"
    assert sorted(duckdb.sql(rows.format(tmp_path)).fetchall()) == sorted(
        [(late.id, None, copy.id), (first.id, late.id, copy.id), (copy.id, late.id, copy.id)]
    )


def test_a_copy_shares_the_story_of_a_first_that_is_older_than_stories_reach(tmp_path):
    first, copy = described(1, TEXTS["wire"]), described(2, TEXTS["copy"])
    copy = replace(copy, published_at=first.published_at + timedelta(days=5))
    for article in (first, copy):
        publish_related(tmp_path, [article], near=NearOptions(days=6))
    rows = "select duplicate_of, story_id from read_parquet('{}/date=*/*.parquet') where id = '{}'"
    found = duckdb.sql(rows.format(tmp_path, copy.id)).fetchall()
    assert found == [(first.id, first.id)]


def test_a_first_that_moves_away_lets_go_of_its_copies(tmp_path):
    first, copy = described(1, TEXTS["wire"]), described(2, TEXTS["copy"])
    publish_related(tmp_path, [first, copy])
    moved = replace(first, published_at=first.published_at + timedelta(days=9), story_id=first.id)
    publish_related(tmp_path, [moved], [(Partition("2026-10-01", 0), Removal(first.id, first.id))])
    rows = "select id, duplicate_of, story_id from read_parquet('{}/date=*/*.parquet')"
    assert sorted(duckdb.sql(rows.format(tmp_path)).fetchall()) == sorted(
        [(first.id, None, first.id), (copy.id, None, first.id)]
    )


@pytest.fixture
def publish(tmp_path):
    """Return a function that runs newsbeam on texts, by name and hour, and returns its balance."""

    def run_on(policy, *items):
        source = tmp_path / "in.jsonl"
        records = [
            {"id": name, "title": f"From {name}", "text": TEXTS[name], "date": f"2026-10-01T{hour}"}
            for name, hour in items
        ]
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        settings = {
            "input.paths": [str(source)],
            "output.path": str(tmp_path / "out"),
            "near.policy": policy,
        }
        manifest = run_settings(settings)
        assert verify_output(str(tmp_path / "out")).problems == []
        return manifest.counts.balance()

    return run_on


def rows(root):
    sql = """
        select r.source_id, f.source_id, len(r.duplicates), r.near_keys is null
        from read_parquet('{0}/out/date=*/*.parquet') r
        left join read_parquet('{0}/out/date=*/*.parquet') f on r.duplicate_of = f.id
    """
    return {row[0]: row[1:] for row in duckdb.sql(sql.format(root)).fetchall()}


def test_mark(tmp_path, publish):
    publish("mark", ("copy", "09:00"), ("other", "09:30"))
    publish("mark", ("wire", "08:00"), ("short", "10:00"))
    linked = {"wire": None, "copy": "wire", "short": "wire", "other": None}
    assert {name: row[0] for name, row in rows(tmp_path).items()} == linked


def test_drop(tmp_path, publish):
    batches = [
        (("copy", "09:00"), ("short", "09:10"), ("other", "09:30")),
        (("wire", "08:00"), ("other", "09:30")),
    ]
    counts = [publish("drop", *batch) for batch in (*batches, *batches)]
    assert [(count["written"], count["duplicate"], count["unchanged"]) for count in counts] == [
        (2, 1, 0),
        (0, 1, 1),
        (0, 1, 2),
        (0, 1, 1),
    ]
    assert set(rows(tmp_path)) == {"copy", "other"}
    assert rows(tmp_path)["copy"] == (None, 2, False)


def test_keep(tmp_path, publish):
    publish("keep", ("copy", "09:00"), ("wire", "08:00"))
    assert rows(tmp_path) == {"copy": (None, 0, True), "wire": (None, 0, True)}


def test_the_near_duplicates_among_the_seeds_are_marked(seeds_run):
    files = f"read_parquet('{seeds_run[0]}/date=*/*.parquet')"
    marked = duckdb.sql(
        f"select r.uri, f.uri, r.story_id = f.story_id from {files} r join {files} f "
        "on r.duplicate_of = f.id"
    ).fetchall()
    assert {tuple(uri.partition("seeds/")[2] for uri in row[:2]) for row in marked} == NEAR_SEEDS
    assert all(same_story for *_, same_story in marked)
    alone = duckdb.sql(f"select count(*) from {files} where story_id is null").fetchall()
    assert alone == [(0,)]


def linked(texts):
    """Return which of `texts`, published one after the other, repeat which: by their positions."""
    start = make_article().published_at
    batch = [
        make_article(number, text=text, published_at=start + timedelta(seconds=number))
        for number, text in enumerate(texts)
    ]
    places = {article.id: number for number, article in enumerate(batch)}
    found = find_near(batch, look([]), NearOptions()).duplicate_of
    return {places[copy]: places[first] for copy, first in found.items()}


def test_light_edits_of_real_texts_are_found():
    everything = ["\n\n".join(paragraphs) for paragraphs in seed_paragraphs()]
    repeats = linked(everything)
    texts = [text for number, text in enumerate(everything) if number not in repeats]
    wanted = {len(texts) + number: number for number in range(len(texts))}
    found = true = 0
    for edit in EDITS.values():
        chance = random.Random(4)
        edited = ["\n\n".join(edit(paragraphs_of(text), chance)) for text in texts]
        links = linked([*texts, *edited])
        found += len(links)
        true += len(links.items() & wanted.items())
    assert len(texts) > 30
    assert true / found >= 0.98
    assert true / (len(texts) * len(EDITS)) >= 0.95
