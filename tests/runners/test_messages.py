"""Kafka and Pub/Sub: from a message to a row, what reaches Beam's IO, and what is refused."""

import contextlib
import json
import re
import typing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import apache_beam as beam
import duckdb
import grpc
import pytest
from apache_beam.coders import RowCoder, registry
from apache_beam.io.gcp.pubsub import PubsubMessage
from apache_beam.io.kafka import ReadFromKafka
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import (
    beam_artifact_api_pb2_grpc,
    beam_expansion_api_pb2_grpc,
    beam_runner_api_pb2,
    external_transforms_pb2,
)
from apache_beam.runners.direct.direct_runner import BundleBasedDirectRunner
from apache_beam.runners.portability.expansion_service import ExpansionServiceServicer
from apache_beam.testing.test_stream import TestStream
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import TimestampedValue
from builders import NOW, runner
from command import ROOT
from rich.console import Console

from pipeline.check import input_files, problems, watch_inputs
from pipeline.config_files import load_config
from pipeline.runners.brokers import _expansion_service, message_sources, read_from_kafka
from pipeline.runners.last_step import RunContext
from pipeline.runners.stream import ReadArrivals, build_stream
from pipeline.settings import make_plan
from pipeline.upkeep.replay import Replayed, print_replayed
from transforms.errors import ConfigError
from transforms.formats import ParseOptions
from transforms.messages import (
    Message,
    ReadMessages,
    kafka_message,
    message_documents,
    pubsub_message,
)
from transforms.parse import parse_document
from transforms.records import DeadLetter

SUBSCRIPTION = "projects/newsroom/subscriptions/wire"


class Header(typing.NamedTuple):
    key: str
    value: bytes


class Record(typing.NamedTuple):
    """The row of KafkaIO's `ByteArrayKafkaRecord`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[Header] | None
    timestampTypeId: int = 0  # noqa: N815 (a name of Java's)
    timestampTypeName: str = "CreateTime"  # noqa: N815


def record(value, offset=7, headers=None, timestamp=1_790_000_000_000, key=None):
    return Record("news", 3, offset, timestamp, key, value, headers)


def article(number, **fields):
    fields = {
        "url": f"https://news.example.org/{number}",
        "title": f"Bridge {number}",
        "text": f"The council opened bridge {number}. It cost {number} million, it said.",
        **fields,
    }
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            kafka_message(record(b"{}", headers=[Header("Content-Type", b"text/html")], key=b"k")),
            Message(
                "kafka://news/3/7",
                b"{}",
                {"content-type": "text/html"},
                datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC),
                "k",
            ),
        ),
        # Neither headers nor a time; then a time in microseconds, of the year 58,000.
        (kafka_message(record(None, timestamp=-1)), Message("kafka://news/3/7", None, {}, None)),
        (kafka_message(record(b"", timestamp=10**15)), Message("kafka://news/3/7", b"", {}, None)),
        (
            kafka_message(record(b"x", headers=[Header("filename", None)], key=b"\xff")),
            Message(
                "kafka://news/3/7",
                b"x",
                {"filename": ""},
                datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC),
                "\ufffd",
            ),
        ),
        (
            pubsub_message(
                PubsubMessage(b"{}", {"Filename": "a.md"}, "42", NOW), SUBSCRIPTION, None
            ),
            Message("pubsub://newsroom/wire/42", b"{}", {"filename": "a.md"}, NOW),
        ),
        # The sender's own id, where the message has one.
        (
            pubsub_message(PubsubMessage(b"{}", {"id": "a/7"}, "42"), SUBSCRIPTION, "id"),
            Message("pubsub://newsroom/wire/a%2F7", b"{}", {"id": "a/7"}, None),
        ),
        (
            pubsub_message(PubsubMessage(b"{}", None, "42"), SUBSCRIPTION, "id"),
            Message("pubsub://newsroom/wire/42", b"{}", {}, None),
        ),
    ],
)
def test_both_kinds_of_message_become_one(message, expected):
    assert message == expected


def outcomes(content, max_bytes=10_000, **headers):
    """Return what came of a message: titles of articles, reasons of dead letters."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    message = Message("kafka://news/3/7", content, named, None, "k")
    found = []
    for item in message_documents(message, NOW, max_bytes):
        assert item.uri == message.uri
        assert item.fetched_at == NOW
        if isinstance(item, DeadLetter):
            found.append(item.reason)
        else:
            found.append(parse_document(item, ParseOptions()).title)
    return found


HTML = (
    b"<html><head><title>Bridge 4</title></head><body><article><h1>Bridge 4</h1><p>%s</p></article>"
)
PAGE = HTML % (b"The council opened a bridge over the river on Monday, and it was glad. " * 5)
FEED = (
    b"<rss version='2.0'><channel><title>F</title>"
    b"<item><title>Bridge 5</title><link>https://news.example.org/5</link>"
    b"<description>It opened on Monday.</description></item>"
    b"<item><title>Bridge 6</title><link>https://news.example.org/6</link>"
    b"<description>It opened on Tuesday.</description></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (article(1), {}, ["Bridge 1"]),
        (article(1), {"content_type": "application/json; charset=utf-8"}, ["Bridge 1"]),
        # One article, whatever lists it has.
        (article(1, items=[{"a": 1}]), {}, ["Bridge 1"]),
        (b"# Bridge 3\n\nIt opened.", {"content_type": "text/markdown"}, ["Bridge 3"]),
        (PAGE, {"content_type": "Text/HTML;charset=utf-8"}, ["Bridge 4"]),
        (PAGE, {"filename": "4.html"}, ["Bridge 4"]),
        (PAGE, {"content_type": "application/octet-stream", "filename": "4.HTM"}, ["Bridge 4"]),
        (FEED, {"content_type": "application/rss+xml"}, ["Bridge 5", "Bridge 6"]),
        (FEED, {"content_type": "text/xml", "filename": "wrong.txt"}, ["Bridge 5", "Bridge 6"]),
        (
            article(1) + b"\n" + article(2),
            {"content_type": "application/x-ndjson"},
            ["Bridge 1", "Bridge 2"],
        ),
        (b"[" + article(1) + b"]", {"filename": "a.json"}, ["Bridge 1"]),
        # What is none.
        (b"\xff\xd8\xff", {"content_type": "image/jpeg"}, ["unknown_format"]),
        (b"\xff\xd8\xff", {"filename": "a.jpeg"}, ["unknown_format"]),
        (b"\xff\xd8\xff", {"content_type": "application/octet-stream"}, ["unknown_format"]),
        (None, {}, ["empty_message"]),
        (b"", {"filename": "a.txt"}, ["empty_message"]),
        (b" \n", {}, ["empty_file"]),
        (b"title,text\n", {"content_type": "text/csv"}, ["empty_message"]),
        (b"[]", {"filename": "a.json"}, ["empty_message"]),
        (b"x" * 10_001, {}, ["too_large"]),
        (b"\x00PAR", {"filename": "a.parquet"}, ["bad_parquet"]),
    ],
)
def test_headers_choose_the_reader(content, headers, expected):
    assert outcomes(content, **headers) == expected


def test_a_tombstone_is_named_by_its_key():
    (letter,) = message_documents(Message("kafka://t/0/1", None, {}, None, "art-7"), NOW, 10)
    assert "for the key 'art-7'" in letter.detail
    assert (letter.uri, letter.step) == ("kafka://t/0/1", "read")


@pytest.mark.parametrize("scope", ["file", "folder"])
def test_an_own_id_is_one_article_in_the_whole_topic(scope):
    def identity(uri, value):
        (document,) = message_documents(Message(uri, value, {}, NOW), NOW, 10_000)
        return parse_document(document, ParseOptions(id_scope=scope)).id

    value, edited = article(1, url="", id="a-1"), article(1, url="", id="a-1", text="It is shut.")
    ids = [
        identity("kafka://news/0/1", value),
        identity("kafka://news/5/20261001", edited),
        identity("kafka://sport/0/1", value),
        identity("pubsub://newsroom/wire/1", value),
        identity("pubsub://newsroom/wire/2", edited),
    ]
    assert ids[0] == ids[1]
    assert ids[3] == ids[4]
    assert len(set(ids)) == 3


def test_an_offset_is_no_date_and_no_name():
    (document,) = message_documents(
        Message("kafka://news-2026-01-01/0/20250101", article(1), {}, None), NOW, 10_000
    )
    parsed = parse_document(document, ParseOptions())
    assert (parsed.published_at, parsed.date_source, parsed.source_id) == (NOW, "run", None)
    sent = datetime(2026, 10, 4, tzinfo=UTC)
    (document,) = message_documents(Message("kafka://n/0/1", article(1), {}, sent), NOW, 10_000)
    assert parse_document(document, ParseOptions()).published_at == sent


def letters_in(output):
    return [
        json.loads(line)
        for path in output.glob("_rejected/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]


def at(second, value):
    return TimestampedValue(value, second)


def test_messages_keep_their_time_of_arrival():
    with beam.Pipeline(runner=runner()) as pipeline:
        found = (
            pipeline
            | beam.Create([at(1_790_000_001.5, record(article(1)))])
            | ReadMessages(kafka_message)
            | beam.Map(
                lambda item, time=beam.DoFn.TimestampParam: (item.fetched_at, time.micros / 1e6)
            )
        )
        time = datetime(2026, 9, 21, 14, 13, 21, 500_000, tzinfo=UTC)
        assert_that(found, equal_to([(time, 1_790_000_001.5)]))


def test_messages_become_rows_window_by_window(tmp_path):
    config = load_config(None, {"output.path": str(tmp_path), "stream.window_seconds": 10})

    def message(number, value, **attributes):
        sent = datetime.fromtimestamp(number, UTC)
        return at(number, PubsubMessage(value, attributes, str(number), sent))

    def at_once(identity, text):
        value = article(2, text=text, date="2026-09-20T08:00:00Z")
        sent = datetime.fromtimestamp(1_790_000_005, UTC)
        return at(1_790_000_005, PubsubMessage(value, {}, identity, sent))

    stream = (
        TestStream()
        .advance_watermark_to(1_790_000_000)
        .add_elements(
            [
                message(1_790_000_001, article(1)),
                message(1_790_000_002, b"{"),
                message(1_790_000_003, b"", kind="a tombstone"),
                message(1_790_000_004, PAGE, filename="4.html"),
                # Versions that nothing but their number puts in order.
                at_once("10", "It cost more than anybody had thought, the council said."),
                at_once("9", "It cost less than anybody had thought, the council said."),
            ]
        )
        .advance_watermark_to(1_790_000_011)
        # Sent again under another number, and edited.
        .add_elements([message(1_790_000_012, article(1))])
        .add_elements([message(1_790_000_013, article(1, text="It opened late, and cost more."))])
        .advance_watermark_to_infinity()
    )
    source = stream | ReadMessages(lambda item: pubsub_message(item, SUBSCRIPTION, None))
    options = PipelineOptions(["--streaming"])
    with beam.Pipeline(runner=BundleBasedDirectRunner(), options=options) as pipeline:
        build_stream(pipeline, source, make_plan(config), RunContext("run", NOW))
    rows = duckdb.sql(
        "select title, revision, epoch(ingested_at)::int, uri "
        f"from read_parquet('{tmp_path}/date=*/*.parquet')"
    ).fetchall()
    assert sorted(rows) == [
        ("Bridge 1", 2, 1_790_000_013, "pubsub://newsroom/wire/1790000013"),
        ("Bridge 2", 2, 1_790_000_005, "pubsub://newsroom/wire/10"),
        ("Bridge 4", 1, 1_790_000_004, "pubsub://newsroom/wire/1790000004"),
    ]
    assert sorted((letter["reason"], letter["uri"]) for letter in letters_in(tmp_path)) == [
        ("bad_json", "pubsub://newsroom/wire/1790000002"),
        ("empty_message", "pubsub://newsroom/wire/1790000003"),
    ]


# What reaches Beam's own sources.

KAFKA = {"bootstrap_servers": "broker:9092", "topics": ["news", "sport"], "group_id": "newsbeam"}


def settings(runner="flink", output="s3://bucket/out", **stream):
    overrides = {"input.paths": [], "run.runner.name": runner, "output.path": str(output)}
    return load_config(None, {**overrides, "stream": {"enabled": True, **stream}})


def test_pubsub_is_beams_own_unbounded_source(monkeypatch):
    monkeypatch.setattr("pipeline.runners.brokers.is_installed", lambda _: True)
    config = settings("dataflow", pubsub={"subscription": SUBSCRIPTION, "id_attribute": "id"})
    pipeline = beam.Pipeline(options=PipelineOptions(["--streaming"]))
    context = RunContext("run", NOW)
    build_stream(pipeline, ReadArrivals(make_plan(config)), make_plan(config), context)
    proto = pipeline.to_runner_api()
    (payload,) = (
        beam_runner_api_pb2.PubSubReadPayload.FromString(transform.spec.payload)
        for transform in proto.components.transforms.values()
        if transform.spec.urn == "beam:transform:pubsub_read:v1"
    )
    assert (payload.subscription, payload.id_attribute) == (SUBSCRIPTION, "id")
    assert payload.with_attributes
    assert any(
        collection.is_bounded == beam_runner_api_pb2.IsBounded.UNBOUNDED
        for collection in proto.components.pcollections.values()
    )


class FakeTopic(beam.PTransform):
    """Stands in the expansion service for Java's source: notes its settings, gives some rows."""

    asked: typing.ClassVar[list] = []
    records = (
        record(article(1), 1, [Header("content-type", b"application/json")]),
        record(None, 2, key=b"art-2"),
        record(PAGE, 3, [Header("filename", b"page.html")]),
    )

    def expand(self, begin):
        registry.register_coder(Record, RowCoder)
        rows = [at(1_790_000_001, row) for row in self.records]
        typed = beam.Map(lambda row: row).with_output_types(Record)
        return begin | beam.Create(rows) | typed | beam.Reshuffle()

    def to_runner_api_parameter(self, _):
        return "test:topic", b""


@beam.PTransform.register_urn(ReadFromKafka.URN_WITH_METADATA, None)
def _expand_topic(_proto, payload, _context):
    external = external_transforms_pb2.ExternalConfigurationPayload.FromString(payload)
    FakeTopic.asked.append(kafka_settings(external))
    return FakeTopic()


def kafka_settings(external):
    """Return the settings in the payload that Beam's transform sends to Java."""
    return RowCoder(external.schema).decode(external.payload)._asdict()


@contextlib.contextmanager
def expansion_service():
    server = grpc.server(ThreadPoolExecutor(2))
    servicer = ExpansionServiceServicer()
    beam_expansion_api_pb2_grpc.add_ExpansionServiceServicer_to_server(servicer, server)
    beam_artifact_api_pb2_grpc.add_ArtifactRetrievalServiceServicer_to_server(
        servicer.artifact_service(), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_kafka_settings_reach_the_service_and_its_rows_become_articles(tmp_path, monkeypatch):
    monkeypatch.setenv("JAAS", "a login")
    FakeTopic.asked.clear()
    with expansion_service() as address:
        kafka = {
            **KAFKA,
            "expansion_service": address,
            "properties": {"security.protocol": "SASL_SSL"},
            "variables": {"sasl.jaas.config": "JAAS"},
        }
        config = settings(output=tmp_path, kafka=kafka)
        with beam.Pipeline(runner=runner()) as pipeline:
            context = RunContext("run", NOW)
            build_stream(pipeline, ReadArrivals(make_plan(config)), make_plan(config), context)
    rows = duckdb.sql(f"select title, uri from read_parquet('{tmp_path}/date=*/*.parquet')")
    assert sorted(rows.fetchall()) == [
        ("Bridge 1", "kafka://news/3/1"),
        ("Bridge 4", "kafka://news/3/3"),
    ]
    assert [letter["uri"] for letter in letters_in(tmp_path)] == ["kafka://news/3/2"]
    (asked,) = FakeTopic.asked
    assert asked["topics"] == ["news", "sport"]
    assert asked["commit_offset_in_finalize"] is True
    assert asked["timestamp_policy"] == "ProcessingTime"
    assert asked["consumer_config"] == {
        "bootstrap.servers": "broker:9092",
        "group.id": "newsbeam",
        "auto.offset.reset": "earliest",
        "security.protocol": "SASL_SSL",
        "sasl.jaas.config": "a login",
    }


# What is refused, before anything is read.


def wrong_stream(stream):
    with pytest.raises(ConfigError) as caught:
        load_config(None, {"stream": stream})
    return str(caught.value)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ({"kafka": KAFKA}, "kafka is input that never ends: it needs stream.enabled: true"),
        (
            {"kafka": {**KAFKA, "topic": "a"}},
            "stream.kafka.topic: unknown key, did you mean topics? Known here: boot",
        ),
        (
            {"kafka": {"topics": ["a"], "group_id": "g"}},
            "stream.kafka.bootstrap_servers: Field req",
        ),
        ({"kafka": {**KAFKA, "topics": []}}, "stream.kafka.topics: Tuple should have at least 1"),
        (
            {"kafka": {**KAFKA, "properties": {"group.id": "g"}}},
            "property group.id: use group_id",
        ),
        (
            {"kafka": {**KAFKA, "properties": {"sasl.jaas.config": "x"}}},
            "property sasl.jaas.config holds a credential: name an environment variable",
        ),
        ({"pubsub": {}}, "needs subscription or topic, one of the two"),
        (
            {"pubsub": {"subscription": SUBSCRIPTION, "topic": "projects/newsroom/topics/a"}},
            "needs subscription or topic, one of the two",
        ),
        ({"pubsub": {"subscription": "wire"}}, "stream.pubsub.subscription: String should match"),
    ],
)
def test_a_wrong_section_is_named(stream, message):
    assert message in wrong_stream(stream)


@pytest.mark.parametrize(
    ("name", "stream", "message"),
    [
        (
            "flink",
            {"kafka": KAFKA},
            f"expansion_service is missing: .*{beam.__version__}.jar, from Apache",
        ),
        ("flink", {"kafka": {**KAFKA, "expansion_service": "gone.jar"}}, "gone.jar does not exist"),
        (
            "flink",
            {"kafka": {**KAFKA, "expansion_service": "127.0.0.1:1"}},
            "stream.kafka.expansion_service: nothing answers at 127.0.0.1:1.*start it: java -jar",
        ),
        ("flink", {"kafka": {**KAFKA, "expansion_service": "x"}}, "x is no host:port"),
        (
            "flink",
            {"pubsub": {"subscription": SUBSCRIPTION}},
            "runs on Dataflow only, not on flink",
        ),
        ("portable", {"pubsub": {"topic": "projects/a/topics/b"}}, "only, not on portable"),
        ("dataflow", {"pubsub": {"subscription": SUBSCRIPTION}}, r"install 'apache-beam\[gcp\]'"),
    ],
)
def test_what_is_missing_is_named(name, stream, message):
    with pytest.raises(ConfigError, match=message):
        message_sources(settings(name, **stream))


def test_a_jar_needs_java_and_is_told_what_flink_needs(tmp_path, monkeypatch):
    jar = tmp_path / "service.jar"
    jar.touch()
    java = tmp_path / "home" / "bin" / "java"
    monkeypatch.setenv("JAVA_HOME", str(java.parents[1]))
    config = settings(kafka={**KAFKA, "expansion_service": str(jar)})
    with pytest.raises(ConfigError, match=r"there is no java to start .*service\.jar with"):
        message_sources(config)
    java.parent.mkdir(parents=True)
    java.touch(0o755)
    assert list(message_sources(config)) == ["kafka"]
    monkeypatch.setattr("pipeline.runners.brokers.JavaJarExpansionService", lambda *_, **more: more)
    assert _expansion_service(str(jar), "flink") == {
        "append_args": ["--experiments=use_deprecated_read"]
    }
    assert _expansion_service(str(jar), "dataflow") == {"append_args": []}


def test_a_credential_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("JAAS", raising=False)
    config = settings(kafka={**KAFKA, "variables": {"sasl.jaas.config": "JAAS"}})
    with pytest.raises(ConfigError, match=r"JAAS is to hold sasl\.jaas\.config, and is not set"):
        read_from_kafka(config.stream.kafka, "localhost:1")


@pytest.mark.parametrize("inputs", [input_files, watch_inputs])
def test_this_process_reads_no_messages_and_says_what_does(tmp_path, inputs):
    settings = {"input.paths": [], "output.path": str(tmp_path)}
    config = load_config(None, {**settings, "stream": {"enabled": True, "kafka": KAFKA}})
    found = "\n".join(problems(config, inputs))
    assert "set it to false and use newsbeam watch, or set run.runner.name to an engine" in found
    assert "write the messages as files into a folder that newsbeam watch reads" in found


def test_a_message_that_was_not_kept_cannot_be_read_again_as_a_file():
    console = Console(record=True, width=100)
    print_replayed(console, Replayed(unkept=Counter({"kafka://news/0/7": 1, "in/a.txt": 1})), "out")
    told = console.export_text()
    assert "kafka://news/0/7: have it sent again" in told
    assert "newsbeam run -i in/a.txt -o out" in told


def test_messages_are_input_enough():
    input_files(settings(kafka=KAFKA))
    with pytest.raises(ConfigError, match=r"set paths or feeds .*or stream\.kafka"):
        input_files(settings())


def test_the_page_on_streams_is_true(tmp_path):
    page = (ROOT / "docs" / "stream.md").read_text("utf-8")
    configs = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    for text, missing in zip(configs, ["expansion_service", "apache-beam"], strict=True):
        path = tmp_path / "my.yaml"
        path.write_text(text)
        config = load_config(str(path))
        assert input_files(config) == []
        with pytest.raises(ConfigError, match=missing):
            message_sources(config)
    (table,) = re.findall(r"\| `content-type` \|.*?\n\n", page, re.DOTALL)
    kinds = re.findall(r"`(\w+/[\w.+-]+)`", table)
    assert len(kinds) == 17
    for kind in kinds:
        message = Message("kafka://news/0/1", b"\xff", {"content-type": kind}, None)
        (found,) = message_documents(message, NOW, 10)
        assert getattr(found, "reason", "") != "unknown_format", kind
