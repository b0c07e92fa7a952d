"""Kill newsbeam at random moments, fill its disk, take away its right to write; then look.

python benchmarks/chaos.py [--kills 100] [--seed 1] [--commands run,compact,...] [--json]
                           [--writers 2 [--seconds 60] [--store]]

Each round has a fresh copy of an output. A command on it is killed (SIGKILL): at a random moment
right before or after something in the filesystem changes, or after a random time. The same command
then runs undisturbed. Afterwards `newsbeam verify` must find nothing, and the rows and dead letters
must equal those of a command that was never disturbed. All through, another process reads the
output with DuckDB: it must never see an id twice, a part of a file, or miss a row.

With --writers, so many then write to one output at once, as in writers.py: suspended, killed and
given wrong clocks; with --store, in a bucket.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos_reader import Reader
from chaos_world import Exit, World, build, call, in_child, state
from rich.console import Console
from rich.table import Table
from writers import at_once

COMMANDS = ("run", "compact", "backfill", "forget")


@dataclass(frozen=True)
class Expected:
    """An undisturbed command: the state it leaves, how long it takes, its moments, and its rows.

    `must` are the ids that a reader sees all the time, `moving` those that change their day.
    """

    state: dict[str, Any]
    seconds: float
    moments: int
    must: set[str]
    moving: set[str]


def undisturbed(world: World, command: str) -> Expected:
    """Run `command` once without disturbing it."""
    before = in_child(lambda: state(world.base)).value[0]
    output = world.copy(f"expected-{command}")
    done = in_child(lambda: call(*world.arguments(command, output)))
    after = in_child(lambda: state(output)).value[0]
    if done.code or done.signal or after["problems"]:
        raise RuntimeError(f"the undisturbed {command} failed: {done} {after['problems']}")
    days = before["days"]
    moving = {id_ for id_, day in after["days"].items() if days.get(id_, day) != day}
    must = set(days) & set(after["days"])
    return Expected(after, done.seconds, done.value[1], must, moving)


def check(output: Path, expected: Expected) -> list[str]:
    """Return what is wrong with an output after recovery."""
    found = in_child(lambda: state(output)).value[0]
    wrong = [f"{p['code']} {p['path']}" for p in found["problems"]]
    wrong += differences(found, expected.state)
    strays = [path.name for path in output.rglob(".*.tmp")]
    return [*wrong, *(f"left over: {name}" for name in strays)]


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Return how the rows and dead letters that were found differ from those that were wanted."""
    here, there = ({row["id"]: row for row in side["rows"]} for side in (found, wanted))
    differ = [f"{id_} is missing" for id_ in there.keys() - here.keys()]
    differ += [f"{id_} should not be there" for id_ in here.keys() - there.keys()]
    for id_ in here.keys() & there.keys():
        names = [name for name in there[id_] if here[id_][name] != there[id_][name]]
        differ += [f"{id_}: {n} is {here[id_][n]}, not {there[id_][n]}" for n in names]
    if found["rejected"] != wanted["rejected"]:
        differ.append(f"rejected: {found['rejected']}, not {wanted['rejected']}")
    return differ


def round_of(  # noqa: PLR0913, PLR0917 (the parts of a round)
    world: World,
    command: str,
    expected: Expected,
    reader: Reader,
    disturb: Callable[[Callable[[], int], Path], Exit],
    output: Path,
) -> dict[str, Any]:
    """Disturb a command on `output`, recover, and return what came of it."""

    def work() -> int:
        return call(*world.arguments(command, output))

    with reader.watching(output, expected.must, expected.moving) as seen:
        first = disturb(work, output)
        again = in_child(work)
    wrong = check(output, expected) + seen.faults
    if again.code or again.signal:
        wrong.append(f"the command failed afterwards: {again.code}")
    return {
        "command": command,
        "disturbed": bool(first.signal or first.code),
        "killed": bool(first.signal),
        "polls": seen.polls,
        "vanished": seen.vanished,
        "moving": seen.moving,
        "wrong": wrong,
    }


def kills(
    world: World, commands: list[str], expected: dict[str, Expected], count: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Kill each of `commands` in turn, `count` times in all, at moments and after random times."""
    chance = random.Random(seed)
    reader = Reader()
    number = 0
    while number < count:
        command = commands[number % len(commands)]
        wanted = expected[command]
        at_moment = number // len(commands) % 3 != 0
        fatal = chance.randrange(wanted.moments)
        after = chance.uniform(0, wanted.seconds)

        def disturb(work: Callable[[], int], output: Path) -> Exit:
            del output
            return in_child(work, fatal=fatal) if at_moment else in_child(work, kill_after=after)  # noqa: B023 (called at once)

        result = round_of(world, command, wanted, reader, disturb, world.copy("out"))
        if result["killed"] or result["wrong"]:  # else it had ended before: another try
            number += 1
            yield {"kind": "moment" if at_moment else "time", **result}
    reader.close()


def faults(
    world: World, commands: list[str], expected: dict[str, Expected], seed: int
) -> Iterator[dict[str, Any]]:
    """Let each of `commands` meet a full disk, and an output that it may not write to."""
    chance = random.Random(seed)
    reader = Reader()
    for command in commands:
        for kind, make in (("full disk", full_disk), ("read-only", read_only)):
            with small_disk(world) as (output, how):
                disturb = make(chance, how)
                result = round_of(world, command, expected[command], reader, disturb, output)
            yield {"kind": f"{kind} ({how})", **result}
    reader.close()


@contextmanager
def small_disk(world: World) -> Iterator[tuple[Path, str]]:
    """Yield a copy of the base on a small tmpfs, or where that is not allowed, on this disk."""
    mount = world.folder / "disk"
    mount.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "newsbeam-chaos", str(mount)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True)
    if not mounted or mounted.returncode:
        yield world.copy("out"), "rlimit"
        return
    try:
        yield Path(shutil.copytree(world.base, mount / "out")), "tmpfs"
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)  # noqa: S607 (root's own PATH)


def _remount(output: Path, options: str) -> None:
    command = ["mount", "-o", f"remount,{options}", str(output.parent)]
    subprocess.run(command, check=True, capture_output=True)


def full_disk(chance: random.Random, how: str) -> Callable[[Callable[[], int], Path], Exit]:
    """Return what lets a command fill the disk, which ends within what the command writes."""

    def disturb(work: Callable[[], int], output: Path) -> Exit:
        if how == "rlimit":
            return in_child(work, file_limit=chance.randint(1_000, 12_000))
        used = shutil.disk_usage(output).used
        _remount(output, f"size={(used // 4096 + chance.randint(2, 12)) * 4}k")
        done = in_child(work)
        _remount(output, "size=64m")
        return done

    return disturb


def read_only(chance: random.Random, how: str) -> Callable[[Callable[[], int], Path], Exit]:
    """Return what lets a command meet an output that it may not write to."""
    del chance

    def allow(output: Path, *, write: bool) -> None:
        if how == "tmpfs":
            _remount(output, "rw" if write else "ro")
        for path in (output, *output.rglob("*")) if how != "tmpfs" else ():
            if path.is_dir():
                path.chmod(0o755 if write else 0o555)

    def disturb(work: Callable[[], int], output: Path) -> Exit:
        allow(output, write=False)
        done = in_child(work)
        allow(output, write=True)
        return done

    return disturb


def several(writers: int, seconds: float, *, store: bool, seed: int) -> dict[str, Any]:
    """Let several writers work on one output for a time, and return what came of it."""
    counts, wrong = at_once(writers, seconds, store=store, seed=seed)
    return {
        "command": "run",
        "kind": f"{writers} writers ({'store' if store else 'disk'})",
        "disturbed": True,
        "killed": counts["killed"] > 0,
        **dict.fromkeys(("polls", "vanished", "moving"), 0),
        "counts": dict(counts),
        "wrong": wrong,
    }


def show(results: list[dict[str, Any]]) -> None:
    """Print the results as a table."""
    table = Table("command", "disturbed by", "times", "wrong", "reads", "vanished", "moving")
    for column in table.columns[2:]:
        column.justify = "right"
    for command, kind in sorted({(r["command"], r["kind"]) for r in results}):
        these = [r for r in results if (r["command"], r["kind"]) == (command, kind)]
        sums = Counter[str]()
        for result in these:
            sums.update({key: result[key] for key in ("polls", "vanished", "moving")})
        wrong = sum(bool(result["wrong"]) for result in these)
        counts = (len(these), wrong, sums["polls"], sums["vanished"], sums["moving"])
        table.add_row(command, kind, *map(str, counts))
    Console().print(table)
    for result in results:
        for problem in result["wrong"]:
            print(f"{result['command']}, {result['kind']}: {problem}")


def main() -> None:
    """Print what came of it; exit code 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--writers", type=int, default=0, help="at once, after the kills")
    parser.add_argument("--seconds", type=float, default=60, help="for which they are disturbed")
    parser.add_argument("--store", action="store_true", help="they write to a bucket")
    parser.add_argument("--json", action="store_true", help="a JSON line per round")
    options = parser.parse_args()
    commands = options.commands.split(",")
    results: list[dict[str, Any]] = []

    def note(result: dict[str, Any]) -> None:
        results.append(result)
        if options.json:
            print(json.dumps(result), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder))
        expected = {command: undisturbed(world, command) for command in commands}
        for rounds in (
            kills(world, commands, expected, options.kills, options.seed),
            faults(world, commands, expected, options.seed),
        ):
            for result in rounds:
                note(result)
    if options.writers:
        note(several(options.writers, options.seconds, store=options.store, seed=options.seed))
    if not options.json:
        show(results)
    sys.exit(any(result["wrong"] for result in results))


if __name__ == "__main__":
    main()
