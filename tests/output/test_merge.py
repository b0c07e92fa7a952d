from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from builders import make_article, make_published

from transforms.output.merge import Amendment, decode_table, encode_table, merge_rows
from transforms.output.schema import SCHEMA, article_row
from transforms.output.versions import version
from transforms.records import Duplicate

EARLY, LATE = datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)


def row(number=1, **changes):
    return article_row(make_published(number, **changes), "run")


def merged(table, *rows, **changes):
    return merge_rows(table, rows, **changes).table


def test_rows_are_sorted_by_time_whatever_the_order_of_arrival():
    table = merged(merged(None, row(3), row(1)), row(2))
    assert table["title"].to_pylist() == ["Bridge 1", "Bridge 2", "Bridge 3"]
    assert table.schema.equals(SCHEMA, check_metadata=True)


def test_same_rows_again_change_nothing():
    result = merge_rows(merged(None, row(1), row(2)), [row(2), row(1)])
    assert result.table is None
    assert result.changed == frozenset()


def test_edit_raises_the_revision_and_an_old_version_does_not_come_back():
    first, edit = row(text="It cost one million."), row(text="It cost two million.")
    table = merged(merged(None, first), edit)
    assert table["text"].to_pylist() == ["It cost two million."]
    assert table["revision"].to_pylist() == [2]
    assert merge_rows(table, [first]).table is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_modification_time_decides_between_versions_in_any_order(order):
    rows = [row(text="Old.", modified_at=EARLY), row(text="New.", modified_at=LATE)]
    table = None
    for index in order:
        table = merged(table, rows[index])
    assert table["text"].to_pylist() == ["New."]
    assert table["revision"].to_pylist() == [2]


def test_amendment_adds_duplicates_and_versions_once():
    copy = Duplicate("f" * 32, "https://copy.example.org/1")
    amendment = Amendment(row()["id"], ("k",), (version(make_article(text="Older.")),), (copy,))
    table = merged(merged(None, row()), amendments=[amendment, amendment])
    assert table["duplicates"].to_pylist() == [[copy._asdict()]]
    assert table["revision"].to_pylist() == [2]
    assert merge_rows(table, amendments=[amendment]).table is None


def test_amendment_of_a_missing_row_is_dropped():
    assert merge_rows(merged(None, row(1)), amendments=[Amendment("missing")]).table is None


def test_removal():
    table = merged(None, row(1), row(2))
    assert merged(table, removals=[row(1)["id"]])["title"].to_pylist() == ["Bridge 2"]


def test_file_has_the_promised_form(tmp_path):
    table = merged(None, row(1), row(2))
    path = tmp_path / "part.parquet"
    path.write_bytes(encode_table(table))
    file = pq.ParquetFile(path)
    group = file.metadata.row_group(0)
    assert {group.column(i).compression for i in range(group.num_columns)} == {"ZSTD"}
    assert group.column(0).is_stats_set
    assert group.column(0).has_column_index
    assert [s.column_index for s in group.sorting_columns] == [
        SCHEMA.get_field_index("published_at"),
        SCHEMA.get_field_index("id"),
    ]
    assert decode_table(path.read_bytes(), str(path)).equals(table)
