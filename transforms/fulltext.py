"""Fetch the page of a feed item that brings only a teaser.

It stands behind `dedupe`, so the page of an item that is published already is not fetched again.
What was published then remembers the teaser it came from (`versions.teaser_version`), so the same
teaser is no news the next time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.error_handling import ErrorHandler
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.bounds import USUAL, Bounds
from transforms.clean import CleanOptions, clean_article
from transforms.deadletter import SplitDeadLetters, attempt
from transforms.errors import FAULT, Rejected
from transforms.fetch import Failed, Fetched, Fetcher, FetchSettings, Request
from transforms.fetch.health import digest
from transforms.fetch.poll import interleave
from transforms.formats.base import ParseOptions
from transforms.formats.http_body import charset_text
from transforms.isolation import tried
from transforms.output.versions import has_page, teaser_version, version, waiting_version
from transforms.parse import parse_document
from transforms.pulse import beat
from transforms.records import TEASER, Article, RawDocument, add_flags, wants_page
from transforms.step_names import FULLTEXT
from transforms.text.counted import counted
from transforms.text.words import count_words, letters

STEP = FULLTEXT
REASONS = frozenset({"too_short"})
WAITING = "page_awaited"
"""Flag: a teaser of the last two days whose page failed for a passing reason."""
WALL = "wall"
"""Flag: a teaser whose host gives the same page for others. Reason: what speaks like a wall."""
FLAGS = frozenset({WAITING, WALL})
"""And, of a teaser whose page could not be had, the reason for it."""
_BEAT_SECONDS = 30.0
_WORD = re.compile(r"\w+")
TRIED_FOR = timedelta(days=2)
"""How long after its publication a teaser's page is tried again, at each poll of its feed."""


def with_page(
    article: Article,
    outcome: Any,
    parse: ParseOptions,
    clean: CleanOptions,
    bounds: Bounds = USUAL,
) -> Article:
    """Return `article` with the text of its page, or with a flag that says why not.

    Args:
        article: a teaser.
        outcome: of fetching its page.
        parse: settings of the parser.
        clean: settings of cleaning.
        bounds: on what the page may cost.
    """
    if not isinstance(outcome, Fetched):
        return _without_page(article, outcome)

    def read() -> Article:
        return clean_article(parse_document(page_document(outcome), parse), clean)

    page = tried(read, STEP, (outcome.final_url, digest(outcome.content)), bounds)
    if isinstance(page, Rejected):
        if page.reason == FAULT:
            Metrics.counter(STEP, FAULT).inc()
        return replace(article, flags=add_flags(article.flags, page.reason))
    flags = {*article.flags, *page.flags, *outcome.signals}
    if count_words(page.text) <= count_words(article.text):
        if _has_all_of(page, article):
            flags.discard(TEASER)
        return replace(article, flags=add_flags((), *flags))
    full = replace(
        article,
        text=page.text,
        text_sha256=page.text_sha256,
        authors=article.authors or page.authors,
        section=article.section or page.section,
        language=page.language,
        flags=add_flags(
            (), *flags - {TEASER, "short", "truncated", *_DATE_FLAGS} | set(page.flags)
        ),
    )
    return replace(full, versions=(*_remembered(article), version(full)))


_CUT = frozenset({"link_list", "live_blog", "page_truncated", "paywall_stub", "truncated"})
"""Flags of a text that is no whole article."""
_STATED = "stated_text"
_MOST_ALIKE = 0.9
"""Share of a teaser's words that a page has which says the same."""


def _has_all_of(page: Article, teaser: Article) -> bool:
    """Return whether a page, which is no longer, says that `teaser` is all there is.

    A text that the page states for machines may be its description; a title alone is no article.
    """
    if not _CUT.isdisjoint((*page.flags, *teaser.flags)) or _STATED in page.flags:
        return False
    if letters(teaser.text) == letters(teaser.title):
        return False
    own = Counter(_WORD.findall(teaser.text.casefold()))
    common = own & Counter(_WORD.findall(page.text.casefold()))
    return common.total() >= _MOST_ALIKE * own.total() > 0


def _without_page(article: Article, outcome: Any) -> Article:
    """Return the teaser, with a flag that says why; it waits where another try may succeed."""
    if not isinstance(outcome, Failed):
        return replace(article, flags=add_flags(article.flags, "unexpected_status"))
    flagged = replace(article, flags=add_flags(article.flags, outcome.reason))
    assert article.published_at is not None
    if not outcome.passing or article.fetched_at - article.published_at > TRIED_FOR:
        return flagged
    own = version(article)
    return replace(
        flagged,
        flags=add_flags(flagged.flags, WAITING),
        versions=tuple(waiting_version(v) if v == own else v for v in article.versions),
    )


_DATE_FLAGS = frozenset({"date_in_future", "date_too_old", "date_unreadable"})


def _remembered(article: Article) -> tuple[str, ...]:
    """Return the versions of the teaser, marked as such."""
    own = version(article)
    return tuple(teaser_version(v) if v == own else v for v in article.versions)


def page_document(fetched: Fetched) -> RawDocument:
    """Return the page as a document, in UTF-8 if the server said which encoding it is in."""
    content = fetched.content
    if fetched.charset:
        content = charset_text(content, fetched.charset).encode("utf-8-sig", "replace")
    return RawDocument(fetched.final_url, "text/html", content, fetched.fetched_at)


def fetch_pages(
    articles: Sequence[Article],
    settings: FetchSettings,
    parse: ParseOptions,
    clean: CleanOptions,
    bounds: Bounds = USUAL,
) -> Iterator[Article]:
    """Yield `articles`, the teasers among them with the text of their page where it can be had."""
    wanted: dict[str, list[Article]] = {}
    for article in articles:
        if wants_page(article):
            assert article.url is not None
            wanted.setdefault(article.url, []).append(article)
        else:
            yield article
    if not wanted:
        return
    requests = interleave([Request(url, page=True) for url in wanted])
    pages: list[tuple[Article, Article]] = []
    with Fetcher(settings, lambda: datetime.now(UTC)) as fetcher:
        for answered in fetcher.fetch_or_wait(requests, _BEAT_SECONDS):
            beat()
            if answered is None:
                continue
            request, outcome = answered
            for article in wanted[request.url]:
                pages.append((article, with_page(article, outcome, parse, clean, bounds)))
    yield from without_walls(pages)


def without_walls(fetched: Sequence[tuple[Article, Article]]) -> Iterator[Article]:
    """Yield what came of each teaser; one whose page is a wall stays, with the flag `wall`.

    A text that a host gives for different teasers is none of their articles, whatever it says,
    unless it tells of each: then it is one article with several addresses.

    Args:
        fetched: a teaser, and the same with what came of fetching its page.
    """
    pages: dict[tuple[str, str], list[Article]] = {}
    for teaser, full in fetched:
        if TEASER not in full.flags:
            pages.setdefault(_page_key(full), []).append(teaser)
    for teaser, full in fetched:
        teasers = pages.get(_page_key(full), []) if TEASER not in full.flags else []
        different = len({letters(other.title + other.text) for other in teasers}) > 1
        if different and not all(_tells_of(full.text, other.title) for other in teasers):
            yield replace(teaser, flags=add_flags(teaser.flags, WALL))
        else:
            yield full


def _page_key(article: Article) -> tuple[str, str]:
    return urlsplit(article.url or "").hostname or "", article.text_sha256


def _tells_of(text: str, title: str) -> bool:
    """Return whether most words of `title` are in `text`."""
    words = set(_WORD.findall(title.casefold()))
    return bool(words) and len(words.intersection(_WORD.findall(text.casefold()))) > len(words) / 2


def long_enough(article: Article, min_words: int) -> Article:
    """Return `article`; a teaser that was kept for its page alone is rejected without it.

    Raises:
        Rejected: `too_short`.
    """
    words = count_words(article.text)
    if TEASER in article.flags and words < min_words:
        flags = ", ".join(article.flags)
        raise Rejected(
            "too_short", f"{counted(words, 'word')}, need {min_words}, and no page ({flags})"
        )
    return article


class _FetchFn(beam.DoFn):
    """Fetches for a whole bundle, so that requests to many hosts overlap."""

    def __init__(
        self, settings: FetchSettings, parse: ParseOptions, clean: CleanOptions, bounds: Bounds
    ) -> None:
        self._settings = settings, parse, clean, bounds
        self._long_enough = partial(long_enough, min_words=clean.min_words)
        self._fetched = Metrics.counter(STEP, "fetched")
        self._unchanged = Metrics.counter(STEP, "unchanged")
        self._kept = Metrics.counter(STEP, "teaser_kept")
        self._articles: list[Article] = []

    def start_bundle(self) -> None:
        self._articles = []

    def process(self, article: Article) -> Iterator[Article]:
        if wants_page(article):
            self._articles.append(article)
        else:
            yield article

    def finish_bundle(self) -> Iterator[WindowedValue]:
        window = GlobalWindow()
        for article in fetch_pages(self._articles, *self._settings):
            if TEASER in article.flags and has_page(article.versions):
                self._unchanged.inc()  # better the page as it was published than a new teaser
                continue
            (self._kept if TEASER in article.flags else self._fetched).inc()
            if WAITING in article.flags and article.feed:
                Metrics.counter("waiting", article.feed).inc()
            checked = attempt(article, self._long_enough, STEP)
            yield WindowedValue(checked, window.max_timestamp(), [window])


@dataclass
class FetchFullText(beam.PTransform):
    """Give every teaser the text of its page; one whose page cannot be had stays, with a flag.

    Unless the page of an earlier teaser of the same article is published: then that stays.

    A teaser that is too short to stay goes to `errors`. Bounded input only. The timestamp of a
    teaser becomes the end of the window.
    """

    settings: FetchSettings
    parse: ParseOptions
    clean: CleanOptions
    errors: ErrorHandler
    bounds: Bounds = USUAL

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the articles."""
        fetch = _FetchFn(self.settings, self.parse, self.clean, self.bounds)
        return articles | "fetch" >> beam.ParDo(fetch) | SplitDeadLetters(STEP, self.errors)
