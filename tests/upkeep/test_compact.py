"""Compaction: fewer files, the same rows, and readers that never see anything else."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from builders import make_published

from pipeline.upkeep.compact import compact
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError, NewsbeamError
from transforms.output import publish
from transforms.output.folders import exchange, require_exchange
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.records import Partition

ALL = date(2026, 12, 1)
HOME = Partition("2026-10-01", 0)
BIG = 2**30


def row(number, day=1):
    published = datetime(2026, 10, day, number // 60, number % 60, tzinfo=UTC)
    return article_row(make_published(number, published_at=published), "run")


@pytest.fixture
def output(tmp_path, monkeypatch):
    """Return an output with a day of five files, and a day of one file."""
    monkeypatch.setattr(publish, "FILE_ROWS", 4)
    root = tmp_path / "out"
    with upkeep(str(root), "test") as done:
        for first in range(0, 20, 4):
            rows = [row(number) for number in range(first, first + 4)]
            done.paths |= {*publish_partition(str(root), HOME, rows).paths}
        other = Partition("2026-10-02", 0)
        done.paths |= {*publish_partition(str(root), other, [row(99, 2)]).paths}
    return root


def rows(root):
    return duckdb.sql(
        f"select * from read_parquet('{root}/date=*/*.parquet', union_by_name=true) order by id"
    ).fetchall()


def names(root):
    return sorted(path.name for path in (root / "date=2026-10-01").iterdir())


def run_compact(root, before=ALL, size=BIG):
    with upkeep(str(root), "compact") as done:
        return list(compact(str(root), before, size, done))


def test_same_rows_in_fewer_files(output):
    before, (other,) = rows(output), (output / "date=2026-10-02").iterdir()
    [day] = run_compact(output)
    assert (day.date, day.rows, day.files) == ("2026-10-01", 20, (5, 1))
    assert rows(output) == before
    assert names(output) == ["part-00-0005.parquet"]
    assert other.stat().st_nlink == 1
    assert run_compact(output) == []
    assert verify_output(str(output)).problems == []


def test_rows_that_come_later_find_their_place(output):
    run_compact(output)
    done = publish_partition(str(output), HOME, [row(3), row(30)])
    assert done.paths == {"date=2026-10-01/part-00-0006.parquet"}
    assert len(rows(output)) == 22


def test_open_days_and_large_files_are_left_alone(output):
    assert run_compact(output, before=date(2026, 10, 1)) == []
    sizes = [path.stat().st_size for path in (output / "date=2026-10-01").iterdir()]
    assert run_compact(output, size=max(sizes)) == []
    [day] = run_compact(output, size=2 * max(sizes))
    assert day.files == (5, 3)
    assert "part-00-0004.parquet" in names(output)


def test_what_does_not_belong_there_is_kept(output):
    (output / "date=2026-10-01" / "notes.txt").write_text("mine")
    run_compact(output)
    assert "notes.txt" in names(output)
    (output / "date=2026-10-01" / "sub").mkdir()
    publish_partition(str(output), HOME, [row(40)])
    before = rows(output), names(output)
    with pytest.raises(NewsbeamError, match="sub does not belong"):
        run_compact(output)
    assert (rows(output), names(output)) == before


def test_a_failure_leaves_the_day_as_it_was(output, monkeypatch):
    before = rows(output), names(output)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("transforms.output.days.write_new", full)
    with pytest.raises(OSError, match="No space"):
        run_compact(output)
    assert (rows(output), names(output)) == before
    assert list(output.glob(".*.tmp")) == []


def test_exchange(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "b").exists()
    with pytest.raises(OSError, match="cannot be exchanged: No such file"):
        exchange(tmp_path / "a", tmp_path / "none")
    require_exchange(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    with pytest.raises(ConfigError, match="does not exist"):
        require_exchange(str(tmp_path / "none"))


def test_command(output, newsbeam):
    done = newsbeam("compact", output, "--before", "2026-12-01")
    assert "2026-10-01" in done.out
    done = newsbeam("compact", output, "--json")
    assert json.loads(done.out) == []
    manifests = [json.loads(path.read_text()) for path in Path(output, "_runs").glob("*compact*")]
    assert {manifest["status"] for manifest in manifests} == {"done"}
    files = next(manifest["files"] for manifest in manifests if manifest["files"])
    assert files["date=2026-10-01/part-00.parquet"] is None
    assert files["date=2026-10-01/part-00-0005.parquet"]["rows"] == 20
