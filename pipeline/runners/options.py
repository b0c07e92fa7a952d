"""Which of Beam's runners a run uses, as Beam's own options.

| `run.runner.name` | runner |
|---|---|
| `local` | FnApiRunner, in this process: bounded batches, feeds |
| `portable` | any job service: Beam's own in Python, or one that somebody runs |
| `flink`, `spark` | a cluster, to which one jar with everything is submitted |
| `dataflow` | Google's service |

On all of them a worker process handles several bundles in threads, and the model is loaded once in
a process. So the options ask for one process on each machine: one model, whatever the number of
slots.
"""

import contextlib
import importlib.util
import socket
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.portability.api import beam_provision_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.runners.portability.portable_runner import JobServiceHandle

from pipeline.config import Config, RunnerConfig
from transforms.errors import ConfigError
from transforms.output.storage import is_local

LOCAL_RUNNER = "FnApiRunner"

_CONNECT_SECONDS = 5.0

_IMAGE = "a container image with newsbeam and Beam's /opt/apache/beam/boot (docs/watch.md)"

_REFUSED = {
    "daskrunner": "it loses data without a word: in Beam 2.77 dead letters get among the articles, "
    "the last batch of every partition is dropped, and only one of several outputs is written",
    "directrunner": "it takes one of three runners, by network and graph, and may download one",
    "switchingdirectrunner": "it takes one of three runners, by network and graph",
    "prismrunner": "it is a download that no test of newsbeam has run on",
    "interactiverunner": "it wraps another runner, for notebooks",
}
"""Runners that Beam has and that a run must not use, and why."""


class LocalOptions(PipelineOptions):
    """Options that keep their views: to make one parses all options, 500 times for each graph."""

    def view_as(self, cls: type[PipelineOptions]) -> PipelineOptions:
        """Return the view of these options as `cls`; views share their values."""
        views = self.__dict__.setdefault("_kept_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        view: PipelineOptions = views[cls]
        return view


class KeepingRunner(fn_runner.FnApiRunner):
    """The local runner, which can run its last graph again without having it made anew."""

    def run_via_runner_api(self, pipeline_proto: Any, options: PipelineOptions) -> Any:
        """Run an encoded graph, and keep it."""
        self._kept = pipeline_proto, options
        return super().run_via_runner_api(pipeline_proto, options)

    def run_again(self) -> Any:
        """Run the last graph again."""
        return super().run_via_runner_api(*self._kept)


def local_runner(options: PipelineOptions) -> KeepingRunner:
    """Return the local runner, told the options.

    `DirectRunner` would choose one of three runners by network and graph; naming `FnApiRunner`
    alone keeps the options from worker processes.
    """
    encoded = JobServiceHandle.encode_pipeline_options(options.get_all_options())
    provision = beam_provision_api_pb2.ProvisionInfo(pipeline_options=encoded)
    return KeepingRunner(provision_info=fn_runner.ExtendedProvisionInfo(provision))


def runner_options(config: Config, beam_options: Sequence[str]) -> list[str]:
    """Return `beam_options` with those that `run.runner` stands for before them.

    Raises:
        ConfigError: something is missing, or the runner is one that must not be used.
    """
    _refuse(beam_options)
    _refuse_settings(config, beam_options)
    settings = config.run.runner
    if config.stream.enabled and settings.name == "local":
        raise ConfigError(
            "stream.enabled: the local runner finishes one step before it begins the next, so what "
            "never ends is never published; set it to false and use newsbeam watch, or set "
            f"run.runner.name to an engine{_messages_hint(config)}"
        )
    make = {"portable": _portable, "flink": _flink, "spark": _spark, "dataflow": _dataflow}
    if settings.name == "local":
        return list(beam_options)
    if settings.environment == "docker" or settings.name == "dataflow":
        _require_shared(config)
    streaming = ["--streaming"] if config.stream.enabled else []
    return [*make[settings.name](settings), *streaming, *beam_options]


def _messages_hint(config: Config) -> str:
    if not config.stream.kafka and not config.stream.pubsub:
        return ""
    return (
        ". Without an engine nothing reads Kafka or Pub/Sub: have a consumer of your own write the "
        "messages as files into a folder that newsbeam watch reads"
    )


def _refuse(beam_options: Sequence[str]) -> None:
    text = " ".join(beam_options).replace("=", " ").split()
    for option, name in pairwise(text):
        why = _REFUSED.get(name.rpartition(".")[2].lower())
        if option == "--runner" and why:
            raise ConfigError(
                f"--runner={name} is refused: {why}. Leave it out for a run on this machine; "
                "--runner portable, flink, spark or dataflow for another engine"
            )


def _refuse_settings(config: Config, beam_options: Sequence[str]) -> None:
    """Refuse what only this machine's runner does, and what does not go with input without end."""
    if config.input.feeds and (engine := _engine(config, beam_options)):
        raise ConfigError(
            f"input.feeds: only local runs poll feeds, and the runner is {engine}; set "
            "run.runner.name to local, or leave the feeds to another config"
        )
    if config.stream.enabled and config.fetch.full_text:
        raise ConfigError(
            "fetch.full_text: a stream fetches no pages; set it or stream.enabled to false"
        )
    if config.stream.enabled and config.output.table.format != "none":
        raise ConfigError(
            "output.table.format: a table follows the output at the end of a run, and a stream has "
            "none; set it to none, or stream.enabled to false"
        )


def _engine(config: Config, beam_options: Sequence[str]) -> str | None:
    """Return the name of the runner, `None` if it is the local one."""
    if config.run.runner.name != "local":
        return config.run.runner.name
    named: str | None = PipelineOptions(list(beam_options)).view_as(StandardOptions).runner
    return None if named == LOCAL_RUNNER else named


def _portable(settings: RunnerConfig) -> list[str]:
    endpoint = _need(settings.job_endpoint, "job_endpoint", "host:port of Beam's job service")
    connect(endpoint, "run.runner.job_endpoint", "start the job service there")
    return ["--runner=PortableRunner", f"--job_endpoint={endpoint}", *_environment(settings)]


def _flink(settings: RunnerConfig) -> list[str]:
    master = _need(settings.master, "master", "host:port of Flink's REST service")
    jar = _jar(settings, "flink-2.2")
    connect(master, "run.runner.master", "start the cluster, or correct the address")
    return [
        "--runner=FlinkRunner",
        f"--flink_master={master}",
        "--flink_submit_uber_jar",
        f"--flink_job_server_jar={jar}",
        *([f"--parallelism={settings.parallelism}"] if settings.parallelism else []),
        *_environment(settings),
    ]


def _spark(settings: RunnerConfig) -> list[str]:
    master = _need(settings.master, "master", "http://host:6066, Spark's REST service")
    jar = _jar(settings, "spark-3")
    fix = "start the cluster with its REST service, or correct the address"
    connect(master, "run.runner.master", fix)
    return [
        "--runner=SparkRunner",
        f"--spark_rest_url={master}",
        "--spark_submit_uber_jar",
        f"--spark_job_server_jar={jar}",
        *_environment(settings),
    ]


def _dataflow(settings: RunnerConfig) -> list[str]:
    if not is_installed("google.cloud.dataflow"):
        raise ConfigError(
            "run.runner: dataflow needs an extra; install it: pip install 'apache-beam[gcp]'"
        )
    project = _need(settings.project, "project", "the Google Cloud project")
    region = _need(settings.region, "region", "such as europe-west1")
    temp = _need(settings.temp_location, "temp_location", "a gs:// folder for Dataflow's files")
    image = _need(settings.image, "image", _IMAGE)
    return [
        "--runner=DataflowRunner",
        f"--project={project}",
        f"--region={region}",
        f"--temp_location={temp}",
        f"--sdk_container_image={image}",
        "--experiments=no_use_multiple_sdk_containers",
    ]


def is_installed(package: str) -> bool:
    """Return whether `package`, a dotted name, can be imported."""
    with contextlib.suppress(ModuleNotFoundError):  # a package above it is missing
        return importlib.util.find_spec(package) is not None
    return False


def _environment(settings: RunnerConfig) -> list[str]:
    """Return where the engine finds workers: one process on each of its machines."""
    kind, options = settings.environment, ["--sdk_worker_parallelism=1"]
    if kind == "docker":
        image = _need(settings.image, "image", _IMAGE)
        options.append(f"--environment_config={image}")
    if kind == "external":
        pool = _need(settings.worker_pool, "worker_pool", "host:port of a worker pool")
        connect(pool, "run.runner.worker_pool", "start it: python -m apache_beam.runners.worker."
                "worker_pool_main --service_port PORT")  # fmt: skip
        options.append(f"--environment_config={pool}")
    return [f"--environment_type={kind.upper()}", *options]


def _require_shared(config: Config) -> None:
    """Refuse folders of this machine where the workers run in containers of their own."""
    for key, path in [("output.path", config.output.path)] + [
        ("input.paths", path) for path in config.input.paths
    ]:
        if is_local(path):
            raise ConfigError(
                f"{key}: {path} is a folder of this machine, and the workers of "
                f"{config.run.runner.name} run elsewhere: use an object store, such as s3:// or gs://"
            )


def _need(value: str | None, key: str, what: str) -> str:
    if not value:
        raise ConfigError(f"run.runner.{key} is missing: {what}")
    return value


def _jar(settings: RunnerConfig, engine: str) -> str:
    name = f"beam-runners-{engine}-job-server-{beam.__version__}.jar"
    jar = _need(settings.job_server_jar, "job_server_jar", f"path of {name}, from Apache Beam")
    if "://" not in jar and not Path(jar).is_file():
        raise ConfigError(
            f"run.runner.job_server_jar: {jar} does not exist; it is {name}, from Beam"
        )
    return jar


def connect(address: str, key: str, fix: str) -> None:
    """Raise `ConfigError` if nothing listens at `address`, a URL or `host:port`.

    Args:
        address: where to connect to.
        key: the setting that holds it.
        fix: what to do where nothing listens.
    """
    parts = urlsplit(address if "://" in address else f"//{address}")
    if not parts.hostname or not parts.port:
        raise ConfigError(f"{key}: {address} is no host:port")
    try:
        socket.create_connection((parts.hostname, parts.port), _CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigError(f"{key}: nothing answers at {address} ({error}); {fix}") from error
