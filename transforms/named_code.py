"""Code of others, named in a config as `module:name`."""

import importlib
from typing import Any

from transforms.errors import ConfigError


def find_named(setting: str, name: str) -> Any:
    """Return what `name`, the value of `setting`, names.

    >>> find_named("input.formats", "transforms.formats.text:FORMAT").suffixes
    ('.txt', '.text')

    Raises:
        ConfigError: its module cannot be imported, or holds no such name.
    """
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever code of others does when it is imported
        raise ConfigError(
            f"{setting}: {name}: the module {module_name} cannot be imported "
            f"({type(error).__name__}: {error}); install it beside newsbeam, or name its folder in "
            "the environment: PYTHONPATH=FOLDER"
        ) from error
    if not hasattr(module, attribute):
        raise ConfigError(f"{setting}: {name}: {module.__file__} holds no {attribute}")
    return getattr(module, attribute)
