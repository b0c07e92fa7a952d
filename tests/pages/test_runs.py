"""What is told of runs: the list, one of them, its page."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW
from command import run_newsbeam
from site_pages import AXE, article, browser, write_articles

from pipeline.journal import write_entry
from pipeline.lock.lock import output_lock
from pipeline.outcome import Outcome
from pipeline.pages.run_articles import (
    rejected_examples,
    run_story,
    shares,
    source_volumes,
    unusual,
)
from pipeline.pages.run_facts import find_run, read_runs
from pipeline.pages.run_page import graph_of, leave_page, run_html
from transforms.errors import ConfigError
from transforms.letters import publish_dead_letters
from transforms.pulse import Slow
from transforms.records import DeadLetter

START = datetime(2026, 10, 5, 6, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


def manifest(root, number, **fields):
    """Write the manifest of run `number`; return its id."""
    started = START + timedelta(hours=number)
    run_id = f"{started:%Y%m%dT%H%M%S.%f}Z"
    facts = {
        "run_id": run_id,
        "command": "run",
        "status": "done",
        "started_at": started.isoformat(),
        "seconds": 2.5,
        "balance": {"in": 3, "written": 2, "rejected": 1},
        "rejected": {"read.bad_json": 1},
        "steps": {"write": {"written": 2}, "read": {"accepted": 2, "rejected": 1}},
        **fields,
    }
    (root / "_runs").mkdir(parents=True, exist_ok=True)
    (root / "_runs" / f"{run_id}.json").write_text(json.dumps(facts))
    return run_id


def letter(uri="in/a.json", detail="why"):
    return DeadLetter("read", "bad_json", detail, uri, None, "application/json", uri.encode(), NOW)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "out"


def test_runs_are_listed_newest_first(root):
    first, second = (
        manifest(root, 0),
        manifest(root, 1, command="compact", balance={}, seconds=None),
    )
    assert [run.run_id for run in read_runs(str(root))] == [second, first]
    done = run_newsbeam("runs", root)
    lines = done.out.splitlines()
    assert lines[1] == f"{first}  run, done  2.5 s  3 in = 2 written + 1 rejected"
    assert lines[0] == f"{second}  compact, done"
    assert [run["run_id"] for run in run_newsbeam("runs", root, "--json").json] == [second, first]
    assert len(run_newsbeam("runs", root, "-n", 1).out.splitlines()) == 1


def test_what_is_no_manifest_is_passed_over(root):
    kept = manifest(root, 0)
    (root / "_runs" / "2026.json").write_text("{")
    assert [run.run_id for run in read_runs(str(root))] == [kept]


@pytest.mark.parametrize(("name", "number"), [("last", 1), ("20261005T06", 0), ("20261005T07", 1)])
def test_a_run_is_named_by_the_beginning_of_its_id(root, name, number):
    ids = [manifest(root, 0), manifest(root, 1)]
    assert find_run(read_runs(str(root)), name).run_id == ids[number]


@pytest.mark.parametrize("name", ["2027", "20261005"])
def test_a_name_that_fits_none_or_two_is_refused(root, name):
    manifest(root, 0), manifest(root, 1)
    with pytest.raises(ConfigError, match="have an id like"):
        find_run(read_runs(str(root)), name)


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not the output of a run"):
        read_runs(str(tmp_path))


def test_what_workers_wrote_down_counts_while_a_run_goes_on(root):
    run_id = manifest(root, 0, status="running", balance={}, rejected={}, steps={})
    steps = {"write": Counter(written=4)}
    write_entry(str(root), run_id, "a", Outcome(5, steps, Counter({"read.bad_json": 1})))
    (run,) = read_runs(str(root))
    assert run.balance["in"] == 5
    assert run.balance["written"] == 4
    assert run.rejected == {"read.bad_json": 1}


def while_locked(root, holder, command, started_at=None):
    """Return the status of two runs that say `running`, of which the second may hold the lock."""
    manifest(root, 0, command=command, status="running")
    with output_lock(str(root), holder):
        began = (started_at or datetime.now(UTC)).isoformat()
        manifest(root, 1, status="running", command=command, started_at=began)
        return [run.status for run in read_runs(str(root))]


@pytest.mark.parametrize("command", ["run", "compact", "verify --fix"])
def test_a_run_that_could_not_say_how_it_ended_was_killed(root, command):
    assert while_locked(root, command, command) == ["running", "killed"]
    assert [run.status for run in read_runs(str(root))] == ["killed", "killed"]
    assert "killed" in run_newsbeam("runs", root).out


def test_a_run_that_another_took_the_lock_after_was_killed(root):
    assert while_locked(root, "watch", "run") == ["killed", "killed"]
    assert while_locked(root, "run", "run", started_at=START) == ["killed", "killed"]


def test_a_watch_takes_the_lock_later_than_it_began_its_manifest(root):
    assert while_locked(root, "watch", "watch", started_at=START) == ["running", "killed"]


def test_an_engines_job_holds_no_lock_between_its_batches(root):
    config = {"run": {"runner": {"name": "portable"}}}
    manifest(root, 0, status="running", config=config)
    assert [run.status for run in read_runs(str(root))] == ["running"]


def test_steps_stand_in_the_order_of_the_graph(root):
    manifest(root, 0)
    assert [step for step, _ in read_runs(str(root))[0].ordered_steps] == ["read", "write"]


def test_examples_are_of_the_run_and_hide_secrets(root):
    run_id = manifest(root, 0)
    own = letter("https://me:secret@a.example/f.json", HOSTILE)
    publish_dead_letters(str(root), "2026-10-05", run_id, [own])
    publish_dead_letters(str(root), "2026-10-06", "another", [letter("in/b.json")])
    (example,) = rejected_examples(str(root), read_runs(str(root))[0])["read.bad_json"]
    assert example.id == own.id
    assert "secret" not in example.place


def rows_of(root, counts):
    """Publish `counts`: run id -> source -> articles."""
    made = []
    for run_id, sources in counts.items():
        for source, count in sources.items():
            made += [(run_id, source) for _ in range(count)]
    articles = (replace(article(n, source=source), uri=run) for n, (run, source) in enumerate(made))
    write_articles(root, articles, run_id=lambda row: row["uri"])


def test_sources_are_held_against_the_runs_before(root):
    first, second, third = (manifest(root, number) for number in range(3))
    rows_of(root, {first: {"A": 2, "B": 3}, second: {"A": 2, "B": 1}, third: {"A": 5, "C": 1}})
    runs = read_runs(str(root))
    volumes = source_volumes(str(root), runs[0], runs)
    assert volumes == [("A", 5, 2.0, True), ("C", 1, 0.0, True), ("B", 0, 2.0, True)]
    assert [(volume.source, what) for volume, what in unusual(volumes)] == [
        ("A", "more than twice as many as before"),
        ("B", "silent"),
    ]
    first_run = source_volumes(str(root), runs[2], runs)
    assert [volume[:3] for volume in first_run] == [("B", 3, 0.0), ("A", 2, 0.0)]


@pytest.mark.parametrize("status", ["failed", "interrupted", "running"])
def test_a_run_that_did_not_end_is_no_past(root, status):
    ids = [manifest(root, 0), manifest(root, 1, status=status), manifest(root, 2)]
    rows_of(root, {ids[0]: {"A": 4}, ids[1]: {"A": 1}, ids[2]: {"A": 3}})
    runs = read_runs(str(root))
    assert source_volumes(str(root), runs[0], runs) == [("A", 3, 4.0, True)]


@pytest.mark.parametrize(
    "facts", [{"status": "failed"}, {"status": "interrupted"}, {"command": "watch"}]
)
def test_a_run_that_did_not_ask_for_all_calls_none_silent(root, facts):
    command = facts.get("command", "run")
    ids = [manifest(root, 0, command=command), manifest(root, 1, **facts)]
    rows_of(root, {ids[0]: {"A": 4, "B": 1}, ids[1]: {"B": 3}})
    unusual = run_story(str(root), "last")["unusual"]
    assert unusual == {"B": "more than twice as many as before"}


def test_the_error_of_a_run_is_one_line(root):
    manifest(root, 0, status="failed", error="ConfigError: topics:\n  no such file")
    [line] = run_newsbeam("runs", root).out.splitlines()
    assert line.endswith("  ConfigError: topics: no such file")


ONE, TWO = "https://a.example/one", "https://a.example/two"


@pytest.mark.parametrize(
    "facts",
    [
        {"feeds": {"Skipped": 2}},  # as earlier manifests say it
        {"feeds": {"Skipped": 2}, "feeds_not_asked": [ONE, TWO]},
    ],
)
def test_a_source_whose_feed_was_not_due_is_not_silent(root, facts):
    ids = [manifest(root, 0), manifest(root, 1, **facts)]
    made = [article(n, source="A", feed=ONE if n % 2 else TWO) for n in range(4)]
    made.append(article(4, source="B"))
    write_articles(root, made, run_id=lambda row: ids[0])
    runs = read_runs(str(root))
    volumes = source_volumes(str(root), runs[0], runs)
    assert volumes == [("A", 0, 4.0, False), ("B", 0, 1.0, True)]
    assert [volume.source for volume, _ in unusual(volumes)] == ["B"]
    said = run_newsbeam("runs", root, "last").out
    assert re.search(r"A +0 +4\.0 +feed not due", said)
    assert re.search(r"B +0 +1\.0 +silent", said)
    assert "feed not due" in run_html(run_story(str(root), "last")).decode()


def test_runs_that_did_not_ask_for_a_source_are_no_past_of_it(root):
    skipped = {"feeds": {"Fetched": 1, "Skipped": 1}, "feeds_not_asked": [TWO]}
    ids = [manifest(root, 0), manifest(root, 1, **skipped), manifest(root, 2)]
    made = [(ids[0], TWO, 3), (ids[1], ONE, 2), (ids[2], TWO, 1)]
    rows = [(run, feed) for run, feed, count in made for _ in range(count)]
    write_articles(
        root,
        (
            replace(article(n, source=feed[-3:], feed=feed), uri=run)
            for n, (run, feed) in enumerate(rows)
        ),
        run_id=lambda row: row["uri"],
    )
    runs = read_runs(str(root))
    volumes = source_volumes(str(root), runs[0], runs)
    assert volumes == [("two", 1, 3.0, True), ("one", 0, 1.0, True)]


def test_a_run_tells_that_its_feeds_failed(root):
    feeds = {"Fetched": 3, "Failed": 1, "Unreadable": 1, "Skipped": 4}
    manifest(root, 0, feeds=feeds)
    manifest(root, 1, feeds={"Failed": 2}, feed_fault="none of the 2 feeds could be read: gone")
    second, first = run_newsbeam("runs", root).out.splitlines()
    assert first.endswith("  2 of 5 feeds could not be read")
    assert second.endswith("  2 of 2 feeds could not be read")
    assert "1 failed, 3 read, 4 not due, 1 no feed" in (
        run_newsbeam("runs", root, "20261005T06").out.replace(
            "3 read, 1 failed", "1 failed, 3 read"
        )
    )
    assert "none of the 2 feeds could be read: gone" in run_newsbeam("runs", root, "last").out
    page = run_html(run_story(str(root), "last")).decode()
    assert "none of the 2 feeds could be read: gone" in page
    assert "Feeds: 2 failed." in page


def test_languages_and_topics_are_held_against_the_week(root):
    first, second = manifest(root, 0), manifest(root, 1)
    rows = [(first, "en", "sport"), (first, "en", None), (second, "de", "sport")]
    made = (
        replace(article(n, language=language, topic=topic), uri=run)
        for n, (run, language, topic) in enumerate(rows)
    )
    write_articles(root, made, run_id=lambda row: row["uri"])
    (run, _) = read_runs(str(root))
    assert shares(str(root), run, "language") == [("de", 1, 1.0, 0.0), ("en", 0, 0.0, 1.0)]
    assert shares(str(root), run, "topic") == [("sport", 1, 1.0, 0.5), ("none", 0, 0.0, 0.5)]


def test_the_graph_has_counts_on_its_edges(root):
    dedupe = {"duplicate": 1, "unchanged": 0}
    manifest(root, 0, steps={"dedupe": dedupe, "read": {"accepted": 2, "rejected": 1}})
    graph = graph_of(read_runs(str(root))[0].model_copy(update={"step_seconds": {"read": 0.5}}))
    assert graph == [
        ("read", 0.5, 2, {"rejected": 1}),
        ("dedupe", None, None, {"duplicate": 1}),
    ]


def test_the_page_that_a_run_leaves_quotes_no_article(root):
    run_id = manifest(root, 0, step_seconds={"read": 0.25})
    secret = letter("https://me:secret@a.example/f.json", "it says: the mayor lied")
    publish_dead_letters(str(root), "2026-10-05", run_id, [secret])
    slow = Slow(1.5, "parse", "https://me:secret@b.example/slow")
    leave_page(str(root), run_id, [slow])
    page = (root / "_runs" / f"{run_id}.html").read_text()
    assert secret.id[:12] in page
    assert "b.example/slow" in page
    assert "mayor" not in page
    assert "secret" not in page
    assert '<td class="number">0.25</td>' in page


def test_a_page_that_cannot_be_written_fails_nothing(tmp_path, caplog):
    leave_page(str(tmp_path), "R", [])
    assert "the page of the run could not be written" in caplog.text


def test_the_page_is_one_file_in_which_text_stays_text(root, tmp_path):
    run_id = manifest(root, 0, error=HOSTILE)
    publish_dead_letters(str(root), "2026-10-05", run_id, [letter(detail=HOSTILE)])
    done = run_newsbeam("runs", root, "last", "--html", tmp_path / "run.html")
    assert done.code == 0, done.err
    page = (tmp_path / "run.html").read_text()
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 2
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["data:,"]
    assert "default-src &#39;none&#39;" in page


def test_the_command_tells_of_one(root):
    run_id = manifest(root, 0)
    publish_dead_letters(str(root), "2026-10-05", run_id, [letter()])
    said = run_newsbeam("runs", root, "last").out
    assert "read.bad_json" in said
    assert "in/a.json" in said
    assert run_newsbeam("runs", root, "last", "--json").json["examples"]["read.bad_json"]
    assert run_newsbeam("runs", root, "--html", "x.html").code == 2


def test_the_page_in_a_browser(root, tmp_path):
    manifest(root, 0)
    page_path = tmp_path / "run.html"
    page_path.write_bytes(run_html(run_story(str(root), "last")))
    with browser() as chromium:
        context = chromium.new_context(bypass_csp=AXE.exists())
        page = context.new_page()
        wrong = []
        page.on("console", lambda message: wrong.append(message.text))
        page.goto(page_path.as_uri())
        assert page.get_by_role("heading", name="Run, done").is_visible()
        assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px"
        if AXE.exists():
            page.evaluate(AXE.read_text())
            found = page.evaluate("axe.run()")
            assert [violation["id"] for violation in found["violations"]] == []
        assert wrong == []
        context.close()
