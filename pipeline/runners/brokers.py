"""Kafka and Pub/Sub as sources of the unbounded graph, by Beam's own IO."""

import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.pubsub import ReadFromPubSub
from apache_beam.io.kafka import ReadFromKafka
from apache_beam.transforms.external import JavaJarExpansionService
from apache_beam.utils.subprocess_server import JavaHelper

from pipeline.config import Config, KafkaConfig
from pipeline.runners.options import connect, is_installed
from transforms.bounds import USUAL, Bounds
from transforms.errors import ConfigError
from transforms.messages import ReadMessages, kafka_message, pubsub_message

_JAR = f"beam-sdks-java-io-expansion-service-{beam.__version__}.jar"
_KAFKA_SERVICE = "stream.kafka.expansion_service"


def message_sources(config: Config, bounds: Bounds = USUAL) -> dict[str, beam.PTransform]:
    """Return the sources of messages that `stream` names, by their labels; nothing is started.

    Each makes a PCollection of `RawDocument` and `DeadLetter`, at their times of arrival; `bounds`
    are on what each document may cost.

    Raises:
        ConfigError: something is missing, or this runner has no such source.
    """
    stream, runner = config.stream, config.run.runner.name
    most = config.input.max_bytes
    sources: dict[str, beam.PTransform] = {}
    if stream.kafka:
        service = _expansion_service(stream.kafka.expansion_service, runner)
        read: beam.PTransform = read_from_kafka(stream.kafka, service)
        sources["kafka"] = "topics" >> read | "messages" >> ReadMessages(
            kafka_message, most, bounds
        )
    if pubsub := stream.pubsub:
        _require_dataflow(runner)
        read = ReadFromPubSub(
            pubsub.topic, pubsub.subscription, pubsub.id_attribute, with_attributes=True
        )
        source = pubsub.subscription or pubsub.topic or ""
        convert = partial(pubsub_message, source=source, id_attribute=pubsub.id_attribute)
        sources["pubsub"] = "topic" >> read | "messages" >> ReadMessages(convert, most, bounds)
    return sources


def read_from_kafka(settings: KafkaConfig, expansion_service: Any) -> ReadFromKafka:
    """Return Beam's source for `settings`.

    Rows with metadata: the other kind fails on a message without a value. The event time is when a
    message is read: one that its sender sets wrong would be too late for every window.

    Raises:
        ConfigError: an environment variable is not set.
    """
    consumer = {
        **settings.properties,
        **{name: _variable(name, variable) for name, variable in settings.variables.items()},
        "bootstrap.servers": settings.bootstrap_servers,
        "group.id": settings.group_id,
        "auto.offset.reset": settings.start,
    }
    return ReadFromKafka(
        consumer,
        list(settings.topics),
        commit_offset_in_finalize=True,
        timestamp_policy=ReadFromKafka.processing_time_policy,
        with_metadata=True,
        expansion_service=expansion_service,
    )


def _variable(name: str, variable: str) -> str:
    if value := os.environ.get(variable):
        return value
    raise ConfigError(
        f"stream.kafka.variables: {variable} is to hold {name}, and is not set; "
        f"export {variable}=... where newsbeam run is started"
    )


def _expansion_service(setting: str | None, runner: str) -> str | JavaJarExpansionService:
    """Return what Beam asks for the Java part of its Kafka source."""
    if not setting:
        raise ConfigError(
            f"{_KAFKA_SERVICE} is missing: Beam's Kafka source is written in Java; give the path "
            f"of {_JAR}, from Apache Beam, or host:port of an expansion service that runs"
        )
    if not setting.endswith(".jar"):
        connect(setting, _KAFKA_SERVICE, f"start it: java -jar {_JAR} PORT")
        return setting
    if not Path(setting).is_file():
        raise ConfigError(
            f"{_KAFKA_SERVICE}: {setting} does not exist; it is {_JAR}, from Apache Beam"
        )
    if not shutil.which(JavaHelper.get_java()):
        raise ConfigError(
            f"{_KAFKA_SERVICE}: there is no java to start {setting} with; install a Java runtime, "
            "set JAVA_HOME, or give host:port of an expansion service that runs"
        )
    # Flink never ends a bundle of the newer kind of source (Beam's issue 20979).
    arguments = ["--experiments=use_deprecated_read"] if runner == "flink" else []
    return JavaJarExpansionService(setting, append_args=arguments)


def _require_dataflow(runner: str) -> None:
    if runner != "dataflow":
        raise ConfigError(
            f"stream.pubsub: Beam's Python source runs on Dataflow only, not on {runner}; set "
            "run.runner.name: dataflow, or use stream.kafka"
        )
    if not is_installed("google.cloud.pubsub"):
        raise ConfigError(
            "stream.pubsub needs an extra; install it: pip install 'apache-beam[gcp]'"
        )
