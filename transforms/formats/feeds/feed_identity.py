"""What makes two entries of feeds the same article, when guid, link or title cannot be trusted.

Feeds give every item the same guid, or a new guid, title or host with every edit. So an entry has
several keys; two entries are the same article if they share any.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from transforms.formats.feeds.feed_entry import (
    Entry,
    entry_text,
    entry_url,
    parse_feed_date,
    to_text,
)
from transforms.identity import link_key
from transforms.text.words import count_words, fold

DISTINCT_WORDS = 20
"""A text of so many words is no coincidence; "Read our briefing" comes with new items every day."""

_GLOBAL_GUID = re.compile(
    r"tag:[^,]+,\d{4}.*:.+|urn:\S+|(?:[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})|[0-9a-f]{32,}",
    re.IGNORECASE | re.DOTALL,
)
"""Ids that are unique everywhere by the way they are made: tag URI, URN, UUID, digest."""


def entry_keys(entry: Entry, uri: str) -> tuple[str, ...]:
    """Return the keys of an entry, best first, each 32 hex digits; always at least one.

    1. the guid as an address, which it shares with a link to the same page; or the guid as written,
       within its feed unless it is unique everywhere by its form;
    2. the link;
    3. title and text, within the feed and the date where the text is short;
    4. title and path, within the feed: the site may have moved to another host.

    A guid or link that several entries of the feed have is no key.

    Args:
        entry: the entry, marked by `mark_shared`.
        uri: where its feed was read.
    """
    scope = feed_scope(entry, uri)
    url = entry_url(entry)
    link = link_key(url)
    title, text, _ = entry_text(entry)
    named: list[tuple[str, ...]] = []
    if entry.guid and entry.guid_names_it:
        named.append(_guid_key(entry.guid, scope))
    if link and entry.link_names_it:
        named.append(("url", link))
    path = urlsplit(f"//{link}").path if link else ""
    moved = [("path", scope, path, _loose(title))] if path and title else []
    keys = [*named, *_text_keys(entry, title, text, scope, alone=not named), *moved]
    return tuple(dict.fromkeys(map(_hash, keys)))


def feed_scope(entry: Entry, uri: str) -> str:
    """Return what tells feeds apart: the address polled, or what a feed in a file says it is."""
    if uri.startswith(("http://", "https://")):
        return link_key(uri) or uri
    own = (link_key(entry.feed_url), entry.feed_url, entry.feed_link, entry.feed_title)
    return next(filter(None, own), None) or uri


def mark_shared(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of one feed, marked where their guid or link names other entries too.

    An entry that is listed twice (same title, or the same text where there is no title) is one: its
    guid and link stay good.
    """
    links = [link_key(entry_url(entry)) or "" for entry in entries]
    labels = [_loose(to_text(entry.title)) or _loose(entry_text(entry)[1]) for entry in entries]
    by_guid, by_link = defaultdict(set), defaultdict(set)
    for entry, link, label in zip(entries, links, labels, strict=True):
        by_guid[entry.guid].add((link, label))
        by_link[link].add(label)
    return [
        replace(
            entry,
            guid_names_it=len(by_guid[entry.guid]) == 1,
            link_names_it=len(by_link[link]) == 1,
        )
        for entry, link in zip(entries, links, strict=True)
    ]


def _guid_key(guid: str, scope: str) -> tuple[str, ...]:
    guid = guid.strip()
    if "#" not in guid and (address := link_key(guid)):
        return ("url", address)
    if "://" in guid or _GLOBAL_GUID.fullmatch(guid):
        return ("guid", guid)
    return ("guid", scope, guid)


def _text_keys(
    entry: Entry, title: str, text: str, scope: str, *, alone: bool
) -> list[tuple[str, ...]]:
    """Return the key by title and text; none if they say too little and other keys say more."""
    content = _loose(title), _loose(text)
    if count_words(text) >= DISTINCT_WORDS:
        return [("text", *content)]
    date = parse_feed_date(entry.published or entry.updated)
    if date is None and not alone:
        return []
    return [("text", scope, *content, date.isoformat() if date else "")]


def _loose(text: str) -> str:
    return " ".join(fold(text).split())


def _hash(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:32]
