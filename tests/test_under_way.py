"""What a process was working on when it died is known to the next one."""

import threading
from dataclasses import replace

import pytest
from builders import make_article, make_raw
from deaths import dying, kill

from transforms.deadletter import attempt, attempt_all
from transforms.encode import PROBE, encode_articles
from transforms.isolation import FAULT
from transforms.models.loaders import cached_model
from transforms.records import Article, DeadLetter
from transforms.under_way import (
    ENDS_OF_BATCHES,
    LAST_END,
    journal,
    keeping_journal,
    name_of,
)


def survive(article):
    return replace(article, summary="done")


RAW = make_raw(b"A text that a library dies of.")
NAME = name_of(RAW)


def test_a_document_is_passed_over_after_two_ends_and_one_in_a_process_of_its_own(tmp_path):
    place = tmp_path / "documents"
    ends = dying(place, {}, lambda: attempt(RAW, kill, "parse"))
    assert ends == {("parse", NAME): 1}
    ends = dying(place, ends, lambda: attempt(RAW, kill, "parse"))
    assert ends == {("parse", NAME): 2}
    with keeping_journal(place, ends) as kept:
        letter = attempt(RAW, kill, "parse")
        assert (kept.ends, kept.is_changed) == ({("parse", NAME): LAST_END}, True)
        assert attempt(RAW, len_of, "parse").detail != letter.detail, "it is not tried again"
        others = [make_raw(b"Another text."), replace(RAW, uri="in/b.txt")]
        assert [attempt(raw, len_of, "parse") for raw in others] == [13, 30]
        assert attempt(RAW, len_of, "clean") == 30  # another step
    assert (letter.step, letter.reason, letter.payload) == ("parse", FAULT, RAW.content)
    assert "under way in parse when the process ended, 2 times" in letter.detail
    assert "a process that only tried it was ended by Killed (9)" in letter.detail


def test_what_ends_the_encoder_is_not_cleared_by_being_split(tmp_path):
    """Both are the step's work on it."""
    article = make_article(0)

    class Deadly:
        encode = kill

    def work():
        encode_articles([article], Deadly(), 10)

    ends, place = {}, tmp_path / "documents"
    for times in range(1, ENDS_OF_BATCHES + 1):
        ends = dying(place, ends, work)
        assert list(ends.values()) == [times]
    with keeping_journal(place, ends):
        [letter] = encode_articles([article], Deadly(), 10)
    assert (letter.step, letter.reason) == ("encode", FAULT)


def len_of(raw):
    return len(raw.content)


def test_who_survives_is_a_suspect_no_more(tmp_path):
    place = tmp_path / "documents"
    ends = dying(place, {}, lambda: attempt(RAW, kill, "parse"))
    with keeping_journal(place, ends) as kept:
        assert attempt(RAW, len_of, "parse") == 30
        assert (kept.ends, kept.is_changed) == ({}, True)
    assert dying(place, {}, lambda: attempt(RAW, kill, "parse")) == {("parse", NAME): 1}


def test_who_survives_is_a_suspect_no_more_though_the_process_ends_later(tmp_path):
    place = tmp_path / "documents"
    ends = dying(place, {}, lambda: attempt(RAW, kill, "parse"))

    def work():
        attempt(RAW, len_of, "parse")
        attempt(make_raw(b"Another text."), kill, "parse")

    assert dying(place, ends, work) == {("parse", name_of(make_raw(b"Another text."))): 1}


def test_what_is_loaded_is_no_matter_of_the_document(tmp_path):
    place = tmp_path / "documents"

    def load_and_die(_):
        cached_model("of this test", kill)

    def load_and_go_on(_):
        cached_model("of this test", int)
        kill()

    assert dying(place, {}, lambda: attempt(RAW, load_and_die, "classify")) == {}
    ends = dying(place, {}, lambda: attempt(RAW, load_and_go_on, "classify"))
    assert ends == {("classify", NAME): 1}


def test_ends_in_company_count_once(tmp_path):
    place, articles = tmp_path / "documents", [make_article(number) for number in range(2)]
    names = [("encode", name_of(article)) for article in articles]

    def work():
        with journal().working("encode", [name for _, name in names]):
            kill()

    ends = dying(place, {}, work)
    assert dying(place, ends, work) == ends == dict.fromkeys(names, 1)


def test_what_was_done_before_the_end_is_no_suspect(tmp_path):
    def work():
        attempt(make_raw(b"One."), len_of, "parse")
        kill()

    assert dying(tmp_path / "documents", {}, work) == {}


def test_every_thread_notes_its_own(tmp_path):
    def work():
        begun = threading.Barrier(3)

        def hold(raw):
            begun.wait()
            threading.Event().wait()

        for number in range(2):
            raw = make_raw(uri=f"in/{number}.txt")
            threading.Thread(target=attempt, args=(raw, hold, "read"), daemon=True).start()
        begun.wait()
        kill()

    ends = dying(tmp_path / "documents", {}, work)
    assert ends == {("read", name_of(make_raw(uri=f"in/{number}.txt"))): 1 for number in range(2)}


BATCHES = "encode, in batches"


def test_a_batch_that_died_is_tried_one_by_one(tmp_path):
    """So the next ends name the article, which it takes more of: such a step takes long."""
    place, articles = tmp_path / "documents", [make_article(number) for number in range(40)]
    tried = []

    def work(batch):
        tried.append(len(batch))
        if articles[7] in batch:
            kill()
        return [survive(article) for article in batch]

    def attempt_them():
        return attempt_all(articles, work, "encode", lambda: [PROBE])

    ends = dying(place, {}, attempt_them)
    assert ends == {(BATCHES, name_of(article)): 1 for article in articles}
    culprit = BATCHES, name_of(articles[7])
    innocent = (BATCHES, name_of(articles[30])), 1
    for times in (2, 3, 4):
        ends = dying(place, ends, attempt_them)
        assert ends.pop(culprit) == times
        assert innocent in ends.items()
        assert set(ends.values()) == {1}
        assert len(ends) == 32, "those before it were done"
        ends[culprit] = times
    with keeping_journal(place, ends) as kept:
        done = attempt_them()
        assert kept.ends == {culprit: 4}
    assert set(tried) == {1, 7}  # in this process; the seven were done before
    [letter] = [item for item in done if isinstance(item, DeadLetter)]
    assert letter.uri == articles[7].uri
    assert sum(isinstance(item, Article) for item in done) == 39


def test_a_process_that_lives_leaves_nothing_behind(tmp_path):
    place = tmp_path / "documents"
    with keeping_journal(place, {}) as first:
        assert journal() is first
        with first.working("parse", ["a"]), keeping_journal(place, {}) as second:
            assert second.ends == {}  # the first is still at work
    assert journal() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b'["parse", "a', b"7\n", b"[]\n", b"\xff\n"])
def test_notes_that_were_cut_off_name_nobody(tmp_path, content):
    (tmp_path / "documents.1.under_way").write_bytes(content)
    with keeping_journal(tmp_path / "documents", {}) as kept:
        assert kept.ends == {}


def test_an_order_to_stop_says_nothing_of_a_document(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with keeping_journal(tmp_path / "documents", {("parse", NAME): 1}) as kept:
        with pytest.raises(KeyboardInterrupt):
            attempt(RAW, stop, "parse")
        assert kept.ends == {("parse", NAME): 1}
    with keeping_journal(tmp_path / "documents", {}) as kept:
        assert kept.ends == {}
