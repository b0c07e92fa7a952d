"""Write the summaries that a model failed to write, once it answers again.

A run does it at its end, `newsbeam watch` now and then. Which rows it concerns, the output itself
says: those flagged `summary_failed`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

import pyarrow.compute as pc

from pipeline.settings import Plan
from pipeline.upkeep.backfill import backfill
from pipeline.upkeep.session import upkeep
from transforms.output.file_columns import read_columns
from transforms.output.folders import can_exchange
from transforms.output.listing import by_day, day_files
from transforms.output.merge import Row
from transforms.output.storage import is_local, join
from transforms.output.tables.sync import follow_output
from transforms.summarize.drafts import SUMMARY_FAILED

MOST_ROWS = 2000
"""Rows that a run tries, of the newest days: what a model never writes costs no more than that."""


def resummarize(plan: Plan, most: int = MOST_ROWS, wait: float = 0) -> int:
    """Have the summaries of rows flagged `summary_failed` written; return how many rows changed.

    Only where a model writes summaries, and days can be replaced (`folders.require_exchange`).

    Args:
        plan: all settings.
        most: rows that are tried.
        wait: seconds that another writer is waited for.

    Raises:
        OutputLockedError: another process writes to the output for longer than `wait` seconds.
    """
    root = plan.config.output.path
    if plan.drafts is None or (is_local(root) and not can_exchange(root)):
        return 0
    days = list(_days(root, most))
    if not days:
        return 0
    changed, wanted = 0, first_failed(most)
    with upkeep(root, "backfill", wait) as done:
        done.facts["config"] = plan.config.model_dump(mode="json")
        for day in days:
            span = date.fromisoformat(day), date.fromisoformat(day)
            made = backfill(root, span, plan, ["summarize"], done, wanted)
            changed += sum(one.changed for one in made)
        follow_output(root, plan.table)
    return changed


def first_failed(most: int) -> Callable[[Row], bool]:
    """Return what says whether a row's summary is to be written again: of `most` rows, it is."""
    numbers = count()
    return lambda row: SUMMARY_FAILED in row["flags"] and next(numbers) < most


def _days(root: str, most: int) -> Iterator[str]:
    """Yield the days that have such rows, the newest first, until they have `most`."""
    rows = 0
    for day, files in reversed(list(by_day(day_files(root)))):
        columns = (read_columns(join(root, file.path), ["flags"])["flags"] for file in files)
        failed = sum(
            pc.sum(pc.equal(pc.list_flatten(flags), SUMMARY_FAILED)).as_py() or 0
            for flags in columns
        )
        if failed:
            yield day
        rows += failed
        if rows >= most:
            return
