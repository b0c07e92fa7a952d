"""Replaced versions that are kept."""

import json
import shutil

import duckdb
import pytest
from runs import run_settings

from pipeline.upkeep.verify import verify_output

TEXT = (
    "The council voted on Monday to build a bridge. It will cost four million and take two years."
)


@pytest.fixture
def publish(tmp_path):
    def work(text, date="2026-10-01T08:00:00Z", keep=True):
        source = tmp_path / "in.json"
        record = {"url": "https://a.example/bridge", "title": "A bridge", "text": text}
        source.write_text(json.dumps(record | {"date": date}))
        settings = {"input.paths": [str(source)], "output.path": str(tmp_path / "out")}
        run_settings(settings | {"output.revisions": keep})
        return tmp_path / "out"

    return work


def read(output, folder):
    where = f"{output}/{folder}date=*/*.parquet"
    columns = "revision, text, strftime(published_at, '%d')"
    return duckdb.sql(f"select {columns} from read_parquet('{where}') order by 1").fetchall()


def test_each_version_is_kept_once(publish):
    for text in (TEXT, TEXT, TEXT.replace("four", "five"), TEXT.replace("four", "six")):
        output = publish(text)
    publish(TEXT)  # an old version that comes again replaces nothing
    assert read(output, "") == [(3, TEXT.replace("four", "six"), "01")]
    kept = [(1, TEXT, "01"), (2, TEXT.replace("four", "five"), "01")]
    assert read(output, "_revisions/") == kept


def test_a_version_of_another_day_is_kept(publish):
    publish(TEXT)
    output = publish(TEXT.replace("four", "five"), "2026-10-03T08:00:00Z")
    assert read(output, "") == [(2, TEXT.replace("four", "five"), "03")]
    assert read(output, "_revisions/") == [(1, TEXT, "01")]


def test_nothing_is_kept_unless_asked_for(publish):
    publish(TEXT, keep=False)
    output = publish(TEXT.replace("four", "five"), keep=False)
    assert not (output / "_revisions").exists()


def test_verify_looks_at_kept_versions(publish):
    publish(TEXT)
    output = publish(TEXT.replace("four", "five"))
    report = verify_output(str(output))
    assert (report.problems, report.counts["versions"]) == ([], 1)
    [path] = (output / "_revisions").rglob("*.parquet")
    shutil.copy(path, path.with_name(path.name.replace("-0001", "-0002")))
    path.write_bytes(b"nothing")
    codes = [problem.code for problem in verify_output(str(output)).problems]
    assert codes == ["bad_version", "bad_version"]
