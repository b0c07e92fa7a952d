"""Code of others, named in a config: as `module:name`, or as its distribution calls it.

What it raises is its own fault, and told so (`PluginError`).
"""

import contextlib
import importlib
import re
import traceback
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from transforms.errors import ConfigError
from transforms.redaction import message_of

GROUPS = {
    "input.formats": "newsbeam.formats",
    "summary.plugin": "newsbeam.summarizers",
    "topics.plugin": "newsbeam.topics",
}
"""Setting -> the group of entry points whose names it knows besides `module:name`."""
_OURS = ("transforms.", "pipeline.")


class PluginError(Exception):
    """Code of others raised an error, or gave something else than was asked for.

    Attributes:
        plugin: its name in the settings.
        cause: what it raised.
    """

    def __init__(self, plugin: str, cause: BaseException) -> None:
        super().__init__(plugin, cause)
        self.plugin, self.cause = plugin, cause

    def __str__(self) -> str:
        kind, told = type(self.cause).__name__, message_of(self.cause)
        place = _place_in_plugin(self.cause)
        return f"{kind} in the plug-in {self.plugin}{place}, not in newsbeam: {told}"


def _place_in_plugin(cause: BaseException) -> str:
    """Return the last file and line that are not newsbeam's own, which checks what it is given."""
    places = [
        f" ({Path(frame.f_code.co_filename).name}, line {line})"
        for frame, line in traceback.walk_tb(cause.__traceback__)
        if not frame.f_globals.get("__name__", "").startswith(_OURS)
    ]
    return places[-1] if places else ""


_TOLD = re.compile(r"\w+ in the plug-in (\S+)(?: \([^()]*\))?, not in newsbeam: ")


def plugin_at_fault(detail: str) -> str | None:
    """Return the plug-in whose fault `detail` tells, if it is that of one.

    >>> plugin_at_fault(str(PluginError("my_news:LETTERS", ValueError("odd"))))
    'my_news:LETTERS'
    >>> plugin_at_fault("ValueError in transforms.parse:12: odd")
    """
    found = _TOLD.match(detail)
    return found[1] if found else None


def find_named(setting: str, name: str) -> Any:
    """Return what `name`, the value of `setting`, names.

    >>> find_named("input.formats", "transforms.formats.text:FORMAT").suffixes
    ('.txt', '.text')

    Raises:
        ConfigError: nothing installed is called so, its module cannot be imported, or holds no
            such name.
    """
    place = name if ":" in name else _installed(setting, name)
    module_name, _, path = place.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # whatever code of others does when it is imported
        raise ConfigError(
            f"{setting}: {name}: the module {module_name} cannot be imported "
            f"({type(error).__name__}: {message_of(error)}); install it beside newsbeam, or name "
            "its folder in the environment: PYTHONPATH=FOLDER"
        ) from error
    file = getattr(found, "__file__", module_name)
    for attribute in path.split("."):
        if not hasattr(found, attribute):
            raise ConfigError(f"{setting}: {name}: {file} holds no {path}")
        found = getattr(found, attribute)
    return found


def _installed(setting: str, name: str) -> str:
    """Return the `module:name` that an installed distribution calls `name`."""
    group = GROUPS[setting]
    points = _entry_points(group)
    found = {place for called, place in points if called == name}
    if len(found) == 1:
        place = found.pop()
        if ":" not in place:
            raise ConfigError(f"{setting}: {name} names a module, {place}, not what is in it")
        return place
    if found:
        several = " and ".join(sorted(found))
        raise ConfigError(f"{setting}: {name} is {several}; write the one that is meant")
    known = ", ".join(sorted({called for called, _ in points})) or "none"
    raise ConfigError(
        f"{setting}: no installed distribution calls a plug-in {name} ({group}: {known}); install "
        "it beside newsbeam, or write module:name"
    )


def _entry_points(group: str) -> list[tuple[str, str]]:
    """Return the names of `group` with their `module:name`; a broken distribution has none.

    Of two distributions of one name counts the one that is imported.
    """
    found, seen = [], set[str]()
    for distribution in distributions():
        with contextlib.suppress(Exception):  # whatever its files hold
            own = re.sub(r"[-_.]+", "-", distribution.name).lower()
            if own not in seen:
                seen.add(own)
                found += [
                    (one.name, "".join(one.value.partition("[")[0].split()))
                    for one in distribution.entry_points
                    if one.group == group
                ]
    return found
