"""What belongs to a run of an output's rows and dead letters, beside its recent past."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.pages.run_facts import Run, find_run, read_runs
from pipeline.source_names import source_of
from pipeline.upkeep.rejected import letters_in
from transforms.letters import letter_files
from transforms.output.file_columns import read_columns, rereads
from transforms.output.listing import day_files
from transforms.output.storage import join
from transforms.redaction import redacted

EXAMPLES = 3
"""Dead letters shown of each reason."""
PAST_RUNS = 10
"""Runs before one that its sources are compared with."""
PAST_DAYS = 14
"""Days before a run whose articles count: news is read soon after it is published."""


_Origin = tuple[str, str | None]
"""A source, and the feed that brought its article; `None` for files."""


class Example(NamedTuple):
    """A rejected input: where it was read, and what was wrong with it."""

    id: str
    place: str
    detail: str


class Volume(NamedTuple):
    """Rows of a source: those of a run, and how many the runs before it had on average.

    Attributes:
        source: its name.
        rows: of the run.
        before: of one of the runs before that asked for it, on average.
        asked: whether the run asked for it: not if no feed that brings it was due.
    """

    source: str
    rows: int
    before: float
    asked: bool = True


class Share(NamedTuple):
    """Rows with a language or topic: those of a run, and the part of all rows, 0 to 1.

    Attributes:
        name: the language or topic.
        rows: of the run.
        here: part of the run's rows.
        week: part of the rows that were published in the week before and are not the run's.
    """

    name: str
    rows: int
    here: float
    week: float


def run_story(root: str, name: str, most: int = 0) -> dict[str, Any]:
    """Return all that is told of a run; `name` is the beginning of its id, or `last`.

    Args:
        root: the output.
        name: of the run.
        most: manifests that are read, the newest; all by default.

    Raises:
        ConfigError: there is no such run.
    """
    runs = read_runs(root, most)
    run = find_run(runs, name)
    volumes = source_volumes(root, run, runs)
    is_whole = run.status == "done" and run.command != "watch"
    return {
        "run": run,
        "examples": rejected_examples(root, run),
        "volumes": volumes,
        "unusual": {volume.source: what for volume, what in unusual(volumes, is_whole=is_whole)},
        "shares": {column: shares(root, run, column) for column in ("language", "topic")},
    }


def rejected_examples(root: str, run: Run) -> dict[str, list[Example]]:
    """Return some dead letters that `run` was the first to meet, by `step.reason`."""
    found: dict[str, list[Example]] = {key: [] for key in run.rejected}
    own_day = f"/date={run.started_at:%Y-%m-%d}/"  # where `keep_letters` puts them
    paths = [path for path in letter_files(root) if own_day in path] if found else []
    for letter, run_id, _ in chain.from_iterable(map(letters_in, paths)):
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
    earlier = [r for r in runs if r.command == run.command and r.run_id < run.run_id]
    before = [r for r in earlier if r.steps and r.status == "done"][:PAST_RUNS]
    first = min([run.started_at, *(r.started_at for r in before)])
    counts = _rows_by_run(root, (first - timedelta(days=PAST_DAYS)).date().isoformat(), run)
    feeds: defaultdict[str, set[str | None]] = defaultdict(set)
    for counted in (run, *before):
        for source, feed in counts[counted.run_id]:
            feeds[source].add(feed)
    volumes = [_volume(source, feeds[source], run, before, counts) for source in feeds]
    return sorted(volumes, key=lambda volume: (-volume.rows, -volume.before, volume.source))


def _volume(
    source: str,
    feeds: Collection[str | None],
    run: Run,
    before: Sequence[Run],
    counts: Mapping[str, Counter[_Origin]],
) -> Volume:
    """Return what a source had that comes by these `feeds`; `None` among them stands for files."""

    def rows(of: Run) -> int:
        return sum(counts[of.run_id][source, feed] for feed in feeds)

    def asked(of: Run) -> bool:
        return any(map(of.asked, feeds))

    past = [rows(of) for of in before if asked(of)]
    return Volume(source, rows(run), sum(past) / max(len(past), 1), asked(run))


@rereads
def shares(root: str, run: Run, column: str) -> list[Share]:
    """Return the languages or topics of the rows of `run`, beside those of the week before it."""
    since = (run.started_at - timedelta(days=7)).date().isoformat()
    here: Counter[str] = Counter()
    week: Counter[str] = Counter()
    for file in day_files(root):
        if file.date >= since or file.path in run.files:
            table = read_columns(join(root, file.path), [column, "run_id"])
            for (name, run_id), count in _tallied(table, column, "run_id").items():
                (here if run_id == run.run_id else week)[name or "none"] += count
    known = sorted(here | week, key=lambda name: (-here[name], -week[name], name))
    total, before = max(here.total(), 1), max(week.total(), 1)
    return [Share(name, here[name], here[name] / total, week[name] / before) for name in known]


def _rows_by_run(root: str, since: str, run: Run) -> dict[str, Counter[_Origin]]:
    """Return the rows of each source and feed, by run."""
    counts: defaultdict[str, Counter[_Origin]] = defaultdict(Counter)
    for file in day_files(root):
        if file.date >= since or file.path in run.files:
            names = ["source", "url", "uri", "feed", "run_id"]
            table = read_columns(join(root, file.path), names)
            has_source = table["source"].is_valid()
            known = _tallied(table.filter(has_source), "source", "feed", "run_id")
            for (source, feed, run_id), count in known.items():
                counts[run_id][source, feed] += count
            for row in table.filter(pc.invert(has_source)).to_pylist():
                counts[row["run_id"]][source_of(row), row["feed"]] += 1
    return counts


def _tallied(table: pa.Table, *columns: str) -> Counter[tuple[Any, ...]]:
    """Return how many rows have each values of `columns`; Arrow's own way loads pandas."""
    return Counter(zip(*(table[column].to_pylist() for column in columns), strict=True))


def unusual(volumes: Sequence[Volume], *, is_whole: bool = True) -> Iterator[tuple[Volume, str]]:
    """Yield the sources that fell silent, or had more than twice what they have on average.

    Args:
        volumes: of a run.
        is_whole: whether it has asked for all that it was to; else none is silent yet.
    """
    for volume in volumes:
        if is_whole and volume.asked and volume.before >= 1 and not volume.rows:
            yield volume, "silent"
        elif volume.before >= 1 and volume.rows > 2 * volume.before:
            yield volume, "more than twice as many as before"
