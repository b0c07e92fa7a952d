"""Late, out of order, twice, expired: unbounded input, by TestStream."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import duckdb
import pytest
from apache_beam.io.fileio import MatchContinuously
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.direct.direct_runner import BundleBasedDirectRunner
from apache_beam.testing.test_stream import TestStream
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import TimestampedValue
from builders import NOW, make_article, make_raw
from services import beam_service

from pipeline import run as pipeline_run
from pipeline.check import problems
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.report import balance_line
from pipeline.run import run
from pipeline.runners.last_step import RunContext
from pipeline.runners.options import LocalOptions, local_runner, runner_options
from pipeline.runners.stream import FilesAppearing, build_stream
from pipeline.settings import make_plan
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError
from transforms.records import RawDocument
from transforms.windows import DropRepeats, WindowArrivals


def at(second, value):
    return TimestampedValue(value, second)


def pipeline():
    options = PipelineOptions(["--streaming"])
    return beam.Pipeline(runner=BundleBasedDirectRunner(), options=options)


class Batches(beam.DoFn):
    def process(self, group, window=beam.DoFn.WindowParam):
        yield int(window.start), sorted(group[1])


def batches(stream, seconds=10, lateness=60):
    return (
        stream
        | WindowArrivals(seconds, lateness)
        | beam.Map(lambda value: (0, value))
        | beam.GroupByKey()
        | beam.ParDo(Batches())
    )


def test_out_of_order_is_one_batch_and_late_is_another_until_it_is_too_late():
    stream = (
        TestStream()
        .advance_watermark_to(0)
        .add_elements([at(7, "b"), at(2, "a"), at(12, "c")])
        .advance_watermark_to(11)
        .add_elements([at(3, "late")])
        .advance_watermark_to(80)
        .add_elements([at(4, "too late")])
        .advance_watermark_to_infinity()
    )
    with pipeline() as p:
        found = batches(p | stream)
        assert_that(found, equal_to([(0, ["a", "b"]), (0, ["late"]), (10, ["c"])]))


def articles(*events):
    """Return a stream of (second, article), the watermark following it closely."""
    stream = TestStream().advance_watermark_to(0)
    for second, article in events:
        stream = stream.add_elements([at(second, article)]).advance_watermark_to(second + 1)
    return stream.advance_watermark_to_infinity()


FIRST = make_article(1)
EDITED = replace(FIRST, text=FIRST.text + " It opens in May.")


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([(1, FIRST), (2, FIRST)], [1]),
        # In another window, and still a repeat.
        ([(1, FIRST), (35, FIRST), (95, make_article(2))], [1, 95]),
        # The timer has ended it: the output is the ledger from here on.
        ([(1, FIRST), (150, make_article(2)), (160, FIRST)], [1, 150, 160]),
        # An edit is no repeat.
        ([(1, FIRST), (2, EDITED), (3, FIRST)], [1, 2]),
        ([(1, FIRST), (2, make_article(2)), (3, FIRST)], [1, 2]),
    ],
)
def test_repeats_are_dropped_until_a_timer_forgets_them(events, kept):
    with pipeline() as p:
        found = p | articles(*events) | DropRepeats(100)
        times = found.articles | beam.Map(lambda _, time=beam.DoFn.TimestampParam: int(time))
        repeats = found.repeats | "count" >> beam.Map(lambda _: 1)
        assert_that(times, equal_to(kept))
        assert_that(repeats, equal_to([1] * (len(events) - len(kept))), "repeats")


def test_time_of_publication_is_no_event_time():
    old = make_article(1, published_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pipeline() as p:
        windows = batches(
            p | articles((5, old), (6, make_article(2))) | beam.Map(lambda article: article.title)
        )
        assert_that(windows, equal_to([(0, ["Bridge 1", "Bridge 2"])]))


def record(number, text=None, title=None):
    fields = {
        "url": f"https://news.example.org/{number}",
        "title": title or f"Bridge {number}",
        "text": text or f"The council opened bridge {number}. It cost {number} million, it said.",
        "date": "2026-10-01T06:00:00Z",
    }
    return RawDocument("in/a.json", "application/json", json.dumps(fields).encode(), NOW)


def test_the_whole_graph_publishes_window_by_window(tmp_path):
    config = load_config(
        None,
        {
            "output.path": str(tmp_path),
            "stream.window_seconds": 10,
            "stream.repeat_hours": 100 / 3600,
            "stream.lateness_hours": 1,
        },
    )
    stream = (
        TestStream()
        .advance_watermark_to(0)
        .add_elements(
            [
                at(2, record(1)),
                at(1, record(2)),
                at(3, make_raw(b"{", "in/b.json", "application/json")),
            ]
        )
        .advance_watermark_to(11)
        # A repeat, an edit, and one that is late.
        .add_elements([at(12, record(1)), at(13, record(2, "It opened late, and cost more."))])
        .add_elements([at(4, record(3))])
        .advance_watermark_to(300)
        # The state has forgotten it; the output has not. Another one, elsewhere.
        .add_elements(
            [at(301, record(1)), at(302, record(4, "It opened late, and cost more.", "Bridge 2"))]
        )
        .advance_watermark_to_infinity()
    )
    context = RunContext("run", NOW)
    with pipeline() as p:
        build_stream(p, stream, make_plan(config), context)
    found = duckdb.sql(
        f"select title, revision, len(duplicates) from read_parquet('{tmp_path}/date=*/*.parquet')"
    ).fetchall()
    assert sorted(found) == [("Bridge 1", 1, 0), ("Bridge 2", 2, 1), ("Bridge 3", 1, 0)]
    assert len(list(tmp_path.glob("_rejected/*/*.jsonl"))) == 1


class Bounded(beam.PTransform):
    """Input that ends, in the place of what appears."""

    records = ()

    def __init__(self, config):
        super().__init__()

    def expand(self, begin):
        return begin | beam.Create(list(self.records))


def test_a_stream_that_ends_says_what_became_of_its_input(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.run.ReadArrivals", Bounded)

    def outcome(*records):
        Bounded.records = records
        manifest, _ = run(make_plan(config), [], Progress())
        assert manifest.status == "done"
        return balance_line(manifest).partition(",")[0]

    with beam_service("portability.local_job_service_main", "job_port") as (endpoint, _):
        runner = {"name": "portable", "job_endpoint": endpoint, "environment": "loopback"}
        config = load_config(
            None,
            {
                "input.paths": [str(tmp_path / "in")],  # nothing is there yet
                "output.path": str(tmp_path / "out"),
                "run.runner": runner,
                "stream.enabled": True,
            },
        )
        assert problems(config) == []
        repeated = outcome(record(1), record(2), record(1))
        assert repeated == "3 in = 2 written + 1 unchanged + 0 duplicate + 0 rejected"
        assert verify_output(str(tmp_path / "out")).problems == []
        edited = outcome(record(1), record(2, "It opened late, and cost more."))
        assert edited == "2 in = 1 written + 1 unchanged + 0 duplicate + 0 rejected"
        assert verify_output(str(tmp_path / "out")).problems == []
        # What an engine drops as late is counted nowhere: that is told, and no failure.
        finish = pipeline_run._finish
        monkeypatch.setattr(pipeline_run, "_finish", lambda *parts: finish(*parts) + 1)
        assert outcome(record(3)).endswith(" + 0 rejected + 1 not accounted for")


def test_files_that_appear_are_a_source_that_engines_can_be_handed(tmp_path):
    config = load_config(None, {"input.paths": ["in/*.json"], "output.path": str(tmp_path)})
    p = pipeline()
    context = RunContext("run", NOW)
    build_stream(p, FilesAppearing(make_plan(config)), make_plan(config), context)
    proto = p.to_runner_api()
    assert any(
        collection.is_bounded == beam_runner_api_pb2.IsBounded.UNBOUNDED
        for collection in proto.components.pcollections.values()
    )


def test_folders_are_looked_into_and_hidden_files_are_not(tmp_path, monkeypatch):
    for name in ("in/a.txt", "in/b/c.txt", "in/.part.txt", "in/_x/d.txt", "e.txt", "_f.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"The council opened a bridge, {name} says.")

    def once(pattern, **more):
        """Look a single time, where Beam's source looks for ever."""
        return MatchContinuously(pattern, stop_timestamp=more["start_timestamp"] + 1, **more)

    monkeypatch.setattr("pipeline.runners.stream.MatchContinuously", once)
    paths = [str(tmp_path / name) for name in ("in", "later", "*.txt")]
    config = load_config(None, {"input.paths": paths})
    options = LocalOptions([])
    with beam.Pipeline(runner=local_runner(options), options=options) as p:
        found = p | FilesAppearing(make_plan(config)) | beam.Map(lambda document: document.uri)
        assert_that(
            found, equal_to([f"{tmp_path}/{name}" for name in ("in/a.txt", "in/b/c.txt", "e.txt")])
        )


def test_this_process_refuses_what_never_ends_and_names_watch():
    config = load_config(None, {"stream.enabled": True})
    with pytest.raises(ConfigError, match="use newsbeam watch"):
        runner_options(config, [])
