"""Manifests: whether they balance, and whether the files are as the newest of them says.

A manifest is written when a run starts, with the status `running`, and again when it ends. So one
that still says `running` is of a run that goes on or was killed; what that run changed is recorded
nowhere, and a file that differs from older manifests may be its work. The same holds for a run that
failed or was interrupted: it does not know what the batch at hand had published.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.published_files import FileFacts
from transforms.output.storage import join, list_files, read_bytes

Manifests = Sequence[Mapping[str, Any]]


def read_manifests(root: str) -> tuple[Manifests, list[Problem]]:
    """Return the manifests of `root`, oldest first, and the problems of those that are none."""
    manifests, problems = [], []
    for path in list_files(join(root, "_runs/*.json")):
        name = "_runs/" + path.rpartition("/")[2]
        try:
            manifest = json.loads(read_bytes(path) or b"")
            _ = manifest["run_id"], manifest["status"]
        except (ValueError, KeyError, TypeError) as error:
            problems.append(Problem("bad_manifest", name, f"it cannot be read: {error!r}"))
            continue
        manifests.append(manifest)
        problems += _check_balance(manifest, name)
    return sorted(manifests, key=lambda manifest: str(manifest["run_id"])), problems


def _check_balance(manifest: Mapping[str, Any], name: str) -> Iterator[Problem]:
    if manifest["status"] != "done" or not (balance := manifest.get("balance")):
        return
    outcomes = sum(count for outcome, count in balance.items() if outcome != "in")
    if balance.get("in") != outcomes:
        detail = f"{balance.get('in')} inputs, {outcomes} accounted for"
        yield Problem("unbalanced", name, detail)


def check_files(
    root: str, manifests: Manifests, facts: Sequence[FileFacts], counts: Counter[str]
) -> Iterator[Problem]:
    """Yield the files that are not as the newest manifest that names them says.

    `counts` learns how many are (`checksums`), and how many may be a killed run's (`unrecorded`).
    """
    newest: dict[str, Mapping[str, Any]] = {}
    for manifest in manifests:
        newest |= dict.fromkeys(manifest.get("files") or {}, manifest)
    killed = [str(m["run_id"]) for m in manifests if m["status"] != "done"]
    for path, manifest in sorted(newest.items()):
        wanted = (manifest["files"][path] or {}).get("sha256")
        content = read_bytes(join(root, path))
        found = None if content is None else hashlib.sha256(content).hexdigest()
        if found == wanted:
            counts["checksums"] += wanted is not None
        elif any(run_id >= str(manifest["run_id"]) for run_id in killed):
            counts["unrecorded"] += 1
        else:
            yield _difference(path, manifest["run_id"], wanted, found)
    yield from _unlisted(manifests, facts, newest.keys())


def _difference(path: str, run_id: str, wanted: str | None, found: str | None) -> Problem:
    if found is None:
        detail = f"run {run_id} published it, and it is gone; --fix --accept takes that as it is"
        return Problem("missing_file", path, detail)
    if wanted is None:
        return Problem("wrong_checksum", path, f"run {run_id} removed it, and it is there again")
    return Problem("wrong_checksum", path, f"it is not the file that run {run_id} published")


def _unlisted(
    manifests: Manifests, facts: Sequence[FileFacts], listed: Iterable[str]
) -> Iterator[Problem]:
    """Yield the files that no manifest names, though the run that wrote a row of it is done."""
    ended = {m["run_id"] for m in manifests if m["status"] == "done" and "files" in m}
    killed = any(m["status"] != "done" for m in manifests)
    names = set(listed)
    for fact in facts:
        if fact.file.path not in names and not killed and fact.run_ids & ended:
            yield Problem("unlisted_file", fact.file.path, "no manifest names it")
