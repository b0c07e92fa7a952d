"""Fetching over HTTP(S): polite, bounded and safe.

The modules:
    addresses      which addresses may be connected to; the connection goes to the address checked
    limits         truncated and oversized answers found
    freshness      Cache-Control, Expires and Retry-After as times
    urls           what may be fetched, and the credentials in it
    fetch_options  the settings
    outcomes       what can come of a request
    faults         what a failed request means
    headers        what the headers of an answer say
    client         one GET with its redirects
    politeness     requests per host and in all
    robots         robots.txt, per origin
    rights         reservations: noai, noindex, TDM
    fetcher        many requests at once, from plain Python
    feed_state     what is remembered of a feed between runs
    health         what an answer does to that state
    poll           all feeds that are due

docs/operations.md lists what each answer of a server leads to.
"""

from transforms.fetch.feed_state import commit_states, load_states
from transforms.fetch.fetch_options import FetchSettings
from transforms.fetch.fetcher import Fetcher
from transforms.fetch.health import PollSettings
from transforms.fetch.outcomes import Failed, Fetched, NotModified, Outcome, Request
from transforms.fetch.poll import (
    PollOutcome,
    Skipped,
    feed_key,
    poll_feeds,
    poll_or_wait,
    published,
    skip_reason,
    unreadable,
)
from transforms.output.state import FeedState

__all__ = [
    "Failed",
    "FeedState",
    "FetchSettings",
    "Fetched",
    "Fetcher",
    "NotModified",
    "Outcome",
    "PollOutcome",
    "PollSettings",
    "Request",
    "Skipped",
    "commit_states",
    "feed_key",
    "load_states",
    "poll_feeds",
    "poll_or_wait",
    "published",
    "skip_reason",
    "unreadable",
]
