"""What a publisher reserves: signals in headers, pages and `/.well-known/tdmrep.json`.

Signals found are snake_case flags: `noai` and `noindex` (X-Robots-Tag and meta robots), and
`tdm_reserved` (the W3C community's TDM Reservation Protocol: text and data mining is reserved).
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import unquote

import httpx2
from lxml import etree, html

from transforms.fetch.fetch_options import AGENT

WELL_KNOWN = "/.well-known/tdmrep.json"

_HEAD_BYTES = 256 << 10
"""As much of a page as may hold its meta elements."""

_AGENT_PREFIX = re.compile(r"\s*([\w.-]+)\s*:")
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")

Rule = tuple[str, bool]
"""A path pattern of tdmrep.json and whether it is reserved."""


def page_signals(
    headers: httpx2.Headers, content: bytes, rules: Iterable[Rule], path: str
) -> tuple[str, ...]:
    """Return the signals of a page, sorted.

    For TDM the nearest statement holds: the page's own, else the header's, else the site's file.

    Args:
        headers: of the answer.
        content: of the page.
        rules: of the site's tdmrep.json.
        path: of the page's URL, with its query.
    """
    metas = meta_elements(content)
    found = set(robots_tags(headers.get_list("x-robots-tag")))
    for name in ("robots", AGENT):
        found |= robots_tags(metas.get(name, ()))
    statements = (*metas.get("tdm-reservation", ()), *headers.get_list("tdm-reservation"))
    stated = [text.strip() for text in statements if text.strip() in ("0", "1")]
    if stated[0] == "1" if stated else reserved(rules, path):
        found.add("tdm_reserved")
    return tuple(sorted(found))


def robots_tags(values: Iterable[str]) -> set[str]:
    """Return the signals in X-Robots-Tag or meta robots `values` that concern this program.

    >>> sorted(robots_tags(["noai, noimageai", "otherbot: noindex", "newsbeam: none"]))
    ['noai', 'noindex']
    """
    found: set[str] = set()
    for value in values:
        prefix = _AGENT_PREFIX.match(value.lower())
        named = prefix if prefix and prefix[1] not in _WITH_VALUE else None
        if named and named[1] != AGENT:
            continue
        tags = {tag.strip().lower() for tag in value[named.end() if named else 0 :].split(",")}
        found |= tags & {"noai", "noindex"}
        if "none" in tags:  # stands for noindex, nofollow
            found.add("noindex")
    return found


def meta_elements(content: bytes) -> dict[str, list[str]]:
    """Return the content of each named meta element, by lower-case name.

    >>> meta_elements(b'<meta name="Robots" content="noai"><p>News')
    {'robots': ['noai']}
    """
    try:
        tree = html.document_fromstring(content[:_HEAD_BYTES])
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):  # nothing in it, or no HTML
        return {}
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        metas.setdefault(meta.get("name", "").strip().lower(), []).append(meta.get("content", ""))
    metas.pop("", None)
    return metas


def tdm_rules(content: bytes) -> tuple[Rule, ...]:
    """Return the rules of a tdmrep.json, in order; none where it is not one."""
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        return ()
    return tuple(
        (entry["location"], entry.get("tdm-reservation") in (1, "1"))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("location"), str)
    )


def reserved(rules: Iterable[Rule], path: str) -> bool:
    """Return what the first of `rules` that matches `path` says, where `*` and `$` are special.

    >>> reserved([("/free/*", False), ("/", True)], "/free/a"), reserved([("/a$", True)], "/ab")
    (False, False)
    """
    for pattern, is_reserved in rules:
        if _matches(unquote(pattern), unquote(path)):
            return is_reserved
    return False


def _matches(pattern: str, path: str) -> bool:
    """Match by parts, in linear time: a pattern comes from the site and may be hostile."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = rest.pop() if rest and whole else None
    for part in rest:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= at
    return not whole or at == len(path)
