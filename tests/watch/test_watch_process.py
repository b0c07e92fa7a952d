"""`newsbeam watch` as a process: killed in a batch, started again, told to end."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import pyarrow.dataset as ds
import pytest
from command import ROOT, run_newsbeam
from watching import drop, settings

from pipeline.cli import main
from pipeline.cli.ingest import _stopped_by_signals
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from pipeline.watch import Limits, Status, Watch


@contextlib.contextmanager
def started(source, output, **more):
    """Yield the process; it has ended afterwards, also where a test fails in between."""
    options = [f"--set={key}={value}" for key, value in more.items()]
    code = "from pipeline.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "watch", "-i", source, "-o", output, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def statuses(output):
    found = []
    for path in (output / "_runs").glob("*.json"):
        found.append(json.loads(path.read_text())["status"])
    return found


def urls(output):
    """Return the addresses of all rows; where a file is gone meanwhile, read again (schema.md)."""
    while files := [str(path) for path in output.glob("date=*/*.parquet")]:
        with contextlib.suppress(FileNotFoundError):
            return sorted(ds.dataset(files).to_table(columns=["url"])["url"].to_pylist())
    return []


def wait_for(process, condition):
    while not condition():
        assert process.poll() is None, process.stderr.read()


def test_a_kill_in_a_batch_and_a_restart_lose_and_double_nothing(tmp_path):
    source, output = tmp_path / "in", tmp_path / "out"
    for number in range(6):
        drop(source, f"{number}.jsonl", *range(number * 10, number * 10 + 10))
    with started(source, output, **{"watch.max_batch": 25}) as process:
        wait_for(process, lambda: len(urls(output)) >= 25 and "running" in statuses(output))
        process.kill()
    with started(source, output) as process:
        wait_for(process, lambda: len(urls(output)) == 60)
        second = run_newsbeam("watch", "-i", source, "-o", output)
        assert (second.code, "newsbeam watch" in second.err) == (4, True)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "written" in out
    assert urls(output) == sorted(f"https://files.example.org/{n}" for n in range(60))
    assert verify_output(str(output)).remaining == []


def test_the_first_signal_ends_after_the_batch_and_the_second_at_once(tmp_path):

    process = Watch(make_plan(settings(tmp_path)), Limits(), Status())
    with _stopped_by_signals(process):
        os.kill(os.getpid(), signal.SIGTERM)
        assert process.is_stopping
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-i", "gone/*.txt"], "gone does not exist"),
        (["-i", "seeds", "--until", "soon"], "--until soon: write 18:00"),
        (["-i", "seeds", "--set", "run.runner.name=flink"], "watch works in this process"),
        ([], "nothing to watch"),
    ],
)
def test_wrong_use_is_named_before_any_work(tmp_path, capsys, arguments, message):

    empty = tmp_path / "empty.yaml"
    empty.write_text("input: {}\n")
    with pytest.raises(SystemExit) as ended:
        main(["watch", str(empty), "-o", str(tmp_path / "out"), *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err.replace("\n", " ")
