"""Refusing XML that declares dangerous entities, before anything expands them."""

import re
from collections import Counter
from contextlib import suppress
from xml.parsers import expat

from lxml import etree

from transforms.formats.xml.xml_encoding import to_utf8

FREE_EXPANSION = 1 << 16
"""Characters that entities may add to any document: 64 KiB. Above, they may double it."""

_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")


class UnsafeXmlError(Exception):
    """A document declares an entity that reads a file, nests, or expands out of proportion."""


class _RootReachedError(Exception):
    """The prolog is over."""


def check_entities(data: bytes) -> None:
    """Check the entities that a document declares; text for a character or two is harmless.

    Args:
        data: the document, in an encoding that expat reads. What expat refuses, no parser built on
            it will expand, so that a malformed prolog passes.

    Raises:
        UnsafeXmlError: an entity is external, a parameter entity, or refers to another one, or all
            references together more than double the document.
    """
    sizes: dict[str, int] = {}

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
        sizes.setdefault(name, len(value))

    def root(_name: str, _attributes: dict[str, str]) -> None:
        raise _RootReachedError

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = root
    with suppress(_RootReachedError, expat.ExpatError):
        parser.Parse(data, True)
    if sizes:
        uses = Counter(re.findall(rb"&([^&;\s]{1,100});", data))
        expanded = sum(size * uses[name.encode()] for name, size in sizes.items())
        if expanded > max(len(data), FREE_EXPANSION):
            raise UnsafeXmlError(f"entities expand to {expanded} characters")


def parse_xml(content: bytes) -> etree._Element | None:
    """Return the root of an XML document as far as it can be read, `None` if there is none.

    Nothing is fetched, no entity is resolved.

    Raises:
        UnsafeXmlError: it declares an entity.
    """
    data = _REFERENCE.sub(_character, to_utf8(content, {}).data.replace(b"\0", b""))
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise UnsafeXmlError("the document declares entities")
    return root


def _character(reference: re.Match[bytes]) -> bytes:
    """Return a character reference; U+FFFD for half a surrogate pair, which libxml2 accepts."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "\ufffd".encode() if 0xD800 <= number <= 0xDFFF else reference[0]
