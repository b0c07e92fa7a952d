"""A store in trouble: what a run says, what stays published, and that the next run goes on."""

import errno
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from builders import make_published
from faulty_store import (
    DENIED,
    DENIED_EACH,
    EXPIRED,
    LOST,
    SLOW_DOWN,
    UNAUTHORIZED,
    UNKNOWN_KEY,
    WRONG_TIME,
    FaultyStore,
)
from runs import run_settings

from pipeline.check import problems
from pipeline.cli import main
from pipeline.config_files import load_config
from pipeline.upkeep.compact import compact
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.errors import NewsbeamError
from transforms.output import publish as publishing
from transforms.output import store_client, stores
from transforms.output.file_columns import read_columns
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.storage import join
from transforms.output.store_client import StoreError
from transforms.records import Partition

TOPICS = """
name: few
topics:
  - label: public works
    phrases: [bridges and roads]
  - label: culture
    phrases: [music and books]
"""
EARLIER, ALL = 3, 9
"""Articles that were published before the trouble, and all that are to be."""
RIGHTS = "Give its credentials the rights that it needs: s3:ListBucket, s3:GetObject, s3:PutObject"
RENEW = r"Give it credentials that are valid: in AWS_\.\.\., or log in again"
LATER = "Try it again when the store answers"
LASTING = {"slow": (SLOW_DOWN, LATER), "denied": (DENIED, RIGHTS), "expired": (EXPIRED, RENEW)}


@pytest.fixture(scope="module")
def server():
    server = FaultyStore()
    yield server
    server.close()


@pytest.fixture
def output(server, new_bucket, monkeypatch):
    """Return the address of an output in the server, whose clients soon try again."""
    soon = {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=5)}
    monkeypatch.setitem(store_client._RETRIES, "backoff", {**soon, "base": 2})
    return new_bucket(server.address)


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    """Return settings for a run on the first so many articles."""
    folder = tmp_path_factory.mktemp("articles")
    (folder / "topics.yaml").write_text(TOPICS)

    def settings(count):
        source = folder / f"{count}.jsonl"
        source.write_text("".join(json.dumps(record(number)) + "\n" for number in range(count)))
        return {
            "input.paths": [str(source)],
            "topics.file": str(folder / "topics.yaml"),
            "encoder.multilingual": "off",
        }

    return settings


def record(number):
    return {
        "url": f"https://a.example/{number}",
        "title": f"Item {number} of the council",
        "text": f"The council voted on day {number} to build bridge {number} over the river Ald. "
        f"It will cost {number + 2} million, said the mayor of Marlow.",
        "date": f"2026-10-0{number % 3 + 1}T08:{number:02d}:00Z",
    }


def is_row(asked):
    return "/date=" in asked.key and asked.key.endswith(".parquet")


def titles(root):
    return Counter(
        title
        for file in day_files(root)
        for title in read_columns(join(root, file.path), ["title"])["title"].to_pylist()
    )


def wanted(count):
    return Counter(record(number)["title"] for number in range(count))


def publish(root, settings):
    return run_settings({**settings, "output.path": root, "run.batch_documents": 4})


def goes_on(root, settings):
    """Check that the next run publishes all, each once, and that nothing is amiss."""
    manifest = publish(root, settings)
    assert manifest.status == "done"
    assert titles(root) == wanted(ALL)
    assert not verify_output(root).problems


@pytest.mark.parametrize(("answer", "fix"), LASTING.values(), ids=LASTING)
def test_trouble_that_lasts(server, output, articles, answer, fix):
    publish(output, articles(EARLIER))
    with (
        server.in_trouble(lambda asked: answer if asked.kind == "put" and is_row(asked) else None),
        pytest.raises(NewsbeamError) as failed,
    ):
        publish(output, articles(ALL))
    assert re.search(
        rf"^{output}/date=2026-10-0\d/part-\S+\.parquet cannot be written: .*{answer.code}: "
        rf"{answer.message[:-1]}.*\. {fix}.*; what is published is whole$",
        str(failed.value),
    )
    assert titles(output) == wanted(EARLIER)
    goes_on(output, articles(ALL))


def test_trouble_from_the_middle_of_a_batch_on(server, output, articles):
    """Also the manifest and the lock cannot be written then, which is not what is told."""
    rows = Counter()

    def trouble(asked):
        rows[asked.kind] += is_row(asked)
        return EXPIRED if rows["put"] >= 2 else None

    with server.in_trouble(trouble), pytest.raises(NewsbeamError, match=r"part-\S+ cannot be"):
        publish(output, articles(ALL))
    assert sum(titles(output).values()) == 2
    goes_on(output, articles(ALL))


def test_trouble_that_passes(server, output, articles):
    """Each request of a run is refused at first."""
    refused = set()

    def trouble(asked):
        if asked in refused:
            return None
        refused.add(asked)
        return SLOW_DOWN

    with server.in_trouble(trouble):
        goes_on(output, articles(ALL))
    assert {asked.kind for asked in refused} >= {"get", "put", "list"}


@pytest.mark.parametrize("kind", ["put", "delete"])
def test_answers_that_are_lost(server, output, articles, kind):
    """The store does what it is asked for, and every other connection breaks before it says so."""
    lost = Counter()

    def trouble(asked):
        lost[asked.kind] += 1
        return LOST if asked.kind == kind and lost[kind] % 2 else None

    with server.in_trouble(trouble):
        assert publish(output, articles(ALL)).counts.written == ALL
        goes_on(output, articles(ALL))
    assert lost[kind] >= 2


@pytest.mark.parametrize("kind", ["put", "list", "get", "delete"])
def test_a_missing_right_is_found_before_any_work(server, output, articles, kind):
    config = load_config(None, {**articles(EARLIER), "output.path": output})
    with server.in_trouble(lambda asked: DENIED if asked.kind == kind else None):
        [found] = problems(config)
    assert re.search(rf"^output\.path: {output} cannot be written: .*AccessDenied.*{RIGHTS}", found)


def test_an_input_that_a_store_does_not_give(server, output, articles):
    """One object that is refused is a matter of its own; credentials are not."""
    inputs = f"{output}/in"
    for number in range(2):
        stores.put(f"{inputs}/{number}.json", json.dumps(record(number)).encode())
    settings = {**articles(1), "input.paths": [inputs]}

    def refuse(answer, name):
        return lambda asked: answer if asked.kind == "get" and asked.key.endswith(name) else None

    with (
        server.in_trouble(refuse(EXPIRED, "/1.json")),
        pytest.raises(NewsbeamError, match=rf"in/1\.json cannot be read: ExpiredToken.*{RENEW}"),
    ):
        publish(f"{output}/out", settings)
    with server.in_trouble(refuse(DENIED, "/1.json")):
        manifest = publish(f"{output}/out", settings)
    assert manifest.counts.rejected == {"read.unreadable": 1}
    publish(f"{output}/out", settings)
    assert titles(f"{output}/out") == wanted(2)


COMPACTED = {
    "denied": ("delete", DENIED),
    "denied in a list": ("delete", DENIED_EACH),
    "answers lost": ("delete", LOST),
    "expired": ("put", EXPIRED),
}


@pytest.mark.parametrize(("kind", "answer"), COMPACTED.values(), ids=COMPACTED)
def test_a_compaction_in_trouble(server, output, monkeypatch, kind, answer):
    monkeypatch.setattr(publishing, "FILE_ROWS", 2)
    day = Partition("2026-10-01", 0)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    rows = [article_row(make_published(number, published_at=at), "run") for number in range(8)]
    with upkeep(output, "test") as done:
        for first in range(0, 8, 2):
            done.paths |= publish_partition(output, day, rows[first : first + 2]).paths
    monkeypatch.setattr(publishing, "FILE_ROWS", 1500)

    def run_compact():
        with upkeep(output, "compact") as done:
            return list(compact(output, date(2026, 12, 1), 2**30, done))

    def trouble(asked):
        return answer if asked.kind == kind and is_row(asked) else None

    with server.in_trouble(trouble), pytest.raises(NewsbeamError, match=f"^{output}/.* cannot be"):
        run_compact()
    assert set(titles(output)) == {row["title"] for row in rows}
    run_compact()
    assert titles(output) == Counter(row["title"] for row in rows)
    assert len(day_files(output)) == 1
    assert not verify_output(output).problems


@pytest.mark.parametrize("answer", [DENIED, DENIED_EACH, SLOW_DOWN], ids=lambda answer: answer.code)
def test_the_last_row_of_a_file_leaves_in_trouble(server, output, answer):
    """A file is emptied before it is removed; if that is all that is done, the next one does it."""
    rows = [article_row(make_published(number), "run") for number in range(2)]
    day = Partition("2026-10-01", 0)

    def trouble(asked):
        return answer if asked.kind == "delete" and is_row(asked) else None

    with upkeep(output, "test") as done:
        done.paths |= publish_partition(output, day, rows[:1]).paths
    with (
        pytest.raises(NewsbeamError, match="cannot be removed"),
        server.in_trouble(trouble),
        upkeep(output, "test"),
    ):
        publish_partition(output, day, removals=[rows[0]["id"]])
    assert not titles(output)
    with upkeep(output, "test") as done:
        done.paths |= publish_partition(output, day, rows[1:]).paths
    assert titles(output) == Counter([rows[1]["title"]])
    assert not verify_output(output).problems


SAID = {
    "unknown": (UNKNOWN_KEY, errno.EPERM, RENEW),
    "unauthorized": (UNAUTHORIZED, errno.EPERM, RENEW),
    "expired": (EXPIRED, errno.EPERM, RENEW),
    "denied": (DENIED, errno.EACCES, RIGHTS),
    "clock": (WRONG_TIME, errno.EPERM, "Set the clock of this machine right"),
    "busy": (SLOW_DOWN, errno.EIO, LATER),
}


ASKED = [
    (stores.read, "read"),
    (stores.listing, "listed"),
    (stores.delete, "removed"),
    (lambda path: stores.put(path, b"1"), "written"),
    (lambda path: stores.put(path, b"1", expected=""), "written"),
]


@pytest.mark.parametrize(("answer", "number", "fix"), SAID.values(), ids=SAID)
def test_what_is_said(server, output, answer, number, fix):
    for ask, what in ASKED:
        with server.in_trouble(lambda asked: answer), pytest.raises(StoreError) as failed:
            ask(f"{output}/a")
        assert failed.value.errno == number
        said = rf"{output}/a cannot be {what}: (.*){answer.code}: {answer.message[:-1]}.*\. {fix}.*"
        assert re.fullmatch(said, str(failed.value))


def test_a_head_that_is_refused_is_answered_without_a_word(server, output):
    with server.in_trouble(lambda asked: DENIED), pytest.raises(StoreError) as failed:
        stores.look(f"{output}/a")
    assert str(failed.value).startswith(f"{output}/a cannot be looked at: 403 Forbidden. {RIGHTS}")


def test_what_a_command_says(server, output, capsys):
    with (
        server.in_trouble(lambda asked: EXPIRED if asked.kind == "list" else None),
        pytest.raises(SystemExit) as end,
    ):
        main(["verify", output])
    assert end.value.code == 1
    assert re.fullmatch(
        rf"Error: {output}/\S* cannot be listed: ExpiredToken: .*\n", capsys.readouterr().err
    )
