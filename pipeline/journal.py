"""What publications of an engine's job did, written by the processes that did it.

An engine's own counters count attempts, and are lost with a job that fails. So whoever publishes a
batch writes an entry below `_runs/<run_id>/` right after it, under a name that follows from the
inputs of the batch: one that is published again, as its worker was lost before the engine knew,
adds to its own entry and is not counted twice.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields

from pipeline.outcome import Outcome
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.records import Article, DeadLetter
from transforms.windows import Repeat


def entry_name(elements: Iterable[Article | DeadLetter | Repeat]) -> str:
    """Return the name of the entry of a batch, whatever the order of its elements."""
    digest = hashlib.sha256()
    for key in sorted(_key(element) for element in elements):
        digest.update(key.encode() + b"\0")
    return digest.hexdigest()[:32]


def _key(element: Article | DeadLetter | Repeat) -> str:
    """Return what tells an input from all others, also from the same one that arrives again."""
    if isinstance(element, Repeat):
        return element.token
    content = element.text_sha256 if isinstance(element, Article) else element.step
    return f"{element.id} {element.uri} {element.line} {element.fetched_at} {content}"


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
    )
