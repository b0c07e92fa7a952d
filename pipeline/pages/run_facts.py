"""What is known of the runs of an output: their manifests, and what belongs to one of them."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipeline.journal import read_entries
from pipeline.outcome import Counts
from pipeline.pages.day import host_of
from pipeline.upkeep.rejected import stored_letters
from transforms.errors import ConfigError
from transforms.output.ledger import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join, list_files, read_bytes
from transforms.redaction import redacted

EXAMPLES = 3
"""Dead letters shown of each reason."""
PAST_RUNS = 10
"""Runs before one that its sources are compared with."""
PAST_DAYS = 14
"""Days before a run whose articles count: news is read soon after it is published."""

GRAPH = (
    "read", "parse", "clean", "dedupe", "fulltext", "encode", "embed", "summarize", "verify",
    "describe", "classify", "relate", "write",
)  # fmt: skip
"""Steps in the order of the graph."""

_log = logging.getLogger(__name__)


class Run(BaseModel):
    """What a manifest says; those of the commands that maintain an output say less."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    command: str
    status: str
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    seconds: float | None = None
    balance: dict[str, int] = {}
    rejected: dict[str, int] = {}
    steps: dict[str, dict[str, int]] = {}
    models: dict[str, dict[str, Any]] = {}
    files: dict[str, Any] = {}
    error: str | None = None

    @property
    def lasted(self) -> float | None:
        """Return its seconds, if it has ended."""
        if self.seconds is None and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return self.seconds

    @property
    def ordered_steps(self) -> list[tuple[str, dict[str, int]]]:
        """Return what each step counted, in the order of the graph."""
        places = {step: place for place, step in enumerate(GRAPH)}
        return sorted(self.steps.items(), key=lambda item: (places.get(item[0], 99), item[0]))


class Example(NamedTuple):
    """A rejected input: where it was read, and what was wrong with it."""

    id: str
    place: str
    detail: str


class Volume(NamedTuple):
    """Rows of a source: those of a run, and how many the runs before it had on average."""

    source: str
    rows: int
    before: float


def read_runs(root: str) -> list[Run]:
    """Return the runs of an output, the newest first.

    Raises:
        ConfigError: it has none.
    """
    runs = list(filter(None, map(_read, list_files(join(root, "_runs/*.json")))))
    if not runs:
        raise ConfigError(f"{root} is not the output of a run: it has no _runs/")
    return sorted((_with_journal(root, run) for run in runs), key=lambda r: r.run_id, reverse=True)


def _read(path: str) -> Run | None:
    try:
        return Run.model_validate_json(read_bytes(path) or b"")
    except ValidationError:
        _log.warning("%s is no manifest, and passed over", path)
        return None


def _with_journal(root: str, run: Run) -> Run:
    """Return `run` with what its workers wrote down that is not in its manifest yet."""
    if run.status == "done":
        return run
    counts, steps = Counts(), defaultdict(Counter, {s: Counter(c) for s, c in run.steps.items()})
    rejected = Counter(run.rejected)
    for outcome in read_entries(root, run.run_id):
        counts.add(outcome.counts)
        rejected += outcome.rejected
        for step, counters in outcome.steps.items():
            steps[step].update(counters)
    if not counts.read:
        return run
    balance = dict(Counter(run.balance) + Counter(counts.balance()))
    changes = {"balance": balance, "rejected": dict(rejected), "steps": dict(steps)}
    return run.model_copy(update=changes)


def find_run(runs: Sequence[Run], name: str) -> Run:
    """Return the run whose id begins with `name`; `last` is the newest.

    Raises:
        ConfigError: there is none, or more than one.
    """
    found = runs[:1] if name == "last" else [r for r in runs if r.run_id.startswith(name)]
    if len(found) != 1:
        raise ConfigError(f"{len(found) or 'no'} runs have an id like {name!r}")
    return found[0]


def rejected_examples(root: str, run: Run) -> dict[str, list[Example]]:
    """Return some dead letters that `run` was the first to meet, by `step.reason`."""
    found: dict[str, list[Example]] = {key: [] for key in run.rejected}
    for letter, run_id, _ in stored_letters(root):
        examples = found.get(f"{letter.step}.{letter.reason}")
        if run_id == run.run_id and examples is not None and len(examples) < EXAMPLES:
            place = redacted(letter.uri) + (f":{letter.line}" if letter.line else "")
            examples.append(Example(letter.id, place, letter.detail))
    return found


@rereads
def source_volumes(root: str, run: Run, runs: Sequence[Run]) -> list[Volume]:
    """Return what each source had in `run` and in the runs before it, most rows first.

    Rows count for the run that wrote them last, if they were published in the days before it.
    """
    own = [r for r in runs if r.command == run.command and r.run_id < run.run_id and r.steps]
    before = [r.run_id for r in own[:PAST_RUNS]]
    first = min([run.started_at, *(r.started_at for r in own[:PAST_RUNS])])
    counts = _rows_by_run(root, (first - timedelta(days=PAST_DAYS)).date().isoformat(), run)
    past: Counter[str] = sum((counts[id_] for id_ in before), Counter())
    here = counts[run.run_id]
    volumes = [Volume(name, here[name], past[name] / max(len(before), 1)) for name in here | past]
    return sorted(volumes, key=lambda volume: (-volume.rows, -volume.before, volume.source))


def _rows_by_run(root: str, since: str, run: Run) -> dict[str, Counter[str]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in day_files(root):
        if file.date >= since or file.path in run.files:
            columns = ["source", "url", "uri", "run_id"]
            for row in read_columns(join(root, file.path), columns).to_pylist():
                name = row["source"] or host_of(row["url"]) or row["uri"].rpartition("/")[2]
                counts[row["run_id"]][name] += 1
    return counts


def unusual(volumes: Sequence[Volume]) -> Iterator[tuple[Volume, str]]:
    """Yield the sources that fell silent, or had more than twice what they have on average."""
    for volume in volumes:
        if volume.before >= 1 and not volume.rows:
            yield volume, "silent"
        elif volume.before >= 1 and volume.rows > 2 * volume.before:
            yield volume, "more than twice as many as before"
