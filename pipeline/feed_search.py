"""The feeds of a site: what its page names, else what lies where feeds usually lie."""

from datetime import UTC, datetime
from urllib.parse import urljoin

from transforms.errors import NewsbeamError
from transforms.fetch import Failed, Fetched, Fetcher, FetchSettings
from transforms.fetch.outcomes import Outcome, Request
from transforms.formats.feeds.discovery import feed_links, is_page
from transforms.formats.feeds.json_feed import read_json_feed
from transforms.formats.feeds.opml import FeedAddress
from transforms.formats.xml.sniff import FEED, HEAD, SITEMAP, sniff_xml
from transforms.redaction import redacted

USUAL = (
    "feed/", "feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "rss/",
    "news-sitemap.xml",
)  # fmt: skip
"""Where feeds usually lie, below a site's root."""


def find_feeds(address: str, settings: FetchSettings) -> list[FeedAddress]:
    """Return the feeds of the site at `address`, best first; that itself if it is a feed.

    Raises:
        NewsbeamError: the address cannot be fetched, or no feed was found.
    """
    url = address if "://" in address else f"https://{address}"
    with Fetcher(settings, lambda: datetime.now(UTC)) as fetcher:
        answer = fetcher.fetch(Request(url))
        if isinstance(answer, Failed):
            raise NewsbeamError(f"{answer.url}: {answer.reason}: {answer.detail}")
        if _is_feed(answer):
            return [FeedAddress(url, "", ())]
        assert isinstance(answer, Fetched)
        named = is_page(answer.content) or answer.media_type == "text/html"
        if named and (links := feed_links(answer.content, answer.final_url)):
            return links
        guesses = [Request(urljoin(answer.final_url, f"/{path}")) for path in USUAL]
        found = {request.url for request, guess in fetcher.fetch_all(guesses) if _is_feed(guess)}
    if not found:
        raise NewsbeamError(f"{redacted(url)} names no feed, and there is none in the usual places")
    return [FeedAddress(guess.url, "", ()) for guess in guesses if guess.url in found]


def _is_feed(answer: Outcome) -> bool:
    if not isinstance(answer, Fetched):
        return False
    kind = sniff_xml(answer.content[:HEAD])
    return kind in (FEED, SITEMAP) or read_json_feed(answer.content) is not None
