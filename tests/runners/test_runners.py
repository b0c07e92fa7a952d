"""Other engines: what is refused, which options are made, and the same rows from all of them."""

import socket

import pytest
from articles import write_jsonl
from runs import rows
from services import beam_service

from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.runners.options import runner_options
from pipeline.settings import make_plan
from pipeline.watch import Limits, Status, Watch
from transforms.errors import ConfigError

SHARED = {"input.paths": ["s3://bucket/in"], "output.path": "s3://bucket/out"}


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def options(name, *beam, **more):
    settings = {f"run.runner.{key}": value for key, value in more.items() if "." not in key}
    shared = {key: value for key, value in more.items() if "." in key}
    return runner_options(load_config(None, {"run.runner.name": name, **settings, **shared}), beam)


@pytest.mark.parametrize(
    "beam",
    [
        ["--runner=DaskRunner"],
        ["--runner", "DaskRunner"],
        ["--runner=apache_beam.runners.dask.dask_runner.DaskRunner"],
        ["--runner=DirectRunner"],
        ["--runner=PrismRunner"],
    ],
)
def test_runners_that_lose_data_or_are_left_to_chance_are_refused(beam):
    with pytest.raises(ConfigError, match="is refused: it "):
        options("local", *beam)


def test_other_names_and_options_go_to_beam_as_they_are():
    beam = ["--runner=BundleBasedDirectRunner", "--streaming"]
    assert options("local", *beam) == beam


@pytest.mark.parametrize(
    ("name", "missing", "more"),
    [
        ("portable", "run.runner.job_endpoint is missing", {}),
        ("portable", "nothing answers at 127.0.0.1:1", {"job_endpoint": "127.0.0.1:1"}),
        ("portable", "x is no host:port", {"job_endpoint": "x"}),
        ("flink", "run.runner.master is missing", {}),
        ("flink", "beam-runners-flink-2.2-job-server-.*jar", {"master": "127.0.0.1:1"}),
        ("flink", "gone.jar does not exist", {"master": "h:1", "job_server_jar": "gone.jar"}),
        ("spark", "beam-runners-spark-3-job-server-.*jar", {"master": "127.0.0.1:1"}),
        ("dataflow", r"apache-beam\[gcp\]", SHARED),
    ],
)
def test_what_is_missing_is_named(name, missing, more):
    more = {"environment": "loopback", **more}
    with pytest.raises(ConfigError, match=missing):
        options(name, **more)


@pytest.mark.parametrize(
    ("name", "message", "more"),
    [
        (
            "flink",
            r"input\.feeds: only local .* runner is flink; set run\.runner\.name to local",
            {},
        ),
        ("portable", r"fetch\.full_text: a stream fetches no pages", {"fetch.full_text": True}),
        ("portable", r"output\.table\.format: a table", {"output.table.format": "delta"}),
    ],
)
def test_settings_that_do_not_go_with_an_engine_or_a_stream_are_refused(name, message, more):
    feeds = {} if more else {"input.feeds": ["https://a.example.org/feed"]}
    with pytest.raises(ConfigError, match=message):
        options(name, **feeds, **more, **{"stream.enabled": bool(more)})


@pytest.mark.parametrize("name", ["flink", "dataflow"])
def test_containers_do_not_see_folders_of_this_machine(name):
    with pytest.raises(ConfigError, match=r"output\.path: out is a folder of this machine"):
        options(name)


def test_options_ask_for_one_process_on_each_machine(listening, tmp_path):
    jar = tmp_path / "server.jar"
    jar.touch()
    made = options(
        "flink",
        "--checkpointing_interval=60000",
        master=listening,
        job_server_jar=str(jar),
        parallelism=8,
        image="registry/newsbeam",
        **SHARED,
        **{"stream.enabled": True},
    )
    assert made == [
        "--runner=FlinkRunner",
        f"--flink_master={listening}",
        "--flink_submit_uber_jar",
        f"--flink_job_server_jar={jar}",
        "--parallelism=8",
        "--environment_type=DOCKER",
        "--sdk_worker_parallelism=1",
        "--environment_config=registry/newsbeam",
        "--streaming",
        "--checkpointing_interval=60000",
    ]
    made = options(
        "portable", job_endpoint=listening, environment="external", worker_pool=listening
    )
    assert made[2:] == [
        "--environment_type=EXTERNAL",
        "--sdk_worker_parallelism=1",
        f"--environment_config={listening}",
    ]
    with pytest.raises(ConfigError, match=r"worker_pool is missing"):
        options("portable", job_endpoint=listening, environment="external")


def test_run_watch_and_beams_job_service_give_the_same_rows(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    write_jsonl(source / "articles.jsonl", 40, words=60)

    def settings(name, **more):
        values = {"input.paths": [str(source)], "output.path": str(tmp_path / name)}
        return load_config(None, {**values, **more})

    run(make_plan(settings("run")), [], Progress())
    Watch(
        make_plan(settings("watch", **{"watch.max_batch": 15})), Limits(once=True), Status()
    ).run()
    with beam_service("portability.local_job_service_main", "job_port") as (endpoint, _):
        portable = {"run.runner.name": "portable", "run.runner.job_endpoint": endpoint}
        loopback = {**portable, "run.runner.environment": "loopback"}
        run(make_plan(settings("loopback", **loopback)), [], Progress())
        with beam_service("worker.worker_pool_main", "service_port") as (pool, _):
            external = {"run.runner.environment": "external", "run.runner.worker_pool": pool}
            manifest, _ = run(
                make_plan(settings("external", **portable, **external)), [], Progress()
            )
    assert list(manifest.counts.balance().values()) == [40, 40, 0, 0, 0]
    expected = rows(tmp_path / "run")
    assert len(expected) == 40
    for other in ("watch", "loopback", "external"):
        assert rows(tmp_path / other) == expected
