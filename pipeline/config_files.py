"""Reading a config: a YAML file, and what the command line changes of it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

import configs
from pipeline.config import Config
from transforms.errors import ConfigError, what_is_wrong
from transforms.strict_yaml import Loc, Settings, parse_settings, read_settings, unknown_key

DEFAULT_CONFIG = "local.yaml"
_VARIABLE = "NEWSBEAM_"
"""Begins the name of an environment variable; two underscores part section and key."""


_BESIDE = "what --set, the environment or a program says"


def load_config(path: str | None, overrides: dict[str, Any] | None = None) -> Config:
    """Return the config of the file at `path`, or the default, with dotted `overrides` applied.

    Raises:
        ConfigError: the file is missing or no YAML mapping, a key stands twice, or a key or value
            is wrong; the message names the file, each line and key, and what is expected.
    """
    source = find_config(path)
    settings = read_settings(source)
    tree = settings.content or {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{source}: must hold sections with keys, not {type(tree).__name__}")
    config = config_of(tree, source, overrides or {}, settings.lines)
    is_ours = source.parent == installed("")
    return (
        config if is_ours or "input.paths" in (overrides or {}) else config.read_from(str(source))
    )


def config_of(
    tree: dict[str, Any],
    source: Path,
    overrides: Mapping[str, Any],
    lines: Mapping[Loc, int] = MappingProxyType({}),
) -> Config:
    """Return the config that `tree`, as read from `source`, holds, with `overrides` applied.

    Raises:
        ConfigError: as `load_config`.
    """
    for key, value in overrides.items():
        _set(tree, key, value)
    elsewhere: dict[Loc, int] = {tuple(key.split(".")): 0 for key in overrides}
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        settings = Settings(tree, {**lines, **elsewhere})
        raise ConfigError(_explain(error, source, settings, elsewhere)) from None
    topics = find_topics(config.topics.file, source.parent)
    found = config.topics.model_copy(update={"file": str(topics)})
    return config.model_copy(update={"topics": found})


def find_config(path: str | None) -> Path:
    """Return the config file: `path` itself, or one of those that are installed, by its name."""
    if path is None:
        return installed(DEFAULT_CONFIG)
    for candidate in (Path(path), installed(path), installed(f"{path}.yaml")):
        if candidate.is_file():
            return candidate
    names = ", ".join(installed_configs())
    raise ConfigError(f"config file {path} does not exist; give a path, or one of: {names}")


def installed_configs() -> list[str]:
    """Return the names of the configs that come with newsbeam."""
    return sorted(file.stem for file in installed("").glob("*.yaml"))


def find_topics(file: str, folder: Path) -> Path:
    """Return the topic file: relative to the config's `folder`, the working directory, or ours."""
    candidates = (folder / file, Path(file), installed(file))
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise ConfigError(f"topics.file: {file} does not exist (looked for {looked})")


def parse_override(text: str) -> tuple[str, Any]:
    """Return key and value of `section.key=value`; the value is read as YAML.

    >>> parse_override("summary.max_words=60")
    ('summary.max_words', 60)
    """
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {text}: write section.key=value")
    try:
        return key.strip(), parse_settings(value).content
    except ValueError as error:
        raise ConfigError(f"--set {key}: the value is no YAML: {error}") from None


def from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the dotted settings that environment variables hold; values are read as YAML.

    >>> from_environment({"NEWSBEAM_OUTPUT__PATH": "s3://bucket/out", "NEWSBEAM_MODELS": "x"})
    {'output.path': 's3://bucket/out'}
    """
    found = {}
    for name, value in variables.items():
        key = name.removeprefix(_VARIABLE).lower().replace("__", ".")
        if name.startswith(_VARIABLE) and "." in key:
            try:
                found[key] = parse_settings(value).content
            except ValueError as error:
                raise ConfigError(f"variable {name}: its value is no YAML: {error}") from None
    return found


def installed(name: str) -> Path:
    """Return where a file of the installed `configs` is."""
    return Path(configs.__file__).parent / name


def _set(tree: dict[str, Any], key: str, value: Any) -> None:
    *sections, name = key.split(".")
    for section in sections:
        branch = tree.setdefault(section, {})
        if not isinstance(branch, dict):
            raise ConfigError(f"{key}: {section} is a value, not a section")
        tree = branch
    tree[name] = value


def _explain(
    error: ValidationError, source: Path, settings: Settings, elsewhere: Collection[Loc]
) -> str:
    """Return what is wrong, by where it was said: in the file, or beside it."""
    said: dict[str, list[str]] = {}
    for problem in error.errors():
        loc, message = problem["loc"], what_is_wrong(problem["msg"])
        if problem["type"] == "extra_forbidden":
            message = unknown_key(str(loc[-1]), _known_keys(loc[:-1]))
        elif problem["type"] == "tuple_type":
            message = f"a list is expected, such as [{problem['input']}]"
        line = settings.line(loc)
        at = f"line {line}, " if line else ""
        is_beside = any(loc[: len(key)] == key for key in elsewhere)
        where = _BESIDE if is_beside else str(source)
        said.setdefault(where, []).append(f"  {at}{'.'.join(map(str, loc))}: {message}")
    return "\n".join(line for where, lines in said.items() for line in (f"{where}:", *lines))


def _known_keys(sections: Loc) -> list[str]:
    model: type[BaseModel] = Config
    for section in sections:
        annotation = model.model_fields[str(section)].annotation
        # `ModelConfig | None` has two parts, a section one.
        parts = get_args(annotation) or (annotation,)
        model = next(part for part in parts if isinstance(part, type))
    return list(model.model_fields)
