"""Check an output, and have mended what can be mended without losing anything."""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from pipeline.lock.lock import OutputLock, lock_owner
from pipeline.upkeep.verify.alone import left_alone
from pipeline.upkeep.verify.beside_rows import (
    check_forgotten,
    check_history,
    check_letters,
    check_states,
)
from pipeline.upkeep.verify.checksums import check_files, read_manifests
from pipeline.upkeep.verify.findings import Problem, Report
from pipeline.upkeep.verify.ids import bucket_counts, check_buckets, check_ids
from pipeline.upkeep.verify.mend import Mender
from pipeline.upkeep.verify.published_files import FileFacts, check_file, stray_problems
from pipeline.upkeep.verify.relations import check_links
from transforms.errors import ConfigError
from transforms.output.file_columns import rereads
from transforms.output.listing import day_files
from transforms.output.storage import is_local, join, list_files, local_path

_MISSING = "missing_file"
_SUSPECT = frozenset({"wrong_checksum", _MISSING})


def verify_output(
    root: str, lock: OutputLock | None = None, accepted: Collection[str] = ()
) -> Report:
    """Check every promise of docs/schema.md on the output `root`.

    Holds `files.BATCH_ROWS` rows, or the ids of one pass, at a time; with `lock`, also the file
    that is mended.

    Args:
        root: the output.
        lock: held on the output: mend what is fixable.
        accepted: paths of files that are gone or not the published ones: with `lock`, they are
            recorded as they are.

    Raises:
        ConfigError: there is no such folder, or nothing is to be accepted of a file.
        OutputLockedError: another process has taken the lock over.
    """
    if not (is_local(root) and local_path(root).is_dir()) and not list_files(join(root, "**")):
        raise ConfigError(f"{root} does not exist; is it the output of a run?")
    report, facts, buckets = _check(root)
    damaged = {fact.file.path for fact in facts if not fact.readable}
    suspect = {p.path for p in report.problems if p.code in _SUSPECT}
    _require_suspect(accepted, suspect - damaged)
    alone = {
        fact.file: fact.readable
        for fact in facts
        if not fact.readable or fact.file.path in suspect.difference(accepted)
    }
    missing = any(p.code == _MISSING and p.path not in accepted for p in report.problems)
    report.problems = left_alone(root, report.problems, alone, buckets, missing=missing)
    wanted = [problem for problem in report.problems if problem.fixable]
    if not lock or not (wanted or accepted):
        with contextlib.suppress(ConfigError):  # a store that can hold no lock
            if not lock and (owner := lock_owner(root)):
                report.writer = owner.describe(datetime.now(UTC))
        return report
    Mender(root, buckets, frozenset(alone), lock).mend(wanted, accepted)
    after, _, buckets = _check(root)
    keys = {_key(problem) for problem in after.problems}
    fixed = [p._replace(fixed=True) for p in report.problems if _key(p) not in keys]
    left = left_alone(root, after.problems, alone, buckets, missing=missing)
    return Report([*fixed, *left], after.counts)


def _require_suspect(accepted: Collection[str], suspect: Collection[str]) -> None:
    if strange := sorted(set(accepted) - set(suspect)):
        raise ConfigError(
            f"--accept {strange[0]}: takes a file that can be read and that verify calls "
            "wrong_checksum, or one that it calls missing_file, by the path it prints"
        )


def _key(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.path, problem.id


@rereads
def _check(root: str) -> tuple[Report, list[FileFacts], Mapping[str, int]]:
    """Return the report, the facts of each file, and the number of buckets of each day."""
    report = Report(stray_problems(root))
    facts: list[FileFacts] = []
    for file in day_files(root):
        fact, problems = check_file(root, file)
        facts.append(fact)
        report.problems += problems
    readable = [fact for fact in facts if fact.readable]
    manifests, problems = read_manifests(root)
    configs = [manifest["config"] for manifest in manifests if "config" in manifest]
    configured = configs[-1]["output"]["buckets"] if configs else 1
    buckets = bucket_counts(readable, configured)
    report.problems += problems
    report.problems += check_buckets(readable, buckets)
    report.problems += check_ids(root, readable)
    report.problems += check_links(root, readable)
    report.problems += check_files(root, manifests, facts, report.counts)
    report.problems += check_states(root)
    report.problems += check_forgotten(root, readable)
    report.problems += check_history(root, report.counts)
    report.problems += check_letters(root, report.counts)
    report.counts["files"] = len(facts)
    report.counts["rows"] = sum(fact.rows for fact in facts)
    report.counts["manifests"] = len(manifests)
    return report, facts, defaultdict(lambda: configured, buckets)
