"""benchmarks/feeds.py in small: many feeds on several hosts, through the command itself."""

from feeds import HOSTS, feed_bodies, measure, served


def test_a_second_run_transfers_no_body_and_encodes_nothing(tmp_path):
    feeds, items = 3 * HOSTS, 2
    with served(feed_bodies(feeds, items, words=25)) as (sites, urls):
        first = measure(sites, urls, tmp_path)
        second = measure(sites, urls, tmp_path)
    assert (first.written, first.encoded) == (feeds * items, feeds * items)
    assert (first.requests, first.conditional) == (feeds, 0)
    assert 1 <= first.per_host <= 2
    assert (second.requests, second.conditional) == (feeds, feeds)
    assert (second.written, second.encoded, second.body_bytes) == (0, 0, 0)
