"""XML bytes to UTF-8, by what response, mark, declaration or content say of the encoding."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feedparser.encodings import convert_to_utf8  # type: ignore[import-untyped]

from transforms.formats.encoding import decode
from transforms.formats.xml.sniff import xml_codec

_DECLARATION = re.compile(r"^[\s\ufeff]*<\?[^>]*>")


class Utf8(NamedTuple):
    """A document in UTF-8, declared so, and whether its encoding was found at all."""

    data: bytes
    known: bool


def to_utf8(content: bytes, headers: Mapping[str, str]) -> Utf8:
    """Return an XML document in UTF-8.

    Args:
        content: the document.
        headers: of the response that brought it, names in lower case; `content-type` counts.
    """
    info: dict[str, Any] = {}
    try:
        data: bytes = convert_to_utf8(dict(headers), _end_declaration(content), info)
    except ValueError:  # the name of the encoding is no name, or that of no text encoding
        text = _DECLARATION.sub("", decode(content))
        data = convert_to_utf8({}, text.encode("utf-8", "replace"), info)
    return Utf8(data, bool(info["encoding"]))


def _end_declaration(content: bytes) -> bytes:
    """Return `content` with a line break after its XML declaration.

    feedparser looks for the declared encoding along the whole first line, which in a feed without
    line breaks is all of it.
    """
    codec = xml_codec(content)
    width = 4 if "32" in codec else 2 if "16" in codec else 1
    codec = codec if width > 1 else "ascii"
    head = content[: 1024 * width]
    place = head.find(">".encode(codec))
    if (width > 1 and place % width) or "<?".encode(codec) not in head[: 4 * width]:
        return content
    end = place + width if place >= 0 else len(head)
    return content[:end] + "\n".encode(codec) + content[end:]
