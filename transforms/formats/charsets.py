"""The names of encodings, and where a page or an XML document states its own."""

import codecs
import re
from functools import cache

import webencodings  # type: ignore[import-untyped]

PRESCAN = 1 << 16
"""Bytes from the start that are searched for a declaration. Browsers look at 1,024 first, and again
at each `<meta>` that they come to later, behind long scripts for instance."""

SEVEN_BIT = frozenset({"iso2022_jp", "iso2022_kr", "hz", "utf-7"})
"""Encodings whose bytes are ASCII: nothing in the content tells them but their escapes."""

# Python's codecs that browsers read as a superset (WHATWG's encoding standard, section 4.2).
_SUPERSETS = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp_1": "iso2022_jp",
    "iso2022_jp_2": "iso2022_jp",
    "iso2022_jp_ext": "iso2022_jp",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
_JAPANESE_MAIL = frozenset({"cp50220", "cp50221", "cp50222", "iso-2022-jp-ms"})
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})

_XML_DECLARATION = re.compile(
    rb"""\s*<\?xml\b[^>]{0,500}?\bencoding\s*=\s*["']\s*([\w.:-]+)""", re.IGNORECASE
)
_TOKEN = re.compile(
    rb"<!--.*?(?:-->|\Z)"
    rb"|<(script|style|textarea|title|noscript|template)\b.*?(?:</\1|\Z)"
    rb"|<meta(?=[\s/])(?P<attributes>(?:\"[^\"<]*\"|'[^'<]*'|[^<>\"'])*+)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    rb"""([^\s/>"'=]++)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++)))?""",
)
_CHARSET = re.compile(rb"""charset\s*+=\s*+["']?\s*+([\w.:-]+)""", re.IGNORECASE)


def declared_charset(content: bytes) -> str | None:
    r"""Return the codec that a page or an XML document declares for itself, `None` if it does not.

    Only `<meta>` declares it, by `charset` or as `http-equiv`, and the XML declaration: not the
    `charset` of a script or a link, and nothing in a comment (WHATWG's prescan).

    >>> declared_charset(b'<script charset="big5"></script><meta charset="ISO-8859-2">')
    'iso8859-2'
    """
    head = content[:PRESCAN]
    labels = (_label_of(m["attributes"]) for m in _TOKEN.finditer(head) if m["attributes"])
    label = next(filter(None, labels), b"")
    if not label and (match := _XML_DECLARATION.match(head.removeprefix(codecs.BOM_UTF8))):
        label = match[1]
    name = codec_for(label.decode("ascii", "replace"))
    # A declaration that could be read is in no such encoding.
    return "utf-8" if name in {"utf-16-le", "utf-16-be", "utf-16", "utf-32"} else name


def _label_of(attributes: bytes) -> bytes:
    """Return the charset that a `<meta>` declares, empty if it declares none."""
    found = {m[1].lower(): m[2] or m[3] or m[4] or b"" for m in _ATTRIBUTE.finditer(attributes)}
    if label := found.get(b"charset", b"").strip():
        return label
    if found.get(b"http-equiv", b"").strip().lower() == b"content-type":
        match = _CHARSET.search(found.get(b"content", b""))
        return match[1] if match else b""
    return b""


@cache
def codec_for(label: str) -> str | None:
    """Return the name of the codec that reads what is labelled so, `None` for no known charset.

    >>> codec_for("latin1"), codec_for("x-sjis"), codec_for("iso-2022-kr"), codec_for("base64")
    ('cp1252', 'cp932', 'iso2022_kr', None)
    """
    label = label.strip().strip("\"'").lower()
    if label in _JAPANESE_MAIL:
        return "iso2022_jp"
    known = webencodings.lookup(label)
    try:
        if known and known.name not in {"replacement", "x-user-defined"}:
            codec = known.codec_info
        else:
            codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # Python also has codecs that decompress or unescape: none is a page's charset.
    if not codec._is_text_encoding or codec.name.replace("-", "_") in _NO_CHARSETS:
        return None
    name = str(codec.name)
    return _SUPERSETS.get(name, name)
