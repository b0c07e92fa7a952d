"""What Prometheus is told, of feeds by `watch` and of a run by the file that it leaves."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.core import GaugeMetricFamily

from pipeline import __version__
from pipeline.config import Config
from pipeline.manifest import Manifest
from pipeline.pages.run_articles import source_volumes
from pipeline.pages.run_facts import find_run, read_runs
from transforms.errors import ConfigError, NewsbeamError
from transforms.fetch import load_states
from transforms.redaction import redacted

_PAST = 50
"""Manifests that are read for what sources had before."""
_FEEDS = {
    "last_new_timestamp_seconds": "When a feed brought something new last; before, its first poll.",
    "last_success_timestamp_seconds": "When a feed answered properly last.",
    "new_items": "Items published from the last answer of a feed.",
    "failures": "Faults of a feed in a row.",
}

_log = logging.getLogger(__name__)


class FeedCollector:
    """The health of the feeds of an output, read whenever it is asked for."""

    def __init__(self, output: str) -> None:
        self._output = output

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return a metric of every kind, with a value for each feed."""
        found = {
            name: GaugeMetricFamily(f"newsbeam_feed_{name}", text, labels=["feed"])
            for name, text in _FEEDS.items()
        }
        with contextlib.suppress(NewsbeamError, OSError):  # others say what is wrong with it
            for state in load_states(self._output).values():
                values = {
                    "last_new_timestamp_seconds": _seconds(state.last_new or state.first_poll),
                    "last_success_timestamp_seconds": _seconds(state.last_success),
                    "new_items": state.new_items,
                    "failures": state.failures,
                }
                for name, value in values.items():
                    if value is not None:
                        found[name].add_metric([redacted(state.url)], value)
        return found.values()


def _seconds(time: datetime | None) -> float | None:
    return time.timestamp() if time else None


def tell_build(registry: CollectorRegistry) -> None:
    """Add which newsbeam this is."""
    build = Gauge("newsbeam_build_info", "Which newsbeam this is.", ["version"], registry=registry)
    build.labels(__version__).set(1)


@contextlib.contextmanager
def metrics_file(config: Config) -> Iterator[list[Manifest]]:
    """Yield where the body puts the manifest of its run; then write `run.metrics_file`, if any.

    It is written too when the run fails: without what only a run that has ended knows.
    """
    done: list[Manifest] = []
    try:
        yield done
    finally:
        if config.run.metrics_file:
            try:
                registry = run_metrics(config, next(iter(done), None))
                write_to_textfile(config.run.metrics_file, registry)  # in one step
            except (NewsbeamError, OSError) as error:
                _log.warning("run.metrics_file: %s", redacted(str(error)))


def run_metrics(config: Config, manifest: Manifest | None) -> CollectorRegistry:
    """Return what is told of a run; `manifest` is `None` if it failed."""
    registry = CollectorRegistry()
    tell_build(registry)
    registry.register(FeedCollector(config.output.path))
    is_good = manifest is not None and manifest.status == "done" and not manifest.feed_fault
    _gauge(registry, "run_success", "1 if the last run ended well.").set(is_good)
    ended = _gauge(registry, "run_timestamp_seconds", "When the last run ended.")
    ended.set(datetime.now(UTC).timestamp())
    if manifest:
        _tell_run(registry, manifest)
        _tell_sources(registry, config.output.path, manifest.run_id)
    return registry


def _gauge(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"newsbeam_{name}", text, labels, registry=registry)


def _tell_run(registry: CollectorRegistry, manifest: Manifest) -> None:
    _gauge(registry, "run_seconds", "How long the last run took.").set(manifest.seconds)
    documents = _gauge(registry, "run_documents", "Documents of it by outcome.", "outcome")
    for outcome, count in manifest.counts.balance().items():
        if outcome != "in":
            documents.labels(outcome).set(count)
    rejected = _gauge(registry, "run_rejected", "Dead letters of it.", "step", "reason")
    for key, count in manifest.counts.rejected.items():
        rejected.labels(*key.split(".", 1)).set(count)
    faults = _gauge(registry, "run_faults", "Documents of it that met a fault of newsbeam.")
    faults.set(manifest.counts.faults + manifest.counts.page_faults)
    of_plugins = _gauge(
        registry, "run_plugin_faults", "Documents that met a fault of a plug-in.", "plugin"
    )
    for plugin, count in manifest.counts.plugin_faults.items():
        of_plugins.labels(plugin).set(count)
    steps = _gauge(registry, "run_step_seconds", "How long its steps took.", "step")
    for step, seconds in manifest.step_seconds.items():
        steps.labels(step).set(seconds)


def _tell_sources(registry: CollectorRegistry, root: str, run_id: str) -> None:
    own = _gauge(registry, "source_articles", "Rows of a source by the last run.", "source")
    text = "Rows of a source by one of the ten runs before it, on average."
    before = _gauge(registry, "source_articles_before", text, "source")
    with contextlib.suppress(ConfigError):
        runs = read_runs(root, _PAST)
        volumes = source_volumes(root, find_run(runs, run_id), runs)
        for volume in (volume for volume in volumes if volume.asked):
            own.labels(volume.source).set(volume.rows)
            before.labels(volume.source).set(volume.before)


def check_metrics_file(config: Config) -> None:
    """Check that `run.metrics_file` can be there.

    Raises:
        ConfigError: its folder is missing, or its name ends otherwise than Prometheus reads.
    """
    if name := config.run.metrics_file:
        if not Path(name).parent.is_dir():
            raise ConfigError(f"run.metrics_file: {Path(name).parent} is no folder; make it")
        if Path(name).suffix != ".prom":
            raise ConfigError(f"run.metrics_file: {name}: node_exporter reads names with .prom")
