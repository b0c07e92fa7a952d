"""JSON as it is written, and as text that can be written."""

import json
from typing import Any


def load_json(text: str) -> Any:
    r"""Return the value of JSON `text`, with "?" for each half of a surrogate pair.

    An escape such as \ud800 is valid JSON, but no text that could be written.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text, strict=False)
    return writable(value) if "\\ud" in text.lower() else value


def writable(value: Any) -> Any:
    """Return a JSON value with "?" for each half of a surrogate pair in its strings."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
