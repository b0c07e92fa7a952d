"""What a person sees of a run: the report at its end, and how far it is."""

import shlex
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest
from builders import NOW, make_published
from rich.console import Console

from pipeline.advice import better
from pipeline.config_files import load_config, parse_override
from pipeline.manifest import Manifest, file_records
from pipeline.outcome import Counts
from pipeline.progress import Progress, describe, live_progress
from pipeline.report import print_report
from transforms.output.listing import day_files
from transforms.pulse import advance, beat
from transforms.write import WriteOptions
from transforms.write import write as publish_rows


def report(tmp_path, articles, width=80, **more):
    """Return the lines of the report of a run that published `articles`."""
    publish_rows(articles, (), (), WriteOptions(str(tmp_path), 1, "R"))
    config = load_config(None, {"output.path": str(tmp_path), "encoder.multilingual": "off"})
    manifest = Manifest("R", "done", NOW, config, "run", seconds=12.3, **more)
    manifest.models = {"vectors": {"name": "all-MiniLM-L6-v2", "sha256": "", "device": "cpu"}}
    manifest.files = file_records(str(tmp_path), [file.path for file in day_files(str(tmp_path))])
    console = Console(width=width, record=True, color_system=None, markup=False, emoji=False)
    with console.capture() as captured:
        print_report(console, manifest, "out/_runs/R.json")
    return captured.get().replace(str(tmp_path), "out").splitlines()


def many():
    for number in range(200):
        yield replace(
            make_published(
                number,
                uri=f"in/{number}.csv",
                published_at=NOW - timedelta(days=number % 9),
                language="de" if number % 2 else "en",
                date_source="run" if number % 3 else "record",
                flags=("teaser",) * (number % 5 == 0),
            ),
            topic=None if number % 2 else f"topic {number % 16}",
        )


@pytest.mark.parametrize("width", [80, 140])
def test_the_report_of_a_full_run_fits_a_screen(tmp_path, width):
    rejected = Counter({f"parse.reason_{n}": n + 1 for n in range(9)})
    counts = Counts(read=245, written=200, rejected=rejected)
    feeds = {"Fetched": 12, "Failed": 3, "Skipped": 2, "Unreadable": 1, "NotModified": 4}
    lines = report(tmp_path, [*many()], width, counts=counts, feeds=feeds)
    assert len(lines) <= 24, lines
    text = "\n".join(lines)
    assert "Topics    (none is certain)    100  ████" in text
    assert "5 more topics" in text
    assert "Days      2026-10-05" in text
    assert "6 earlier" in text
    assert "Rejected  parse reason_8      9" in text
    assert "7 more reasons     28" in text
    assert "3 failed, 12 read, 4 without news, 2 not due, 1 no feed" in text
    assert "Read it: newsbeam show out; why rejected: newsbeam rejected out" in text
    assert "4 of 20 feeds could not be read: newsbeam feeds out --failing" in text
    better = [line for line in lines if line.startswith("Better: ")]
    assert better[0].startswith("Better: no date in 133 records")
    assert better[1].startswith("Better: no topic for 100 articles in de")


def test_nothing_is_said_of_what_there_is_not(tmp_path):
    article = make_published(1)
    lines = report(tmp_path, [article], counts=Counts(read=1, written=1))
    assert lines[0].split() == ["Topics", "politics", "1", "█" * 16]
    assert lines[1].split()[:3] == ["Days", "2026-10-01", "1"]
    assert not [line for line in lines if line.startswith(("Rejected", "Feeds", "Better"))]
    assert lines[-1] == "Read it: newsbeam show out"


@pytest.mark.parametrize(
    ("counts", "feeds", "why"),
    [
        (Counts(), {}, "the input is empty"),
        (Counts(), {"Skipped": 2}, "no feed is due yet"),
        (Counts(), {"NotModified": 2}, "the feeds that answered have nothing new"),
        (Counts(read=2, unchanged=2), {}, "every article in the input is published already"),
        (Counts(read=1, rejected=Counter({"parse.x": 1})), {}, "everything in the input was"),
    ],
)
def test_why_nothing_changed(tmp_path, counts, feeds, why):
    lines = report(tmp_path, [], counts=counts, feeds=feeds)
    assert [line for line in lines if line.startswith(f"Nothing changed: {why}")]


def test_days_and_topics_are_whole_at_80_columns(tmp_path):
    names = ["disaster, accident and emergency incident", "economy, business and finance"]
    made = [
        replace(make_published(n, published_at=NOW - timedelta(days=n % 6)), topic=names[n % 2])
        for n in range(24)
    ]
    text = "\n".join(report(tmp_path, made, counts=Counts(read=24, written=24)))
    for name in names:
        assert f"{name}  " in text
    for day in ("2026-10-05", "2026-10-04", "2026-10-03"):
        assert f" {day}  " in text
    assert "3 earlier" in text
    assert max(map(len, text.splitlines()[:6])) <= 80


def test_advice_is_given_for_what_concerns_most(tmp_path):
    columns = {"language": ["de", "fr", "en"], "topic": [None, None, None]}
    columns |= {"date_source": ["record"] * 3, "flags": [["teaser"], [], []], "uri": ["a"] * 3}
    lines = better(pa.table(columns), frozenset({"en"}))
    assert [line.partition(":")[0] for line in lines] == [
        "no topic for 2 articles in de, fr", "only the teaser of 1 article",
    ]  # fmt: skip
    assert "with `pip install 'newsbeam[multilingual]'` the next ones" in lines[0]
    assert "fetch.full_text" in lines[1]


def test_only_of_records_a_column_may_hold_the_date():
    uris = ["a.txt", "b.eml", "c.html", "d.csv", "e.jsonl.gz", "f.json"]
    columns = {"language": ["en"] * 6, "topic": ["x"] * 6, "flags": [[]] * 6, "uri": uris}
    columns |= {"date_source": ["file", "run", "run", "run", "file", "record"]}
    (line,) = better(pa.table(columns), frozenset({"en"}))
    assert line.startswith("no date in 2 records")
    (override,) = shlex.split(line.partition("--set ")[2])
    assert load_config(None, dict([parse_override(override)])).input.fields == {"date": ("NAME",)}
    table = pa.table(columns).slice(0, 3)
    assert better(table, frozenset({"en"})) == []


def test_progress_moves_within_a_batch():
    progress = Progress(total_bytes=100)
    progress.documents, progress.read_bytes = 4, 50
    progress.begin_batch(4)
    shares = [progress.share()]
    for step in ("parse", "clean", "encode"):
        for _ in range(4):
            advance(step)
        shares.append(progress.share())
    line = describe(progress, 3.0)
    assert line == "batch 1: encode 0 texts · 4 read"
    beat(40)
    shares.append(progress.share())
    assert "encode 40 texts" in describe(progress, 3.0)
    advance("summarize")
    assert "batch 1: summarize 1 of 4" in describe(progress, 3.0)
    progress.end_batch(Counts(read=4, written=3, rejected=Counter({"parse.x": 1})))
    shares.append(progress.share())
    assert shares == sorted(shares)
    assert (shares[0], shares[1] < shares[2] < shares[4] < shares[5]) == (0, True)
    assert progress.share() == 0.5
    assert describe(progress, 8.0) == "4 read · 3 written · 1 rejected · 0/s · 8 s left"


def test_progress_of_feeds():
    progress = Progress(feeds=18, feeds_done=12)
    assert describe(progress, 9.0) == "polling 18 feeds, 12 done · 0 read"
    assert 0.6 < progress.share() < 0.7


def test_progress_is_shown_on_a_terminal_only(capsys):
    with live_progress(Console(force_terminal=True, width=80)) as progress:
        progress.feeds = 3
    assert "polling 3 feeds, 0 done" in capsys.readouterr().out
    with live_progress(Console(force_terminal=False)):
        pass
    assert capsys.readouterr().out == ""
