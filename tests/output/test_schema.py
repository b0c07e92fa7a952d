import re
from pathlib import Path

import pyarrow as pa
import pytest
from builders import make_published

from transforms.errors import NewsbeamError
from transforms.output.column import Column
from transforms.output.merge import decode_table
from transforms.output.schema import COLUMNS, SCHEMA, SCHEMA_VERSION, article_row, rows_table

VERSIONS = {
    2: {"near_keys", "section", "story_names", "story_vector"},
    3: {"listed"},
    4: {"embedding_model"},
}
"""Version of the schema -> the columns that came with it."""
DOCS = Path(__file__).parents[2] / "docs" / "schema.md"


def type_name(kind):
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{f.name}: {type_name(f.type)}" for f in kind) + ">"
    return str(kind)


def test_documented_columns_are_the_written_ones():
    section = DOCS.read_text("utf-8").partition("## Columns")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert lines == [
        f"| {c.name} | {type_name(c.type)} | {'yes' if c.nullable else 'no'} | {c.meaning} |"
        for c in COLUMNS
    ]


def test_a_version_of_the_schema_gets_no_more_columns():
    """A new column takes the next version: else verify calls files of this one damaged."""
    newer = {n: {c.name for c in COLUMNS if c.since == n} for n in range(2, SCHEMA_VERSION + 1)}
    assert newer == VERSIONS


def test_the_recipe_for_a_column_names_the_next_version():
    recipe = (DOCS.parents[1] / "CONTRIBUTING.md").read_text("utf-8")
    assert re.findall(r"since=(\d+)", recipe) == [str(SCHEMA_VERSION + 1)]


def test_row_has_exactly_the_columns():
    row = article_row(make_published(), "run")
    assert list(row) == SCHEMA.names
    table = rows_table([row])
    assert [
        field.name for field in SCHEMA if not field.nullable and table[field.name].null_count
    ] == []
    assert (row["run_id"], row["schema_version"]) == ("run", SCHEMA_VERSION)


def test_a_column_that_older_files_cannot_fill_is_refused():
    with pytest.raises(ValueError, match="column minutes: files older than version 9 lack it"):
        Column("minutes", pa.int32(), "Minutes.", since=9)
    filled = Column("minutes", pa.int32(), "Minutes.", since=9, older=1)
    nullable = Column("minutes", pa.int32(), "Minutes.", since=9, nullable=True)
    assert filled.absent(2).to_pylist() == [1, 1]
    assert nullable.absent(2).to_pylist() == [None, None]


def written(table):
    content = pa.BufferOutputStream()
    pa.parquet.write_table(table, content)
    return content.getvalue().to_pybytes()


def test_an_older_file_is_read_with_the_columns_it_lacks():
    table = rows_table([article_row(make_published(section="Sport"), "run")])
    older = table.drop_columns(["section", "listed"])
    read = decode_table(written(older), "a.parquet")
    assert read.schema.equals(SCHEMA, check_metadata=True)
    assert read["section"].to_pylist() == [None]
    assert read["listed"].to_pylist() == [[]]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            lambda table: table.replace_schema_metadata({"newsbeam.schema_version": "99"}),
            "^a.parquet: it has schema version 99.* upgrade this one, and leave the file",
        ),
        (
            lambda table: table.drop_columns(["flags"]),
            "^a.parquet cannot be read: it lacks the columns flags. Move it out",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(damage, told):
    table = rows_table([article_row(make_published(), "run")])
    with pytest.raises(NewsbeamError, match=told):
        decode_table(written(damage(table)), "a.parquet")
