"""One writer per output: with real processes, which are also killed."""

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from builders import take_over

from pipeline.check import problems
from pipeline.config import OutputConfig
from pipeline.config_files import load_config
from pipeline.lock import lock
from pipeline.lock.claims import LocalClaims, claims_of
from pipeline.lock.lock import OutputLockedError, lock_owner, output_lock
from pipeline.lock.owner import decode_owner
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError, NewsbeamError
from transforms.output import store_client
from transforms.output.days import changing_day
from transforms.output.storage import join, publish, remove
from transforms.output.store_client import ChangedError

ROOT = Path(__file__).parents[1]

HOLD = """
import sys
from pipeline.lock.lock import output_lock

with output_lock(sys.argv[1], "run", "R1"):
    print("held", flush=True)
    sys.stdin.read()
"""

# Each appends to one file, in two steps that a second writer between them would spoil.
COUNT = """
import sys
from pathlib import Path
from pipeline.lock.lock import output_lock

root, times = sys.argv[1], int(sys.argv[2])
file = Path(root) / "count"
for _ in range(times):
    with output_lock(root, "count", wait=60):
        before = int(file.read_text()) if file.exists() else 0
        with file.open("w") as stream:
            stream.flush()
            stream.write(str(before + 1))
"""


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end(process):
    """Wait for `process` to end; return its exit code."""
    with process:
        return process.wait()


@pytest.fixture
def holder(tmp_path):
    """Return a process that holds the lock on `tmp_path`, until its input ends or it is killed."""
    process = start(HOLD, tmp_path)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    end(process)


def claim(root):
    """Return the file of the claim that counts."""
    return max((root / "_lock").glob("*.json"))


def pretend(root, **changes):
    """Change what the claim that counts says of its owner."""
    owner = decode_owner(claim(root).read_bytes())
    claim(root).write_bytes(replace(owner, **changes).encode())


def ago(**age):
    return (datetime.now(UTC) - timedelta(**age)).isoformat()


def test_second_writer_is_told_who_the_first_is_and_what_to_do(tmp_path, holder):
    with pytest.raises(OutputLockedError) as refused, output_lock(str(tmp_path), "run"):
        pass
    message = str(refused.value)
    assert f"newsbeam run (R1), process {holder.pid} on " in message
    assert "last sign of life 0 s ago" in message
    assert f"--set run.lock_wait_seconds=SECONDS, or stop it there (kill {holder.pid})" in message


COMMANDS = [
    (["run", "-i", "{seeds}", "-o", "{out}"], True),
    (["rejected", "{out}", "--replay", "--config", "local"], True),
    (["verify", "{out}", "--fix"], False),
    (["compact", "{out}"], False),
    (["forget", "{out}", "--id", "0" * 32], False),
    (["retain", "{out}", "--set", "retention.text=30d"], False),
    (["backfill", "{out}", "--from", "2026-10-01", "--config", "local"], False),
]
"""Commands that hold the lock, and whether a setting says how long they wait for it."""


def test_each_command_names_its_way_to_wait(tmp_path, holder, newsbeam):
    (tmp_path / "_runs").mkdir()
    (tmp_path / "_runs" / "a.json").write_text("{}")
    for words, by_setting in COMMANDS:
        command = [word.format(out=tmp_path, seeds=ROOT / "seeds") for word in words]
        refused = newsbeam(*command)
        assert refused.code == 4, refused.err
        setting, option = "--set run.lock_wait_seconds=SECONDS", "--wait SECONDS"
        wait, other = (setting, option) if by_setting else (option, setting)
        assert f"here with {wait}, or stop it there" in refused.err, command
        assert other not in refused.err
        taken = newsbeam(*command, *wait.replace("SECONDS", "0.1").split())
        assert (taken.code, taken.err.partition(" since ")[0]) == (
            4, refused.err.partition(" since ")[0],
        )  # fmt: skip


def test_lock_of_a_killed_owner_is_taken_over_at_once(tmp_path, holder):
    assert lock_owner(str(tmp_path)).pid == holder.pid
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert lock_owner(str(tmp_path)) is None
    with output_lock(str(tmp_path), "run", "R2") as held:
        assert json.loads(claim(tmp_path).read_text())["run_id"] == "R2"
        held.check()
    assert json.loads(claim(tmp_path).read_text())["released"]


def test_waiting_ends_when_the_owner_does(tmp_path, holder):
    threading.Timer(0.2, holder.stdin.close).start()
    with output_lock(str(tmp_path), "run", "R2", wait=60) as held:
        assert held.owner.run_id == "R2"


def test_processes_take_turns(tmp_path):
    processes = [start(COUNT, tmp_path, 20) for _ in range(4)]
    assert [end(process) for process in processes] == [0] * 4
    assert (tmp_path / "count").read_text() == "80"
    assert [path.name for path in (tmp_path / "_lock").iterdir() if path.suffix == ".json"] == [
        "000000000080.json"
    ]


@pytest.mark.parametrize("kind", ["local", "store"])
def test_two_that_take_over_one_dead_claim_do_not_both_win(tmp_path, kind, request):
    root = str(tmp_path) if kind == "local" else request.getfixturevalue("bucket")
    claims = claims_of(root)
    me = lock.this_process("run", "", Path(__file__))
    assert lock._take(claims, 1, me)
    barrier, winners = threading.Barrier(8), []

    def take_over():
        barrier.wait()
        if taken := lock._take(claims, 2, me):
            winners.append(taken)

    threads = [threading.Thread(target=take_over) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert claims.numbers() == [2]


def test_one_that_read_the_claims_long_ago_does_not_win(tmp_path):
    claims = claims_of(str(tmp_path))
    me = lock.this_process("run", "", Path(__file__))
    assert lock._take(claims, 7, me)
    assert lock._take(claims, 6, me) is None
    assert claims.numbers() == [7]


def test_lock_of_another_machine_is_dead_only_without_a_sign_of_life(tmp_path):
    with output_lock(str(tmp_path), "run", "R1"):
        pass
    pretend(
        tmp_path, guard="another/1/1", host="elsewhere", released=False, renewed_at=ago(minutes=4)
    )
    with (
        pytest.raises(OutputLockedError, match=r"on elsewhere, .*last sign of life 4 min ago"),
        output_lock(str(tmp_path), "run"),
    ):
        pass
    with output_lock(str(tmp_path), "run", "R2", stale_after=0.01) as held:
        assert held.owner.run_id == "R2"


def test_slow_clock_of_another_machine_does_not_cost_it_the_lock(tmp_path, monkeypatch):
    with output_lock(str(tmp_path), "run", "R1"):
        pass
    pretend(tmp_path, guard="another/1/1", released=False, renewed_at=ago(hours=2))
    # While it is watched, it gives a sign of life, by its own slow clock.
    monkeypatch.setattr(lock.time, "sleep", lambda _: pretend(tmp_path, renewed_at=ago(hours=1)))
    with pytest.raises(OutputLockedError, match="R1"), output_lock(str(tmp_path), "run"):
        pass


def test_owner_that_lost_the_lock_finds_out_and_leaves_the_new_one_alone(tmp_path):
    with output_lock(str(tmp_path), "run", "R1") as held:
        other = replace(held.owner, run_id="R2", host="elsewhere", guard="another/1/1")
        assert lock._take(held.claims, held.number + 1, other)
        with pytest.raises(OutputLockedError, match=r"taken over by newsbeam run \(R2\)"):
            held.check()
    assert decode_owner(claim(tmp_path).read_bytes()).run_id == "R2"
    assert not decode_owner(claim(tmp_path).read_bytes()).released


def test_a_lock_whose_folder_was_removed_or_made_again_is_lost(tmp_path):
    with output_lock(str(tmp_path), "run", "R1") as held:
        shutil.rmtree(tmp_path / "_lock")
        with pytest.raises(OutputLockedError, match=r"the lock on .* is gone: somebody removed it"):
            held.check()
        (tmp_path / "_lock").mkdir()
        other = replace(held.owner, run_id="R2", host="elsewhere", guard="another/1/1")
        assert lock._take(claims_of(str(tmp_path)), held.number, other)
        with pytest.raises(OutputLockedError, match=r"taken over by newsbeam run \(R2\)"):
            held.check()


@pytest.mark.parametrize("error", [FileNotFoundError("gone"), AssertionError(), KeyError("row")])
def test_what_fails_after_the_lock_was_lost_says_that(tmp_path, error):
    """As a file that was there a moment ago, or an output that is no longer what it was."""

    def fail():
        with output_lock(str(tmp_path), "run", "R1") as held:
            take_over(held)
            raise error

    with pytest.raises(OutputLockedError, match=r"taken over by newsbeam run \(R2\)") as told:
        fail()
    assert told.value.__context__ is error


def test_what_fails_while_the_lock_is_held_says_what_it_is(tmp_path):
    with pytest.raises(KeyError), output_lock(str(tmp_path), "run"):
        raise KeyError
    with (
        pytest.raises(NewsbeamError, match=r"the day was changed\. What is published is whole"),
        output_lock(str(tmp_path), "run"),
    ):
        raise ChangedError("the day was changed")


def test_a_late_sign_of_life_does_not_bring_a_lost_lock_back(tmp_path):
    with output_lock(str(tmp_path), "run", "R1") as held:
        other = replace(held.owner, run_id="R2", host="elsewhere", guard="another/1/1")
        assert lock._take(held.claims, held.number + 1, other)
        held.renew()
        with pytest.raises(OutputLockedError, match="R2"):
            held.check()


CHANGES = {
    "a file": lambda root: publish(f"{root}/_state/feeds.json", b"{}"),
    "a removal": lambda root: remove(f"{root}/date=2026-10-01/part-00.parquet"),
    "a day": lambda root: _change_day(str(root)),
    "a day by another name": lambda root: _change_day(f"{root}/date=2026-10-01/.."),
}


def _change_day(root):
    with changing_day(root, "2026-10-01") as day:
        day.add(0, b"new")


@pytest.mark.parametrize("what", CHANGES)
def test_who_lost_the_lock_changes_nothing_more(tmp_path, what):
    rows = tmp_path / "date=2026-10-01" / "part-00.parquet"
    publish(str(rows), b"old")
    with output_lock(str(tmp_path), "run", "R1") as held:
        CHANGES["a file"](tmp_path)
        publish(str(tmp_path / "_state" / "feeds.json"), b"before")
        other = replace(held.owner, run_id="R2", host="elsewhere", guard="another/1/1")
        assert lock._take(held.claims, held.number + 1, other)
        with pytest.raises(OutputLockedError, match="R2"):
            CHANGES[what](tmp_path)
        publish(str(tmp_path / "_runs" / "R1.json"), b"{}")  # its own
    assert rows.read_bytes() == b"old"
    assert [path.name for path in rows.parent.iterdir()] == [rows.name]
    assert (tmp_path / "_state" / "feeds.json").read_bytes() == b"before"
    CHANGES[what](tmp_path)


def test_owner_gives_signs_of_life(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "HEARTBEAT", 0.01)
    renewed = threading.Event()
    monkeypatch.setattr(lock.OutputLock, "renew", lambda self: renewed.set())
    with output_lock(str(tmp_path), "run"):
        assert renewed.wait(10)


def test_lock_is_given_back_after_an_error_and_on_a_full_disk(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(LocalClaims, "replace", full)
    with pytest.raises(KeyError), output_lock(str(tmp_path), "run"):
        raise KeyError
    with output_lock(str(tmp_path), "run", "R2"):
        assert decode_owner(claim(tmp_path).read_bytes()).run_id == "R2"


def test_filesystem_without_hard_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with output_lock(str(tmp_path), "run", "R1"):
        assert not claims_of(str(tmp_path)).create(1, b"")
    assert [path.name for path in sorted((tmp_path / "_lock").iterdir())] == [
        "000000000001.json",
        "guard",
    ]


def test_output_that_cannot_be_written_is_a_wrong_setting(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigError, match="cannot be locked for writing"),
        output_lock(str(tmp_path / "file"), "run"),
    ):
        pass


def test_a_full_disk_is_no_wrong_setting(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(LocalClaims, "create", full)
    with (
        pytest.raises(NewsbeamError, match="no space left") as failed,
        output_lock(str(tmp_path), "run"),
    ):
        pass
    assert not isinstance(failed.value, ConfigError)
    monkeypatch.setattr("pipeline.check.publish", full)
    config = load_config(None, {"input.paths": [str(ROOT / "seeds")], "output.path": str(tmp_path)})
    with pytest.raises(NewsbeamError, match=r"cannot be written: .*no space left") as failed:
        problems(config)
    assert not isinstance(failed.value, ConfigError)


@pytest.mark.parametrize("scheme", ["hdfs", "azfs", "ftp"])
def test_a_store_that_is_not_known_is_refused(scheme):
    output = f"{scheme}://cluster/out"
    with pytest.raises(ConfigError, match=rf"output\.path: {output}.*use a folder, s3://"):
        claims_of(output)
    config = load_config(None, {"input.paths": [str(ROOT / "seeds")], "output.path": output})
    (found,) = problems(config)
    assert found.startswith(f"output.path: {output}")


def test_object_store(bucket):
    claims = claims_of(bucket)
    with output_lock(bucket, "run", "R1"):
        assert not claims.create(1, b"{}")
        with pytest.raises(OutputLockedError, match="R1"), output_lock(bucket, "run", "R2"):
            pass
    process = start(HOLD, bucket)
    assert process.stdout.readline() == "held\n"
    process.kill()
    end(process)
    with output_lock(bucket, "run", "R3") as held:
        assert held.number == 3
        assert claims.numbers() == [3]


def test_a_run_reads_and_publishes_in_an_object_store(bucket):
    source = bucket.replace("/out", "/in")
    text = json.dumps(article(1, "The council opened a bridge on Monday."))
    publish(join(source, "a.jsonl"), text.encode())
    config = load_config(None, {"input.paths": [source], "output.path": bucket})
    assert problems(config) == []
    for outcome in ("written", "unchanged"):
        manifest, _ = run(make_plan(config), [], Progress())
        assert manifest.counts.balance()[outcome] == 1
    assert verify_output(bucket).problems == []


def test_a_store_out_of_reach_is_no_wrong_setting_and_a_missing_bucket_is(bucket, monkeypatch):
    nowhere = load_config(
        None, {"input.paths": [str(ROOT / "seeds")], "output.path": "s3://no-bucket/out"}
    )
    (found,) = problems(nowhere)
    assert found.startswith("output.path: s3://no-bucket/out cannot be written")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(store_client, "_RETRIES", {"max_retries": 1})
    config = nowhere.model_copy(update={"output": OutputConfig(path=bucket)})
    for fails in (lambda: problems(config), lambda: claims_of(bucket).create(1, b"")):
        with pytest.raises((NewsbeamError, OSError), match=r"127\.0\.0\.1") as failed:
            fails()
        assert not isinstance(failed.value, ConfigError)


# Runs over each set of inputs in turn, as that many commands would.
RUNS = """
import sys
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan

output, *inputs = sys.argv[1:]
for paths in inputs:
    settings = {"input.paths": paths.split(), "output.path": output, "run.lock_wait_seconds": 240}
    run(make_plan(load_config(None, settings)), [], Progress())
"""


def article(number, text, **fields):
    return {
        "title": f"Bridge {number}",
        "text": text,
        "url": f"https://news.example.org/{number}",
        "date": f"2026-10-{1 + number % 3:02d}T08:00:00Z",
        **fields,
    }


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Return four sets of files that overlap; one file holds later versions of some articles."""
    folder = tmp_path_factory.mktemp("inputs")
    files = []
    for name in "abc":
        files.append(folder / f"{name}.jsonl")
        texts = [
            article(n, f"The council opened bridge {n} {name} on Monday. It cost {n} million.")
            for n in range(12)
        ]
        lines = (json.dumps(text | {"url": f"{text['url']}/{name}"}) for text in texts)
        files[-1].write_text("".join(f"{line}\n" for line in lines))
    edited = [
        article(n, f"The council closed bridge {n} again.", modified="2026-10-09T08:00:00Z")
        for n in range(0, 12, 2)
    ]
    files.append(folder / "edited.jsonl")
    lines = (json.dumps(text | {"url": f"{text['url']}/a"}) for text in edited)
    files[-1].write_text("".join(f"{line}\n" for line in lines))
    return [f"{files[n]} {files[(n + 1) % 4]}" for n in range(4)]


def rows(output):
    """Return what a reader sees, without the columns that name the run."""
    found = ds.dataset(sorted(map(str, output.glob("date=*/*.parquet")))).to_table()
    return sorted(
        found.drop_columns(["run_id", "ingested_at"]).to_pylist(), key=lambda row: row["id"]
    )


@pytest.fixture(scope="module")
def in_series(inputs, tmp_path_factory):
    output = tmp_path_factory.mktemp("series") / "out"
    assert end(start(RUNS, output, *inputs)) == 0
    return rows(output)


def test_concurrent_runs_give_what_runs_in_series_give(inputs, in_series, tmp_path):
    output = tmp_path / "out"
    processes = [start(RUNS, output, *inputs[number::4]) for number in range(4)]
    assert [end(process) for process in processes] == [0] * 4
    assert rows(output) == in_series
    assert len(in_series) == 36
    assert sum(row["revision"] == 2 for row in in_series) == 6
    assert verify_output(str(output)).problems == []
