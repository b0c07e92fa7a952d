"""The newest stories as Atom (RFC 4287) and JSON Feed (version 1.1)."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from pipeline.pages.day import NO_TOPIC, Day, Story
from transforms.text.printable import as_xml

ENTRIES = 100
"""Stories in a feed."""

TITLE = "newsbeam: the daily page"
_ATOM = "http://www.w3.org/2005/Atom"


def newest(days: Sequence[Day]) -> list[tuple[Day, Story]]:
    """Return the stories of `days`, the newest first, of which feeds are made."""
    return [(day, story) for day in days for story in day.stories][:ENTRIES]


def entry_id(day: Day, story: Story) -> str:
    """Return the lasting name of a day's story: what arrives later does not change it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"newsbeam:{day.date}:{story.id}").urn


def atom(stories: Sequence[tuple[Day, Story]], made_at: datetime, address: str) -> bytes:
    """Return the Atom feed; `address` is the site's, with a slash at its end, or empty."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "title", TITLE)
    _add(feed, "id", address or uuid.uuid5(uuid.NAMESPACE_URL, "newsbeam:digest").urn)
    _add(feed, "updated", made_at.isoformat(timespec="seconds"))
    _add(_add(feed, "author"), "name", "newsbeam")
    _add(feed, "link", rel="self", href=f"{address}atom.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{address}index.html")
    for day, story in stories:
        _entry(feed, day, story, address)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(feed: ET.Element, day: Day, story: Story, address: str) -> None:
    lead = story.lead
    entry = _add(feed, "entry", **{"xml:lang": lead.language} if lead.language else {})
    _add(entry, "title", lead.headline)
    _add(entry, "id", entry_id(day, story))
    _add(entry, "published", lead.published_at.isoformat(timespec="seconds"))
    _add(entry, "updated", _updated(story).isoformat(timespec="seconds"))
    _add(_add(entry, "author"), "name", lead.source)
    page = story_page(day, story, address)
    _add(entry, "link", rel="alternate", type="text/html", href=lead.url or page)
    _add(entry, "link", rel="related", type="text/html", href=page)
    for topic in _topics(story):
        _add(entry, "category", term=topic)
    _add(entry, "summary", lead.summary)


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    clean = {name: as_xml(value, "\ufffd") for name, value in attributes.items()}
    element = ET.SubElement(parent, tag, clean)
    element.text = as_xml(text, "\ufffd") if text else None
    return element


def json_feed(stories: Sequence[tuple[Day, Story]], address: str) -> bytes:
    """Return the JSON Feed; see `atom`."""
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": TITLE}
    if address:
        feed |= {"home_page_url": f"{address}index.html", "feed_url": f"{address}feed.json"}
    items = [_item(day, story, address) for day, story in stories]
    return json.dumps(feed | {"items": items}, ensure_ascii=False, indent=1).encode()


def _item(day: Day, story: Story, address: str) -> dict[str, Any]:
    lead = story.lead
    item = {
        "id": entry_id(day, story),
        "url": story_page(day, story, address) if address else lead.url,
        "external_url": lead.url,
        "title": lead.headline,
        "content_text": lead.summary,
        "date_published": lead.published_at.isoformat(timespec="seconds"),
        "date_modified": _updated(story).isoformat(timespec="seconds"),
        "authors": [{"name": source} for source in story.sources],
        "tags": _topics(story),
        "language": lead.language,
    }
    return {name: value for name, value in item.items() if value}


def story_page(day: Day, story: Story, address: str) -> str:
    """Return the address of a story on its day's page."""
    return f"{address}{day.date}/index.html#s-{story.id}"


def _updated(story: Story) -> datetime:
    return max(report.published_at for report in story.reports)


def _topics(story: Story) -> list[str]:
    return [topic for topic in story.topics if topic != NO_TOPIC]
