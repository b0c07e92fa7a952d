"""Refusing XML that declares dangerous entities, before anything expands them."""

import re
from collections import Counter
from contextlib import suppress
from html.entities import html5
from typing import Any
from xml.parsers import expat

from lxml import etree

from transforms.formats.xml.xml_encoding import to_utf8

FREE_EXPANSION = 1 << 16
"""Characters that entities may add to any document: 64 KiB. Above, they may double it."""

SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
"""Settings of lxml's parsers under which a file can reach nothing outside it and cannot explode."""

_NAMED = re.compile(rb"&([^\s&;#<>\"'/=]+);")
_PREDEFINED = frozenset(("amp", "apos", "gt", "lt", "quot"))
_NUMBERED = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")


class UnsafeXmlError(Exception):
    """A document declares an entity that reads a file, nests, or expands out of proportion."""


class _RootReachedError(Exception):
    """The prolog is over."""


def check_entities(data: bytes) -> dict[str, str]:
    """Return the entities that a document declares, after a check; one or two characters are usual.

    Args:
        data: the document, in an encoding that expat reads. What expat refuses, no parser built on
            it will expand, so that a malformed prolog passes.

    Raises:
        UnsafeXmlError: an entity is external, a parameter entity, or refers to another one, or all
            references together more than double the document.
    """
    values: dict[str, str] = {}

    def declared(  # expat's signature
        name: str,
        is_parameter: int,
        value: str | None,
        _base: str | None,
        _system: str | None,
        _public: str | None,
        _notation: str | None,
    ) -> None:
        if value is None:
            raise UnsafeXmlError(f"the external entity {name!r} is declared")
        if is_parameter or re.search(r"[&%](?!#)", value):
            raise UnsafeXmlError(f"the entity {name!r} is declared by means of others")
        values.setdefault(name, value)

    def root(_name: str, _attributes: dict[str, str]) -> None:
        raise _RootReachedError

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = root
    with suppress(_RootReachedError, expat.ExpatError):
        parser.Parse(data, True)
    if values:
        uses = Counter(re.findall(rb"&([^&;\s]{1,100});", data))
        expanded = sum(len(value) * uses[name.encode()] for name, value in values.items())
        if expanded > max(len(data), FREE_EXPANSION):
            raise UnsafeXmlError(f"entities expand to {expanded} characters")
    return values


def without_entities(content: bytes) -> bytes:
    """Return an XML document in UTF-8 in which no reference to an entity is left.

    Those it declares, and those of HTML, which the DTDs of many formats include and publishers use
    without any, become their characters; any other becomes the text that it was written as.

    Raises:
        UnsafeXmlError: it declares a dangerous entity.

    >>> without_entities(b"<p>Caf&eacute; &amp; &bar;</p>").decode().splitlines()[-1]
    '<p>Café &amp; &amp;bar;</p>'
    """
    data = to_utf8(content, {}).replace(b"\0", b"")
    declared = check_entities(data)

    def resolved(reference: re.Match[bytes]) -> bytes:
        name = reference[1].decode("utf-8", "replace")
        if name in _PREDEFINED:
            return reference[0]
        if name in declared:
            return declared[name].encode("utf-8", "replace")
        character = html5.get(f"{name};")
        if character is None:
            return b"&amp;" + reference[0][1:]
        return b"".join(b"&#%d;" % ord(c) if c.isascii() else c.encode() for c in character)

    return _NAMED.sub(resolved, _NUMBERED.sub(_character, data))


def parse_xml(content: bytes, *, recover: bool = False) -> etree._Element:
    """Return the root of an XML document. Nothing is fetched.

    Args:
        content: the document.
        recover: whether to take what can be read of a malformed one.

    Raises:
        UnsafeXmlError: it declares a dangerous entity.
        etree.XMLSyntaxError: it is malformed, or there is no element in it.
    """
    parser = etree.XMLParser(encoding="utf-8", recover=recover, **SAFE)
    root = etree.fromstring(without_entities(content), parser)
    if root is None:
        raise etree.XMLSyntaxError("there is no element in it", 0, 0, 0)
    return root


def _character(reference: re.Match[bytes]) -> bytes:
    """Return a character reference; U+FFFD for half a surrogate pair, which libxml2 accepts."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "\ufffd".encode() if 0xD800 <= number <= 0xDFFF else reference[0]
