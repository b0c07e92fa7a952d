"""What `chaos.py` works on: small editions of news, commands in forked children, and what is read.

The encoder is loaded once, before the forks, in one thread: that much survives a fork. A child runs
a command as a user would, through `newsbeam`'s own entry point.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pyarrow.dataset as ds
import torch

import pipeline.run  # noqa: F401 (with all it imports, once and before the forks)
from pipeline.cli import main as newsbeam
from pipeline.upkeep.verify import verify_output
from transforms.classify.phrases import topic_vectors
from transforms.classify.topics import load_topics
from transforms.models.loaders import EncoderLoader, cached_model
from transforms.models.pinned import EMBEDDED
from transforms.output import folders, publish
from transforms.text.language import identify_language

START = datetime(2025, 3, 1, 8, tzinfo=UTC)
DAYS = 3
ROWS_PER_FILE = 4
"""In place of `publish.FILE_ROWS`, so that a few articles make a day of many files."""
PER_RUN = frozenset({"ingested_at", "run_id"})
TAKEN_DOWN = (3, 14)
"""Articles that `forget` removes."""

_WHO = ("council", "harbour board", "school", "orchestra", "hospital", "league", "bakery", "court")
_DID = ("approved", "postponed", "opened", "cancelled", "praised", "sold", "repaired", "visited")
_WHAT = ("bridge", "tramway", "festival", "library", "market", "stadium", "clinic", "lighthouse")
_WHERE = ("Marlow", "Odense", "Tallis", "Brno", "Lugo", "Ghent", "Turku", "Nantes", "Split")

_TOPICS = """
name: chaos
topics:
  - label: public works
    phrases: [bridges and roads]
  - label: culture
    phrases: [music and books]
"""

Record = dict[str, str]


class Exit(NamedTuple):
    """How a child ended: its exit code, or the signal that killed it; what it returned; seconds."""

    code: int
    signal: int
    value: Any
    seconds: float


@dataclass(frozen=True)
class World:
    """A folder with two editions, and the output of the first one."""

    folder: Path

    @property
    def base(self) -> Path:
        """The output of the first edition; left as it is."""
        return self.folder / "base"

    @property
    def settings(self) -> list[str]:
        """Options of every run: small batches, and few topics, as their phrases take time."""
        topics = self.folder / "topics.yaml"
        return ["--topics", str(topics), "--set", "run.batch_documents=12"]

    def edition(self, number: int) -> Path:
        """The file of records of an edition."""
        return self.folder / f"edition-{number}.jsonl"

    def copy(self, name: str) -> Path:
        """Return a fresh copy of the first edition's output."""
        output = self.folder / name
        shutil.rmtree(output, ignore_errors=True)
        return Path(shutil.copytree(self.base, output))

    def arguments(self, command: str, output: Path) -> list[str]:
        """Return the arguments of a command on `output`."""
        extra = {
            "run": ["-i", str(self.edition(2)), "-o", str(output), *self.settings],
            "compact": [str(output), "--before", "2025-03-20"],
            "backfill": [
                str(output),
                *("--from", "2025-03-01", "--to", "2025-03-03"),
                *(*self.settings[:2], "--set", "summary.max_words=12"),
            ],
            "forget": [
                str(output),
                *(f"--url=https://news.example.org/{number}" for number in TAKEN_DOWN),
            ],
        }
        return [command, *extra[command]]


def build(folder: Path) -> World:
    """Write both editions below `folder`, and publish the first one."""
    mock.patch.object(publish, "FILE_ROWS", ROWS_PER_FILE).start()  # fails if there is none
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder)
    first = [_record(number) for number in range(36)]
    _write(world.edition(1), first)
    (folder / "topics.yaml").write_text(_TOPICS, "utf-8")
    _load_models(folder / "topics.yaml")
    arguments = ["run", "-i", str(world.edition(1)), "-o", str(world.base), *world.settings]
    done = in_child(lambda: call(*arguments))
    if done.code or done.signal:
        raise RuntimeError(f"the first edition could not be published: {done}")
    files = Counter(path.parent.name for path in world.base.glob("date=*/*.parquet"))
    if len(files) != DAYS or min(files.values()) < 2:
        raise RuntimeError(f"every day is to have several files, and has {dict(files)}")
    _write(world.edition(2), _second(first))
    return world


def _load_models(topics_file: Path) -> None:
    """Load, as the steps do, what they would otherwise load in each child."""
    torch.set_num_threads(1)
    identify_language("The council approved the bridge.")
    load = EncoderLoader(EMBEDDED)
    topics = load_topics(str(topics_file))
    cached_model(("topics", topics, load), lambda: topic_vectors(topics, load()))


def _record(number: int, edit: str = "") -> Record:
    chance = random.Random(number)
    sentences = [
        f"The {chance.choice(_WHO)} of {chance.choice(_WHERE)} {chance.choice(_DID)} the "
        f"{chance.choice(_WHAT)} for the {number + place}th time in {chance.randint(2, 90)} years."
        for place in range(3)
    ]
    when = START + timedelta(days=number % DAYS, minutes=17 * number % 600)
    return {
        "url": f"https://news.example.org/{number}",
        "title": f"Item {number}: {chance.choice(_WHAT)} of {chance.choice(_WHERE)}",
        "text": " ".join([*sentences, edit]).strip(),
        "date": when.isoformat(),
    }


def _second(first: list[Record]) -> list[Record]:
    """Return edition 2: edits, corrected dates, new ones, a copy, one without text, unchanged."""
    edited = [_record(number, "This was corrected later.") for number in range(0, 12, 2)]
    moved = [
        {**first[n], "date": (START + timedelta(days=n % 2 + 1)).isoformat()} for n in (13, 15)
    ]
    new = [_record(number) for number in range(100, 108)]
    copy = {**_record(200), "text": first[20]["text"]}
    return [*edited, *moved, *new, copy, {**_record(201), "text": "?"}, *first[30:33]]


def _write(path: Path, records: Iterable[Record]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def call(*arguments: str) -> int:
    """Run the command in this process; return its exit code."""
    try:
        newsbeam(list(arguments))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def in_child(
    work: Callable[[], Any],
    *,
    fatal: int | None = None,
    kill_after: float | None = None,
    file_limit: int | None = None,
) -> Exit:
    """Fork, and do `work` in the child; its result comes back as JSON.

    Args:
        work: returns an exit code, or the value wanted.
        fatal: the number of the moment at which the child kills itself, see `_Moments`.
        kill_after: seconds after which the child is killed.
        file_limit: no file may become larger, in bytes.
    """
    reader, writer = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _quieten()
        torch.set_num_threads(1)  # torch makes its pool anew, before two threads ask for it at once
        moments = _Moments(fatal)
        moments.watch()
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        try:
            value = work()
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os.write(writer, json.dumps([value, moments.count]).encode())
        os._exit(value if isinstance(value, int) else 0)
    os.close(writer)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader) as pipe:
        value = json.loads(pipe.read() or "null")
    status = os.waitpid(pid, 0)[1]
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
    return Exit(code, killed_by, value, time.monotonic() - started)


def _quieten() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    if not os.environ.get("CHAOS_VERBOSE"):
        os.dup2(null, 2)


class _Moments:
    """Counts the moments right before and after something in a filesystem changes.

    At the chosen one, this process kills itself.
    """

    def __init__(self, fatal: int | None) -> None:
        self.count = 0
        self._fatal = fatal

    def watch(self) -> None:
        """Count from now on."""
        for owner, name in (
            (os, "fsync"),
            (Path, "replace"),
            (Path, "unlink"),
            (Path, "rename"),
            (Path, "hardlink_to"),
            (folders, "exchange"),
            (shutil, "rmtree"),
        ):
            setattr(owner, name, self._wrap(getattr(owner, name)))

    def _pass(self) -> None:
        if self.count == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def _wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            self._pass()
            result = function(*arguments, **keywords)
            self._pass()
            return result

        return wrapped


def rows(output: Path) -> list[dict[str, Any]]:
    """Return what a reader sees, by id, without the columns that name the run."""
    files = sorted(str(path) for path in output.glob("date=*/*.parquet"))
    table = ds.dataset(files, format="parquet").to_table()
    names = [name for name in table.column_names if name not in PER_RUN]
    return sorted(table.select(names).to_pylist(), key=lambda row: str(row["id"]))


def state(output: Path) -> dict[str, Any]:
    """Return what must be equal after a recovery, and what must not be there, as JSON values."""
    letters = [
        json.loads(line)
        for path in output.glob("_rejected/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    found = rows(output)
    return {
        "days": {row["id"]: f"{row['published_at']:%Y-%m-%d}" for row in found},
        "rows": json.loads(json.dumps(found, default=str)),
        "rejected": sorted([letter["step"], letter["reason"], letter["uri"]] for letter in letters),
        "problems": [problem._asdict() for problem in verify_output(str(output)).problems],
    }
