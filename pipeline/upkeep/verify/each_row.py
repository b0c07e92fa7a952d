"""What must hold for each row by itself."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC

from transforms.output.merge import Row
from transforms.output.versions import revision
from transforms.records import TEXT_REMOVED
from transforms.summarize.extractive import EXTRACTIVE
from transforms.text.date_sources import DATE_SOURCES
from transforms.text.sentences import BULLET, split_sentences

Finding = tuple[str, str]
"""Code and detail."""

_ID = re.compile(r"[0-9a-f]{32}")


def check_row(row: Row, day: str) -> Iterator[Finding]:
    """Yield what does not hold for a row in the folder of the UTC day `day`."""
    for check in _CHECKS:
        yield from check(row)
    found = row["published_at"].astimezone(UTC).strftime("%Y-%m-%d")
    if found != day:
        yield "wrong_day", f"published_at is {row['published_at'].isoformat()}"


def summary_is_extract(summary: str, text: str, language: str | None) -> bool:
    """Return whether every sentence of `summary` occurs in `text`, white space aside.

    Of a list, each line is looked for without its bullet.
    """
    return _occurs(summary, text, language) or all(
        line.startswith(BULLET) and _occurs(line.removeprefix(BULLET), text, language)
        for line in summary.splitlines()
    )


def _occurs(summary: str, text: str, language: str | None) -> bool:
    """Return whether sentences occur in `text`.

    A sentence may end elsewhere beside other neighbours, so if those of the summary are not found,
    it is taken apart into those of the text.
    """
    flat = " ".join(text.split())
    if summary in flat or all(s in flat for s in split_sentences(summary, language)):
        return True
    sentences = sorted(split_sentences(text, language), key=len, reverse=True)
    rest = summary
    while rest:
        taken = next((s for s in sentences if rest.startswith(s)), None)
        if taken is None:
            return False
        rest = rest[len(taken) :].lstrip()
    return True


def _identity(row: Row) -> Iterator[Finding]:
    if not _ID.fullmatch(row["id"]):
        yield "bad_id", "the id is not 32 hex digits"
    if row["id"] not in row["keys"]:
        yield "bad_keys", "the id is not among its keys"


def _versions(row: Row) -> Iterator[Finding]:
    versions = row["versions"]
    if not versions or row["revision"] != revision(versions) or versions != sorted(set(versions)):
        yield (
            "wrong_revision",
            f"revision is {row['revision']}, its versions make it {revision(versions)}",
        )


def _text(row: Row) -> Iterator[Finding]:
    if TEXT_REMOVED in row["flags"]:
        if row["text"]:
            yield "bad_value", f"it has the flag {TEXT_REMOVED}, and a text"
    elif hashlib.sha256(row["text"].encode()).hexdigest() != row["text_sha256"]:
        yield "wrong_text_sha256", "text_sha256 is not that of the text"


def _summary(row: Row) -> Iterator[Finding]:
    summary = row["summary"]
    if not summary.strip():
        yield "no_summary", "the summary is empty"
    elif (
        row["summary_method"] == EXTRACTIVE
        and TEXT_REMOVED not in row["flags"]
        and not summary_is_extract(summary, row["text"], row["language"])
    ):
        yield "summary_not_in_text", "a sentence of the extractive summary is not in the text"
    if row["faithfulness"] is not None and not 0 <= row["faithfulness"] <= 1:
        yield "out_of_range", f"faithfulness is {row['faithfulness']}"


def _topics(row: Row) -> Iterator[Finding]:
    labels = [topic["label"] for topic in row["topics"]]
    scores = [topic["score"] for topic in row["topics"]]
    if any(not 0 <= score <= 1 for score in [*scores, row["topic_score"] or 0]):
        yield "out_of_range", f"a topic's score is not in [0, 1]: {scores}, {row['topic_score']}"
    if scores != sorted(scores, reverse=True) or len(set(labels)) < len(labels):
        yield "bad_topics", "topics are not each listed once, best first"
    if row["topic"] is not None and (
        row["topic"] != next(iter(labels), None) or row["topic_score"] != scores[0]
    ):
        yield "bad_topics", f"topic is {row['topic']} {row['topic_score']}, topics begin otherwise"


def _values(row: Row) -> Iterator[Finding]:
    if row["date_source"] not in DATE_SOURCES:
        yield "bad_value", f"date_source is {row['date_source']!r}"
    if row["flags"] != sorted(set(row["flags"])):
        yield "bad_value", "flags are not sorted, each once"
    if row["word_count"] < 0:
        yield "bad_value", f"word_count is {row['word_count']}"


_CHECKS: tuple[Callable[[Row], Iterator[Finding]], ...] = (
    _identity,
    _versions,
    _text,
    _summary,
    _topics,
    _values,
)
