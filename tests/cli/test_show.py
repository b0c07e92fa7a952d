"""`newsbeam show`: which articles, in which order, and how they are printed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import make_published
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.periods import period_of, span_of, start_of
from pipeline.reading_list import print_stories
from transforms.errors import ConfigError
from transforms.write import WriteOptions
from transforms.write import write as publish_rows

LONG = "https://news.example.org/" + "a-long-path/" * 20


def published(number, topic="politics", **changes):
    return replace(make_published(number, **changes), topic=topic)


ARTICLES = [
    published(1, source="Gazette", title="Café opens"),
    published(2, "sport", source="Post", language="de", url=LONG),
    published(30, source="Post", story_id="s", title="Flood"),
    published(31, source="Gazette", story_id="s", title="Flood again"),
    published(800, None, source=None, title="Rivers rise"),
    published(900, date_source="file", title="Undated", language="pt-BR"),
]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    root = tmp_path_factory.mktemp("show")
    publish_rows(ARTICLES, (), (), WriteOptions(str(root), 1, "run"))
    return root


def show(*arguments):
    done = CliRunner().invoke(app, ["show", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def numbers(output, *options):
    rows = json.loads(show(output, "--json", *options))
    ids = {article.id: int(article.uri.partition("#")[2]) for article in ARTICLES}
    return [ids[row["id"]] for row in rows]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [800, 31, 30, 2, 1, 900]),
        (["-n", 2], [800, 31]),
        (["-n", 5], [800, 31, 30, 2, 1]),
        (["--date", "2026-10-01"], [2, 1]),
        (["--date", "2026-10"], [31, 30, 2, 1]),
        (["--date", "2026"], [800, 31, 30, 2, 1, 900]),
        (["--date", "2025"], []),
        (["--since", "2026-10-02"], [800, 31, 30, 900]),
        (["--since", "2026-11"], [800, 900]),
        (["--topic", "POLIT"], [31, 30, 1, 900]),
        (["--language", "DE"], [2]),
        (["--language", "pt"], [900]),
        (["--language", "p"], []),
        (["--search", "flood AGAIN"], [31]),
        (["--search", "CAFÉ"], [1]),
        (["--search", "million 31"], [31]),
        (["--search", "flood café"], []),
        (["--search", "flood", "--topic", "sport"], []),
    ],
)
def test_which_and_in_which_order(output, options, expected):
    assert numbers(output, *options) == expected


def test_today_is_a_utc_day(tmp_path):
    now = datetime.now(UTC)
    times = [now, now - timedelta(days=1), now + timedelta(days=1)]
    articles = [published(n, published_at=time) for n, time in enumerate(times)]
    publish_rows(articles, (), (), WriteOptions(str(tmp_path), 1, "run"))
    assert [row["id"] for row in json.loads(show(tmp_path, "--today", "--json"))] == [
        articles[0].id
    ]
    since = json.loads(show(tmp_path, "--since", "2h", "--json"))
    assert [row["id"] for row in since] == [articles[2].id, articles[0].id]


def test_groups_are_headed_and_the_largest_is_first(output):
    topics = show(output, "--by", "topic")
    heads = ["politics · 4", "(no topic is certain) · 1", "sport · 1"]
    assert [line for line in topics.splitlines() if line in heads] == heads
    heads = ["news.example.org · 2", "Gazette · 2", "Post · 2"]
    assert [line for line in show(output, "--by", "source").splitlines() if line in heads] == heads
    stories = show(output, "--by", "story").splitlines()
    assert stories[0] == "Flood again"
    assert [line for line in stories if "also" in line] == [
        "  also: 2026-10-02 06:00 UTC · Post · Flood"
    ]


def lines_with(text, *parts):
    return [line.strip() for line in text.splitlines() if any(part in line for part in parts)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-n", 2], ["2 of 6 articles; -n for more"]),
        (["-n", 6], []),
        (["-n", 7], []),
        (["-n", 1, "--language", "en"], ["1 of 4 articles; -n for more"]),
        (["-n", 1, "--search", "flood"], ["1 of 2 articles; -n for more"]),
        (["-n", 1, "--since", "2026-10-02"], ["1 of 4 articles; -n for more"]),
        (["-n", 1, "--by", "story"], ["and 1 more", "1 of 5 stories; -n for more"]),
        (["-n", 2, "--by", "topic"], ["and 2 more", "2 of 3 topics; -n for more"]),
        (["-n", 2, "--by", "source", "--topic", "sport"], []),
        (["-n", 1, "--by", "source"], ["and 1 more", "1 of 3 sources; -n for more"]),
    ],
)
def test_what_is_left_out_is_counted(output, options, expected):
    assert lines_with(show(output, *options), " more") == expected


def test_groups_are_of_all_rows_before_some_are_left_out(tmp_path):
    articles = [
        published(900, title="Alone", source="Post"),
        published(30, "sport", title="Second", source="Post", story_id="old"),
        published(10, "sport", title="First", source="Gazette", story_id="old"),
        published(
            31, title="Repeated", source="Post", story_id="old", duplicate_of=make_published(30).id
        ),
        published(910, title="Undated", source="Post", date_source="run"),
    ]
    publish_rows(articles, (), (), WriteOptions(str(tmp_path), 1, "run"))
    said = show(tmp_path, "--by", "story", "-n", 2)
    names = ("Alone", "First", "Second", "Repeated", "Undated")
    head, counts, also, alone, *_ = lines_with(said, *names, " of ")
    assert (head, alone) == ("Second", "Alone")
    assert counts.startswith("3 articles of 2 sources · 2026-10-02 06:00 UTC · Post")
    assert also.endswith("Gazette · First")
    assert lines_with(said, "more") == ["and 1 more", "2 of 3 stories; -n for more"]
    said = show(tmp_path, "--by", "topic", "-n", 1)
    assert said.startswith("politics · 3\n\nAlone\n")
    assert lines_with(said, "more") == ["and 2 more", "1 of 2 topics; -n for more"]


def test_without_an_address_the_file_is_named(tmp_path):
    write = WriteOptions(str(tmp_path), 1, "run")
    publish_rows([published(1, url=None, uri="https://me:secret@a.example/x")], (), (), write)
    assert "\n  https://***@a.example/x\n" in show(tmp_path)
    assert "secret" not in show(tmp_path, "--json")


def test_nothing_is_cut_or_wrapped_in_a_pipe(output, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = show(output).splitlines()
    assert f"  {LONG}" in lines
    assert "  Council 1 opened a bridge. It cost 1 million." in lines
    assert not [line for line in lines if line != line.rstrip()]


def test_an_address_stays_in_one_piece_on_a_narrow_terminal(capsys):
    row = {"revision": 1, "duplicates": [], "duplicate_of": None, "flags": [], "word_count": 8,
           "date_source": "record"}  # fmt: skip
    row |= {"topic": None, "source": "Post", "title": "Flood " * 9, "summary": "Rain. " * 9}
    row |= {"uri": "in/a.csv", "url": LONG, "published_at": datetime(2026, 10, 1, tzinfo=UTC)}
    print_stories(Console(force_terminal=True, width=40, color_system=None), [[row]])
    lines = capsys.readouterr().out.splitlines()
    assert f"  {LONG}" in lines
    assert len(lines) > 7
    assert max(len(line) for line in lines if LONG not in line) == 40


def test_whose_time_stands_in_for_a_date_that_nobody_states(output, tmp_path):
    said = show(output, "--language", "pt").splitlines()
    assert said[1].startswith("undated (file of 2026-")
    assert said[1].split(" · ")[0].endswith(" UTC)")
    known = show(output, "--topic", "POLIT", "-n", 1).splitlines()
    assert known[1].startswith("2026-")


def test_what_fits_nothing_says_what_there_is(output, tmp_path):
    nothing = "No published article fits. The newest is of 2026-11-07.\n"
    assert show(output, "--topic", "POLIT", "--language", "de") == nothing
    assert show(output, "--language", "xx", "--by", "topic") == nothing
    labels = "No article has a topic like 'enrgy'. There are: politics, sport.\n"
    assert show(output, "--topic", "enrgy") == labels
    assert show(output, "--topic", "enrgy", "--by", "story") == labels
    arguments = ["export", str(output), "--to", str(tmp_path / "a.csv"), "--topic"]
    assert CliRunner().invoke(app, [*arguments, "enrgy"]).output.endswith(f"a.csv\n{labels}")
    assert "a topic like" not in CliRunner().invoke(app, [*arguments, "sport"]).output


@pytest.mark.parametrize("text", ["2026-13", "26", "2026-02-30", "0000", "today", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ConfigError, match="write a day"):
        period_of(text)


@pytest.mark.parametrize("text", ["7", "d", "7y", "-7d", "2026-99"])
def test_what_is_no_start_is_refused(text):
    with pytest.raises(ConfigError, match="--since"):
        start_of(text, datetime(2026, 10, 1, tzinfo=UTC))


def test_periods():
    assert [m.isoformat()[:10] for m in period_of("2026-12")] == ["2026-12-01", "2027-01-01"]
    assert [m.isoformat()[:10] for m in period_of("2026")] == ["2026-01-01", "2027-01-01"]
    assert span_of("1W", "--silent") == timedelta(days=7)


def test_a_group_that_there_is_not_is_told_in_our_words(output):
    done = CliRunner().invoke(app, ["show", str(output), "--by", "topics"])
    assert done.exit_code == 2
    assert "'--by': 'topics' is not one of" in done.output


def test_periods_do_not_go_together(output):
    done = CliRunner().invoke(app, ["show", str(output), "--today", "--since", "7d"])
    assert "do not go together" in str(done.exception)
