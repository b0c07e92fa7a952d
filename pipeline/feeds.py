"""The feeds of a run: polled, read, and their state kept once their items are published."""

import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.command_line import command_line
from pipeline.settings import Plan
from transforms.errors import FAULT, ConfigError, Rejected
from transforms.fetch import (
    Failed,
    FeedState,
    Fetched,
    Fetcher,
    PollOutcome,
    Skipped,
    commit_states,
    feed_key,
    load_states,
    poll_or_wait,
    published,
    skip_reason,
    unreadable,
)
from transforms.fetch.health import digest
from transforms.formats.base import STEP, FileInfo, letter
from transforms.formats.feeds.discovery import feed_links, is_page
from transforms.formats.feeds.feed_entry import ENTRY_TYPE, read_entry
from transforms.formats.feeds.opml import FeedAddress, feed_urls
from transforms.formats.xml.sniff import FEED
from transforms.formats.xml_files import syndication_documents
from transforms.isolation import each_tried
from transforms.records import DeadLetter, RawDocument
from transforms.redaction import Address

PATIENCE_SECONDS = 2.0
"""How long what is read already waits for the next feed to answer, before it is published."""

PUBLISH_SECONDS = 10.0
"""How long it waits while feeds keep answering."""

UNREADABLE = "Unreadable"
"""Outcome of a feed that answered with something that is no feed."""

_FAULTS_NAMED = 3

Document = RawDocument | DeadLetter
Noted = PollOutcome | FeedState
"""The state of a feed once its items are published: to be completed by what comes of them, or as
it will be."""


class ListedFeed(NamedTuple):
    """A feed that the settings name.

    Attributes:
        address: where it is.
        title: its name in the list that names it, if one does.
        folder: there, from the outermost on.
    """

    address: Address
    title: str = ""
    folder: tuple[str, ...] = ()


def listed_feeds(names: Iterable[Address]) -> list[ListedFeed]:
    """Return feeds: the addresses among `names`, and those that its OPML files list.

    Raises:
        ConfigError: a name is neither an address nor an OPML file.
    """
    found: list[ListedFeed] = []
    for name in names:
        path = name.get_secret_value()
        if path.lower().startswith(("http://", "https://")):
            found.append(ListedFeed(name))
            continue
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no path"
            raise ConfigError(
                f"input.feeds: {name} is no http(s) address and cannot be read as an OPML file: "
                f"{why}"
            ) from None  # whose path may be a misspelt address with a password in it
        found += [ListedFeed(Address(f.url), f.title, f.category) for f in feed_urls(content)]
    return found


def configured_feeds(names: Iterable[Address]) -> list[Address]:
    """Return the addresses of `listed_feeds`."""
    return [feed.address for feed in listed_feeds(names)]


def _named_feeds(result: object) -> list[FeedAddress]:
    """Return the feeds that an answer names, if it is a page."""
    if isinstance(result, Fetched) and is_page(result.content):
        return feed_links(result.content, result.final_url)
    return []


def _feed_title(document: Document) -> str:
    """Return what the feed of an item calls itself."""
    if isinstance(document, RawDocument) and document.media_type == ENTRY_TYPE:
        return " ".join(read_entry(document.content).feed_title.split())
    return ""


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
        self._listed: dict[str, ListedFeed] = {}
        self._faults: list[str] = []
        self._healthy = 0
        self.outcomes: Counter[str] = Counter()
        self.not_asked: list[str] = []
        self.asked = 0

    def documents(self) -> Generator[Document | None, None, None]:
        """Yield the entries of each feed as it answers.

        And `None` where what was handed out should be published now: the next feed takes its time,
        or there were many already.
        """
        urls = self._feeds()
        self._faults, self._healthy, self.outcomes, self.not_asked = [], 0, Counter(), []
        self.asked = len(urls)
        if not urls:
            return
        told = time.monotonic()
        with Fetcher(self._plan.fetch, lambda: datetime.now(UTC)) as fetcher:
            self._fetcher = fetcher
            for polled in self._polled(urls, fetcher):
                if polled is None:
                    yield None
                elif isinstance(polled.result, Fetched):
                    yield from self._entries(polled, polled.result)
                else:
                    self._end_without_entries(polled)
                if time.monotonic() > told + PUBLISH_SECONDS:
                    yield None
                    told = time.monotonic()

    def _polled(self, urls: list[Address], fetcher: Fetcher) -> Iterator[PollOutcome | None]:
        """Yield what came of each feed; of a page, what came of the feed that the page names."""
        states = load_states(self._config.output.path)
        named: dict[str, FeedState] = {}
        settings = self._plan.poll
        for polled in poll_or_wait(
            urls, states, fetcher, settings, PATIENCE_SECONDS, force=self._force
        ):
            links = _named_feeds(polled.result) if polled else []
            if polled and links:
                named[polled.url] = replace(
                    polled.before,
                    permanent_url=links[0].url,
                    etag=None,
                    last_modified=None,
                    sha256=None,
                    title=polled.before.title or links[0].title,
                )
            else:
                yield polled
        found = [url for url in urls if feed_key(url) in named]
        yield from poll_or_wait(found, named, fetcher, settings, PATIENCE_SECONDS, force=True)

    def _entries(self, polled: PollOutcome, fetched: Fetched) -> Iterator[Document]:
        file = FileInfo(polled.url, len(fetched.content), None, fetched.fetched_at)
        charset = f"; charset={fetched.charset}" if fetched.charset else ""
        headers = {"content-location": fetched.final_url}
        if fetched.media_type:
            headers["content-type"] = fetched.media_type + charset
        documents = syndication_documents(file, fetched.content, headers)
        source, title = (polled.url, digest(fetched.content)), ""
        for item in each_tried(documents, STEP, source, self._plan.bounds):
            if isinstance(item, Rejected):
                yield letter(file, item.reason, item.detail, fetched.content, media_type=FEED)
            if isinstance(item, Rejected) or (isinstance(item, DeadLetter) and item.line is None):
                # No feed: that is the feed's health, not an input that could be replayed.
                self._refuse(polled, item.reason, item.detail)
                return
            title = title or _feed_title(item)
            yield item
        self.outcomes[type(fetched).__name__] += 1
        self._note(replace(polled, state=self._described(polled.state, title)))

    def _end_without_entries(self, polled: PollOutcome) -> None:
        """Note the state of a feed that brought nothing to read."""
        is_fault = isinstance(polled.result, Failed) and polled.result.reason == FAULT
        self.outcomes["Fault" if is_fault else type(polled.result).__name__] += 1
        if isinstance(polled.result, Failed):
            self._faults.append(f"{polled.url}: {polled.result.reason}: {polled.result.detail}")
        if not isinstance(polled.result, Skipped):
            self._note(self._described(polled.state))
            return
        self.not_asked.append(polled.url)
        self._healthy += polled.state.last_error is None

    def _refuse(self, polled: PollOutcome, reason: str, detail: str) -> None:
        """Note that what a feed's address brought is no feed."""
        self.outcomes[UNREADABLE] += 1
        self._faults.append(f"{polled.url}: {reason}: {detail}")
        self._note(self._described(unreadable(polled, reason, detail, self._plan.poll)))

    def _described(self, state: FeedState, title: str = "") -> FeedState:
        """Return `state` with the names that a list of feeds, or else the feed itself, gives it."""
        listed = self._listed.get(state.url, ListedFeed(Address(state.url)))
        named = listed.title or title or state.title
        return replace(state, title=named, folder=listed.folder)

    def fault(self) -> str | None:
        """Return what to say if feeds were asked, and none could be read or is healthy."""
        failed = sum(self.outcomes[what] for what in ("Failed", "Fault", UNREADABLE))
        asked = self.outcomes.total() - self.outcomes["Skipped"]
        if not asked or failed < asked or self._healthy:
            return None
        named = self._faults[:_FAULTS_NAMED]
        more = [f"and {failed - len(named)} more"] if failed > len(named) else []
        failing = command_line("feeds", self._config.output.path, "--failing")
        first = f"none of the {asked} feeds that were asked could be read; {failing} shows all:"
        return "\n  ".join([first, *named, *more])

    def _note(self, noted: Noted) -> None:
        self._noted.append(noted)
        self._unpublished.add(noted.url)

    def _feeds(self) -> list[Address]:
        """Return the feeds, less those whose last items are still to be published."""
        feeds = listed_feeds(self._config.input.feeds)
        self._listed = {feed_key(feed.address): feed for feed in reversed(feeds)}
        return [feed.address for feed in feeds if feed_key(feed.address) not in self._unpublished]

    def due(self) -> bool:
        """Return whether a feed is to be asked now."""
        states, now = load_states(self._config.output.path), datetime.now(UTC)
        keys = map(feed_key, self._feeds())
        known = (states.get(key, FeedState(key)) for key in keys)
        return any(skip_reason(state, now, self._plan.poll) is None for state in known)

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
