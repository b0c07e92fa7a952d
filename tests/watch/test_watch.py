"""Parts of `newsbeam watch`, and the whole of it in this process; test_watch_process.py has the
command itself."""

import json
import math
import os
import threading
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from builders import NOW
from feed_texts import answering, feed, item
from fetch_server import serve
from watching import drop, settings, settle

from pipeline.lock.lock import output_lock
from pipeline.outcome import Counts
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from pipeline.watch.intake import Batch, Intake, IntakeClosedError, Mark
from pipeline.watch.loop import SESSION, Limits, Watch
from pipeline.watch.new_files import FolderSource, file_key
from pipeline.watch.readers import read_folders
from pipeline.watch.record import Record
from pipeline.watch.server import serve_status
from pipeline.watch.status import Done, Status
from pipeline.watch.view import batch_line, render
from transforms.errors import BalanceError, ConfigError
from transforms.models.encoder import load_encoder
from transforms.models.pinned import EMBEDDED
from transforms.output.state import ReadFiles
from transforms.read import read_documents
from transforms.records import RawDocument


def document(number=1, size=1):
    return RawDocument(f"in/{number}", "text/plain", b"x" * size, NOW)


def watch(config, limits=None):
    status = Status()
    Watch(make_plan(config), limits or Limits(once=True), status).run()
    return status


def urls(tmp_path):
    query = f"select url from read_parquet('{tmp_path}/out/date=*/*.parquet')"
    return sorted(url for (url,) in duckdb.sql(query).fetchall())


class Putting(threading.Thread):
    """Puts items into an intake; `blocked` says that it waits for room."""

    def __init__(self, intake, items):
        super().__init__(daemon=True)
        self.intake, self.items, self.error = intake, items, None
        self.start()

    def run(self):
        try:
            for put in self.items:
                self.intake.put(put)
        except IntakeClosedError as error:
            self.error = error


def test_a_watch_leaves_the_page_of_each_of_its_manifests(tmp_path):
    config = settings(tmp_path)
    for number in (1, 2):  # two processes: two manifests
        drop(tmp_path / "in", f"{number}.jsonl", number)
        watch(config)
    pages = sorted((tmp_path / "out/_runs").glob("*.html"))
    manifests = sorted((tmp_path / "out/_runs").glob("*.json"))
    assert [page.stem for page in pages] == [path.stem for path in manifests]
    assert len(pages) == 2
    for page in pages:
        text = page.read_text()
        assert "<h1>Watch, done</h1>" in text
        assert "<dt>written</dt><dd>1</dd>" in text


def test_a_watch_that_fails_leaves_its_page(tmp_path, monkeypatch):
    drop(tmp_path / "in", "1.jsonl", 1)
    monkeypatch.setattr(Counts, "accounted", 5)
    with pytest.raises(BalanceError):
        watch(settings(tmp_path))
    [page] = (tmp_path / "out/_runs").glob("*.html")
    assert "<h1>Watch, failed</h1>" in page.read_text()
    assert "BalanceError" in page.read_text()


@pytest.mark.parametrize(("most", "most_bytes"), [(3, 10**6), (100, 12)])
def test_a_burst_waits_where_it_is(most, most_bytes):
    intake = Intake(most, most_bytes)
    burst = [document(number, size=4) for number in range(10)]
    putting = Putting(intake, [*burst, Mark("folders", 1)])
    sizes, taken = [], []
    while len(taken) < len(burst):
        batch = intake.take(wait=0.2, idle=5)
        sizes.append(len(batch.documents))
        taken += batch.documents
    putting.join(5)
    assert taken == burst
    assert max(sizes) == 3
    last = batch if batch.marks else intake.take(wait=0, idle=5)
    assert last.marks == [Mark("folders", 1)]


def test_an_intake_ends_closes_and_fails():
    intake = Intake(1, 100)
    assert intake.take(wait=0, idle=0) == Batch()
    intake.put(document())
    blocked = Putting(intake, [document(2)])
    intake.close()
    blocked.join(5)
    assert isinstance(blocked.error, IntakeClosedError)
    assert intake.take(wait=0, idle=0) is None
    ended = Intake(1, 100)
    ended.put(document())
    ended.end()
    assert len(ended.take(wait=5, idle=5).documents) == 1
    assert ended.take(wait=5, idle=5) is None
    failed = Intake(1, 100)
    failed.fail(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        failed.take(wait=5, idle=5)


def names(files):
    return [file.uri.rpartition("/")[2] for file in files]


def test_files_are_new_once_and_again_when_they_change(tmp_path):
    folder, root = tmp_path / "in", str(tmp_path / "out")
    folder.mkdir()
    source = FolderSource(root, [str(folder)])
    assert source.new_files() == []
    first = drop(folder, "a.jsonl", 1)
    found = source.new_files()
    assert names(found) == names(source.new_files()) == ["a.jsonl"]  # not read so far
    source.keep(map(source.take, found))
    assert source.new_files() == []
    drop(folder, "b.jsonl", 2)
    os.utime(first, (1, 10**9))
    assert names(FolderSource(root, [str(folder)]).new_files()) == ["a.jsonl", "b.jsonl"]
    # What was found and never published is found again by the next process.
    assert names(source.new_files()) == ["a.jsonl", "b.jsonl"]
    assert names(FolderSource(root, [str(folder)]).new_files()) == ["a.jsonl", "b.jsonl"]


def test_a_file_that_is_being_written_is_left_until_it_rests(tmp_path):
    path = tmp_path / "a.txt"
    source = FolderSource(str(tmp_path / "out"), [str(tmp_path)])
    later = datetime.now(UTC).timestamp() + 3600
    path.write_text("half")
    os.utime(path, (later, later))
    assert source.new_files() == []
    path.write_text("half and half")
    os.utime(path, (later, later))
    assert source.new_files() == []
    assert names(source.new_files()) == ["a.txt"]


def test_once_waits_for_a_file_that_is_new_a_moment_ago(tmp_path):
    (tmp_path / "in").mkdir()
    path = drop(tmp_path / "in", "a.jsonl", 1)
    later = datetime.now(UTC).timestamp() + 3600
    os.utime(path, (later, later))
    status = Status()
    Watch(make_plan(settings(tmp_path)), Limits(once=True), status).run()
    assert status.counts.written == 1


def test_what_is_remembered_is_bounded_by_the_files_that_are_there(tmp_path):
    folder, root = tmp_path / "in", str(tmp_path / "out")
    folder.mkdir()
    source = FolderSource(root, [str(folder)])
    for number in range(5):
        path = drop(folder, f"{number}.jsonl", number)
        source.keep(map(file_key, source.new_files()))
        assert len(ReadFiles.read(root).keys) == 8
        path.unlink()


def test_manifests_cover_batches_until_another_writer_has_its_turn(tmp_path):
    record = Record(make_plan(settings(tmp_path)))
    seen = []
    for turn in (1, 2, 3, 5, 6):
        record.took(turn)
        with record.batch() as manifest:
            [*_, last] = sorted((tmp_path / "out/_runs").glob("*.json"))
            assert json.loads(last.read_text())["status"] == "running"
            seen.append(manifest.run_id)
    assert [count for _, count in sorted(Counter(seen).items())] == [3, 2]
    states = {
        json.loads(path.read_text())["status"] for path in (tmp_path / "out/_runs").glob("*.json")
    }
    assert states == {"done"}
    with pytest.raises(BalanceError), record.batch() as manifest:
        manifest.counts.add(Counts(read=1))
    assert json.loads((tmp_path / f"out/_runs/{manifest.run_id}.json").read_text())["error"]


def get(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_probes_and_metrics(tmp_path):
    status = Status()
    done = Done(Counts(3, 1, 1, 0, Counter({"parse.bad_json": 1})), 0.7, [1.5, 2.5, 3.5])
    with serve_status(status, "127.0.0.1", 0) as address:
        assert get(f"{address}/readyz") == (503, "starting\n")
        assert get(f"{address}/healthz")[0] == 200
        status.enter("working", "on 3 documents")
        status.add(done)
        assert get(f"{address}/readyz") == (200, "working on 3 documents\n")
        code, text = get(f"{address}/metrics")
        assert code == 200
        for line in (
            'newsbeam_documents_total{outcome="written"} 1.0',
            'newsbeam_rejected_total{reason="bad_json",step="parse"} 1.0',
            'newsbeam_lag_seconds_bucket{le="2.0"} 1.0',
            "newsbeam_batch_seconds_count 1.0",
            "newsbeam_ready 1.0",
        ):
            assert line in text.splitlines()
        status.enter("locked", "by a run")
        assert get(f"{address}/readyz") == (503, "locked by a run\n")
        assert get(f"{address}/else")[0] == 404
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(ConfigError, match=r"watch\.port"),
            serve_status(Status(), "127.0.0.1", port),
        ):
            pass
    assert batch_line(done, status) == (
        "batch 1: 3 in = 1 written + 1 unchanged + 0 duplicate + 1 rejected, 0.7 s, "
        "oldest 3.5 s after it was read, 0 waiting"
    )
    assert status.lag(50) == 2.5
    render(status, str(tmp_path))


def test_a_metric_that_only_grows_waits_where_a_row_turned_out_to_be_a_duplicate():
    status = Status()
    for written, duplicate in ((3, 0), (-1, 2), (2, 0)):
        counts = Counts(written + duplicate, written, 0, duplicate)
        status.add(Done(counts, 0.1, []))
        told = status.registry.get_sample_value
        assert told("newsbeam_documents_total", {"outcome": "written"}) >= status.counts.written
    assert (status.counts.written, status.counts.duplicate) == (4, 2)
    assert told("newsbeam_documents_total", {"outcome": "written"}) == 4


def test_a_silent_process_is_not_alive(monkeypatch):
    status = Status()
    monkeypatch.setattr("pipeline.watch.status.STUCK_SECONDS", 0.0)
    with serve_status(status, "127.0.0.1", 0) as address:
        assert get(f"{address}/healthz")[0] == 503


def test_work_within_a_batch_is_a_sign_of_life(monkeypatch):
    status = Status()
    status.enter("working")
    monkeypatch.setattr(status, "_beat", -math.inf)
    monkeypatch.setattr("transforms.pulse._Pulse.at", -math.inf)
    assert not status.is_alive
    load_encoder(EMBEDDED).encode(["The council opened a bridge."])
    assert status.is_alive


def test_a_stop_ends_the_wait_for_another_watching_process(tmp_path):
    config, status = settings(tmp_path, **{"run.lock_wait_seconds": 3600}), Status()
    process = Watch(make_plan(config), Limits(), status)
    thread = threading.Thread(target=process.run)
    with output_lock(f"{config.output.path}/{SESSION}", "watch"):
        thread.start()
        while "newsbeam watch" not in status.detail:
            thread.join(0.01)
        process.stop()
        thread.join(60)
        assert not thread.is_alive()
    assert not (tmp_path / "out/_runs").exists()


def test_what_is_new_is_published_once(tmp_path):
    config = settings(tmp_path)
    drop(tmp_path / "in", "a.jsonl", 1, 2)
    (tmp_path / "in/broken.jsonl").write_text("no json\n")
    settle(tmp_path / "in/broken.jsonl")
    assert watch(config).counts.balance() == {
        "in": 3,
        "written": 2,
        "unchanged": 0,
        "duplicate": 0,
        "rejected": 1,
    }
    assert watch(config).counts.read == 0
    drop(tmp_path / "in", "b.jsonl", 2, 3)
    assert watch(config).counts.balance()["written"] == 1
    assert len(urls(tmp_path)) == 3
    assert verify_output(str(tmp_path / "out")).remaining == []


def test_feeds_and_folders_in_small_batches_until_stopped(tmp_path):
    drop(tmp_path / "in", "a.jsonl", *range(7))
    bodies = [feed(item(1), item(2))]

    def grown(handler):
        answering(bodies[-1], f'"{len(bodies)}"')(handler)

    with serve({"/feed": grown}) as site:
        config = settings(
            tmp_path,
            **{
                "input.feeds": [site.url("/feed")],
                "fetch.allowed_hosts": [site.host],
                "fetch.host_delay_seconds": 0,
                "fetch.interval_minutes": 0.002,
                "watch.max_batch": 4,
            },
        )
        status, sizes = Status(), []

        def tell(done):
            sizes.append(done.counts.read)
            if status.counts.written == 9:
                bodies.append(feed(item(1), item(2), item(3)))
            if status.counts.written == 10:
                process.stop()

        process = Watch(make_plan(config), Limits(), status, tell)
        process.run()
    assert max(sizes) == 4
    assert len(urls(tmp_path)) == 10
    assert status.phase == "stopping"
    assert len(list((tmp_path / "out/_runs").glob("*.json"))) == 1
    assert verify_output(str(tmp_path / "out")).remaining == []


def test_limits_end_it(tmp_path):
    config = settings(tmp_path, **{"watch.max_batch": 1})
    drop(tmp_path / "in", "a.jsonl", 1, 2, 3)
    assert watch(config, Limits(max_batches=2)).batches == 2
    assert watch(config, Limits(until=datetime.now(UTC) - timedelta(seconds=1))).batches == 0
    # The file was not done, so it is read again.
    assert watch(config).counts.balance()["unchanged"] == 2


def test_another_writer_has_its_turn(tmp_path):
    config, status = settings(tmp_path), Status()
    drop(tmp_path / "in", "a.jsonl", 1)
    process = Watch(make_plan(config), Limits(once=True), status)
    thread = threading.Thread(target=process.run)
    with output_lock(config.output.path, "run"):
        thread.start()
        while status.phase != "locked":
            thread.join(0.01)
        assert "newsbeam run" in status.detail
        assert not status.is_ready
    thread.join(60)
    assert urls(tmp_path) == ["https://files.example.org/1"]


def test_a_bug_in_a_reader_ends_the_process_and_a_passing_fault_does_not(tmp_path, monkeypatch):
    config, status = settings(tmp_path), Status()
    faults = [OSError("the disk hiccups")]

    def new_files(source):
        if faults:
            raise faults.pop()
        process.stop()
        return []

    monkeypatch.setattr(FolderSource, "new_files", new_files)
    process = Watch(make_plan(config), Limits(), status)
    process.run()
    assert not faults
    faults.append(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        Watch(make_plan(config), Limits(), Status()).run()


def test_a_fault_of_one_file_does_not_keep_others_from_being_read(tmp_path, monkeypatch):
    folder, root = tmp_path / "in", str(tmp_path / "out")
    folder.mkdir()
    for number in range(3):
        drop(folder, f"{number}.jsonl", number)
    plan = make_plan(settings(tmp_path))
    source, intake = FolderSource(root, [str(folder)]), Intake(100, 2**20)
    faults = [OSError("the disk hiccups")]

    def read(file, most, bounds):
        if faults:
            raise faults.pop()
        return read_documents(file, most, bounds)

    monkeypatch.setattr("pipeline.watch.readers.read_documents", read)
    with pytest.raises(OSError, match="hiccups"):
        read_folders(source, intake, plan, Status())
    read_folders(source, intake, plan, Status())
    read_folders(source, intake, plan, Status())
    batch = intake.take(0, 0)
    assert (len(batch.documents), len(batch.marks)) == (3, 3)
