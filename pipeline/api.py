"""newsbeam from Python: a run, what it published, and articles in and rows out.

from pipeline.api import describe, embed, read_output, run

run("news/", "https://news.example/rss", output="out")
read_output("out").to_pandas()
embed(["floods in the north"])
describe([{"title": "A bridge", "text": "The council opened a bridge ..."}])
"""

import contextlib
import difflib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.beam_notes import is_no_note
from pipeline.upkeep.rejected import stored_letters
from transforms.errors import ConfigError, FeedsRefusedError
from transforms.heaps import limit_heaps
from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.schema import SCHEMA
from transforms.output.storage import join, require_output
from transforms.text.counted import counted
from transforms.text.printable import one_line


@contextlib.contextmanager
def _without_notes() -> Iterator[None]:
    """Leave the log of the program that imports this as it is while Beam is imported.

    Beam notes a missing client of a cloud in the root logger, which gets a handler by that.
    """
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    root.addFilter(is_no_note)
    try:
        yield
    finally:
        root.removeFilter(is_no_note)
        root.removeHandler(handler)


def _changes(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the dotted settings of a call; they win over those of the environment."""
    from pipeline.config_files import from_environment

    return {**from_environment(os.environ), **(settings or {})}


def run(
    *what: str, output: str | None = None, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read and publish as `newsbeam run` does; return the manifest, as JSON values.

    Args:
        what: a config, and what to read: files, folders, globs, addresses of feeds.
        output: where to publish; by default as the config says.
        settings: dotted keys of the config, such as `{"summary.max_words": 50}`.

    Raises:
        NewsbeamError: a setting is wrong, another process writes to the output, no feed could be
            read, or the run failed.

    Warns:
        RejectedWarning: newsbeam or a plug-in met a fault at some articles.
    """
    with _without_notes():
        from pipeline.check import require
        from pipeline.config_files import load_config
        from pipeline.named import sorted_words
        from pipeline.pages.run_page import page_left
        from pipeline.progress import Progress
        from pipeline.report import fault_lines
        from pipeline.run import run as run_plan

    named = sorted_words(what)
    changes = _changes(settings)
    if named.inputs or named.feeds:
        changes |= {"input.paths": named.inputs, "input.feeds": named.feeds}
    if output is not None:
        changes["output.path"] = output
    plan = require(load_config(named.config, changes))
    with page_left(plan.config.output.path):
        manifest, _ = run_plan(plan, [], Progress())
    if manifest.feed_fault:
        raise FeedsRefusedError(manifest.feed_fault)
    if faults := fault_lines(manifest.counts, plan.config.output.path):
        warnings.warn("\n".join(faults), RejectedWarning, stacklevel=2)
    return manifest.as_dict()


@rereads
def read_output(output: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the published rows of `output`, in order of day; all columns unless some are named.

    Args:
        output: where it lies.
        columns: names of columns; `date` is the day that the folder of a row names.

    Raises:
        ConfigError: it holds no output, or there is no such column.
    """
    names = _known_columns(columns or SCHEMA.names)
    files = day_files(output)
    if not files:
        require_output(output)
        return _with_day(SCHEMA.empty_table(), "1970-01-01").select(names)
    own = [name for name in names if name != _DAY]
    return pa.concat_tables(
        _with_day(read_columns(join(output, file.path), own), file.date).select(names)
        for file in files
    )


_DAY = "date"
"""The column that is in the names of folders."""


def _known_columns(names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError(f"columns: a list of names is expected, such as [{names!r}]")
    known = [*SCHEMA.names, _DAY]
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(*(_unknown_column(name, known) for name in unknown))
    return list(names)


def _unknown_column(name: str, known: Sequence[str]) -> str:
    near = " or ".join(difflib.get_close_matches(str(name), known))
    question = f", did you mean {near}?" if near else "."
    return f"columns: there is no {name!r}{question} docs/schema.md lists them"


def _with_day(table: pa.Table, day: str) -> pa.Table:
    days = pa.repeat(pa.scalar(date.fromisoformat(day)), len(table))
    return table.append_column(pa.field(_DAY, pa.date32(), nullable=False), days)


def embed(texts: Sequence[str], settings: Mapping[str, Any] | None = None) -> NDArray[np.float32]:
    """Return a vector of unit length for each text, shape (len(texts), dim).

    They are by the first encoder, so they compare with `embedding` where that is of the same
    `embedding_model`: by their dot product.

    Args:
        texts: such as what somebody searches for.
        settings: as for `run`.

    Raises:
        NewsbeamError: a setting is wrong.
    """
    with _without_notes():
        from pipeline.config_files import load_config
        from pipeline.settings import make_plan

    return make_plan(load_config(None, _changes(settings))).encoders.first().encode(texts)


class RejectedWarning(UserWarning):
    """Some articles became no row; the message says which, and why."""


class RejectedArticle(TypedDict):
    """Why an article became no row.

    Attributes:
        index: its position among the articles, from 0.
        article: as it was given.
        step: where it ended.
        reason: a code, listed in docs/schema.md.
        detail: one sentence for a person.
    """

    index: int
    article: Mapping[str, Any]
    step: str
    reason: str
    detail: str


def describe(
    articles: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
    rejected: list[RejectedArticle] | None = None,
) -> list[dict[str, Any]]:
    """Return a row for each of `articles` that can become one: summary, topics, story and all else.

    Rows are in the order of `articles`, and `index` says of which one each is, from 0. One that
    states no date has the `published_at` `None` and the `date_source` `run`; `uri` is
    `memory:articles/` and the index.

    Nothing is kept: repeats are found among `articles` only. One with exactly the text of another
    has no row of its own, and stands in `duplicates` of that one's.

    Args:
        articles: records with fields such as `title`, `text`, `url`, `date`, `authors`; their
            names may be any that files of records may use.
        settings: as for `run`.
        rejected: what could not become a row is added to it; without it, that is warned of.

    Raises:
        TypeError: `articles` is no list of mappings, or a field holds bytes; which is named.
        NewsbeamError: a setting is wrong.

    Warns:
        RejectedWarning: some could not become a row, and there is no list for them.
    """
    with _without_notes():
        from pipeline.given import checked, given_row, records

    given = checked(articles)
    if not given:
        return []
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        output = str(Path(folder, "out"))
        _publish(records(given), output, settings)
        rows = sorted(map(given_row, read_output(output).to_pylist()), key=itemgetter("index"))
        refused = _rejected(output, given)
    if rejected is not None:
        rejected += refused
    elif refused:
        warnings.warn(_told(refused, len(given)), RejectedWarning, stacklevel=2)
    return rows


def _publish(contents: Sequence[bytes], output: str, settings: Mapping[str, Any] | None) -> None:
    """Publish articles that are given as records."""
    with _without_notes():
        from pipeline.check import require
        from pipeline.config_files import load_config
        from pipeline.given import documents
        from pipeline.lock.lock import output_lock
        from pipeline.run import run_documents

    changes = _changes(settings)
    changes |= {"input.paths": [], "input.feeds": [], "output.path": output}
    if changes.get("input.id_scope", "file") == "file":  # the list is what a file is elsewhere
        changes["input.id_scope"] = "folder"
    plan = require(load_config(None, changes), inputs=lambda _: None)
    limit_heaps()
    found = documents(contents, datetime.now(UTC), plan.config.input.max_bytes)
    with output_lock(output, "describe") as lock:
        run_documents(plan, found, output, lock)


def _rejected(output: str, given: Sequence[Mapping[str, Any]]) -> list[RejectedArticle]:
    found: list[RejectedArticle] = []
    for letter, *_ in stored_letters(output):
        index = (letter.line or 1) - 1
        found.append(
            RejectedArticle(
                index=index,
                article=given[index],
                step=letter.step,
                reason=letter.reason,
                detail=letter.detail,
            )
        )
    return sorted(found, key=lambda one: one["index"])


def _name(article: Mapping[str, Any]) -> str:
    """Return what an article calls itself, for a message."""
    found = (f", {name} {article[name]}" for name in ("id", "url", "title") if article.get(name))
    return one_line(next(found, ""), 80)


_TOLD = 3
"""Rejected articles that a warning tells."""


def _told(refused: Sequence[RejectedArticle], count: int) -> str:
    lines = [
        f"  article {one['index']}"
        + _name(one["article"])
        + f": {one['step']}.{one['reason']}: {one['detail']}"
        for one in refused[:_TOLD]
    ]
    more = [f"  and {len(refused) - _TOLD} more"] if len(refused) > _TOLD else []
    first = f"{len(refused)} of {counted(count, 'article')} became no row (rejected=[] has all):"
    return "\n".join([first, *lines, *more])
