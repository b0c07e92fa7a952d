"""XML bytes to UTF-8, by what response, mark, declaration or content say of the encoding."""

import re
from collections.abc import Mapping

from transforms.formats.encoding import decode

_CHARSET = re.compile(r"""charset\s*+=\s*+["']?\s*+([\w.:-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"[\s\ufeff]{0,1000}<\?xml\b[^>]{0,1000}>")


def to_utf8(content: bytes, headers: Mapping[str, str]) -> bytes:
    """Return an XML document in UTF-8, and declared so; bytes that do not fit become U+FFFD.

    Args:
        content: the document.
        headers: of the response that brought it, names in lower case; `content-type` counts.
    """
    stated = _CHARSET.search(headers.get("content-type", ""))
    text = decode(content, stated=stated[1] if stated else "", declared=True)
    match = _DECLARATION.match(text)
    rest = text[match.end() :] if match else "\n" + text.lstrip("\ufeff")
    return ("<?xml version='1.0' encoding='utf-8'?>" + rest).encode("utf-8", "replace")
