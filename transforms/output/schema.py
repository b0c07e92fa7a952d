"""The output contract: one table of columns, of which all else is derived.

A new column is one row of `COLUMNS` and its line in docs/schema.md. Only additive changes: a column
is never removed, renamed or given another type.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import pyarrow as pa

from transforms.errors import NewsbeamError
from transforms.output.column import Column, numbers, published_at, stamp, vector_bytes
from transforms.output.versions import revision, union_listed
from transforms.records import Article, Listed
from transforms.text.words import count_words

_TEXT = pa.string()
_TEXTS = pa.list_(_TEXT)
_TIME = pa.timestamp("us", tz="UTC")
_TOPICS = pa.list_(pa.struct([("label", _TEXT), ("score", pa.float32())]))
_DUPLICATES = pa.list_(pa.struct([("id", _TEXT), ("url", _TEXT)]))
_LISTED = pa.list_(
    pa.struct([("id", _TEXT), ("touched_at", _TIME), ("text_sha256", _TEXT), ("versions", _TEXTS)])
)


COLUMNS = (
    Column("id", _TEXT, "Stable identity of the article, 32 hex digits; one row per id."),
    Column(
        "revision",
        pa.int32(),
        "1 for the first version seen, plus 1 for each later one.",
        lambda article: revision(article.versions),
    ),
    Column("uri", _TEXT, "File or address the article was read from."),
    Column(
        "source_id",
        _TEXT,
        "The item's own id in its source; for a file, its name, without .html.gz or the like.",
        nullable=True,
    ),
    Column("url", _TEXT, "Canonical web address, without tracking parameters.", nullable=True),
    Column("source", _TEXT, "Publisher or site.", nullable=True),
    Column("feed", _TEXT, "Address of the feed that listed it.", nullable=True),
    Column("title", _TEXT, "Headline.", lambda article: article.title or None, nullable=True),
    Column("authors", _TEXTS, "Authors' names, in the order given."),
    Column("text", _TEXT, "Cleaned body; a blank line between paragraphs."),
    Column(
        "section",
        _TEXT,
        "Section of the paper or site, as the source names it.",
        nullable=True,
        since=2,
    ),
    Column("language", _TEXT, "ISO 639-1 code of the text's language.", nullable=True),
    Column(
        "published_at",
        _TIME,
        "When it was published; its UTC day is the partition.",
        published_at,
    ),
    Column(
        "date_source",
        _TEXT,
        "Where published_at was found, most trusted first: record, feed, page, path, file, run.",
    ),
    Column(
        "modified_at", _TIME, "When the source says it last changed the article.", nullable=True
    ),
    Column(
        "ingested_at", _TIME, "When the version in this row was read.", attrgetter("fetched_at")
    ),
    Column(
        "word_count",
        pa.int32(),
        "Words in text; in scripts without spaces, an estimate.",
        lambda article: article.word_count or count_words(article.text),
        step="write",
    ),
    Column("summary", _TEXT, "Summary of the text.", step="summarize"),
    Column(
        "summary_method", _TEXT, "How the summary was made, such as extractive.", step="summarize"
    ),
    Column("summary_model", _TEXT, "Model that made the summary.", step="summarize"),
    Column(
        "faithfulness",
        pa.float32(),
        "Support of the summary by the text, 0 to 1.",
        nullable=True,
        step="summarize",
    ),
    Column(
        "topic",
        _TEXT,
        "Label of the best topic; null when none is certain enough.",
        nullable=True,
        step="classify",
    ),
    Column(
        "topic_score",
        pa.float32(),
        "Score of the best topic, 0 to 1, even if topic is null; null if no topic was scored.",
        nullable=True,
        step="classify",
    ),
    Column(
        "topics",
        _TOPICS,
        "Every topic that fits, best first.",
        lambda article: [{"label": t.label, "score": t.score} for t in article.topics],
        step="classify",
    ),
    Column(
        "duplicate_of",
        _TEXT,
        "Id of the first article that this one nearly repeats.",
        nullable=True,
    ),
    Column(
        "duplicates",
        _DUPLICATES,
        "Articles with this text, which have no row of their own.",
        lambda article: [d._asdict() for d in sorted(set(article.duplicates))],
    ),
    Column(
        "listed",
        _LISTED,
        "What was seen of each of duplicates: when last changed, its text, hashes of versions.",
        lambda article: listed_rows(union_listed(article.listed)),
        since=3,
        older=(),
    ),
    Column(
        "story_id",
        _TEXT,
        "Id of the article that its story (articles on one event) began with.",
        nullable=True,
    ),
    Column(
        "near_keys",
        pa.list_(pa.uint64()),
        "MinHash keys: near-duplicates share one.",
        numbers("near_keys"),
        nullable=True,
        since=2,
        step="relate",
    ),
    Column(
        "story_names",
        pa.list_(pa.uint32()),
        "Hashed names and rare words, by which stories are found.",
        numbers("story_names"),
        nullable=True,
        since=2,
        step="relate",
    ),
    Column(
        "story_vector",
        pa.binary(),
        "Vector in int8, by which stories are found.",
        vector_bytes,
        nullable=True,
        since=2,
        step="relate",
    ),
    Column("text_sha256", _TEXT, "SHA-256 of text in UTF-8, hex."),
    Column(
        "keys",
        _TEXTS,
        "Hashed guids and addresses that this article answers to.",
        lambda article: sorted({article.id, *article.keys}),
    ),
    Column(
        "versions",
        _TEXTS,
        "Hash of every version seen; revision counts them.",
        lambda article: sorted(article.versions),
    ),
    Column("flags", _TEXTS, "Remarks such as live_blog or date_in_future."),
    Column(
        "embedding",
        pa.list_(pa.float32()),
        "Article vector of unit length, if switched on.",
        numbers("embedding"),
        nullable=True,
        step="relate",
    ),
    Column(
        "embedding_model",
        _TEXT,
        "Encoder of embedding; vectors of two encoders are not to be compared.",
        nullable=True,
        since=4,
        step="relate",
    ),
    Column("run_id", _TEXT, "Run that wrote this row.", stamp),
    Column("schema_version", pa.int32(), "Version of this schema.", stamp),
)

SCHEMA_VERSION = max(column.since for column in COLUMNS)

SCHEMA = pa.schema(
    [column.field for column in COLUMNS],
    metadata={"newsbeam.schema_version": str(SCHEMA_VERSION)},
)


class NewerSchemaError(NewsbeamError):
    """A file was written by a newer newsbeam, which may have added columns."""


_BY_NAME = {column.name: column for column in COLUMNS}


def columns_of_steps() -> dict[str, tuple[str, ...]]:
    """Return the names of the columns that each step makes from the text."""
    steps = dict.fromkeys(column.step for column in COLUMNS if column.step)
    return {step: tuple(c.name for c in COLUMNS if c.step == step) for step in steps}


def article_row(article: Article, run_id: str) -> dict[str, Any]:
    """Return the row of `article`, as `pa.Table.from_pylist` takes it."""
    return {column.name: column.of(article) for column in COLUMNS} | stamps(run_id)


def stamps(run_id: str) -> dict[str, Any]:
    """Return the columns that say who wrote a row."""
    return {"run_id": run_id, "schema_version": SCHEMA_VERSION}


def listed_rows(listed: Iterable[Listed]) -> list[dict[str, Any]]:
    """Return the values of the column `listed`."""
    return [item._asdict() | {"versions": list(item.versions)} for item in listed]


def rows_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return `rows` as a table of `SCHEMA`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def file_version(schema: pa.Schema) -> int:
    """Return the version of the schema that a file was written with; 0 if it names none."""
    version = (schema.metadata or {}).get(b"newsbeam.schema_version", b"")
    return int(version) if version.isdigit() else 0


def with_columns(table: pa.Table, names: Iterable[str]) -> pa.Table:
    """Return these columns of `table`, which may be of an older file and lack some of them."""
    lacking = [_BY_NAME[name] for name in names if name not in table.column_names]
    for column in lacking:
        table = table.append_column(column.field, column.absent(len(table)))
    return table.select(list(names))


def to_current_schema(table: pa.Table) -> pa.Table:
    """Return `table`, written by this or an earlier version, with the columns of `SCHEMA`.

    Raises:
        NewerSchemaError: it was written by a newer version; rewriting would drop its columns.
        pa.ArrowInvalid: it lacks a column that every version has.
    """
    if (version := file_version(table.schema)) > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"it has schema version {version}, and this newsbeam knows {SCHEMA_VERSION}: a newer "
            "newsbeam wrote it; upgrade this one, and leave the file where it is"
        )
    lacking = {column.name for column in COLUMNS if column.since == 1} - set(table.column_names)
    if lacking:
        raise pa.ArrowInvalid(f"it lacks the columns {', '.join(sorted(lacking))}")
    return with_columns(table, SCHEMA.names).cast(SCHEMA)
