"""What publications of an engine's job did, written by the processes that did it.

An engine's own counters count attempts, and are lost with a job that fails. So whoever publishes a
batch writes an entry below `_runs/<run_id>/` right after it, under a name that follows from the
inputs of the batch: one that is published again, as its worker was lost before the engine knew,
adds to its own entry and is not counted twice.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

from pipeline.outcome import Outcome
from transforms.output.storage import join, list_files, publish, read_bytes, remove


def write_entry(root: str, run_id: str, name: str, outcome: Outcome) -> None:
    """Write what became of a batch; what an earlier try has written of it stays.

    For the holder of the output's lock.
    """
    path = join(root, f"_runs/{run_id}/{name}.json")
    if before := _read(path):
        # What the first try wrote, the second found unchanged.
        before.created |= outcome.created
        before.changed |= outcome.changed
        outcome = before
    values = {field.name: getattr(outcome, field.name) for field in fields(outcome)}
    publish(path, json.dumps(values, default=sorted).encode())


def read_entries(root: str, run_id: str) -> Iterator[Outcome]:
    """Yield the entries of a run."""
    for path in list_files(join(root, f"_runs/{run_id}/*.json")):
        if outcome := _read(path):
            yield outcome


def remove_entries(root: str, run_id: str) -> None:
    """Remove the entries of a run, whose manifest holds them now."""
    for path in list_files(join(root, f"_runs/{run_id}/*.json")):
        remove(path)


def _read(path: str) -> Outcome | None:
    content = read_bytes(path)
    if content is None:
        return None
    values = json.loads(content)
    return Outcome(
        values["read"],
        {step: Counter(counts) for step, counts in values["steps"].items()},
        Counter(values["rejected"]),
        Counter(values["feeds"]),
        frozenset(values["created"]),
        frozenset(values["changed"]),
        Counter(values.get("plugin_faults")),
    )
