"""The JSON Schema of configs, with what each key means, for editors and the docs."""

import ast
import inspect
from typing import Any

from pipeline import config


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Config`.

    The descriptions are the strings below the fields. pydantic can take them over itself, but then
    every command waits for it.
    """
    schema = config.Config.model_json_schema()
    sections = {**schema["$defs"], config.Config.__name__: schema}
    for name, described in _descriptions().items():
        keys = sections.get(name, {}).get("properties", {})
        for key, text in described.items():
            if key in keys:
                keys[key]["description"] = text
    return schema


def _descriptions() -> dict[str, dict[str, str]]:
    """Return the description of each key, by section."""
    return {
        part.name: {
            line.target.id: inspect.cleandoc(text.value.value)
            for line, text in zip(part.body, part.body[1:], strict=False)
            if isinstance(line, ast.AnnAssign)
            and isinstance(line.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for part in ast.parse(inspect.getsource(config)).body
        if isinstance(part, ast.ClassDef)
    }
