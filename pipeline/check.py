"""Everything about a run that can be known before it starts."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.config import Config
from pipeline.feeds import configured_feeds
from pipeline.table import check_settings
from transforms.errors import ConfigError, NewsbeamError
from transforms.formats.base import FileInfo
from transforms.models import EMBEDDED, find_model
from transforms.read import match_files
from transforms.storage import join, publish, remove
from transforms.topics import load_topics


def problems(config: Config) -> list[str]:
    """Return what would make a run of `config` fail, each with its fix; empty if nothing would."""
    checks: tuple[Callable[[Config], object], ...] = (
        input_files,
        lambda config: configured_feeds(config.input.feeds),
        lambda config: load_topics(config.topics.file),
        lambda config: find_model(EMBEDDED),
        _output,
        check_settings,
    )
    found = []
    for check in checks:
        try:
            check(config)
        except NewsbeamError as error:
            found.append(str(error))
    return found


def require(config: Config) -> None:
    """Raise `ConfigError` with all `problems`, if there are any."""
    if found := problems(config):
        raise ConfigError("\n".join(found))


def input_files(config: Config) -> list[FileInfo]:
    """Return the files that a run of `config` would read.

    Raises:
        ConfigError: a pattern matches nothing, or nothing is to be read.
    """
    if not config.input.paths and not config.input.feeds:
        raise ConfigError("input: nothing to read; set paths or feeds (--input GLOB, --feed URL)")
    now = datetime.now(UTC)
    return match_files(config.input.paths, lambda: now)


def _output(config: Config) -> None:
    """Write and remove a file in the output, where a run would."""
    probe = join(config.output.path, f"_runs/.check-{uuid.uuid4().hex}")
    try:
        publish(probe, b"")
        remove(probe)
    except OSError as error:
        raise ConfigError(
            f"output.path: {config.output.path} cannot be written: {error}; "
            "choose another folder (--output DIR) or give yourself the right to write there"
        ) from error
