"""Texts and rows that are kept no longer: they go, and do not come back."""

import json
import shutil
from functools import partial
from pathlib import Path

import duckdb
import pytest
from runs import run_settings

from pipeline.config_files import load_config
from pipeline.upkeep.retention import retain
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError

TEXT = (
    "The council of Marlow voted on Monday to build a new bridge over the river near the old mill. "
    "It will cost four million and take two years, said the mayor Ann Lee to the reporters there. "
    "Shops on the east bank hope that visitors return, while boatmen fear for their landing place."
)


def record(day, text=TEXT):
    url = f"https://a.example/{day}"
    return {"url": url, "title": f"Item {day}", "text": text, "date": f"2024-05-{day:02d}"}


RECORDS = [
    record(1),
    record(3, TEXT.replace("four", "five")),
    record(9, TEXT.replace("two", "six")),
]


def publish(folder, records, **settings):
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(item) + "\n" for item in records))
    own = {"input.paths": [str(source)], "output.path": str(folder / "out")}
    return run_settings({"output.revisions": True, **own, **settings})


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retention")
    publish(folder, [*RECORDS, record(4, "?")])
    edited = [record(1, TEXT.replace("mill", "gate")), record(9, TEXT.replace("two", "seven"))]
    publish(folder, edited)
    return folder / "out"


@pytest.fixture
def output(published, tmp_path):
    return Path(shutil.copytree(published, tmp_path / "out"))


@pytest.fixture
def work(tmp_path):
    return partial(publish, tmp_path)


def keep(output, text="", rows=""):
    with upkeep(str(output), "retain") as done:
        return retain(str(output), text, rows, done)


def select(output, columns, folder=""):
    found = duckdb.read_parquet(f"{output}/{folder}date=*/*.parquet").order("published_at")
    return found.project(columns).fetchall()


def test_pages_of_runs_go_with_the_dead_letters_of_their_days(output):
    for name in ("20240503T060000.000000Z.html", "20240504T060000.000000Z.html"):
        (output / "_runs" / name).write_text("<p>in/a.json</p>")
    assert keep(output, text="2024-05-04")["run_pages"] == 1
    assert [path.name[:8] for path in output.glob("_runs/2024*.html")] == ["20240504"]


def test_texts_go_and_their_rows_stay(output, work):
    counts = keep(output, text="2024-05-04")
    assert dict(counts) == {"texts": 3}  # one of them of a kept version
    columns = "text = '', list_contains(flags, 'text_removed'), near_keys is null, summary != ''"
    assert select(output, columns) == [(True, True, True, True)] * 2 + [(False, False, False, True)]
    assert select(output, "text = ''", "_revisions/") == [(True,), (False,)]
    assert verify_output(str(output)).problems == []
    before = {path: path.read_bytes() for path in output.rglob("*.parquet")}
    assert keep(output, text="2024-05-04").total() == 0
    manifest = work(RECORDS)
    assert manifest.counts.balance()["unchanged"] == 3
    assert {path: path.read_bytes() for path in output.rglob("*.parquet")} == before


def test_a_new_version_of_a_row_without_text_has_its_text(output, work):
    keep(output, text="2024-05-04")
    work([record(1, TEXT.replace("mill", "church"))])
    assert select(output, "text = '', flags")[0] == (False, [])
    assert verify_output(str(output)).problems == []


def test_rows_go_and_what_was_linked_to_them_is_no_more(output, work):
    assert select(output, "duplicate_of is null") == [(True,), (False,), (True,)]
    counts = keep(output, rows="2024-05-02")
    assert dict(counts) == {"rows": 1, "versions": 1}
    assert select(output, "day(published_at), duplicate_of") == [(3, None), (9, None)]
    assert verify_output(str(output)).problems == []
    manifest = work(RECORDS, **{"retention.rows": "365d"})
    assert manifest.counts.rejected == {"dedupe.expired": 3}
    assert len(select(output, "id")) == 2


def test_dead_letters_go_with_the_texts(output):
    assert keep(output, text="2999-01-01")["dead_letters"] == 1
    assert not list((output / "_rejected").rglob("*.jsonl"))
    assert verify_output(str(output)).problems == []


@pytest.mark.parametrize(("value", "days"), [("30d", 30), ("6w", 42), ("2y", 730), (5, 5)])
def test_ages(value, days):
    assert load_config(None, {"retention.text": value}).retention.text == days


@pytest.mark.parametrize(
    "settings",
    [
        {"retention.text": "a month"},
        {"retention.text": -1},
        {"retention.text": "2y", "retention.rows": "30d"},
    ],
)
def test_wrong_ages(settings):
    with pytest.raises(ConfigError, match="retention"):
        load_config(None, settings)


def test_command(output, newsbeam):
    done = newsbeam("retain", output, "--set", "retention.text=30d", "--json")
    assert (done.code, done.json) == (0, {"texts": 5}), done.err
    done = newsbeam("retain", output)
    assert done.code == 2
    assert "nothing is limited" in done.err
