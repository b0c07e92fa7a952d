"""NITF, the IPTC's older text format in XML: alone in a file, or within NewsML-G2."""

import re
from functools import partial
from typing import Any

from lxml import etree

from transforms.errors import Rejected
from transforms.formats.article import Found
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.html.markup import markup_to_text
from transforms.formats.wire.common import check_status, wire_article, wire_dates
from transforms.formats.xml.xml_safety import UnsafeXmlError, parse_xml
from transforms.records import Article, RawDocument

MEDIA_TYPE = "application/vnd.iptc.nitf+xml"

_LIKE = {"hl1": "h2", "hl2": "h3", "block": "div", "media": "figure", "note": "aside"}
"""NITF elements -> the HTML ones that are treated as they should be."""


def parse_wire(content: bytes) -> Any:
    """Return the root element of an XML document, its names without their namespaces.

    Raises:
        Rejected: `bad_xml`, or `unsafe_xml` if it declares a dangerous entity.
    """
    try:
        root = parse_xml(content)
    except etree.XMLSyntaxError as error:
        raise Rejected("bad_xml", xml_error(error)) from error
    except UnsafeXmlError as error:
        raise Rejected("unsafe_xml", str(error)) from error
    for element in root.iter("*"):
        element.tag = local_name(element)
    return root


def local_name(element: Any) -> str:
    """Return the element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def xml_error(error: etree.XMLSyntaxError) -> str:
    """Return the error's message on one line."""
    return " ".join(str(error).split())[:200]


def texts(element: Any, path: str) -> list[str]:
    """Return the text of each element at `path` below `element` that has any, on one line."""
    found = (" ".join("".join(e.itertext("*")).split()) for e in element.iterfind(path))
    return list(filter(None, found))


def block_text(element: Any) -> str:
    """Return the text within an element as paragraphs, without pictures and scripts."""
    for inner in element.iter("*"):
        inner.tag = _LIKE.get(inner.tag, inner.tag)
    element.tag = "div"
    return markup_to_text(
        etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    )


def nitf_text(nitf: Any) -> str:
    """Return the body of an NITF document."""
    bodies = (block_text(body) for body in nitf.iterfind(".//body.content"))
    return "\n\n".join(filter(None, bodies))


def nitf_names(nitf: Any) -> list[str]:
    """Return the authors named in its byline, without their job titles."""
    names = []
    for byline in nitf.iterfind(".//body.head//byline"):
        persons = texts(byline, ".//person")
        etree.strip_elements(byline, "byttl", with_tail=False)
        names += persons or [" ".join("".join(byline.itertext("*")).split())]
    return list(filter(None, names))


def parse_nitf(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of an NITF document.

    Raises:
        Rejected: `not_an_article` if its root is another, `no_text`, or what `parse_wire` and
            `check_status` raise.
    """
    root = parse_wire(document.content)
    if root.tag != "nitf":
        raise Rejected("not_an_article", f"the root element is {root.tag!r}, expected nitf")
    embargo, issued = (_attribute(root, f".//date.{name}", "norm") for name in ("release", "issue"))
    printed = _attribute(root, ".//pubdata", "date.publication")
    status = _attribute(root, ".//docdata", "management-status")
    found = Found(
        title=next(iter(texts(root, ".//hl1") or texts(root, "head/title")), ""),
        source_id=_attribute(root, ".//doc-id", "id-string") or None,
        source=_attribute(root, ".//pubdata", "name")
        or _attribute(root, ".//doc.copyright", "holder")
        or next(iter(texts(root, ".//distributor")), None),
        authors=nitf_names(root),
        section=_attribute(root, ".//pubdata", "position.section"),
        language=root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        dates=wire_dates(embargo, [issued], "", printed, "text"),
        text=nitf_text(root),
    )
    check_status(status, embargo, document, options, found)
    return wire_article(document, options, found, has_body=True)


def _attribute(root: Any, path: str, name: str) -> str:
    element = root.find(path)
    return "" if element is None else re.sub(r"\s+", " ", element.get(name, "")).strip()


FORMAT = Format(MEDIA_TYPE, (".nitf",), partial(split_whole, media_type=MEDIA_TYPE), parse_nitf)
