"""Feeds for tests: their items, the whole of them, and a server's answer with one."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

START = datetime(2026, 10, 1, 6, tzinfo=UTC)
BODY = (
    "The council of {place} voted on Monday to build a bridge over the river, number {number} of "
    "its kind. Engineers expect the work to take two years. It will cost four million and replace "
    "a ferry that runs only in summer. Residents have asked for it since the flood."
)


def item(number, *, text=None, title=None, guid=None, link=None, teaser=None, start=START):
    place = f"Town {number}"
    date = format_datetime(start + timedelta(hours=number))
    body = BODY.format(place=place, number=number) if text is None else text
    content = (
        f"<description>{teaser}</description>"
        if teaser
        else f"<content:encoded><![CDATA[<p>{body}</p>]]></content:encoded>"
    )
    return (
        f"<item><title>{title or f'Bridge for {place}'}</title>"
        f"<link>{link or f'https://news.example.org/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'item-{number}'}</guid>"
        f"<pubDate>{date}</pubDate>{content}</item>"
    )


def feed(*items):
    return (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>River News</title>{''.join(items)}</channel></rss>"
    ).encode()


def answering(body, etag='"1"'):
    def route(handler):
        if handler.headers.get("If-None-Match") == etag:
            handler.reply(304, ETag=etag)
        else:
            handler.reply(200, body, ETag=etag, Content_Type="application/rss+xml")

    return route
