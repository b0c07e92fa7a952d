"""Everything about a run that can be known before it starts."""

import contextlib
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import Config
from pipeline.feeds import configured_feeds
from pipeline.lock.claims import claims_of
from pipeline.metrics import check_metrics_file
from pipeline.runners.brokers import message_sources
from pipeline.runners.options import runner_options
from pipeline.settings import Judged, Plan, endpoint_of, make_plan, table_settings
from transforms.encode import PROBE
from transforms.errors import ConfigError
from transforms.fetch.addresses import connectable, stated_address
from transforms.fetch.outcomes import FetchError
from transforms.fetch.urls import parse_url
from transforms.formats.base import FileInfo
from transforms.input_files import before_wildcards, match_files, where_else
from transforms.models.plugins import PluginLoader
from transforms.models.remote import probe
from transforms.output.state import check_states
from transforms.output.storage import (
    is_local,
    join,
    list_files,
    local_path,
    path_failure,
    publish,
    read_bytes,
    remove,
)
from transforms.output.tables import check_table
from transforms.summarize.drafts import write_drafts
from transforms.text.sentences import split_sentences

Check = Callable[[Config], object]
"""Raises `ConfigError` if something is wrong."""


def problems(config: Config, inputs: Check | None = None, more: Sequence[Check] = ()) -> list[str]:
    """Return what would make a run of `config` fail, each with its fix; empty if nothing would.

    Args:
        config: all settings.
        inputs: checks what is read, by default `input_files`.
        more: further checks, which a run does without.

    Raises:
        NewsbeamError: the output cannot be written now, as on a full disk.
    """
    return _checked(config, inputs, more)[1]


def require(config: Config, inputs: Check | None = None) -> Plan:
    """Return the plan of `config`.

    Raises:
        ConfigError: there are `problems`; all of them.
    """
    plan, found = _checked(config, inputs)
    if plan is None or found:
        raise ConfigError(*found)
    return plan


def _checked(
    config: Config, inputs: Check | None, more: Sequence[Check] = ()
) -> tuple[Plan | None, list[str]]:
    plans: list[Plan] = []
    checks: tuple[Check, ...] = (
        inputs or input_files,
        lambda config: configured_feeds(config.input.feeds),
        lambda config: plans.append(make_plan(config)),
        lambda _: _plugins(*plans),
        _output,
        _table,
        _device,
        lambda config: runner_options(config, []),
        _messages,
        check_metrics_file,
        *more,
    )
    found: list[str] = []
    for check in checks:
        try:
            check(config)
        except ConfigError as error:
            found.extend(error.args)
    return next(iter(plans), None), found


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
    return match_files(
        config.input.paths,
        lambda: now,
        may_be_none=may_be_none or stream.enabled,
        follow_links=config.input.follow_links,
        source=config.source,
    )


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
        fixed = before_wildcards(pattern)
        path = local_path(fixed)
        folder = path if fixed == pattern or fixed.endswith("/") else path.parent
        if is_local(pattern) and not folder.exists():
            raise ConfigError(
                f"input {pattern!r}: {folder.absolute()} does not exist; "
                f"{where_else(pattern, config.source)}make it, or check the path"
            )


def _plugins(plan: Plan | None = None) -> None:
    """Make the plug-ins of this process, and have them do one sample article.

    Raises:
        ConfigError: one cannot be made, or fails at it: it would at every article.
    """
    if plan is None or plan.config.run.runner.name != "local":  # they work on its workers
        return
    drafts, topics = plan.drafts, plan.topics
    if drafts and isinstance(drafts.load, PluginLoader):
        sentences, wanted = split_sentences(PROBE.text, PROBE.language), drafts.options.instruction
        drafts.load.try_out(lambda writer: write_drafts([sentences], writer, wanted))
    if isinstance(topics, Judged) and isinstance(topics.load, PluginLoader):
        labels = [topic.label for topic in topics.options.topics.topics]
        pairs = [(PROBE.text, topics.options.hypothesis.format(label)) for label in labels]
        topics.load.try_out(lambda judge: judge.entailment(pairs))


def _table(config: Config) -> None:
    if table := table_settings(config.output.path, config.output.table):
        check_table(table)


def _device(config: Config) -> None:
    if config.engines.device == "cuda":
        # Here, not above: torch takes seconds to import.
        from transforms.models.device import choose_device  # noqa: PLC0415

        choose_device("cuda")


def feed_addresses(config: Config) -> None:
    """Check that the addresses of feeds are some, and none that is refused without being asked.

    A run does not: to it, one that is none is a feed that fails, beside others that do not.

    Raises:
        ConfigError: one is not; each is named.
    """
    try:
        addresses = configured_feeds(config.input.feeds)
    except ConfigError:  # it is told already
        return
    wrong = []
    for address in addresses:
        try:
            url = parse_url(address.get_secret_value())
            if stated := stated_address(url.host):
                port = url.port or {"http": 80, "https": 443}[url.scheme]
                connectable(url.host, port, [stated], config.fetch.allowed_hosts)
        except FetchError as error:
            wrong.append(f"input.feeds: {address}: {error.detail}")
    if wrong:
        raise ConfigError(*wrong)


def remote_answers(config: Config) -> None:
    """Ask the endpoint that writes summaries for one token, if one is configured.

    A run does not: without an answer it publishes the articles' own sentences.

    Raises:
        ConfigError: it does not answer, or knows neither key, address nor model.
    """
    if endpoint := endpoint_of(config):
        probe(endpoint)


def _messages(config: Config) -> None:
    """Check the sources of messages; that the local runner has none is said elsewhere."""
    if config.run.runner.name != "local":
        message_sources(config)


def _output(config: Config) -> None:
    """Do in the output what a run would, with a file of its own; read what it remembers.

    Folders that it makes for that are removed: nothing is left of an output that is not begun.
    """
    claims_of(config.output.path)
    made = _missing_folders(config.output.path)
    probe = join(config.output.path, f"_runs/.check-{uuid.uuid4().hex}")
    try:
        publish(probe, b"a probe")
        list_files(probe)
        read_bytes(probe)
        remove(probe)
    except OSError as error:
        fix = "; choose another folder (--output DIR) or give yourself the right to write there"
        what = f"output.path: {config.output.path} cannot be written"
        raise path_failure(what, error, fix) from error
    finally:
        with contextlib.suppress(OSError):  # another process has begun it
            for folder in made:
                folder.rmdir()
    check_states(config.output.path)


def _missing_folders(output: str) -> list[Path]:
    """Return those of the local folder `output` and the ones around it that are not there."""
    if not is_local(output):
        return []
    place = local_path(output).absolute()
    return [folder for folder in (place, *place.parents) if not folder.exists()]
