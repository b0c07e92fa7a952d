"""The manifest of a run, or of another command: what went in, what became of it, which files."""

import contextlib
import hashlib
import io
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

import pyarrow.parquet as pq

from pipeline import __version__
from pipeline.outcome import Counts, Outcome
from transforms.output.storage import join, list_files, publish, read_bytes, remove
from transforms.pulse import seconds_by_step
from transforms.redaction import message_of

if TYPE_CHECKING:  # commands that only read an output need no Beam
    from pipeline.config import Config
    from pipeline.settings import Plan
    from transforms.models.loaders import ModelRecord

_LIBRARIES = ("apache-beam", "torch", "transformers", "pyarrow", "trafilatura", "sentencex")


class FileRecord(TypedDict):
    """What a manifest says of a file that its run published."""

    sha256: str
    rows: int


def file_records(root: str, paths: Iterable[str]) -> dict[str, FileRecord | None]:
    """Return what a manifest is to say of these files below `root`: `None` of one that is gone."""
    return {path: _record(read_bytes(join(root, path))) for path in sorted(paths)}


def _record(content: bytes | None) -> FileRecord | None:
    if content is None:
        return None
    rows = pq.ParquetFile(io.BytesIO(content)).metadata.num_rows
    return {"sha256": hashlib.sha256(content).hexdigest(), "rows": rows}


@dataclass
class Manifest:
    """What `_runs/<run_id>.json` holds; times are UTC, durations seconds."""

    run_id: str
    status: str
    started_at: datetime
    config: "Config"
    command: str = "run"
    models: dict[str, "ModelRecord"] = field(default_factory=dict)
    finished_at: datetime | None = None
    seconds: float = 0.0
    batches: int = 0
    counts: Counts = field(default_factory=Counts)
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    files: dict[str, FileRecord | None] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    feeds_not_asked: list[str] = field(default_factory=list)
    feed_fault: str | None = None
    error: str | None = None
    step_seconds: dict[str, float] = field(default_factory=dict)
    _is_own: dict[str, bool] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Add what became of a batch.

        `record_files` is to say what became of its files.
        """
        self.batches += 1
        self.note_seconds()
        self.counts.add(outcome.counts)
        for step, counters in outcome.steps.items():
            self.steps.setdefault(step, Counter()).update(counters)
        created, changed = outcome.created, outcome.changed
        for path in created | changed:
            self._is_own.setdefault(path, path in created and path not in changed)
        self._touched |= created | changed

    def note_seconds(self) -> None:
        """Note what the steps took in this process so far; an engine's workers are others."""
        if self.config.run.runner.name == "local":
            spent = seconds_by_step().items()
            self.step_seconds = {step: round(seconds, 3) for step, seconds in sorted(spent)}

    def record_files(self) -> None:
        """Record the files noted since the last time as they are now.

        One that is gone is named, for an earlier manifest names it; unless this run made it.
        """
        for path, record in file_records(self.config.output.path, self._touched).items():
            if record is None and self._is_own[path]:
                self.files.pop(path, None)
            else:
                self.files[path] = record
        self._touched.clear()

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as JSON values."""
        return {
            "run_id": self.run_id,
            "command": self.command,
            "status": self.status,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "seconds": round(self.seconds, 3),
            "articles_per_second": round(self.counts.read / max(self.seconds, 1e-6), 2),
            "balance": self.counts.balance(),
            "rejected": dict(sorted(self.counts.rejected.items())),
            "faults": self.counts.faults,
            "plugin_faults": dict(sorted(self.counts.plugin_faults.items())),
            "steps": {step: dict(sorted(c.items())) for step, c in sorted(self.steps.items())},
            "step_seconds": self.step_seconds,
            "batches": self.batches,
            "files": self.files,
            "feeds": self.feeds,
            "feeds_not_asked": self.feeds_not_asked,
            "feed_fault": self.feed_fault,
            "error": self.error,
            **_settings(self.config),
            "models": self.models,
            "versions": versions(),
        }

    @property
    def path(self) -> str:
        """Return where the manifest is written."""
        return _path(self.config.output.path, self.run_id)

    def write(self) -> None:
        """Publish the manifest in the output."""
        _publish(self.config.output.path, self.run_id, self.as_dict())


def _settings(config: "Config") -> dict[str, Any]:
    """Return what a manifest says of the settings."""
    values = config.model_dump(mode="json")
    return {
        "config": values,
        "config_sha256": _digest(json.dumps(values, sort_keys=True).encode()),
        "topics_sha256": _digest(Path(config.topics.file).read_bytes()),
    }


def settings_facts(plan: "Plan") -> dict[str, Any]:
    """Return what the manifest of another command than a run says of its settings and models."""
    models = {use: model.record(used=False) for use, model in plan.models.items()}
    return {**_settings(plan.config), "models": models}


def write_manifest(  # noqa: PLR0913, PLR0917 (the parts of a manifest)
    root: str,
    run_id: str,
    command: str,
    started: datetime,
    status: str,
    changed: Iterable[str] = (),
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Publish the manifest of a command that maintains the output.

    Args:
        root: the output.
        run_id: names the manifest.
        command: what was done.
        started: when.
        status: `running`, `done` or `failed`.
        changed: paths of the files that it changed or removed.
        facts: what else it is to say.
    """
    manifest = {
        "run_id": run_id,
        "command": command,
        "status": status,
        "started_at": started.isoformat(),
        "finished_at": None if status == "running" else datetime.now(UTC).isoformat(),
        **facts,
        "files": file_records(root, changed),
    }
    _publish(root, run_id, manifest)


def newest_manifest(root: str, *keys: str) -> tuple[str, dict[str, Any]] | None:
    """Return the path and the content of the newest manifest of `root` that has all these keys."""
    for path in reversed(list_files(join(root, "_runs/*.json"))):
        with contextlib.suppress(ValueError):  # `verify` names it
            manifest = json.loads(read_bytes(path) or b"{}")
            if isinstance(manifest, dict) and manifest.keys() >= {*keys}:
                return path, manifest
    return None


def _publish(root: str, run_id: str, manifest: Mapping[str, Any]) -> None:
    content = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    publish(_path(root, run_id), content.encode())


def _path(root: str, run_id: str) -> str:
    return join(root, f"_runs/{run_id}.json")


def page_path(root: str, run_id: str) -> str:
    """Return where the page of a run lies, which tells a person what its manifest says."""
    return join(root, f"_runs/{run_id}.html")


def drop_pages(root: str, is_meant: Callable[[str], bool]) -> int:
    """Remove the pages of runs at whose paths `is_meant` says so; return how many."""
    meant = [path for path in list_files(page_path(root, "*")) if is_meant(path)]
    for path in meant:
        remove(path)
    return len(meant)


def versions() -> dict[str, str]:
    """Return the versions of newsbeam, Python and the libraries that shape the output."""
    libraries = {name: metadata.version(name) for name in _LIBRARIES}
    return {"newsbeam": __version__, "python": platform.python_version(), **libraries}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def concluded(
    plan: "Plan", manifest: Manifest, clock: float, *, balances: bool = True
) -> Iterator[None]:
    """Check the balance of `manifest` and write it, however the body ends.

    Args:
        plan: of the run.
        manifest: of what the body does.
        clock: `time.monotonic()` at the start.
        balances: whether every input is counted again at its end; what an engine drops from a
            stream, because it came too late, is not.
    """
    try:
        yield
        if balances:
            manifest.counts.check()
        manifest.status = "done"
    except BaseException as error:
        manifest.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        manifest.error = f"{type(error).__name__}: {message_of(error)}"
        raise
    finally:
        # What an engine's workers have is not known here.
        used = manifest.counts.written > 0 and plan.config.run.runner.name == "local"
        manifest.models = {use: model.record(used=used) for use, model in plan.models.items()}
        manifest.seconds = time.monotonic() - clock
        manifest.note_seconds()
        manifest.finished_at = datetime.now(UTC)
        # What made it fail matters more than a manifest that cannot be written either.
        with contextlib.suppress(OSError) if manifest.error else contextlib.nullcontext():
            manifest.record_files()
            manifest.write()
