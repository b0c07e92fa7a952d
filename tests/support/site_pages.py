"""A browser, and an output of invented articles for it to read."""

import contextlib
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from builders import make_published

from transforms.output.schema import article_row, rows_table

CHROMIUM = shutil.which("chromium")
AXE = Path(sys.prefix) / "node_modules" / "axe-core" / "axe.min.js"
DAY = datetime(2026, 10, 5, tzinfo=UTC)


@contextlib.contextmanager
def browser():
    """Yield Debian's Chromium, or skip the test where it is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


def write_articles(root, articles, run_id=lambda row: "run"):
    """Write rows as they are published: one file for each day."""
    by_day = {}
    for each in articles:
        row = article_row(each, "run")
        by_day.setdefault(each.published_at.date(), []).append(row | {"run_id": run_id(row)})
    for day, rows in by_day.items():
        folder = root / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows_table(rows), folder / "part-00.parquet")
    return root


def article(number, **fields):
    """Return article `number` of `DAY`, one every seven minutes, as it is published."""
    fields = {
        "published_at": DAY + timedelta(minutes=7 * (number % 200)),
        "source": f"Courier {number % 9}",
        **fields,
    }
    return replace(make_published(number, **fields), **fields)
