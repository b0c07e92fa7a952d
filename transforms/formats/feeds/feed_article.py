"""From the entry of a feed to an article."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from transforms.formats.article import Found, make_article
from transforms.formats.base import ParseOptions
from transforms.formats.feeds.feed_entry import (
    Entry,
    entry_text,
    entry_url,
    parse_feed_date,
    read_entry,
)
from transforms.formats.feeds.feed_identity import entry_keys
from transforms.records import TEASER, Article, RawDocument, add_flags
from transforms.text.date_text import DateValue
from transforms.text.tags import shield_tags

DATE_SOURCE = "feed"
"""What a feed's dates count as, see `date_sources.DATE_SOURCES`."""


def parse_entry(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a feed's entry.

    An entry without text has its title as text. One that has no more than an introduction is
    flagged `teaser`: its page has the rest.

    Raises:
        Rejected: `bad_entry`, or `no_text` when it has neither text nor title.
    """
    entry = read_entry(document.content)
    title, text, whole = entry_text(entry)
    published = parse_feed_date(entry.published)
    updated = parse_feed_date(entry.updated)
    is_web = document.uri.startswith(("http://", "https://"))
    found = Found(
        title=shield_tags(title),
        text=text,
        url=entry_url(entry),
        source_id=entry.guid,
        source=" ".join((entry.source or entry.feed_title).split()),
        feed=document.uri if is_web else entry.feed_url or document.uri,
        authors=entry.authors,
        language=entry.language,
        dates=tuple((DATE_SOURCE, date) for date in _stated(entry, published, updated)),
        modified=updated,
    )
    article = make_article(document, options, found)
    flags = [
        *([] if whole else [TEASER]),
        *(["malformed_feed"] if entry.malformed else []),
    ]
    keys = entry_keys(entry, document.uri)
    return replace(article, id=keys[0], keys=keys, flags=add_flags(article.flags, *flags))


def _stated(
    entry: Entry, published: datetime | None, updated: datetime | None
) -> Iterator[DateValue]:
    """Yield the dates in order of trust; one that cannot be read as written, for its flag."""
    yield published or entry.published or None
    yield updated or (entry.updated if not entry.published else None) or None
