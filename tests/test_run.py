import json
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path

import pytest
from builders import NOW
from runs import rows, run_settings

from pipeline import api
from pipeline.batches import FIRST_BATCH, batches
from pipeline.config_files import load_config
from pipeline.manifest import newest_manifest
from pipeline.outcome import Counts, Outcome
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.run_ids import new_run_id
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from transforms.errors import BalanceError, ConfigError, NewsbeamError
from transforms.records import RawDocument

TEXT = "The council opened a new bridge over the river on Monday. It cost four million."


def settings(tmp_path, **more):
    source = tmp_path / "in"
    source.mkdir(exist_ok=True)
    (source / "a.txt").write_text(f"Bridge opens\n\n{TEXT}\n")
    (source / "b.jsonl").write_text("no json\n")
    return load_config(
        None, {"input.paths": [str(source)], "output.path": str(tmp_path / "out"), **more}
    )


def documents(count, size=1):
    return [RawDocument("in/a", "text/plain", b"x" * size, NOW) for _ in range(count)]


def test_first_batch_is_small_and_bytes_end_one_early():
    assert [len(b) for b in batches(documents(FIRST_BATCH + 5), 1000, 10**6)] == [FIRST_BATCH, 5]
    assert [len(b) for b in batches(documents(7), 3, 10**6)] == [3, 3, 1]
    assert [len(b) for b in batches(documents(4, size=10), 100, 20)] == [2, 2]
    assert list(batches([], 3, 100)) == []


@pytest.mark.parametrize("options", [[], ["--runner=BundleBasedDirectRunner"]])
def test_other_runners_publish_the_same_from_one_pipeline(tmp_path, options):
    manifest, path = run(make_plan(settings(tmp_path)), options, Progress())
    assert list(manifest.counts.balance().values()) == [2, 1, 0, 0, 1]
    written = json.loads(Path(path).read_text())
    assert (written["status"], written["rejected"]) == ("done", {"parse.bad_json": 1})
    assert [record["rows"] for record in written["files"].values()] == [1]


def test_other_runners_poll_no_feeds(tmp_path):
    config = settings(tmp_path, **{"input.feeds": ["https://a.example.org/feed"]})
    with pytest.raises(ConfigError, match="only local runs poll feeds"):
        run(make_plan(config), ["--runner=BundleBasedDirectRunner"], Progress())
    assert not (tmp_path / "out").exists()  # neither the lock nor a manifest


def test_a_run_that_loses_an_input_fails_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(Outcome, "counts", Counts(read=1))
    with pytest.raises(BalanceError, match="1 inputs were read, but 0 are accounted for"):
        run(make_plan(settings(tmp_path)), [], Progress())
    [path] = (tmp_path / "out" / "_runs").iterdir()
    manifest = json.loads(path.read_text())
    assert manifest["status"] == "failed"
    assert manifest["error"].startswith("BalanceError")


ENDS = {
    "failed": (NewsbeamError("the lock was taken over"), "NewsbeamError: the lock was taken over"),
    "interrupted": (KeyboardInterrupt("stopped"), "KeyboardInterrupt: stopped"),
}


@pytest.mark.parametrize("status", ENDS)
def test_a_run_that_does_not_end_well_leaves_its_page(tmp_path, monkeypatch, status):
    error, told = ENDS[status]

    def publish(*_):
        raise error

    config = settings(tmp_path)
    monkeypatch.setattr("pipeline.batches.publish", publish)
    with pytest.raises(type(error)):
        api.run(*config.input.paths, output=config.output.path)
    [page] = (tmp_path / "out" / "_runs").glob("*.html")
    assert page.with_suffix(".json").exists()
    text = page.read_text()
    assert f"<h1>Run, {status}</h1>" in text
    assert told in text
    assert ">0<" in text  # nothing was written


def test_a_clock_that_was_two_days_ahead_changes_no_order(tmp_path, monkeypatch):
    class Ahead(datetime):
        @staticmethod
        def now(tz=None):
            return datetime.now(tz) + timedelta(days=2)

    config = settings(tmp_path)
    with monkeypatch.context() as ahead:
        ahead.setattr("pipeline.run.datetime", Ahead)
        first, _ = run(make_plan(config), [], Progress())
    (tmp_path / "in" / "a.txt").write_text(f"Bridge opens\n\n{TEXT} It is the third one.\n")
    second, path = run(make_plan(config), [], Progress())
    assert first.files.keys() & second.files.keys(), "both are to name one file"
    assert first.run_id < second.run_id
    assert newest_manifest(config.output.path, "config")[0] == path
    assert verify_output(config.output.path).problems == []


def test_other_files_beside_the_manifests_are_no_runs(tmp_path):
    (tmp_path / "_runs").mkdir()
    (tmp_path / "_runs" / "notes.json").write_text("{}")
    (tmp_path / "_runs" / "99990231T000000.000000Z.json").write_text("{}")
    assert new_run_id(NOW, str(tmp_path)) == f"{NOW:%Y%m%dT%H%M%S.%f}Z"


@pytest.mark.parametrize("size", [1, 100])
def test_the_balance_does_not_depend_on_where_batches_end(tmp_path, size):
    fire = "A fire broke out in the old port on Sunday night. Nobody was hurt, the brigade said."
    records = [
        {"id": "a", "date": "2026-10-05T08:00:00Z", "text": fire},
        {"id": "b", "date": "2026-10-04T08:00:00Z", "text": fire},  # and now it is the first
        {"id": "c", "date": "2026-10-05T09:00:00Z", "text": TEXT},
        {"id": "c", "date": "2026-10-05T09:00:00Z", "modified": "2026-10-05T10:00:00Z",
         "text": f"{TEXT} Work began in 2024."},
        {"id": "d", "date": "2026-10-05T09:30:00Z", "text": f"{fire} Police look for witnesses."},
        {"id": "d", "date": "2026-10-06T09:30:00Z", "modified": "2026-10-06T10:00:00Z",
         "text": f"{fire} Police have found a witness."},  # on another day
    ]  # fmt: skip
    lines = [json.dumps({"title": "News of the port", **record}) for record in records]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    out = tmp_path / "out"
    settings = {"input.paths": [str(tmp_path / "in.jsonl")], "output.path": str(out)}
    counts = run_settings({**settings, "run.batch_documents": size}).counts
    assert counts.balance() == {
        "in": 6, "written": 3, "unchanged": 2, "duplicate": 1, "rejected": 0
    }  # fmt: skip
    assert [row["source_id"] for row in sorted(rows(out), key=itemgetter("source_id"))] == [*"bcd"]
