"""Do published days again with today's config and models, from the text in their rows.

Nothing is fetched, parsed or cleaned again. A row keeps its identity, text, dates and revision; of
what the models add, the columns of `STEPS` are replaced where they differ. The files of a day are
replaced in one step: a reader sees the day as it was or as it is, and a killed backfill is simply
run again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
from rich.console import Console

from pipeline.graph import apply_models
from pipeline.plain_table import plain_table
from pipeline.runners.chains import Chain
from pipeline.runners.options import LocalOptions
from pipeline.settings import Plan
from pipeline.upkeep.session import Upkeep
from transforms import encode
from transforms.classify import scores
from transforms.output.days import changing_day
from transforms.output.listing import by_day, day_files
from transforms.output.merge import Row, decode_table, encode_table
from transforms.output.schema import article_row, columns_of_steps, rows_table, stamps
from transforms.output.storage import join
from transforms.output.versions import listed_of
from transforms.records import Article, Duplicate, add_flags
from transforms.relate.near.signature import signature
from transforms.summarize import drafts

STEPS: Mapping[str, tuple[str, ...]] = columns_of_steps()
"""Step -> the columns that it is done again for."""

FLAGS: Mapping[str, frozenset[str]] = {
    "summarize": encode.FLAGS | drafts.FLAGS,
    "classify": encode.FLAGS | scores.FLAGS,
}
"""Step -> the flags that are given anew with it; all others stay."""
WITHOUT_MODELS = frozenset({"write"})
"""Steps that need only the text."""
FLAGS_OF_MODELS = frozenset[str]().union(*FLAGS.values())


class Backfilled(NamedTuple):
    """What became of one day: its rows, how many of them changed, and how many were refused."""

    date: str
    rows: int
    changed: int
    refused: int


def row_article(row: Row) -> Article:
    """Return the article that a row was made of, as it reaches the models."""
    known = {field.name for field in fields(Article)} & row.keys()
    values: dict[str, Any] = {name: row[name] for name in known - _ANEW}
    return Article(
        **values | {"title": row["title"] or "", "authors": tuple(row["authors"])},
        fetched_at=row["ingested_at"],
        keys=tuple(row["keys"]),
        versions=tuple(row["versions"]),
        duplicates=tuple(Duplicate(**item) for item in row["duplicates"]),
        listed=listed_of(row),
        flags=add_flags((), *set(row["flags"]) - FLAGS_OF_MODELS),
    )


_CONVERTED = frozenset({"title", "authors", "keys", "versions", "duplicates", "listed", "flags"})
_ANEW = _CONVERTED.union(*STEPS.values())


def any_row(_: Row) -> bool:
    """Return whether a row is to be done again: every one is."""
    return True


def backfill(  # noqa: PLR0913, PLR0917 (what, where, and how)
    root: str,
    span: tuple[date, date],
    plan: Plan,
    steps: Sequence[str],
    done: Upkeep,
    wanted: Callable[[Row], bool] = any_row,
) -> Iterator[Backfilled]:
    """Do the days of `span` again; yield what became of each.

    Args:
        root: the output (`folders.require_exchange`).
        span: first and last UTC day.
        plan: today's settings; its inputs and the path of its output are not used.
        steps: of `STEPS`; only their columns change.
        done: learns the paths.
        wanted: whether a row is to be done again.
    """
    models = Chain(apply_models, plan, LocalOptions([]))
    first, last = (day.isoformat() for day in span)
    for day, files in by_day(f for f in day_files(root) if first <= f.date <= last):
        rows = changed = refused = 0
        with changing_day(root, day, must_exchange=True) as change:
            for file in files:
                content = change.read(file)
                assert content is not None  # nobody else writes
                old = decode_table(content, join(root, file.path))
                table, counts = again(old, models, steps, done.run_id, wanted)
                rows, changed = rows + len(old), changed + counts.changed
                refused += counts.refused
                if counts.changed:
                    change.replace(file, encode_table(table))
            done.check()
        done.paths |= change.created | change.changed
        yield Backfilled(day, rows, changed, refused)


class Counts(NamedTuple):
    """Rows that changed, and rows that stayed as a step refused them today."""

    changed: int
    refused: int


def again(
    table: pa.Table,
    models: Chain,
    steps: Sequence[str],
    run_id: str,
    wanted: Callable[[Row], bool] = any_row,
) -> tuple[pa.Table, Counts]:
    """Return `table` with what `steps` add made anew, in the same order of rows, and what changed.

    A row without text, one that is not `wanted`, and one that a step refuses today, stays as it is.
    """
    rows = table.to_pylist()
    with_text = [row for row in rows if row["text"] and wanted(row)]
    fresh: dict[str, Row] = {}
    size = models.plan.config.run.batch_documents
    for start in range(0, len(with_text), size):
        articles = [row_article(row) for row in with_text[start : start + size]]
        if not WITHOUT_MODELS.issuperset(steps):
            articles = models.run(articles).elements
        fresh |= {row["id"]: row for row in _rows(articles, run_id)}
    anew = [_renewed(row, fresh.get(row["id"]), steps, models.plan) for row in rows]
    changed = sum(new != row for row, new in zip(rows, anew, strict=True))
    marks = stamps(run_id)
    result = [new | marks if new != row else row for row, new in zip(rows, anew, strict=True)]
    return rows_table(result), Counts(changed, len(with_text) - len(fresh))


def _renewed(row: Row, fresh: Row | None, steps: Sequence[str], plan: Plan) -> Row:
    if fresh is None:
        return row
    columns = [column for step in steps for column in STEPS[step]]
    given = frozenset[str]().union(*(FLAGS.get(step, ()) for step in steps))
    flags = set(row["flags"]) - given | set(fresh["flags"]) & given
    new = row | {name: fresh[name] for name in columns} | {"flags": sorted(flags)}
    if "near_keys" in columns:
        wanted = plan.near is not None
        new["near_keys"] = signature(row["text"]).tolist() if wanted else None
    return new


def _rows(articles: Iterable[Article], run_id: str) -> list[Row]:
    """Return the rows of `articles` as they are read from a file."""
    table = rows_table(article_row(article, run_id) for article in articles)
    rows: list[Row] = table.to_pylist()
    return rows


def print_backfilled(console: Console, days: Sequence[Backfilled]) -> None:
    """Print what became of each day."""
    table = plain_table(None, "day", "rows", "changed", "refused")
    for column in table.columns[1:]:
        column.justify = "right"
    for day in days:
        table.add_row(day.date, f"{day.rows:,}", f"{day.changed:,}", f"{day.refused:,}")
    console.print(table)
