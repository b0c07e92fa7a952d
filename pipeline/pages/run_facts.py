"""What is known of the runs of an output: their manifests, and what belongs to one of them."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeline.journal import read_entries
from pipeline.lock.lock import lock_owner
from pipeline.lock.owner import Owner
from pipeline.outcome import Counts
from transforms.errors import ConfigError
from transforms.output.storage import join, list_files, read_bytes
from transforms.step_names import ORDER

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
    step_seconds: dict[str, float] = {}
    models: dict[str, dict[str, Any]] = {}
    files: dict[str, Any] = {}
    feeds: dict[str, int] = {}
    feeds_not_asked: frozenset[str] = frozenset()
    feed_fault: str | None = None
    error: str | None = None
    config: dict[str, Any] = Field(default={}, exclude=True)

    @property
    def is_local(self) -> bool:
        """Whether it holds the lock for as long as it goes on, which an engine's job does not."""
        return bool(self.config.get("run", {}).get("runner", {}).get("name", "local") == "local")

    @property
    def lasted(self) -> float | None:
        """Return its seconds, if it has ended."""
        if self.seconds is None and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return self.seconds

    def asked(self, feed: str | None) -> bool:
        """Return whether it looked at what `feed` names, or at files, which have none."""
        if feed is None:
            return True
        asked_none = self.feeds.keys() == {"Skipped"}  # earlier manifests do not name them
        return feed not in self.feeds_not_asked and not asked_none

    @property
    def ordered_steps(self) -> list[tuple[str, dict[str, int]]]:
        """Return what each step counted, in the order of the graph."""
        places = {step: place for place, step in enumerate(ORDER)}
        return sorted(self.steps.items(), key=lambda item: (places.get(item[0], 99), item[0]))


def read_runs(root: str, most: int = 0) -> list[Run]:
    """Return the runs of an output, the newest first; all, or about so many at the `most`.

    Raises:
        ConfigError: it has none.
    """
    runs = list(filter(None, map(_read, list_files(join(root, "_runs/*.json"))[-most:])))
    if not runs:
        raise ConfigError(f"{root} is not the output of a run: it has no _runs/")
    runs.sort(key=lambda run: run.run_id, reverse=True)
    unheard = [run for run in runs if run.status == "running" and run.is_local]
    owner = lock_owner(root) if unheard else None
    killed = [run.run_id for run in unheard if run is not runs[0] or not _holds(run, owner)]
    ended = {"status": "killed"}
    runs = [run.model_copy(update=ended) if run.run_id in killed else run for run in runs]
    return [_with_journal(root, run) for run in runs]


def _holds(run: Run, owner: Owner | None) -> bool:
    """Return whether the newest run is what holds the lock."""
    if owner is None or owner.command != run.command:
        return False
    # A watch takes it anew for each batch, everything else once and before it begins.
    return run.command == "watch" or datetime.fromisoformat(owner.acquired_at) <= run.started_at


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
