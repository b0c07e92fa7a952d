"""The output contract as an Arrow schema; docs/schema.md says the same for people.

Only additive changes: a column is never removed, renamed or given another type. Every change raises
`SCHEMA_VERSION`.
"""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from transforms.output.versions import revision, union_listed
from transforms.records import Article, Listed

SCHEMA_VERSION = 3

_TEXT = pa.string()
_TIME = pa.timestamp("us", tz="UTC")

_COLUMNS: tuple[tuple[str, pa.DataType, bool, str], ...] = (
    ("id", _TEXT, False, "Stable identity of the article, 32 hex digits; one row per id."),
    ("revision", pa.int32(), False, "1 for the first version seen, plus 1 for each later one."),
    ("uri", _TEXT, False, "File or address the article was read from."),
    ("source_id", _TEXT, True, "The item's own id in its source; for a file, its name."),
    ("url", _TEXT, True, "Canonical web address, without tracking parameters."),
    ("source", _TEXT, True, "Publisher or site."),
    ("feed", _TEXT, True, "Address of the feed that listed it."),
    ("title", _TEXT, True, "Headline."),
    ("authors", pa.list_(_TEXT), False, "Authors' names, in the order given."),
    ("text", _TEXT, False, "Cleaned body; a blank line between paragraphs."),
    ("section", _TEXT, True, "Section of the paper or site, as the source names it."),
    ("language", _TEXT, True, "ISO 639-1 code of the text's language."),
    ("published_at", _TIME, False, "When it was published; its UTC day is the partition."),
    (
        "date_source",
        _TEXT,
        False,
        "Where published_at was found, most trusted first: record, feed, page, path, file, run.",
    ),
    ("modified_at", _TIME, True, "When the source says it last changed the article."),
    ("ingested_at", _TIME, False, "When the version in this row was read."),
    ("word_count", pa.int32(), False, "Words in text; in scripts without spaces, an estimate."),
    ("summary", _TEXT, False, "Summary of the text."),
    ("summary_method", _TEXT, False, "How the summary was made, such as extractive."),
    ("summary_model", _TEXT, False, "Model that made the summary."),
    ("faithfulness", pa.float32(), True, "Support of the summary by the text, 0 to 1."),
    ("topic", _TEXT, True, "Label of the best topic; null when none is certain enough."),
    (
        "topic_score",
        pa.float32(),
        True,
        "Score of the best topic, 0 to 1, even if topic is null.",
    ),
    (
        "topics",
        pa.list_(pa.struct([("label", _TEXT), ("score", pa.float32())])),
        False,
        "Every topic that fits, best first.",
    ),
    ("duplicate_of", _TEXT, True, "Id of the first article that this one nearly repeats."),
    (
        "duplicates",
        pa.list_(pa.struct([("id", _TEXT), ("url", _TEXT)])),
        False,
        "Articles with this text, which have no row of their own.",
    ),
    (
        "listed",
        pa.list_(
            pa.struct(
                [
                    ("id", _TEXT),
                    ("touched_at", _TIME),
                    ("text_sha256", _TEXT),
                    ("versions", pa.list_(_TEXT)),
                ]
            )
        ),
        False,
        "What was seen of each of duplicates: when last changed, its text, hashes of versions.",
    ),
    (
        "story_id",
        _TEXT,
        True,
        "Id of the article that its story (articles on one event) began with.",
    ),
    ("near_keys", pa.list_(pa.uint64()), True, "MinHash keys: near-duplicates share one."),
    ("story_names", pa.list_(pa.uint32()), True, "Hashed names, by which stories are found."),
    ("story_vector", pa.binary(), True, "Vector in int8, by which stories are found."),
    ("text_sha256", _TEXT, False, "SHA-256 of text in UTF-8, hex."),
    ("keys", pa.list_(_TEXT), False, "Hashed guids and addresses that this article answers to."),
    ("versions", pa.list_(_TEXT), False, "Hash of every version seen; revision counts them."),
    ("flags", pa.list_(_TEXT), False, "Remarks such as live_blog or date_in_future."),
    ("embedding", pa.list_(pa.float32()), True, "Article vector of unit length, if switched on."),
    ("run_id", _TEXT, False, "Run that wrote this row."),
    ("schema_version", pa.int32(), False, "Version of this schema."),
)

SCHEMA = pa.schema(
    [
        pa.field(name, kind, nullable, metadata={"description": description})
        for name, kind, nullable, description in _COLUMNS
    ],
    metadata={"newsbeam.schema_version": str(SCHEMA_VERSION)},
)


def article_row(article: Article, run_id: str, word_count: int) -> dict[str, Any]:
    """Return the row of `article`, as `pa.Table.from_pylist` takes it."""
    assert article.published_at is not None
    versions = sorted(article.versions)
    return {
        "id": article.id,
        "revision": revision(versions),
        "uri": article.uri,
        "source_id": article.source_id,
        "url": article.url,
        "source": article.source,
        "feed": article.feed,
        "title": article.title or None,
        "authors": list(article.authors),
        "text": article.text,
        "section": article.section,
        "language": article.language,
        "published_at": article.published_at.astimezone(UTC),
        "date_source": article.date_source,
        "modified_at": article.modified_at,
        "ingested_at": article.fetched_at,
        "word_count": word_count,
        "summary": article.summary,
        "summary_method": article.summary_method,
        "summary_model": article.summary_model,
        "faithfulness": article.faithfulness,
        "topic": article.topic,
        "topic_score": article.topic_score,
        "topics": [{"label": t.label, "score": t.score} for t in article.topics],
        "duplicate_of": article.duplicate_of,
        "duplicates": [d._asdict() for d in sorted(set(article.duplicates))],
        "listed": listed_rows(union_listed(article.listed)),
        "story_id": article.story_id,
        "near_keys": _numbers(article.near_keys),
        "story_names": _numbers(article.story_names),
        "story_vector": None if article.story_vector is None else article.story_vector.tobytes(),
        "text_sha256": article.text_sha256,
        "keys": sorted({article.id, *article.keys}),
        "versions": versions,
        "flags": list(article.flags),
        "embedding": _numbers(article.embedding),
        "run_id": run_id,
        "schema_version": SCHEMA_VERSION,
    }


def listed_rows(listed: Iterable[Listed]) -> list[dict[str, Any]]:
    """Return the values of the column `listed`."""
    return [item._asdict() | {"versions": list(item.versions)} for item in listed]


def _numbers(array: NDArray[Any] | None) -> list[Any] | None:
    return None if array is None else array.tolist()


def rows_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Return `rows` as a table of `SCHEMA`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def to_current_schema(table: pa.Table) -> pa.Table:
    """Return `table`, written by this or an earlier version, with the columns of `SCHEMA`.

    Columns it lacks are null, or empty where null is not allowed.

    Raises:
        pa.ArrowInvalid: it was written by a newer version; rewriting would drop its columns.
    """
    version = int((table.schema.metadata or {}).get(b"newsbeam.schema_version", b"0"))
    if version > SCHEMA_VERSION:
        raise pa.ArrowInvalid(
            f"it has schema version {version}, this newsbeam knows {SCHEMA_VERSION} (upgrade it)"
        )
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.schema.names
        else pa.array([None if field.nullable else []] * len(table), field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
