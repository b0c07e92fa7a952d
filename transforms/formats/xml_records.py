"""XML of any vocabulary that lists records: what is an element there is a field elsewhere.

Database and index exports (`<row><field name="title">`, Solr's `<doc>`), and lists of
`<article>`, `<item>` or whatever a program calls them, with a title and a text each.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from transforms.formats.field_names import SUMMARY
from transforms.formats.fields import field_named
from transforms.formats.html.markup import markup_to_text
from transforms.formats.values import is_empty
from transforms.formats.wiki_pages import wiki_records
from transforms.formats.xml.xml_safety import parse_xml

MAX_DEPTH = 6
"""Levels below the root in which records are looked for."""

SAMPLED = 20
"""Siblings of one name that are looked at to tell what they are."""

_NAMED = frozenset((
    *("field", "column", "property", "attribute", "param", "meta", "data", "value", "cell", "tag"),
    *("str", "arr", "date", "int", "long", "float", "double", "bool", "string"),
))  # fmt: skip
"""Elements that say in an attribute which field they are."""

_NAMES = ("name", "key", "property")
_VALUES = ("href", "url", "value", "content", "datetime", "date", "when")
"""Attributes that hold what an element without content says."""

_INLINE = frozenset((
    *("a", "abbr", "b", "bold", "cite", "code", "em", "emph", "font", "i", "italic", "ins", "mark"),
    *("q", "ref", "s", "small", "span", "strong", "sub", "sup", "tt", "u", "xref", "time", "hi"),
))  # fmt: skip
_MARKUP = frozenset((
    *("article", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "figure"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "section", "table"),
    *("tbody", "td", "th", "thead", "tr", "ul"),
))  # fmt: skip
_VOID = frozenset(("br", "hr", "img"))
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_PROLOG = re.compile(rb"\s*<\?xml\b[^>]{0,1000}>|\s*<!DOCTYPE\b[^>\[]{0,1000}>", re.IGNORECASE)


def find_records(content: bytes, *, recover: bool) -> list[dict[str, Any]]:
    """Return the records in an XML document, as objects like those of JSON; `[]` if it lists none.

    Args:
        content: the document.
        recover: whether one that is malformed, or has no element around all, is read as far as it
            can be.

    Raises:
        UnsafeXmlError: it declares a dangerous entity.
    """
    try:
        root = parse_xml(content)
    except etree.XMLSyntaxError:
        if not recover:
            return []
        start = 0
        while match := _PROLOG.match(content, start):
            start = match.end()
        try:
            root = parse_xml(b"<records>" + content[start:] + b"</records>", recover=True)
        except etree.XMLSyntaxError:
            return []
    if _local(str(root.tag)) == "mediawiki":
        return list(wiki_records(root))
    return [_fields(element) for element in _record_elements(root)]


def is_record(fields: Mapping[str, Any]) -> bool:
    """Return whether an object has what an article has: a title or a text, and another part.

    >>> is_record({"Titel": "One", "Text": "It is open."}), is_record({"name": "db", "port": "1"})
    (True, False)
    """
    said = _said(fields)
    return ("title" in said and bool(said & {"text", SUMMARY})) or (
        "text" in said and bool(said & {"date", "url", "id", "authors"})
    )


def has_text(record: Mapping[str, Any]) -> bool:
    """Return whether a record names its text as such."""
    return "text" in _said(record)


def is_dated(record: Mapping[str, Any]) -> bool:
    """Return whether a record has a date or an address, as an article that is only a summary has.

    Programs, places and plug-ins have a name and a description too.
    """
    return bool({"date", "url"} & _said(record))


def _said(fields: Mapping[str, Any]) -> set[str | None]:
    """Return the article's fields that an object has; no text is what has parts of its own."""
    return {
        name
        for key, value in fields.items()
        if not is_empty(value) and ((name := field_named(key)) != "text" or not _has_parts(value))
    }


def _has_parts(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
    )


def _record_elements(root: etree._Element) -> list[etree._Element]:
    """Return the outermost elements that are records: those of one name below one parent.

    The root is one if it has a text, or if nothing below it is: else its title is that of a list.
    """
    own = _fields(root)
    if is_record(own) and has_text(own):
        return [root]
    level = [root]
    for _ in range(MAX_DEPTH):
        found = [element for parent in level for element in _records_below(parent)]
        if found:
            return found
        level = [child for parent in level for child in _elements(parent)]
    return [root] if is_record(own) else []


def _records_below(parent: etree._Element) -> list[etree._Element]:
    groups: dict[str, list[etree._Element]] = {}
    for child in _elements(parent):
        groups.setdefault(str(child.tag), []).append(child)
    for alike in sorted(groups.values(), key=len, reverse=True):
        sample = alike[:SAMPLED]
        good = sum(is_record(_fields(child)) for child in sample)
        if 2 * good > len(sample):
            return alike
    return []


def _elements(parent: etree._Element) -> list[etree._Element]:
    return [child for child in parent if isinstance(child.tag, str)]


def _fields(element: etree._Element, depth: int = 0) -> dict[str, Any]:
    """Return the fields of an element: its attributes and children, those in mere holders too."""
    own = () if depth else element.items()
    found: dict[str, Any] = {_local(name): value for name, value in own}
    for child in _elements(element):
        key = _key(child)
        inner = _fields(child, depth + 1) if depth < 3 and _holds_fields(child, key) else {}
        if inner and not is_record(inner):
            for name, value in inner.items():
                found.setdefault(name, value)
        elif not is_empty(value := _value(child, key)):
            _add(found, key, value)
    return found


def _add(fields: dict[str, Any], key: str, value: Any) -> None:
    """Add a value to the fields: behind the others of its name, if there are some."""
    if key not in fields:
        fields[key] = value
    elif isinstance(fields[key], list):
        fields[key].append(value)
    else:
        fields[key] = [fields[key], value]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _key(element: etree._Element) -> str:
    """Return the name of the field that an element is."""
    local = _local(str(element.tag))
    if local.lower() in _NAMED:
        return next(filter(None, map(element.get, _NAMES)), local)
    full = f"{element.prefix}_{local}"
    return full if element.prefix and not field_named(local) and field_named(full) else local


def _holds_fields(element: etree._Element, key: str) -> bool:
    """Return whether an element only groups fields, such as `<head>` or `<metadata>`."""
    children = _elements(element)
    if not children or field_named(key) or _has_own_text(element):
        return False
    names = {_key(child) for child in children}
    return len(names) == len(children) or any(map(field_named, names))


def _has_own_text(element: etree._Element) -> bool:
    pieces = (element.text, *(child.tail for child in element))
    return any(piece and not piece.isspace() for piece in pieces)


def _value(element: etree._Element, key: str) -> Any:
    """Return what an element says: a text, a list or an object."""
    children = _elements(element)
    if not children:
        text = (element.text or "") + "".join(child.tail or "" for child in element)
        names = _VALUES if _local(str(element.tag)).lower() in _NAMED else (*_VALUES, "name")
        return text.strip() or next(filter(None, map(element.get, names)), "")
    if field_named(key) in {"text", SUMMARY} and _is_text(element):
        return _prose(element)
    if _has_own_text(element) or {child.tag for child in children} <= _MARKUP | _INLINE:
        return _prose(element)
    inner: dict[str, Any] = {}
    values = [(_key(child), _value(child, _key(child))) for child in children]
    if len({name for name, _ in values}) == 1 and not _is_name(values):
        return [value for _, value in values]
    for name, value in values:
        _add(inner, name, value)
    return inner


def _is_name(values: list[tuple[str, Any]]) -> bool:
    return len(values) == 1 and values[0][0].lower() == "name"


def _is_text(element: etree._Element) -> bool:
    """Return whether an element is text, and not an article with parts of its own."""
    named = {field_named(_key(child)) for child in _elements(element)} - {None}
    return len(named) < 2


def _prose(element: etree._Element) -> str:
    """Return the text in an element, its blocks parted by a blank line, whatever their names."""
    return markup_to_text("".join(_as_html(element, within_line=False)))


def _as_html(element: etree._Element, *, within_line: bool) -> Iterator[str]:
    """Yield an element as HTML: what HTML does not know is a block, or a part of a line."""
    tag = _local(str(element.tag)).lower()
    if tag in _VOID:
        yield f"<{tag}>"
        return
    other = "span" if within_line else "div"
    name = tag if tag in _INLINE | _MARKUP else other
    yield f"<{name}>{_escaped(element.text)}"
    has_text = _has_own_text(element)
    for child in element:
        if isinstance(child.tag, str):
            yield from _as_html(child, within_line=has_text)
        yield _escaped(child.tail)
    yield f"</{name}>"


def _escaped(text: str | None) -> str:
    bare = (text or "").replace("&", "&amp;").replace("<", "&lt;")
    return _BLANK_LINE.sub("<br><br>", bare)
