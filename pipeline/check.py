"""Everything about a run that can be known before it starts."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.config import Config
from pipeline.feeds import configured_feeds
from pipeline.lock.claims import claims_of
from pipeline.runners.brokers import message_sources
from pipeline.runners.options import runner_options
from pipeline.settings import check_engines
from pipeline.table import check_settings
from transforms.classify.topics import load_topics
from transforms.errors import ConfigError
from transforms.formats.base import FileInfo
from transforms.output.storage import is_local, join, local_path, publish, remove, write_failure
from transforms.read import match_files


def problems(config: Config, inputs: Callable[[Config], object] | None = None) -> list[str]:
    """Return what would make a run of `config` fail, each with its fix; empty if nothing would.

    Args:
        config: all settings.
        inputs: checks what is read, by default `input_files`.

    Raises:
        NewsbeamError: the output cannot be written now, as on a full disk.
    """
    checks: tuple[Callable[[Config], object], ...] = (
        inputs or input_files,
        lambda config: configured_feeds(config.input.feeds),
        lambda config: load_topics(config.topics.file),
        check_engines,
        _output,
        check_settings,
        lambda config: runner_options(config, []),
        _messages,
    )
    found = []
    for check in checks:
        try:
            check(config)
        except ConfigError as error:
            found.append(str(error))
    return found


def require(config: Config, inputs: Callable[[Config], object] | None = None) -> None:
    """Raise `ConfigError` with all `problems`, if there are any."""
    if found := problems(config, inputs):
        raise ConfigError("\n".join(found))


def input_files(config: Config, *, may_be_none: bool = False) -> list[FileInfo]:
    """Return the files that a run of `config` would read.

    Args:
        config: all settings.
        may_be_none: a pattern that matches nothing yet is no error; nor is it for a stream.

    Raises:
        ConfigError: a pattern matches nothing, or nothing is to be read.
    """
    stream = config.stream
    if not (config.input.paths or config.input.feeds or stream.kafka or stream.pubsub):
        more = ", or stream.kafka or stream.pubsub" if stream.enabled else ""
        raise ConfigError(
            f"input: nothing to read; set paths or feeds (--input GLOB, --feed URL){more}"
        )
    now = datetime.now(UTC)
    return match_files(config.input.paths, lambda: now, may_be_none=may_be_none or stream.enabled)


def watch_inputs(config: Config) -> None:
    """Check that there is something to watch: folders may be empty, but must be there.

    Raises:
        ConfigError: a folder does not exist, or nothing is named.
    """
    if not config.input.paths and not config.input.feeds:
        raise ConfigError("input: nothing to watch; set paths or feeds (--input GLOB, --feed URL)")
    if config.run.runner.name != "local":
        raise ConfigError("run.runner.name: newsbeam watch works in this process; leave it local")
    for pattern in config.input.paths:
        fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
        path = local_path(fixed)
        folder = path if fixed == pattern or fixed.endswith("/") else path.parent
        if is_local(pattern) and not folder.exists():
            raise ConfigError(
                f"input {pattern!r}: {folder} does not exist; make it, or check the path"
            )


def _messages(config: Config) -> None:
    """Check the sources of messages; that the local runner has none is said elsewhere."""
    if config.run.runner.name != "local":
        message_sources(config)


def _output(config: Config) -> None:
    """Write and remove a file in the output, where a run would."""
    claims_of(config.output.path)
    probe = join(config.output.path, f"_runs/.check-{uuid.uuid4().hex}")
    try:
        publish(probe, b"a probe")  # S3 takes no empty upload in parts
        remove(probe)
    except OSError as error:
        fix = "; choose another folder (--output DIR) or give yourself the right to write there"
        what = f"output.path: {config.output.path} cannot be written"
        raise write_failure(what, error, fix) from error
