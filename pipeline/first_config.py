"""A first config, with comments, and a look at what it reads."""

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import yaml

import configs
from pipeline.feed_search import find_feeds
from pipeline.feeds import configured_feeds
from pipeline.settings import Plan
from transforms.errors import ConfigError, NewsbeamError, Rejected
from transforms.fetch import Fetched, Fetcher
from transforms.fetch.outcomes import Request
from transforms.formats import by_suffix
from transforms.formats.base import STEP, FileInfo
from transforms.formats.xml_files import syndication_documents
from transforms.input_files import match_files
from transforms.isolation import each_tried, tried
from transforms.parse import parse_document
from transforms.read import read_documents, split_compression
from transforms.records import DeadLetter, RawDocument
from transforms.redaction import redacted
from transforms.text.counted import counted

CONFIG, TOPICS = Path("newsbeam.yaml"), Path("topics.yaml")
MOST_TRIED = 20
"""Paths, and feeds, that are tried."""
_AT_ONCE = 8
_CANDIDATES = 8
"""Files of a path that are tried, until one can be read."""

_CONFIG = """\
# What newsbeam reads, and what it makes of it. After a change: newsbeam check newsbeam.yaml
# Every key with its value: newsbeam check newsbeam.yaml --json
input:
  # Files, folders with all below them, and globs such as 'news/**/*.html'.
  paths:{paths}
  # Feeds, pages that name their feed, and OPML files.
  feeds:{feeds}
fetch:
  # Fetch the page of an item that brings only a teaser; robots.txt and reservations are respected.
  full_text: true
  # A page or mailbox where the owner of a site reaches you.
  contact: {contact}
summary:
  # Words of a summary at the most.
  max_words: 70
topics:
  # Labels and phrases: change them as you like, no training is needed.
  file: {topics}
output:
  # Parquet by date: a folder, or s3://, gs://, az://
  path: {output}
# How long texts and rows are kept; `newsbeam retain` removes older ones.
# retention:
#   text: 30d
#   rows: 2y
"""

_TOPICS = """\
# Topics of your own: a label, and a few phrases that say what such an article is about.
# Remove, change or add some; `newsbeam backfill` gives published articles their topics anew.
"""


class Tried(NamedTuple):
    """What was found in a file, or at a feed, that a config names."""

    what: str
    is_read: bool
    detail: str


def write_config(named: Sequence[str], feeds: Sequence[str], output: str, contact: str) -> None:
    """Write a config and a topic file into the working directory.

    Args:
        named: files, folders and globs.
        feeds: addresses and OPML files.
        output: where to publish.
        contact: for the owners of sites.

    Raises:
        ConfigError: they cannot be written.
    """
    values = {"contact": contact, "topics": str(TOPICS), "output": output}
    text = _CONFIG.format(
        paths=_lines(named), feeds=_lines(feeds), **{k: _flow(v) for k, v in values.items()}
    )
    ours = Path(configs.__file__).parent / "topics/iptc.yaml"
    try:
        TOPICS.write_text(_TOPICS + ours.read_text("utf-8"), "utf-8")
        CONFIG.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{CONFIG} cannot be written here: {error}") from error


def _lines(values: Sequence[str]) -> str:
    """Return what stands behind the key of a list in YAML: a line for each."""
    return "".join(f"\n    - {_flow(value)}" for value in values) or " []"


def _flow(value: object) -> str:
    """Return `value` as YAML within a line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1 << 30)
    return text.removesuffix("...\n").strip()


def try_inputs(plan: Plan) -> Iterator[Tried]:
    """Yield what is found in a file of each path, one that can be read, and at each feed of `plan`.

    At most `MOST_TRIED` of each: the last one then says how many more there are.
    """
    paths, feeds = plan.config.input.paths, configured_feeds(plan.config.input.feeds)
    yield from (_try_path(path, plan) for path in paths[:MOST_TRIED])
    yield from _left(len(paths), "path")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        addresses = [feed.get_secret_value() for feed in feeds[:MOST_TRIED]]
        yield from pool.map(partial(_try_feed, plan=plan), addresses)
    yield from _left(len(feeds), "feed")


def _left(count: int, what: str) -> Iterator[Tried]:
    """Yield that some were not tried, if there are so many."""
    if count > MOST_TRIED:
        left = counted(count - MOST_TRIED, f"more {what}")
        yield Tried(left, is_read=True, detail="not tried, the run reads all")


def _try_path(path: str, plan: Plan) -> Tried:
    try:
        files = match_files([path], lambda: datetime.now(UTC))
    except ConfigError as error:
        return Tried(path, is_read=False, detail=str(error))
    failed = []
    for file in _candidates(files):
        documents = read_documents(file, plan.config.input.max_bytes, plan.bounds)
        found = _first(file.uri, documents, plan)
        if found.is_read:
            return found
        failed.append(found)
    first, *others = failed
    more = f"; nor can {counted(len(others), 'other file')} that were tried" if others else ""
    return first._replace(detail=first.detail + more)


def _candidates(files: Sequence[FileInfo]) -> list[FileInfo]:
    """Return some of `files`: those with an ending that is read first, of each ending one first."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[bool, int, int, FileInfo]] = []
    for file in files:
        stem, _ = split_compression(file.uri)
        ending = posixpath.splitext(stem)[1].lower()
        ranked.append((by_suffix(stem) is None, seen[ending], len(ranked), file))
        seen[ending] += 1
    return [file for *_, file in sorted(ranked)[:_CANDIDATES]]


def _try_feed(address: str, plan: Plan) -> Tried:
    try:
        url = find_feeds(address, plan.fetch)[0].url
    except NewsbeamError as error:
        why = str(error).removeprefix(f"{redacted(address)}: ")
        return Tried(redacted(address), is_read=False, detail=why)
    with Fetcher(plan.fetch, lambda: datetime.now(UTC)) as fetcher:
        answer = fetcher.fetch(Request(url))
    if not isinstance(answer, Fetched):
        return Tried(redacted(url), is_read=False, detail="it does not answer")
    file = FileInfo(url, len(answer.content), None, answer.fetched_at)
    headers = {"content-type": answer.media_type} if answer.media_type else {}
    documents = syndication_documents(file, answer.content, headers)
    return _first(redacted(url), each_tried(documents, STEP, (url,), plan.bounds), plan)


def _first(
    what: str, documents: Iterator[RawDocument | DeadLetter | Rejected], plan: Plan
) -> Tried:
    """Return what the first of `documents` is."""
    first = next(documents, None)
    if first is None:
        return Tried(what, is_read=False, detail="nothing is in it")
    if isinstance(first, RawDocument):
        document = first
        found = tried(lambda: parse_document(document, plan.parse), "parse", document, plan.bounds)
        if not isinstance(found, Rejected):
            words = counted(len(found.text.split()), "word")
            when = f"{found.published_at:%Y-%m-%d}" if found.published_at else "no date"
            return Tried(what, is_read=True, detail=f"“{found.title}”, {when}, {words}")
        first_fault: DeadLetter | Rejected = found
    else:
        first_fault = first
    return Tried(what, is_read=False, detail=f"{first_fault.reason}: {first_fault.detail}")
