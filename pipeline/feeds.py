"""The feeds of a run: polled, read, and their state kept once their items are published."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.settings import Plan
from transforms.errors import ConfigError, Rejected
from transforms.fetch import (
    Failed,
    FeedState,
    Fetched,
    Fetcher,
    PollOutcome,
    PollSettings,
    Skipped,
    commit_states,
    feed_key,
    load_states,
    poll_feeds,
    published,
    skip_reason,
    unreadable,
)
from transforms.fetch.health import digest
from transforms.formats.base import STEP, FileInfo, letter
from transforms.formats.feeds.opml import feed_urls
from transforms.formats.xml.sniff import FEED
from transforms.formats.xml_files import syndication_documents
from transforms.isolation import FAULT, each_tried
from transforms.records import DeadLetter, RawDocument
from transforms.redaction import Address

Document = RawDocument | DeadLetter
Noted = PollOutcome | FeedState
"""The state of a feed once its items are published: to be completed by what comes of them, or as
it will be."""


def configured_feeds(names: Iterable[Address]) -> list[Address]:
    """Return feed addresses: those among `names`, and those that its OPML files list.

    Raises:
        ConfigError: a name is neither an address nor an OPML file.
    """
    found: list[Address] = []
    for name in names:
        path = name.get_secret_value()
        if path.startswith(("http://", "https://")):
            found.append(name)
            continue
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise ConfigError(
                f"input.feeds: {name} is no http(s) address and cannot be read as an OPML file: "
                f"{error.strerror}"
            ) from None  # whose path may be a misspelt address with a password in it
        found += [Address(address.url) for address in feed_urls(content)]
    return found


class FeedNews(NamedTuple):
    """What has come of the items of feeds: `new` rows, and teasers `waiting` for their page."""

    new: Counter[str]
    waiting: Counter[str]

    def plus(self, more: "FeedNews") -> "FeedNews":
        """Return both together."""
        return FeedNews(self.new + more.new, self.waiting + more.waiting)


class FeedSource:
    """Yields the documents of the feeds that are due; keeps their states in two steps.

    A feed's state says that its items need not be read again. So `documents` only notes a state
    once all items before it were handed out, and `commit` writes what was noted: call it when
    everything handed out so far is published.

    Args:
        plan: of the run.
        force: ask feeds that are not due, and retired ones.
    """

    def __init__(self, plan: Plan, *, force: bool = False) -> None:
        self._plan, self._config = plan, plan.config
        self._force = force
        self._noted: list[Noted] = []
        self._unpublished: set[str] = set()
        self._fetcher: Fetcher | None = None
        self.outcomes: Counter[str] = Counter()

    def documents(self) -> Generator[Document, None, None]:
        """Yield the entries of each feed as it answers."""
        urls = self._feeds()
        if not urls:
            return
        states = load_states(self._config.output.path)
        settings = self._plan.poll
        with Fetcher(self._plan.fetch, lambda: datetime.now(UTC)) as fetcher:
            self._fetcher = fetcher
            for polled in poll_feeds(urls, states, fetcher, settings, force=self._force):
                is_fault = isinstance(polled.result, Failed) and polled.result.reason == FAULT
                self.outcomes["Fault" if is_fault else type(polled.result).__name__] += 1
                if isinstance(polled.result, Fetched):
                    yield from self._entries(polled, polled.result, settings)
                elif not isinstance(polled.result, Skipped):
                    self._note(polled.state)

    def _entries(
        self, polled: PollOutcome, fetched: Fetched, settings: PollSettings
    ) -> Iterator[Document]:
        file = FileInfo(polled.url, len(fetched.content), None, fetched.fetched_at)
        charset = f"; charset={fetched.charset}" if fetched.charset else ""
        headers = {"content-type": fetched.media_type + charset} if fetched.media_type else {}
        documents = syndication_documents(file, fetched.content, headers)
        source = (polled.url, digest(fetched.content))
        for item in each_tried(documents, STEP, source, self._plan.bounds):
            if isinstance(item, Rejected):
                yield letter(file, item.reason, item.detail, fetched.content, media_type=FEED)
            if isinstance(item, Rejected) or (isinstance(item, DeadLetter) and item.line is None):
                # No feed: that is the feed's health, not an input that could be replayed.
                self._note(unreadable(polled, item.reason, item.detail, settings))
                return
            yield item
        self._note(polled)

    def _note(self, noted: Noted) -> None:
        self._noted.append(noted)
        self._unpublished.add(noted.url)

    def _feeds(self) -> list[Address]:
        """Return the feeds, less those whose last items are still to be published."""
        urls = configured_feeds(self._config.input.feeds)
        return [url for url in urls if feed_key(url) not in self._unpublished]

    def due(self) -> bool:
        """Return whether a feed is to be asked now."""
        states, now = load_states(self._config.output.path), datetime.now(UTC)
        keys = map(feed_key, self._feeds())
        return any(skip_reason(states.get(key, FeedState(key)), now) is None for key in keys)

    def cancel(self) -> None:
        """Have `documents`, in another thread, end its requests with a `CancelledError`."""
        if self._fetcher:
            self._fetcher.cancel()

    def take_noted(self) -> list[Noted]:
        """Return the states noted since the last call, for `keep`."""
        noted, self._noted = self._noted, []
        return noted

    def commit(self, news: FeedNews) -> None:
        """Write the states noted so far, given what has come of the items of each feed."""
        self.keep(self.take_noted(), news)

    def keep(self, noted: list[Noted], news: FeedNews) -> None:
        """Write these states, given what has come of the items of each feed."""
        states = [
            published(state, news.new[state.url], waiting=news.waiting[state.url] > 0)
            if isinstance(state, PollOutcome)
            else state
            for state in noted
        ]
        if states:
            commit_states(self._config.output.path, states)
        self._unpublished -= {state.url for state in noted}
