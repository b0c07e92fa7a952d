"""One document never stops the rest: whatever it makes code raise is a dead letter of its own."""

import errno
import importlib
import re
import sqlite3
from dataclasses import replace
from functools import partial

import pytest
from builders import NOW, make_article, make_raw

from pipeline.config_files import load_config
from pipeline.outcome import Counts
from pipeline.progress import Progress
from pipeline.report import fault_lines
from pipeline.run import run
from pipeline.settings import make_plan
from pipeline.upkeep.rejected import Selection, stored_letters
from pipeline.upkeep.verify import verify_output
from transforms import isolation
from transforms.bounds import Bounds
from transforms.deadletter import attempt, attempt_all
from transforms.encode import PROBE
from transforms.errors import FAULT, ConfigError, NewsbeamError, Rejected
from transforms.formats import FileInfo, ParseOptions
from transforms.isolation import TOO_COSTLY, tried
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.records import Article, DeadLetter


def raises(error):
    def work(*_, **__):
        raise error

    return work


def recurse(*_):
    return recurse()


class OddError(Exception):
    def __str__(self):
        return "\x1b[31mred\x07\nhttps://me:secret@a.example/?token=abc" + " and on" * 100


OF_DOCUMENTS = {
    "a value": ValueError("year 0 is out of range"),
    "a number": OverflowError("date value out of range"),
    "a key": KeyError("headline"),
    "an assertion": AssertionError(),
    "an encoding": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    "a name that a library opens": FileNotFoundError(errno.ENOENT, "no such file"),
    "a name that is too long": OSError(errno.ENAMETOOLONG, "File name too long"),
    "an error without number": OSError("Invalid data stream"),
    "an end": StopIteration(),
    "an import": ImportError("lxml.html.clean"),
    "memory": MemoryError(),
}
OF_OTHERS = {
    "the disk": OSError(errno.ENOSPC, "No space left on device"),
    "files": OSError(errno.EMFILE, "Too many open files"),
    "the machine": OSError(errno.EIO, "Input/output error"),
    "the settings": ConfigError("a model is missing"),
    "the output": NewsbeamError("the lock was taken over"),
    "the cache": sqlite3.OperationalError("database or disk is full"),
}


@pytest.mark.parametrize("error", OF_DOCUMENTS.values(), ids=OF_DOCUMENTS)
def test_what_a_document_makes_code_raise_is_its_fault(error):
    found = tried(raises(error), "parse", make_raw())
    assert (found.reason, found.detail.split(":")[0]) == (FAULT, type(error).__name__)


@pytest.mark.parametrize("error", OF_OTHERS.values(), ids=OF_OTHERS)
def test_what_says_that_something_else_fails_is_raised(error):
    with pytest.raises(type(error)):
        tried(raises(error), "parse", make_raw())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()])
def test_an_order_to_stop_is_obeyed(error):
    with pytest.raises(type(error)):
        tried(raises(error), "parse", make_raw())


def test_a_machine_without_memory_is_no_fault_of_a_document(monkeypatch):
    monkeypatch.setattr(isolation, "bytearray", raises(MemoryError()), raising=False)
    with pytest.raises(MemoryError):
        tried(raises(MemoryError()), "parse", make_raw())


def test_recursion_without_end_is_a_fault():
    assert tried(recurse, "parse", make_raw()).detail.startswith("RecursionError")


def test_the_detail_says_what_was_raised_and_no_more():
    detail = tried(raises(OddError()), "parse", make_raw()).detail
    assert detail.startswith("OddError: [31mred https://***@a.example/?token=~")
    assert len(detail) == 300
    assert not any(character < " " for character in detail)


def test_the_detail_says_where_in_our_code(monkeypatch):
    raw = make_raw(b'{"text": "A bridge opens."}', media_type="application/json")
    for place in ("transforms.formats.json_records.find_fields", "json.loads"):
        with monkeypatch.context() as patched:
            patched.setattr(place, raises(OverflowError("too far")))
            found = tried(partial(parse_document, raw, ParseOptions()), "parse", raw)
        assert re.match(r"OverflowError in transforms\.formats\.\w+:\d+: too far", found.detail)


def test_a_rejection_stays_one():
    rejected = Rejected("no_text", "nothing was found")
    assert tried(raises(rejected), "parse", make_raw()) is rejected


def test_an_article_that_cannot_go_on_keeps_its_original():
    raw = make_raw(b"Text.", line=3)
    letter = attempt(make_article(raw=raw), raises(ValueError("odd")), "clean")
    assert (letter.step, letter.reason, letter.payload, letter.line) == (
        "clean",
        FAULT,
        b"Text.",
        3,
    )


def batch_work(bad, calls):
    def work(articles):
        calls.append(len(articles))
        if any(article.title in bad for article in articles):
            raise ValueError("a shape that the model does not like")
        return [replace(article, summary="done") for article in articles]

    return work


ARTICLES = [make_article(number) for number in range(16)]


@pytest.mark.parametrize("bad", [[], [0], [15], [3, 4], list(range(16))])
def test_a_batch_that_raises_is_halved_until_the_article_is_found(bad):
    calls = []
    titles = {f"Bridge {number}" for number in bad}
    done = attempt_all(ARTICLES, batch_work(titles, calls), "encode", lambda: [PROBE])
    letters = [item for item in done if isinstance(item, DeadLetter)]
    assert {letter.uri for letter in letters} == {f"in/articles.jsonl#{n}" for n in bad}
    assert {(item.step, item.reason) for item in letters} <= {("encode", FAULT)}
    others = {item.title for item in done if isinstance(item, Article)}
    assert others == {article.title for article in ARTICLES} - titles
    assert len(calls) <= 1 + 10 * len(bad)


def test_a_model_that_fails_at_everything_is_no_fault_of_articles():
    calls = []
    everything = {article.title for article in [*ARTICLES, PROBE]}
    with pytest.raises(ValueError, match="does not like"):
        attempt_all(ARTICLES, batch_work(everything, calls), "encode", lambda: [PROBE])
    assert len(calls) == 6  # down to the first article, and the probe


def test_the_probe_takes_nothing_from_a_cache():
    everything = {article.title for article in [*ARTICLES, PROBE]}
    cached = batch_work({article.title for article in ARTICLES}, [])
    with pytest.raises(ValueError, match="does not like"):
        attempt_all(ARTICLES, cached, "encode", lambda: [PROBE], batch_work(everything, []))


def test_a_probe_that_is_rejected_on_purpose_works():
    probe_rejected = raises(Rejected("foreign", "is not German"))
    bad = batch_work({"Bridge 3"}, [])
    done = attempt_all(ARTICLES, bad, "encode", lambda: [PROBE], probe_rejected)
    assert sum(isinstance(item, DeadLetter) for item in done) == 1


def test_what_fails_besides_an_article_ends_a_batch():
    with pytest.raises(ConfigError):
        attempt_all(ARTICLES, raises(ConfigError("no model")), "encode", lambda: [PROBE])


def articles_in(folder, *numbers):
    folder.mkdir(exist_ok=True)
    for number in numbers:
        text = f"Bridge {number}\n\nThe council opened bridge {number} over the river on Monday.\n"
        (folder / f"{number}.txt").write_text(text)
    return folder


def break_at(monkeypatch, place, broken):
    """Have the function at `place` raise where what it is given has `broken` in it."""
    module, _, name = place.rpartition(".")
    function = getattr(importlib.import_module(module), name)

    def work(*arguments, **named):
        if broken in str(arguments):
            raise OverflowError(f"date value out of range, in {name}")
        return function(*arguments, **named)

    monkeypatch.setattr(place, work)


STEPS = {
    "parse": "transforms.parse.parse_document",
    "clean": "transforms.clean.clean_article",
    "encode": "transforms.encode.with_sentences",
    "embed": "transforms.classify.step.with_embedding",
    "summarize": "transforms.summarize.step.summarize_article",
    "describe": "transforms.relate.step.describe_article",
    "classify": "transforms.classify.step.classify_article",
}


def test_faults_in_any_step_are_dead_letters_and_the_rest_are_rows(tmp_path, monkeypatch):
    """Of the articles 0 to 6 each breaks another step; 7 and 8 are as they should be."""
    source, output = articles_in(tmp_path / "in", *range(9)), tmp_path / "out"
    settings = {"input.paths": [str(source)], "output.path": str(output)}
    plan = make_plan(load_config(None, {**settings, "output.embedding": True}))
    with monkeypatch.context() as patched:
        for number, place in enumerate(STEPS.values()):
            break_at(patched, place, f"bridge {number} over")
        manifest, _ = run(plan, [], Progress())
    assert manifest.status == "done"
    assert manifest.counts.rejected == {f"{step}.fault": 1 for step in STEPS}
    assert (manifest.counts.written, manifest.as_dict()["faults"]) == (2, len(STEPS))
    stored = [*stored_letters(str(output), Selection(reasons=[FAULT]))]
    found = {
        one.letter.step: re.findall(r"bridge (\d)", one.letter.payload.decode()) for one in stored
    }
    assert found == {step: [str(number)] for number, step in enumerate(STEPS)}
    assert all(one.letter.detail.startswith("OverflowError") for one in stored)
    # Where today's code can do it, the same input again brings the rows.
    manifest, _ = run(plan, [], Progress())
    assert (manifest.counts.written, manifest.counts.unchanged) == (len(STEPS), 2)
    assert verify_output(str(output)).problems == []


def info(path):
    return FileInfo(str(path), path.stat().st_size, None, NOW)


def test_a_file_that_breaks_while_it_is_split_gives_what_comes_before(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two"}\n{"text": "three"}\n')
    break_at(monkeypatch, "transforms.formats.json_records.document", "two")
    first, last = read_documents(info(path))
    assert first.content == b'{"text": "one"}'
    assert (last.step, last.reason, last.line) == ("read", FAULT, 2)
    assert last.payload == path.read_bytes()
    break_at(monkeypatch, "transforms.formats.json_records.document", "one")
    [whole] = read_documents(info(path))
    assert (whole.reason, whole.line) == (FAULT, None)


def test_what_met_a_fault_is_told():
    counts = Counts(rejected={"parse.fault": 2, "parse.no_text": 1}, page_faults=1)
    met, report = "met a fault of newsbeam:", "; please report"
    assert fault_lines(counts, "my out", feeds=3) == [
        f"2 inputs {met} newsbeam rejected 'my out' --reason fault{report} them",
        f"1 page {met} flag fault in the row of each{report} it",
        f"3 feeds {met} newsbeam feeds 'my out' --failing{report} them",
    ]
    assert fault_lines(Counts(rejected={"parse.no_text": 1}), "out") == []


def test_a_costly_document_is_rejected_with_the_bound():
    found = tried(spin, "parse", make_raw(), Bounds(seconds=0.2))
    assert found.reason == TOO_COSTLY
    assert found.detail.startswith("more than 0.2 s of processor time; ")


def spin():
    while True:
        pass
