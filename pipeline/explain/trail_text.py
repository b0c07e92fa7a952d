"""What happened to an article, told in a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from pipeline.explain.trail import Reason, Trail
from pipeline.reading_list import print_paragraph
from transforms.output.merge import Row
from transforms.records import DeadLetter
from transforms.redaction import redacted
from transforms.text.counted import counted

_DATED_BY = {
    "record": "from the record",
    "feed": "from the feed's entry",
    "page": "from what the page says of itself, or the text",
    "path": "from the address, or the path of the file",
    "file": "which is the file's: the article states no date",
    "run": "which is when it was read: the article states no date",
}
"""What each of `DATE_SOURCES` says of a date."""


def print_trail(console: Console, trail: Trail) -> None:
    """Print what the output says."""
    for heading, lines in _sections(trail):
        _print(console, heading, lines)


def print_reasons(console: Console, reasons: Sequence[Reason]) -> None:
    """Print why the article has its topics, as they are computed today."""
    _print(console, "Topics, computed today", _nearest(reasons))


def _print(console: Console, heading: str, lines: Iterable[str]) -> None:
    found = list(lines)
    if found:
        console.print(Text(heading, style="bold"))
        for line in found:
            print_paragraph(console, Text(line.lstrip()), 2 + len(line) - len(line.lstrip()))
        console.print()


def _sections(trail: Trail) -> Iterator[tuple[str, Iterable[str]]]:
    if row := trail.row:
        heading = row["title"] or "(no title)"
        if trail.listed_in:
            heading += " (the row of another article with exactly this text, which lists it)"
        yield heading, _identity(row)
        yield "Date", _date(row)
        yield "Summary", _summary(row)
        yield "In the article", _marked(trail.paragraphs)
        yield "Topics", _topics(row)
        yield "Repeats", _repeats(trail)
        yield "Story", _story(trail)
        yield "Revisions", _revisions(trail)
    yield "Dead letters", _letters(trail.letters)


def _identity(row: Row) -> Iterator[str]:
    words, language = counted(row["word_count"], "word"), row["language"] or "unknown"
    yield f"id {row['id']}, {words}, language {language}"
    yield f"read from {redacted(row['uri'])}"
    for name in ("feed", "url", "source", "section", "source_id"):
        if row[name]:
            yield f"{name} {redacted(row[name])}"
    yield f"written by run {row['run_id']}, read {row['ingested_at']:%Y-%m-%d %H:%M:%S} UTC"
    yield f"answers to {counted(len(row['keys']), 'key')} (its addresses, guids, title with text)"
    if row["flags"]:
        yield f"flags {', '.join(row['flags'])} (docs/schema.md says what each means)"


def _date(row: Row) -> Iterator[str]:
    yield f"{row['published_at']:%Y-%m-%d %H:%M:%S} UTC, {_DATED_BY[row['date_source']]}"
    if row["modified_at"]:
        yield f"last changed {row['modified_at']:%Y-%m-%d %H:%M:%S} UTC, says its source"


def _summary(row: Row) -> Iterator[str]:
    yield row["summary"]
    share = "" if row["faithfulness"] is None else f", supported {row['faithfulness']:.2f}"
    yield f"({row['summary_method']}, {row['summary_model']}{share})"


def _marked(paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
    for paragraph in paragraphs:
        for number, part in enumerate(paragraph):
            if part.strip():
                yield f"{'>' if number % 2 else ' '} {part.strip()}"


def _topics(row: Row) -> Iterator[str]:
    published = [f"{topic['label']} {topic['score']:.2f}" for topic in row["topics"]]
    yield f"published: {row['topic'] or 'none is certain enough'}; {', '.join(published) or 'none'}"


def _nearest(reasons: Sequence[Reason]) -> Iterator[str]:
    for reason in reasons:
        near = f"nearest phrase \u201c{reason.phrase}\u201d, cosine {reason.nearness:.2f}"
        yield f"{reason.label} {reason.score:.2f}: {near}"
        for sentence, cosine in reason.sentences:
            yield f"    {cosine:.2f}  {sentence}"


def _repeats(trail: Trail) -> Iterator[str]:
    assert trail.row is not None
    for copy in trail.row["duplicates"]:
        yield f"exactly its text: {copy['id']}  {copy['url'] or ''}".rstrip()
    if original := trail.original:
        yield f"it nearly repeats {_line(original)}"
    elif trail.row["duplicate_of"]:
        yield f"it nearly repeats {trail.row['duplicate_of']}"
    for other in trail.repeats:
        yield f"nearly repeats it: {_line(other)}"


def _story(trail: Trail) -> Iterator[str]:
    assert trail.row is not None
    for other, alike in zip(trail.story, trail.likeness, strict=True):
        began = "began with " if other["id"] == trail.row["story_id"] else ""
        yield f"{began}{_line(other)}"
        named = f"; both name {', '.join(alike.names)}" if alike.names else ""
        worded = f"; both say {', '.join(alike.words)}" if alike.words else ""
        if alike.cosine is not None:
            yield f"    cosine {alike.cosine:.2f}{named}{worded}"


def _line(row: Row) -> str:
    facts = (f"{row['published_at']:%Y-%m-%d %H:%M}", row["source"], row["title"], row["id"])
    return "  ".join(filter(None, facts))


def _revisions(trail: Trail) -> Iterator[str]:
    assert trail.row is not None
    if trail.row["revision"] > 1:
        kept = "" if trail.revisions else "; none was kept (output.revisions keeps them)"
        yield f"this is revision {trail.row['revision']}{kept}"
    for revision in trail.revisions:
        yield f"revision {revision.revision}, read {revision.ingested_at:%Y-%m-%d %H:%M} UTC, then:"
        yield from (f"  {line}" for line in revision.changes)


def _letters(letters: Sequence[DeadLetter]) -> Iterator[str]:
    for letter in letters:
        place = redacted(letter.uri) + (f":{letter.line}" if letter.line else "")
        read = f"{letter.fetched_at:%Y-%m-%d %H:%M}"
        yield f"{read}  {letter.step}.{letter.reason}  {letter.detail}"
        yield f"    {place}  {letter.id}"
