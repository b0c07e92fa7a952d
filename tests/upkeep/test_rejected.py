"""Dead letters: list, show, export, replay through the real graph."""

import json
import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from builders import NOW, make_raw, take_over
from pyarrow.parquet import read_metadata
from rich.console import Console

from pipeline import run
from pipeline.config_files import load_config
from pipeline.lock.lock import OutputLockedError, output_lock
from pipeline.settings import make_plan
from pipeline.upkeep import rejected, replay
from pipeline.upkeep.rejected import Selection, stored_letters
from transforms.errors import ConfigError
from transforms.letters import Stored, publish_dead_letters, rewrite_letters
from transforms.output.listing import day_files
from transforms.read import MAX_BYTES
from transforms.records import DeadLetter, dead_letter

GOOD = json.dumps(
    {
        "title": "A bridge",
        "text": "The council opened a new bridge on Monday morning.",
        "url": "https://a.example/1",
        "date": "2026-10-01",
    }
).encode()
FEED, OCTETS = "application/rss+xml", "application/octet-stream"
SHORT = b"Three little words."
LONG_AGO = datetime(2026, 9, 1, 8, tzinfo=UTC)


def letter(payload, step="read", reason="bad_json", uri="in/a.json", **fields):
    fields = {"line": None, "media_type": "application/json", **fields}
    return DeadLetter(step, reason, "why", uri, payload=payload, fetched_at=NOW, **fields)


def publish(root, *letters, day="2026-10-05"):
    return publish_dead_letters(str(root), day, "R0", letters)


def note_run(root):
    (root / "_runs").mkdir()
    manifest = {"run_id": "R0", "command": "run", "status": "done", "started_at": NOW.isoformat()}
    (root / "_runs/R0.json").write_text(json.dumps(manifest))


def listed(root):
    return {(s.letter.step, s.letter.reason, s.letter.payload) for s in stored_letters(str(root))}


@pytest.fixture
def three(tmp_path):
    publish(tmp_path, letter(GOOD, "parse"), letter(SHORT, "clean", "too_short", uri="in/b.txt"))
    publish(tmp_path, letter(b"\xff\xfe", "read", "bad_csv"), day="2026-10-06")
    note_run(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (
            Selection(),
            {("parse", "bad_json"): 1, ("clean", "too_short"): 1, ("read", "bad_csv"): 1},
        ),
        (Selection(steps=["parse", "read"]), {("parse", "bad_json"): 1, ("read", "bad_csv"): 1}),
        (Selection(steps=["parse"], reasons=["too_short"]), {}),
        (Selection(reasons=["too_short"]), {("clean", "too_short"): 1}),
        (Selection(ids=[letter(GOOD, "parse").id[:8]]), {("parse", "bad_json"): 1}),
    ],
)
def test_counts_by_step_and_reason(three, selection, expected):
    assert rejected.count_letters(str(three), selection) == expected


def test_one_is_shown_whole(three, capsys):
    found = rejected.find_letter(str(three), letter(GOOD, "parse").id[:6])
    assert (found.letter, found.run_id) == (letter(GOOD, "parse"), "R0")
    rejected.print_letter(Console(), found)
    rejected.print_letters(Console(), stored_letters(str(three)))
    shown = capsys.readouterr().out
    assert GOOD.decode() in shown
    assert "clean.too_short  why" in shown
    with pytest.raises(ConfigError, match="no dead letters of"):
        rejected.find_letter(str(three), "zzz")
    with pytest.raises(ConfigError, match="3 dead letters of"):
        rejected.find_letter(str(three), "")


def test_those_of_a_file_that_are_alike_are_one_entry(tmp_path, capsys):
    same = [letter(f"{n}".encode(), "parse", line=n) for n in range(1, 4)]
    other = [
        letter(b"9", "parse", line=9, uri="in/b.json"),
        letter(b"8", "parse", "no_text", line=8),
    ]
    publish(tmp_path, *same, *other)
    rejected.print_letters(Console(), stored_letters(str(tmp_path)))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    told = dict(zip(lines[1::2], lines[::2], strict=True))
    assert told.keys() == {"in/a.json:1 and 2 more lines", "in/b.json:9", "in/a.json:8"}
    first = told["in/a.json:1 and 2 more lines"]
    assert first == f"{same[0].id[:12]}  parse.bad_json  why"


def test_payloads_are_exported_byte_for_byte(three, tmp_path):
    folder = tmp_path / "export"
    assert rejected.export_letters(str(three), Selection(steps=["read"]), folder) == 1
    [file] = folder.iterdir()
    assert file.name.endswith("-a.json")
    assert file.read_bytes() == b"\xff\xfe"


def test_the_command_exports_what_is_chosen(three, tmp_path, newsbeam):
    folder = tmp_path / "export"
    done = newsbeam("rejected", three, "--step", "clean", "--step", "read", "--export", folder)
    assert done.out == f"2 inputs written to {folder}\n"
    assert {file.read_bytes() for file in folder.iterdir()} == {SHORT, b"\xff\xfe"}
    assert newsbeam("rejected", three, "--export", folder, "--json").json == {"exported": 3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--list", "--replay"], "--list and --replay do not go together"),
        (["--show", "1", "--replay"], "--show and --replay do not go together"),
        (["--show", "1", "--list"], "--show and --list do not go together"),
        (["--list", "--export", "x"], "--list and --export do not go together"),
        (["--show", "1", "--export", "x", "--replay"], "--show and --export and --replay do not"),
        (["--show", "1", "--step", "read"], "leave out --step and --reason"),
        (["--show", "1", "--export", "x", "--reason", "a"], "leave out --step and --reason"),
    ],
)
def test_actions_that_do_not_go_together_are_refused(three, newsbeam, options, message):
    done = newsbeam("rejected", three, *options, cwd=three)
    assert (done.code, message in done.err, done.out) == (2, True, "")
    assert not (three / "x").exists()


def test_one_is_exported(three, tmp_path, newsbeam):
    folder = tmp_path / "export [x]"
    id_ = letter(GOOD, "parse").id
    done = newsbeam("rejected", three, "--show", id_[:8], "--export", folder)
    assert done.out == f"1 input written to {folder}\n"
    assert [file.read_bytes() for file in folder.iterdir()] == [GOOD]


def test_the_command_replays_with_other_settings(tmp_path, newsbeam):
    (tmp_path / "in.txt").write_bytes(SHORT)
    os.utime(tmp_path / "in.txt", (LONG_AGO.timestamp(),) * 2)
    newsbeam("run", "-i", tmp_path / "in.txt", "-o", tmp_path / "out")
    replay = ("rejected", tmp_path / "out", "--reason", "too_short", "--replay", "--json")
    counts = {"left": 0, "stayed": 1, "new": 0, "written": 0, "undated": 0, "unkept": {}}
    assert newsbeam(*replay).json == counts
    assert newsbeam(*replay[:-1]).out.splitlines()[1:] == ["0 rows written"]
    done = newsbeam(*replay[:-1], "--set", "clean.min_words=2")
    assert done.out.splitlines()[1:] == ["1 row written, 1 without a stated date"]
    [row] = newsbeam("show", tmp_path / "out", "--json").json  # dated by the time of its file
    assert row["published_at"] == str(LONG_AGO)
    done = newsbeam("rejected", tmp_path / "out", "--set", "clean.min_words=2")
    assert done.code == 2
    assert "add --replay" in done.err


def test_removed_letters_leave_no_empty_file(three):
    ids = {s.letter.id for s in stored_letters(str(three)) if s.letter.step != "clean"}
    changed = rewrite_letters(
        str(three), lambda line: None if line.stored.letter.id in ids else line.content
    )
    assert changed == 2
    assert [s.letter.step for s in stored_letters(str(three))] == ["clean"]
    assert len(list((three / "_rejected").rglob("*.jsonl"))) == 1


def test_line_without_the_time_of_its_file_is_read(three):
    path = max((three / "_rejected").rglob("*.jsonl"))
    record = json.loads(path.read_text())
    assert record.pop("modified_at") is None
    path.write_text(json.dumps(record) + "\n")
    assert ("read", "bad_csv", b"\xff\xfe") in listed(three)


@pytest.fixture
def lock(tmp_path):
    with output_lock(str(tmp_path), "replay") as held:
        yield held


@pytest.fixture
def run_documents(tmp_path, lock):
    """Return the function that runs the real graph, as the command does."""
    plan = make_plan(load_config(None, {"output.path": str(tmp_path)}))
    return partial(run.run_documents, plan, lock=lock)


def do_replay(root, run_documents, selection=Selection()):  # noqa: B008
    lock = run_documents.keywords["lock"] if run_documents else None
    done = replay.replay(str(root), selection, MAX_BYTES, run_documents, lock)
    assert not list((root / replay.SCRATCH).rglob("*.jsonl"))
    return done


def test_what_passes_is_published_and_leaves_and_the_rest_stays(tmp_path, run_documents):
    short = letter(SHORT, "clean", "too_short", uri="in/b.txt", media_type="text/plain")
    publish(
        tmp_path,
        letter(GOOD, "parse", "not_an_object", line=3),  # passes today
        letter(GOOD.replace(b"/1", b"/2").replace(b"Monday", b"Friday"), uri="in/c.json.gz"),
        letter(SHORT, "parse", "no_text", uri="in/d.txt", media_type="text/plain"),  # later step
        letter(b'{"a', "read", "bad_json", uri="in/e.json"),  # fails again, differently told
        letter(
            b"x", "read", "unknown_format", uri="in/f.xyz", media_type="application/octet-stream"
        ),
        short,
    )
    done = do_replay(tmp_path, run_documents)
    assert (done.left, done.stayed, done.new) == (3, 3, 1)
    assert done.manifest.counts.balance()["written"] == 2
    assert [file.date for file in day_files(str(tmp_path))] == ["2026-10-01"]
    assert {(step, reason) for step, reason, _ in listed(tmp_path)} == {
        ("clean", "too_short"),
        ("read", "bad_json"),
        ("read", "unknown_format"),
    }
    details = {s.letter.uri: s.letter.detail for s in stored_letters(str(tmp_path))}
    assert details["in/e.json"] != "why"
    before = listed(tmp_path)
    again = do_replay(tmp_path, run_documents)
    assert (again.left, again.stayed, again.new) == (0, 4, 0)
    assert listed(tmp_path) == before


def test_an_embargo_ends_by_the_clock_of_the_replay(tmp_path, run_documents):
    fields = {"uri": "urn:a", "type": "text", "pubstatus": "usable", "headline": "A bridge"}
    times = {"versioncreated": "2026-10-01T08:00:00Z", "embargoed": "2026-10-06T00:00:00Z"}
    text = "The council opened a new bridge on Monday morning."
    item = json.dumps({**fields, **times, "body_text": text}).encode()
    publish(tmp_path, letter(item, "parse", "embargoed"))
    done = do_replay(tmp_path, run_documents)
    assert (done.left, done.stayed, done.new) == (1, 0, 0)
    assert [file.date for file in day_files(str(tmp_path))] == ["2026-10-06"]


def test_only_the_chosen_ones_are_replayed(tmp_path, run_documents):
    publish(tmp_path, letter(GOOD, "parse"), letter(GOOD, "clean", "home_page"))
    assert do_replay(tmp_path, run_documents, Selection(steps=["clean"])).left == 1
    assert {step for step, _, _ in listed(tmp_path)} == {"parse"}


def test_crash_after_publishing_loses_nothing(tmp_path, run_documents, lock):
    publish(
        tmp_path,
        letter(GOOD, "parse"),
        letter(SHORT, "parse", uri="a.txt", media_type="text/plain"),
    )
    before = listed(tmp_path)

    def crash(documents, scratch):
        run_documents(documents, scratch)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay.replay(str(tmp_path), Selection(), MAX_BYTES, crash, lock)
    assert listed(tmp_path) == before
    done = do_replay(tmp_path, run_documents)
    assert (done.left, done.new) == (2, 1)
    assert done.manifest.counts.balance()["unchanged"] == 1


def rows_in(root):
    files = day_files(str(root))
    return sum(read_metadata(root / file.path).num_rows for file in files)


@pytest.mark.parametrize("after", [1, 2])
def test_a_replay_that_lost_the_lock_publishes_nothing_more(tmp_path, lock, after):
    """It is taken over while the second batch is read, or when both are published."""
    second = GOOD.replace(b"/1", b"/2").replace(b"Monday", b"Friday")
    publish(tmp_path, letter(GOOD, "parse"), letter(second, "parse", uri="in/b.json"))
    before = listed(tmp_path)

    def run_and_lose(documents, scratch):
        def read():
            for number, document in enumerate(documents):
                if number == after:
                    take_over(lock)
                yield document
            if after == 2:
                take_over(lock)

        return run.run_documents(make_plan(config), read(), scratch, lock)

    config = load_config(None, {"output.path": str(tmp_path), "run.batch_documents": 1})
    with pytest.raises(OutputLockedError, match=r"taken over by newsbeam replay \(R2\)"):
        replay.replay(str(tmp_path), Selection(), MAX_BYTES, run_and_lose, lock)
    assert rows_in(tmp_path) == after
    assert listed(tmp_path) == before


def test_nothing_to_replay_runs_nothing(tmp_path):
    assert do_replay(tmp_path, None).manifest is None


CSV = b"title,text,url,date\nA,The council opened a new bridge on Monday.,https://a.example/7,2026-10-01\n"


@pytest.mark.parametrize(
    ("stored", "kinds"),
    [
        (letter(CSV, reason="wrong_field_count", uri="a.csv", media_type="text/csv", line=9), "d"),
        (letter(b"a,b\n1,2,3\n", uri="a.csv", media_type="text/csv", line=9), "l"),
        (letter(b"[{}, {}, {", reason="bad_json", uri="a.json.zst", line=4), "ddl"),
        (letter(b"<rss", reason="not_a_feed", uri="https://a.example/f", media_type=FEED), "l"),
        (letter(b"Some text.", "parse", "no_text", uri="a.txt", media_type="text/plain"), "d"),
    ],
)  # fmt: skip
def test_what_read_rejected_is_split_again(stored, kinds):
    item = Stored(replace(stored, modified_at=NOW), "R0", "path")
    documents = replay.documents_of(item, 1000)
    assert "".join("l" if isinstance(d, DeadLetter) else "d" for d in documents) == kinds
    assert all(d.id == stored.id for d in documents if isinstance(d, DeadLetter))
    assert all(d.modified_at == NOW for d in documents if not isinstance(d, DeadLetter))
    if stored.media_type == "text/csv":
        assert documents[0].line == 9


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        (letter(b"[1"), True),
        (letter(b""), False),
        (letter(b"[" * (1 << 20)), False),
        (letter(b"x", reason="too_large"), False),
        (letter(b"x", reason="corrupt_compression", uri="a.txt.gz", media_type=OCTETS), False),
        (letter(b"", "parse"), True),
    ],
)  # fmt: skip
def test_what_was_not_kept_whole_is_not_replayed(stored, kept):
    assert replay.is_kept(stored) == kept


def test_files_to_read_again_are_named(tmp_path, newsbeam):
    """As a command that can be run, whatever their names are."""
    file, output = tmp_path / "my [x] news*" / "a? [1].txt", tmp_path / "out [x]"
    publish(output, letter(b"", reason="unreadable", uri=str(file)))
    note_run(output)
    said = newsbeam("rejected", output, "--replay", "--config", "local").out
    assert "1 were not kept whole; read their files again:\n" in said
    command = said.splitlines()[-1].strip()
    file.parent.mkdir()
    file.write_text("Bridge opens\n\nThe council opened a new bridge over the river on Monday.\n")
    (file.parent / "ab 1.txt").write_text("Tunnel\n\nThe council closed the tunnel on Monday.\n")
    done = newsbeam(*shlex.split(command)[1:], "--json")
    assert (done.code, done.err, done.json["balance"]["in"]) == (0, "", 1)
    assert len(listed(output)) == 1


def test_letter_of_an_article_keeps_its_original_bytes(tmp_path):
    raw = make_raw(GOOD, media_type="application/json", line=3)
    publish(tmp_path, dead_letter(raw, "parse", "no_text", "nothing found"))
    [stored] = stored_letters(str(tmp_path))
    assert replay.documents_of(stored, 1000) == [raw]
