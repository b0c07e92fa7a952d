"""What the words after `newsbeam run` name: a config, and what is to be read."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.config_files import installed_configs
from transforms.errors import ConfigError

_CONFIGS = (".yaml", ".yml")
_WILDCARDS = "*?["


class Named(NamedTuple):
    """What a command line names.

    Attributes:
        config: a file, or the name of an installed one.
        inputs: files, folders and globs.
        feeds: addresses and OPML files.
    """

    config: str | None
    inputs: list[str]
    feeds: list[str]


def sorted_words(words: Iterable[str]) -> Named:
    """Return what each of `words` is.

    Raises:
        ConfigError: one is nothing that is there, or two are configs.

    >>> sorted_words(["my.yaml", "news/*.html", "https://news.example/rss"])
    Named(config='my.yaml', inputs=['news/*.html'], feeds=['https://news.example/rss'])
    """
    kinds: dict[str, list[str]] = {"config": [], "input": [], "feed": []}
    for word in words:
        kinds[_kind(word)].append(word)
    configs = kinds["config"]
    if len(configs) > 1:
        raise ConfigError(f"{' and '.join(configs)} are configs: name one")
    return Named(next(iter(configs), None), kinds["input"], kinds["feed"])


def is_address(text: str) -> bool:
    """Return whether `text` is an address of the web, of a feed or a page."""
    return text.lower().startswith(("http:", "https:"))


def _kind(word: str) -> str:
    name, path = word.lower(), Path(word)
    if is_address(word) or name.endswith(".opml"):
        return "feed"
    if "://" in word:
        return "input"
    if name.endswith(_CONFIGS) and not path.is_dir():
        return "config"
    if any(character in word for character in _WILDCARDS):
        return "input"
    if word in installed_configs():
        if path.exists():
            raise ConfigError(
                f"{word} is an installed config and is here, too: write {word}.yaml, or ./{word}"
            )
        return "config"
    if path.exists():
        return "input"
    raise ConfigError(
        f"{word} does not exist: name a file, folder, glob, an address (https://...), "
        f"or a config: a .yaml file, or one of {', '.join(installed_configs())}"
    )
