"""newsbeam from Python: a run, what it published, and articles in and rows out.

from pipeline.api import describe, embed, read_output, run

run("news/", "https://news.example/rss", output="out")
read_output("out").to_pandas()
embed(["floods in the north"])
describe([{"title": "A bridge", "text": "The council opened a bridge ..."}])
"""

import contextlib
import json
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.beam_notes import is_no_note
from transforms.errors import FeedsRefusedError
from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.schema import SCHEMA
from transforms.output.storage import join, require_output


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
    """
    with _without_notes():
        from pipeline.check import require
        from pipeline.config_files import load_config
        from pipeline.named import sorted_words
        from pipeline.pages.run_page import leave_page
        from pipeline.progress import Progress
        from pipeline.run import run as run_plan
        from transforms.pulse import slowest_documents

    named = sorted_words(what)
    changes = _changes(settings)
    if named.inputs or named.feeds:
        changes |= {"input.paths": named.inputs, "input.feeds": named.feeds}
    if output is not None:
        changes["output.path"] = output
    plan = require(load_config(named.config, changes))
    manifest, _ = run_plan(plan, [], Progress())
    leave_page(plan.config.output.path, manifest.run_id, slowest_documents())
    if manifest.feed_fault:
        raise FeedsRefusedError(manifest.feed_fault)
    return manifest.as_dict()


@rereads
def read_output(output: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the published rows of `output`, in order of day; all columns unless some are named.

    Raises:
        ConfigError: it holds no output.
    """
    files = day_files(output)
    names = list(columns or SCHEMA.names)
    if not files:
        require_output(output)
        return SCHEMA.empty_table().select(names)
    return pa.concat_tables(read_columns(join(output, file.path), names) for file in files)


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


def describe(
    articles: Iterable[Mapping[str, Any]], settings: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return a row for each of `articles` that can become one: summary, topics, story and all else.

    Nothing is kept: repeats are found among `articles` only.

    Args:
        articles: records with fields such as `title`, `text`, `url`, `date`, `authors`; their
            names may be any that files of records may use.
        settings: as for `run`.

    Raises:
        NewsbeamError: a setting is wrong.
    """
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        records, output = Path(folder, "articles.jsonl"), str(Path(folder, "out"))
        with records.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(dict(article), default=str) + "\n" for article in articles)
        run(str(records), output=output, settings=settings)
        rows: list[dict[str, Any]] = read_output(output).to_pylist()
        return rows
