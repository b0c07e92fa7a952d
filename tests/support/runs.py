"""Runs in this process, and what they published."""

import pyarrow.dataset as ds

from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan

PER_RUN = {"ingested_at", "run_id"}


def run_settings(settings):
    """Run the default config with `settings` changed; return the manifest."""
    manifest, _ = run(make_plan(load_config(None, settings)), [], Progress())
    return manifest


def rows(output):
    files = sorted(str(path) for path in output.glob("date=*/*.parquet"))
    table = ds.dataset(files, format="parquet").to_table()
    names = [name for name in table.column_names if name not in PER_RUN]
    return sorted(table.select(names).to_pylist(), key=lambda row: row["id"])
