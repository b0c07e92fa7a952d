import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from builders import make_published
from deltalake import DeltaTable
from pandas.testing import assert_frame_equal
from pyiceberg.catalog import load_catalog

from pipeline.check import problems
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from pipeline.upkeep.traces import Names, find_traces
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError, NewsbeamError
from transforms.output.listing import day_files
from transforms.output.merge import Amendment
from transforms.output.publish import publish_partition
from transforms.output.schema import SCHEMA, article_row
from transforms.output.state import TableFiles
from transforms.output.storage import join
from transforms.output.tables import (
    FORMATS,
    TableSettings,
    check_table,
    default_path,
    open_table,
    sync,
)
from transforms.output.tables.sync import sync_table
from transforms.output.tables.table_rows import TABLE_SCHEMA, table_rows
from transforms.records import Duplicate, home_of

ROOT = Path(__file__).parents[2]


class Output:
    """A plain output, and the table beside it."""

    def __init__(self, folder, format_):
        self.root, self.format = str(folder / "out"), format_
        self.path, self.catalog = join(self.root, "_table"), {}
        folder.joinpath("out").mkdir()

    def publish(self, *articles, run="run"):
        for article in articles:
            row = article_row(article, run)
            publish_partition(self.root, home_of(article, 1), [row])

    def remove(self, article):
        publish_partition(self.root, home_of(article, 1), removals=[article.id])

    def sync(self, **limits):
        sink = open_table(TableSettings(self.format, self.path, self.catalog))
        return sync_table(self.root, sink, **limits)

    def plain(self):
        files = [join(self.root, file.path) for file in day_files(self.root)]
        table = ds.dataset(files, schema=SCHEMA).to_table() if files else SCHEMA.empty_table()
        return table_rows(table).sort_by("id")

    def iceberg(self):
        embedded = {"type": "sql", "uri": f"sqlite:///{self.path}/catalog.db"}
        catalog = load_catalog("newsbeam", **(self.catalog or embedded))
        return catalog.load_table("newsbeam.articles")

    def table(self):
        if self.format == "delta":
            found = DeltaTable(self.path).to_pyarrow_dataset().to_table()
        else:
            found = self.iceberg().scan().to_arrow()
        return found.select(TABLE_SCHEMA.names).cast(TABLE_SCHEMA).sort_by("id")

    def commits(self):
        if self.format == "delta":
            return DeltaTable(self.path).version()
        return len(self.iceberg().metadata.metadata_log)

    def data_files(self):
        return [path for path in Path(self.path).rglob("*.parquet") if "_log" not in str(path)]

    def check(self):
        assert self.table().to_pylist() == self.plain().to_pylist()


@pytest.fixture(params=FORMATS)
def output(request, tmp_path):
    return Output(tmp_path, request.param)


def articles():
    """Return articles of two days, with all kinds of values."""
    made = [make_published(number) for number in range(20, 30)]
    vector = np.array([1, -2, 127], np.int8)
    made[0] = replace(
        made[0],
        near_keys=np.array([1, 2**63 + 5], np.uint64),
        story_names=np.array([7, 2**32 - 1], np.uint32),
        story_vector=vector,
        story_id=made[0].id,
        duplicates=(Duplicate("f" * 32, "https://mirror.example.org"),),
        flags=("short",),
        embedding=np.array([0.25, 0.5], np.float32),
    )
    return made


def test_numbers_without_sign_keep_their_bits():
    rows = table_rows(pa.Table.from_pylist([article_row(articles()[0], "run")], SCHEMA))
    assert rows["near_keys"].to_pylist() == [[1, 5 - 2**63]]
    assert rows["story_names"].to_pylist() == [[7, 2**32 - 1]]
    assert rows["date"].to_pylist() == rows["published_at"].cast(pa.date32()).to_pylist()


def test_of_two_rows_of_one_id_the_later_one_counts():
    old, new = (article_row(make_published(1, text=text), "run") for text in ("Old.", "New."))
    new["revision"] = 2
    for rows in ([old, new], [new, old]):
        assert table_rows(pa.Table.from_pylist(rows, SCHEMA))["text"].to_pylist() == ["New."]


def test_the_table_follows_the_plain_layout(output):
    first, *others = articles()
    output.publish(first, *others)
    assert output.sync() == 1
    output.check()
    again = output.commits()
    assert output.sync() == 0
    assert output.commits() == again
    output.publish(make_published(20, text="A revision of it. It has other words."))
    moved = replace(others[0], published_at=others[0].published_at + timedelta(days=3))
    output.publish(moved, run="later")
    output.remove(others[0])
    output.remove(others[-1])
    publish_partition(
        output.root,
        home_of(others[1], 1),
        amendments=[Amendment(others[1].id, duplicate_of=first.id)],
    )
    assert output.sync() == 1
    output.check()
    assert output.commits() == again + 1
    assert len(output.table()) == len(others)


def test_only_rows_that_changed_are_written(output):
    """Also where they lie in a file with others, as new rows of a day do."""
    first, *others = articles()
    output.publish(*others)
    output.sync()
    before = {path: path.read_bytes() for path in output.data_files()}
    output.publish(first)
    assert output.sync() == 1
    output.check()
    new = {path for path in output.data_files() if path not in before}
    assert [pq.read_metadata(path).num_rows for path in new] == [1]
    assert all(path.read_bytes() == content for path, content in before.items())


def test_what_was_removed_before_the_table_knew(output):
    output.publish(*articles())
    output.sync()
    for article in articles():
        output.remove(article)
    Path(output.root, TableFiles.NAME).unlink()
    assert output.sync() == 1
    output.check()
    assert len(output.table()) == 0


def test_a_new_table_is_filled_in_parts(output):
    output.publish(*articles(), make_published(80))
    assert output.sync(commit_bytes=1) == 3
    output.check()


def test_a_table_that_was_removed_is_filled_again(output, tmp_path):
    output.publish(*articles())
    output.sync()
    Path(output.path).rename(tmp_path / "elsewhere")
    assert output.sync() == 1
    output.check()


def test_readers_see_the_same(output):
    output.publish(*articles())
    output.sync()
    columns = ["id", "published_at", "topic", "near_keys", "authors", "topics", "date"]
    plain = output.plain().select(columns)
    if output.format == "delta":
        table, frame = DeltaTable(output.path).to_pyarrow_dataset(), DeltaTable(output.path)
        arrow, frame = table.to_table(), frame.to_pandas()
    else:
        scan = output.iceberg().scan()
        arrow, frame = scan.to_arrow(), scan.to_pandas()
    query = "select id, published_at, topic, near_keys, topics from found order by id"
    answers = [
        duckdb.connect().register("found", found).sql(query).fetchall() for found in (plain, arrow)
    ]
    assert answers[0] == answers[1]
    assert_frame_equal(
        frame[columns].sort_values("id", ignore_index=True), plain.to_pandas(), check_dtype=False
    )


KILLED = """
import os, signal, sys
from transforms.output.tables import TableSettings, open_table
from transforms.output.tables.sync import sync_table
root, format_, path, moment = sys.argv[1:]
sink = open_table(TableSettings(format_, path))
class Killed:
    def __init__(self, sink):
        self.identity, self.days, self.ids = sink.identity, sink.days, sink.ids
        self.rows = sink.rows
    def commit(self, *change):
        if moment == "after":
            sink.commit(*change)
        os.kill(os.getpid(), signal.SIGKILL)
sync_table(root, Killed(sink))
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_next_run_ends_what_a_killed_one_began(output, moment):
    first, *others = articles()
    output.publish(first, *others)
    output.sync()
    output.publish(make_published(20, text="A revision of it. It has other words."))
    output.remove(others[0])
    command = [sys.executable, "-c", KILLED, output.root, output.format, output.path, moment]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(command, check=False, env=environment)
    assert killed.returncode == -signal.SIGKILL
    assert (output.table() == output.plain()) is (moment == "after")
    assert output.sync() == (moment == "before")
    output.check()
    assert output.sync() == 0


@pytest.mark.parametrize(("name", "commits"), [("section", 1), ("listed", 2)])
def test_columns_of_a_later_version_are_added(output, monkeypatch, name, commits):
    """Where older rows hold something in the column, all days are written again."""
    first, *others = articles()
    older = pa.schema([field for field in TABLE_SCHEMA if field.name != name])
    with monkeypatch.context() as before:
        for module in ("delta", "iceberg", "table_rows"):
            before.setattr(f"transforms.output.tables.{module}.TABLE_SCHEMA", older)
        before.setattr(sync, "_FILLED", sync._FILLED.replace(name, ""))
        output.publish(*others)
        output.sync()
    output.publish(first)
    assert output.sync(commit_bytes=1) == commits
    output.check()


def test_files_have_no_views_which_not_every_reader_knows(output):
    first, *others = articles()
    output.publish(first, *others)
    output.sync()
    output.remove(first)
    output.publish(
        replace(
            others[0], title="A longer title", fetched_at=others[0].fetched_at + timedelta(days=1)
        )
    )
    output.sync()
    output.check()
    for path in output.data_files():
        assert "view" not in str(pq.read_schema(path)), path


def test_a_table_on_an_object_store(output, bucket, s3_server, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    output.path = join(bucket, "table")
    if output.format == "iceberg":
        output.catalog = {
            "type": "sql",
            "uri": f"sqlite:///{output.root}/catalog.db",
            "warehouse": output.path,
            "s3.endpoint": s3_server,
        }
    first, *others = articles()
    output.publish(first, *others)
    assert output.sync() == 1
    output.remove(first)
    assert output.sync() == 1
    output.check()
    assert len(output.table()) == len(others)


def test_a_damaged_file_is_named(output):
    output.publish(*articles())
    (path,) = {join(output.root, day_files(output.root)[0].path)}
    Path(path).write_bytes(b"no parquet")
    with pytest.raises(NewsbeamError, match=r"part-00-0003\.parquet cannot be read: Parquet magic"):
        output.sync()


def test_settings_that_cannot_work(monkeypatch):
    with pytest.raises(ConfigError, match=r"output\.table\.catalog"):
        check_table(TableSettings("iceberg", "s3://bucket/out/_table"))
    check_table(TableSettings("iceberg", "s3://bucket/out/_table", {"type": "rest"}))
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(ConfigError, match=r"pip install 'newsbeam\[delta\]'"):
        check_table(TableSettings("delta", "out/_table"))


def test_what_is_forgotten_leaves_the_table_and_its_past(output, newsbeam):
    """Files that only older versions need hold the ids of rows, and so do lists of such files."""
    gone, kept = make_published(20), make_published(21)
    settings = [f"--set=output.table.format={output.format}"]
    source = Path(output.root).with_name("in.txt")
    source.write_text("The bridge at Northgate is closed.")
    assert newsbeam("run", "-i", source, "-o", output.root, *settings).code == 0
    output.path = f"{output.root}-table"
    output.publish(gone, kept)
    output.sync()
    output.publish(replace(kept, title="A longer title of the same article"))
    output.sync()
    assert find_traces(output.path, Names(frozenset([gone.id]), frozenset()))[1]
    done = newsbeam("forget", output.root, "--id", gone.id)
    assert done.code == 0, done.out
    assert find_traces(output.path, Names(frozenset([gone.id]), frozenset()))[1] == []
    output.check()
    assert len(output.table()) == 2
    output.publish(gone)
    assert output.sync() == 1
    output.check()


@pytest.mark.parametrize(
    ("root", "made", "expected"),
    [
        ("out", None, "out-table"),
        ("out/", None, "out-table"),
        (".", None, "{here}-table"),
        ("/", None, "/_table"),
        ("s3://bucket/a/out/", None, "s3://bucket/a/out-table"),
        ("s3://bucket", None, "s3://bucket/_table"),
        ("out", "_table/catalog.db", "out/_table"),
        ("out", "_table/_delta_log/0.json", "out/_table"),
        ("out", "_table/other.txt", "out-table"),
    ],
)
def test_where_a_table_lies(tmp_path, monkeypatch, root, made, expected):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("transforms.output.stores.listing", lambda _: [])
    if made:
        path = tmp_path / root / made
        path.parent.mkdir(parents=True)
        path.touch()
    found, wanted = default_path(root), expected.format(here=tmp_path)
    assert found == wanted or Path(found) == tmp_path / wanted


def test_a_run_keeps_the_table_up_to_date(output):
    source = Path(output.root).with_name("in.txt")
    settings = {
        "input.paths": [str(source)],
        "output.path": output.root,
        "output.table.format": output.format,
        "output.table.path": output.path,
        "output.embedding": True,
    }
    for text in ("The bridge at Northgate is closed.", "The bridge at Northgate is open again."):
        source.write_text(text)
        config = load_config(None, settings)
        assert problems(config) == []
        manifest, _ = run(make_plan(config), [], Progress())
        assert manifest.counts.written == 1
        output.check()
        assert verify_output(output.root).problems == []
    assert output.table()["revision"].to_pylist() == [2]
    [embedding] = output.table()["embedding"].to_pylist()
    assert len(embedding) == 384
    assert np.linalg.norm(embedding) == pytest.approx(1)
