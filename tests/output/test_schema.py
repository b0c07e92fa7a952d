import re
from pathlib import Path

import pyarrow as pa
from builders import make_published

from transforms.output.schema import SCHEMA, article_row, rows_table

DOCS = Path(__file__).parents[2] / "docs" / "schema.md"


def type_name(kind):
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{f.name}: {type_name(f.type)}" for f in kind) + ">"
    return str(kind)


def test_documented_columns_are_the_written_ones():
    section = DOCS.read_text("utf-8").partition("## Columns")[2].partition("\n## ")[0]
    rows = [re.split(r"\s*\|\s*", line)[1:-1] for line in section.splitlines() if "|" in line][2:]
    assert rows == [
        [
            field.name,
            type_name(field.type),
            "yes" if field.nullable else "no",
            field.metadata[b"description"].decode(),
        ]
        for field in SCHEMA
    ]


def test_row_has_exactly_the_columns():
    row = article_row(make_published(), "run", 9)
    assert list(row) == SCHEMA.names
    table = rows_table([row])
    assert [
        field.name for field in SCHEMA if not field.nullable and table[field.name].null_count
    ] == []
