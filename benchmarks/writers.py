"""Several writers on one output, suspended, killed and given wrong clocks at random; then look.

python benchmarks/writers.py [--writers 4] [--seconds 600] [--store] [--seed 1]

Each writer runs `newsbeam run` again and again, on a few of the same articles and on some of its
own. Half of them act as on other machines: they do not see each other's locks of the system, only
the claims in the output, which are dead after seconds instead of minutes. At random a run is
suspended for longer than that, killed, or has a clock that is up to two days off. At the end each
writer runs once undisturbed over all its articles. Then every article must have one row, with the
text that a single writer gives it, `newsbeam verify` must find nothing, and the numbers of each
manifest must add up. A run that ended otherwise than well or for want of the lock is wrong too, and
what it said is printed, such as the traceback of an exception that nobody foresaw. With --store the
output is in a bucket of a local server (moto).
"""

import argparse
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from chaos_world import World, build, call, in_child
from rich.console import Console
from rich.table import Table
from store_server import local_store

from pipeline.cli.command import Exit
from pipeline.lock import lock, owner
from pipeline.upkeep.rejected import stored_letters
from pipeline.upkeep.verify import verify_output
from transforms.output.file_columns import read_columns
from transforms.output.listing import day_files
from transforms.output.storage import join, list_files, read_bytes

SHARED, OWN = 12, 8
"""Articles that all writers have, and that each has alone."""
STALE_SECONDS = 2.0
CLOCK_HOURS = 48
FORESEEN = (Exit.DONE, Exit.LOCKED)
NAMES = ("id", "text_sha256", "title", "published_at")


def main() -> None:
    """Print what came of it; exit code 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--store", action="store_true", help="in a bucket, not on a disk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, wrong = at_once(
        options.writers, options.seconds, store=options.store, seed=options.seed
    )
    show(counts, wrong)
    sys.exit(bool(wrong))


def at_once(
    writers: int, seconds: float, *, store: bool, seed: int
) -> tuple[Counter[str], list[str]]:
    """Return what was done to so many writers on one output for a time, and what is wrong then."""
    with tempfile.TemporaryDirectory() as folder, place(Path(folder), store) as output:
        world = build(Path(folder, "world"))
        files = [articles(world, number) for number in range(writers)]
        wanted = single_writer(world, files)
        counts, wrong = disturbed(world, files, output, seconds, seed)
        for number, file in enumerate(files):
            done = in_child(partial(work, world, file, output, number, 0))
            counts["undisturbed"] += 1
            if done.code or done.signal:
                wrong.append(f"writer {number} failed undisturbed: {done.code or done.signal}")
        return counts, wrong + in_child(lambda: faults(output, wanted)).value[0]


@contextlib.contextmanager
def place(folder: Path, store: bool) -> Iterator[str]:
    """Yield an empty output: on this disk, or in a bucket of a local server."""
    if not store:
        yield str(folder / "out")
        return
    # Of its own: what is kept on this machine, such as its lock, goes by the address.
    with local_store("writers") as bucket:
        yield f"{bucket}/{uuid.uuid4().hex}"


def articles(world: World, writer: int) -> Path:
    """Write the articles of a writer: those that all have, and its own."""
    path = world.folder / f"writer-{writer}.jsonl"
    own = range(1000 * (writer + 1), 1000 * (writer + 1) + OWN)
    start = datetime(2025, 3, 1, 8, tzinfo=UTC)
    records = [
        {
            "url": f"https://news.example.org/w/{number}",
            "title": f"Item {number} of the council",
            "text": " ".join(
                f"The {word} of district {number} was {deed} for the {number + place}th time."
                for place, (word, deed) in enumerate(_words(number))
            ),
            "date": (start + timedelta(days=number % 3, minutes=number % 400)).isoformat(),
        }
        for number in [*range(SHARED), *own]
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def _words(number: int) -> list[tuple[str, str]]:
    chance = random.Random(number)
    nouns = ("bridge", "tramway", "festival", "library", "market", "stadium", "clinic", "pier")
    deeds = ("approved", "postponed", "opened", "cancelled", "praised", "sold", "repaired")
    return [(chance.choice(nouns), chance.choice(deeds)) for _ in range(4)]


def work(world: World, file: Path, output: str, writer: int, hours: float) -> int:
    """Run `newsbeam run` in this process, with a clock that is some hours off."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return super().now(tz) + timedelta(hours=hours)

    real = lock.guard_file

    def guard_file(root: str) -> Path:
        """Return a lock of the system that the others on this machine do not see."""
        return real(root) if writer % 2 else world.folder / "guards" / str(writer) / "guard"

    with (
        mock.patch.object(lock, "guard_file", guard_file),
        mock.patch.object(lock, "HEARTBEAT", STALE_SECONDS / 10),
        mock.patch.object(lock, "_WATCH", STALE_SECONDS / 3),
        mock.patch.object(lock, "STALE", STALE_SECONDS),
        mock.patch.object(lock, "datetime", Clock),
        mock.patch.object(owner, "datetime", Clock),
    ):
        settings = [*world.settings[:2], "--set", "run.batch_documents=5"]
        wait = ["--set", "run.lock_wait_seconds=20"]
        return call("run", "-i", str(file), "-o", output, *settings, *wait)


def single_writer(world: World, files: list[Path]) -> dict[str, list[Any]]:
    """Return the rows that one writer publishes, by id."""
    output = str(world.folder / "single")

    def alone() -> dict[str, list[Any]]:
        codes = [call("run", "-i", str(f), "-o", output, *world.settings) for f in files]
        if any(codes):
            raise RuntimeError(f"a single writer failed: {codes}")
        return rows(output)[0]

    found = in_child(alone).value[0]
    if len(found) != SHARED + OWN * len(files):
        raise RuntimeError(f"a single writer wrote {len(found)} rows")
    return dict(found)


def disturbed(
    world: World, files: list[Path], output: str, seconds: float, seed: int
) -> tuple[Counter[str], list[str]]:
    """Let all writers run at once for a time.

    Return what was done to them and how they ended, and what those said that nobody foresaw.
    """
    chance, counts = random.Random(seed), Counter[str]()
    running: dict[int, int] = {}
    said = world.folder / "said"
    said.mkdir()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for writer in set(range(len(files))) - set(running):
            hours = chance.choice([0, 0, chance.uniform(-CLOCK_HOURS, CLOCK_HOURS)])
            counts["wrong clocks"] += bool(hours)
            task = partial(work, world, files[writer], output, writer, hours)
            running[writer] = start(task, said / f"{counts['runs']}-of-writer-{writer}")
            counts["runs"] += 1
        time.sleep(chance.uniform(0, 1.0))
        writer = chance.choice(sorted(running))
        match chance.choice(["stop", "kill", "", ""]):
            case "stop":
                counts["suspended"] += 1
                os.kill(running[writer], signal.SIGSTOP)
                time.sleep(chance.choice([0.2, 2 * STALE_SECONDS]))
                os.kill(running[writer], signal.SIGCONT)
            case "kill":
                os.kill(running[writer], signal.SIGKILL)
        for writer, pid in list(running.items()):
            counts += _ended(running, writer, pid, os.WNOHANG)
    for writer, pid in list(running.items()):
        counts += _ended(running, writer, pid, 0)
    return counts, [f"run {file.stem}:\n{file.read_text()}" for file in said.glob("*.unforeseen")]


def start(task: Callable[[], int], said: Path) -> int:
    """Do a task in a forked child; return its number.

    What it says is left in the file `said`, with the traceback of an exception, which ends it with
    exit code 70. The file gets the suffix `.unforeseen` where nobody foresaw such an end.
    """
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 2)
        code = 70
        try:
            code = task()
        except BaseException:
            traceback.print_exc()
        if code not in FORESEEN:
            said.rename(f"{said}.unforeseen")
        os._exit(code)
    return pid


def _ended(running: dict[int, int], writer: int, pid: int, how: int) -> Counter[str]:
    found, status = os.waitpid(pid, how)
    if not found:
        return Counter()
    del running[writer]
    if os.WIFSIGNALED(status):
        return Counter(["killed"])
    return Counter([f"exit code {os.WEXITSTATUS(status)}"])


def rows(output: str) -> tuple[dict[str, list[Any]], list[str]]:
    """Return what each row says, by id, and the ids that stand twice."""
    found: dict[str, list[Any]] = {}
    twice = []
    for file in day_files(output):
        for row in read_columns(join(output, file.path), NAMES).to_pylist():
            if row["id"] in found:
                twice.append(f"{row['id']} stands twice")
            found[row["id"]] = [file.date, *(str(row[name]) for name in NAMES)]
    return found, twice


def faults(output: str, wanted: dict[str, list[Any]]) -> list[str]:
    """Return what is wrong with an output."""
    found, wrong = rows(output)
    letters = {stored.letter.id: stored.letter for stored in stored_letters(output)}
    for id_ in wanted.keys() - found.keys():
        letter = letters.get(id_)
        why = f": {letter.step}, {letter.reason}, {letter.detail}" if letter else ""
        wrong.append(f"{wanted[id_]} is lost{why}")
    wrong += [f"rejected: {letter.reason}, {letter.detail}" for letter in letters.values()]
    wrong += [f"{id_} should not be there" for id_ in found.keys() - wanted.keys()]
    wrong += [f"{id_} differs" for id_ in wanted.keys() & found.keys() if wanted[id_] != found[id_]]
    wrong += [f"verify: {p.code} {p.path} {p.detail}" for p in verify_output(output).problems]
    for path in list_files(join(output, "_runs/*.json")):
        manifest = json.loads(read_bytes(path) or b"{}")
        if manifest["status"] == "done":
            balance = manifest["balance"]
            if balance["in"] != sum(n for name, n in balance.items() if name != "in"):
                wrong.append(f"{path}: {balance}")
    return wrong


def show(counts: Counter[str], wrong: list[str]) -> None:
    """Print what was done, and what is wrong."""
    table = Table("what", "times")
    table.columns[1].justify = "right"
    for what, times in sorted(counts.items()):
        table.add_row(what, str(times))
    table.add_row("wrong", str(len(wrong)))
    Console().print(table)
    print("\n".join(wrong[:50]))


if __name__ == "__main__":
    main()
