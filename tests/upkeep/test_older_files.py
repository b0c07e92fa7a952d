"""Promise 5 of docs/schema.md: columns are only ever added, and older files stay as good as new."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.manifest import file_records
from transforms.output.listing import day_files
from transforms.output.schema import COLUMNS

NEWER = [column.name for column in COLUMNS if column.since > 1]
LOST = {"section", "listed", "run_id", "schema_version"}
"""What cannot be made again from the text, and what says who wrote a row."""

NEWS = {
    "url": "https://a.example/harbour",
    "title": "Harbour",
    "text": "The harbour at Brackwater opens again on Monday. Ferries sail at six and at nine.",
}


def read(path):
    return pq.read_table(path, partitioning=None)


def rows(output):
    tables = [read(output / file.path) for file in day_files(str(output))]
    return {row["id"]: row for table in tables for row in table.to_pylist()}


@pytest.fixture
def older(seeds_run, tmp_path):
    """Return the output of the seeds as the first version of the schema has it.

    The day with most rows has two files.
    """
    output = Path(shutil.copytree(seeds_run[0], tmp_path / "out"))
    paths = [output / file.path for file in day_files(str(output))]
    tables = {path: read(path).drop_columns(NEWER) for path in paths}
    largest = max(paths, key=lambda path: len(tables[path]))
    whole = tables[largest]
    tables[largest] = whole.slice(0, 2)
    tables[largest.with_stem(f"{largest.stem}-0001")] = whole.slice(2)
    for path, table in tables.items():
        first = table.replace_schema_metadata({"newsbeam.schema_version": "1"})
        pq.write_table(first, path, compression="zstd", write_page_index=True)
    [manifest] = (output / "_runs").glob("*.json")
    names = [str(path.relative_to(output)) for path in tables]
    facts = json.loads(manifest.read_text()) | {"files": file_records(str(output), names)}
    manifest.write_text(json.dumps(facts))
    return output


def test_an_output_of_the_first_version_is_read_merged_compacted_backfilled_verified(
    older, newsbeam, tmp_path, seeds_run
):
    assert {"section", "near_keys", "story_names", "story_vector", "listed"} <= set(NEWER)
    before = rows(older)
    assert newsbeam("verify", older).code == 0
    shown = newsbeam("show", older, "--limit", "500", "--json").json
    assert {row["id"] for row in shown} == before.keys()

    day = next(file.date for file in day_files(str(older)) if file.number)
    source = tmp_path / "new.json"
    source.write_text(json.dumps(NEWS | {"date": f"{day}T12:00:00Z"}))
    done = newsbeam("run", "-i", source, "-o", older, "--json")
    assert done.json["balance"]["written"] == 1
    assert newsbeam("verify", older).code == 0

    compacted = newsbeam("compact", older, "--before", "2027-01-01", "--json").json
    assert [(done["date"], done["files"]) for done in compacted] == [(day, [2, 1])]
    days = sorted(file.date for file in day_files(str(older)))
    backfilled = newsbeam("backfill", older, "--from", days[0], "--to", days[-1], "--json").json
    assert sum(day["changed"] for day in backfilled) >= len(before)
    assert newsbeam("verify", older).code == 0

    after, wanted = rows(older), rows(seeds_run[0])
    assert len(after) == len(wanted) + 1
    for id_, row in wanted.items():
        kept = {name: value for name, value in row.items() if name not in LOST}
        assert kept == {name: after[id_][name] for name in kept}
