"""Feeds through the whole run, from a real server on the loopback."""

import json
import re
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from feed_texts import BODY, answering, feed, item
from fetch_server import serve

from pipeline.config_files import load_config
from pipeline.feed_report import feed_rows
from pipeline.feeds import configured_feeds
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from transforms.errors import ConfigError
from transforms.redaction import Address


def settings(site, output, *paths, **more):
    return load_config(
        "feeds",
        {
            "input.feeds": [site.url(path) for path in paths],
            "output.path": str(output),
            "fetch.allowed_hosts": [site.host],
            "fetch.host_delay_seconds": 0,
            "fetch.full_text": False,
            **more,
        },
    )


def work(config, force=False):
    manifest, _ = run(make_plan(config), [], Progress(), force=force)
    return manifest


def rows(output, columns="*"):
    return duckdb.sql(f"select {columns} from read_parquet('{output}/date=*/*.parquet')").fetchall()


def test_items_become_rows_and_a_second_run_transfers_nothing(tmp_path):
    with serve({"/feed": answering(feed(item(1), item(2)))}) as site:
        config = settings(site, tmp_path, "/feed")
        first = work(config)
        assert list(first.counts.balance().values()) == [2, 2, 0, 0, 0]
        assert work(config).feeds == {"Skipped": 1}
        sent = site.bodies
        again = work(config, force=True)
        assert (again.feeds, again.counts.read, site.bodies) == ({"NotModified": 1}, 0, sent)
    columns = "title, feed, source, date_source, source_id"
    assert sorted(rows(tmp_path, columns))[0] == (
        "Bridge for Town 1",
        site.url("/feed"),
        "River News",
        "feed",
        "item-1",
    )
    [state] = feed_rows(str(tmp_path), failing=False)
    assert state["last_error"] is None
    assert state["next_poll"] > state["last_success"]


def test_new_items_are_counted_for_each_feed(tmp_path):
    with serve({"/a": answering(feed(item(1), item(2))), "/b": answering(feed(item(3)))}) as site:
        work(settings(site, tmp_path, "/a", "/b"))
        counts = {
            state["url"]: state["new_items"] for state in feed_rows(str(tmp_path), failing=False)
        }
        assert counts == {site.url("/a"): 2, site.url("/b"): 1}


def test_state_is_kept_only_once_the_items_are_published(tmp_path, monkeypatch):
    with serve({"/feed": answering(feed(item(1)))}) as site:
        config = settings(site, tmp_path, "/feed")

        def broken(*arguments):
            raise RuntimeError("the process dies here")

        with monkeypatch.context() as patch:
            patch.setattr("pipeline.batches.follow_output", broken)
            with pytest.raises(RuntimeError, match="dies here"):
                work(config)
        assert feed_rows(str(tmp_path), failing=False) == []
        assert work(config).counts.unchanged == 1


@pytest.mark.parametrize(
    ("edited", "revision"),
    [
        (item(1, text="It will cost five million, the council said on Tuesday, not four."), 2),
        (item(1, guid="other-guid"), 1),
        (item(1, link="https://moved.example.net/1"), 1),
        (item(1, title="A new headline for the bridge"), 2),
    ],
)
def test_an_item_whose_text_guid_host_or_title_changes_stays_one_article(
    tmp_path, edited, revision
):
    for body, etag in ((feed(item(1), item(2)), '"1"'), (feed(edited, item(2)), '"2"')):
        with serve({"/feed": answering(body, etag)}) as site:
            config = settings(site, tmp_path, "/feed")
            work(config, force=True)
    assert len(rows(tmp_path)) == 2
    assert max(rows(tmp_path, "revision")) == (revision,)


def test_items_that_share_a_guid_are_all_kept(tmp_path):
    body = feed(*(item(number, guid="same") for number in range(5)))
    with serve({"/feed": answering(body)}) as site:
        work(settings(site, tmp_path, "/feed"))
    assert len(rows(tmp_path)) == 5


def page(number):
    paragraphs = "".join(
        f"<p>{BODY.format(place=f'Town {number}', number=number + n)}</p>" for n in range(4)
    )
    return (
        "<html><head><title>Bridge</title></head>"
        f"<body><article>{paragraphs}</article></body></html>"
    )


def test_teasers_get_the_text_of_their_page_once(tmp_path):
    with serve({}) as site:
        link = site.url("/page/1")
        blocked = site.url("/private/2")
        teasers = feed(
            item(1, teaser="Coming soon.", link=link),
            item(2, teaser="A secret bridge is coming to town.", link=blocked),
        )
        site.routes["/robots.txt"] = lambda h: h.reply(200, b"User-agent: *\nDisallow: /private/")
        site.routes["/feed"] = lambda h: h.reply(200, teasers, Content_Type="text/xml")
        site.routes["/page/1"] = lambda h: h.reply(200, page(1).encode(), Content_Type="text/html")
        config = settings(site, tmp_path, "/feed", **{"fetch.full_text": True})
        work(config)
        assert site.count("/page/1") == 1
        assert site.count("/private/2") == 0
        # The same teasers in other bytes: read again, but neither fetched nor written again.
        teasers += b"\n"
        again = work(config, force=True)
        assert (again.counts.written, again.counts.unchanged) == (0, 2)
        assert site.count("/page/1") == 1
    found = {
        title: (words, revision, flags)
        for title, words, revision, flags in rows(tmp_path, "title, word_count, revision, flags")
    }
    words, revision, flags = found["Bridge for Town 1"]
    assert words > 150
    assert revision == 1
    assert "teaser" not in flags
    words, _, flags = found["Bridge for Town 2"]
    assert words < 10
    assert {"teaser", "robots_refused"} <= set(flags)


def test_walls_are_no_pages(tmp_path):
    """Three teasers behind one wall in words that nobody knows, and one behind a known one."""
    strange = (
        f"<article>{'<p>Zu qual vem dra lom, si peva nostu gam teril vas onde.</p>' * 9}</article>"
    )
    known = (
        "<p>We and our 9 partners store cookies on your device to show you personalised ads.</p>"
    )
    with serve({}) as site:
        links = [site.url(f"/page/{n}") for n in range(1, 5)]
        teasers = feed(
            *(
                item(n, teaser=f"Town {n} gets its bridge in May.", link=links[n - 1])
                for n in (1, 2, 3)
            ),
            item(4, teaser="Town 4 gets its bridge in June.", link=links[3]),
        )
        site.routes["/feed"] = lambda h: h.reply(200, teasers, Content_Type="text/xml")
        for n in range(1, 5):
            body = f"<article>{strange}</article>" if n < 4 else f"<h1>Your choice</h1>{known}"
            site.routes[f"/page/{n}"] = lambda h, body=body: h.reply(
                200, f"<html><body>{body}</body></html>".encode(), Content_Type="text/html"
            )
        work(settings(site, tmp_path, "/feed", **{"fetch.full_text": True}))
    found = rows(tmp_path, "text, flags, duplicate_of")
    assert len(found) == 4
    assert all("gets its bridge" in text for text, _, _ in found)
    assert all({"teaser", "wall"} <= set(flags) for _, flags, _ in found)
    assert all(original is None for _, _, original in found)


def failing_then(*answers):
    """Return a route that gives one answer after the other, and the last one from then on."""
    left = list(answers)

    def route(handler):
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return route


def test_a_page_that_fails_for_a_passing_reason_is_tried_again(tmp_path):
    now = datetime.now(UTC) - timedelta(hours=5)
    found = "title, word_count > 150, revision, list_contains(flags, 'page_awaited'), flags"
    with serve({}) as site:
        links = [site.url(f"/page/{number}") for number in (1, 2, 3)]
        teasers = feed(
            item(1, teaser="A bridge is coming to the old town.", link=links[0], start=now),
            item(2, teaser="Another bridge is coming to town.", link=links[1]),
            item(3, teaser="The third bridge is going to come.", link=links[2], start=now),
        )
        error = lambda h: h.reply(500)  # noqa: E731
        site.routes["/feed"] = answering(teasers)
        site.routes["/page/1"] = failing_then(
            error, error, lambda h: h.reply(200, page(1).encode(), Content_Type="text/html")
        )
        site.routes["/page/2"] = error  # published long ago
        site.routes["/page/3"] = lambda h: h.reply(404)  # will not pass
        config = settings(site, tmp_path, "/feed", **{"fetch.full_text": True})
        assert work(config).counts.written == 3
        before = sorted(rows(tmp_path, found))
        assert [row[1:4] for row in before] == [
            (False, 1, True),
            (False, 1, False),
            (False, 1, False),
        ]
        assert "server_error" in before[0][4]
        again = work(config, force=True)
        assert (again.counts.written, again.counts.unchanged) == (0, 3)
        assert sorted(rows(tmp_path, found)) == before
        assert work(config, force=True).counts.written == 1
        after = sorted(rows(tmp_path, found))
        assert after[0][:4] == ("Bridge for Town 1", True, 1, False)
        assert after[1:] == before[1:]
        assert [site.count(f"/page/{number}") for number in (1, 2, 3)] == [3, 1, 1]
        # Nothing waits any longer, so the feed is asked with its ETag again.
        assert work(config, force=True).feeds == {"NotModified": 1}


def test_faults_are_the_feeds_health_and_no_dead_letters(tmp_path, newsbeam):
    routes = {
        "/good": answering(feed(item(1))),
        "/login": lambda h: h.reply(200, b"<html><body>Log in</body></html>"),
        "/gone": lambda h: h.reply(410),
    }
    with serve(routes) as site:
        config = settings(site, tmp_path, *routes)
        manifest = work(config)
    assert manifest.counts.balance()["rejected"] == 0
    faults = {row["url"].rpartition("/")[2]: row for row in feed_rows(str(tmp_path), failing=True)}
    assert sorted(faults) == ["gone", "login"]
    assert faults["gone"]["retired"]
    done = newsbeam("feeds", tmp_path, "--failing", "--json")
    assert [row["last_error"] for row in json.loads(done.out)] == ["gone", "not_a_feed"]
    table = newsbeam("feeds", tmp_path)
    assert "never: retired" in table.out


def test_opml_lists_feeds(tmp_path):
    path = tmp_path / "list.opml"
    path.write_text(
        "<opml version='2.0'><body><outline text='News'>"
        "<outline type='rss' text='A' xmlUrl='https://a.example.org/feed'/></outline></body></opml>"
    )
    addresses = [Address("https://a.example.org/feed"), Address("https://b.example.org/feed")]
    assert configured_feeds([Address(str(path)), addresses[1]]) == addresses
    with pytest.raises(ConfigError, match=r"none\.opml is no http"):
        configured_feeds([Address(str(tmp_path / "none.opml"))])


def test_secrets_of_an_address_are_sent_and_stand_nowhere(tmp_path, newsbeam):
    """But in the state, which only its owner can read, where the server moved the feed for good."""
    asked = []

    def answer(handler):
        asked.append((handler.path, handler.headers.get("Authorization")))
        answering(feed(item(1)))(handler)

    path = "/feed?page=1&api_key=K3Y-5ECRET"
    with serve({"/feed": answer}) as site:
        config = settings(site, tmp_path / "out", path)
        secret = site.url(path).replace("://", "://me:pa55word@")
        config = config.model_copy(
            update={"input": config.input.model_copy(update={"feeds": (Address(secret),)})}
        )
        assert work(config).feeds == {"Fetched": 1}
        assert work(config).feeds == {"Skipped": 1}  # it is known by its redacted address
    assert asked == [(path, "Basic bWU6cGE1NXdvcmQ=")]
    [(name, uri)] = rows(tmp_path / "out", "feed, uri")
    assert re.fullmatch(re.escape(site.url("/feed?page=1&api_key=~")) + "[0-9a-f]{6}", name)
    assert uri == name
    [state] = feed_rows(str(tmp_path / "out"), failing=False)
    assert (state["url"], state["new_items"]) == (name, 1)
    shown = newsbeam("feeds", tmp_path / "out", "--json").out
    shown += newsbeam("show", tmp_path / "out", "--json").out
    for file in (tmp_path / "out").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert b"pa55word" not in content
        assert b"5ECRET" not in content
    assert "5ECRET" not in shown


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://[::1/feed", "is no URL"),
        ("https:///feed", "names no host and port"),
        ("https://a.example:0/feed", "names no host and port"),
        ("gopher://a.example/feed", "is no http(s) address"),
        ("a.example/feed", "is no http(s) address"),
        ("https://a.example/feed", ""),
    ],
)
def test_check_refuses_addresses_that_are_none(tmp_path, newsbeam, address, problem):
    done = newsbeam("check", "--json", "-f", address, "-o", tmp_path / "out")
    assert [problem in said for said in done.json["problems"]] == [True] * bool(problem)
    assert done.code == (2 if problem else 0)


MALFORMED = "https://me:pa55word@[::1/feed?token=5ECRET"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--json", "-f", MALFORMED, "-o", "out"),
        ("check", "-f", MALFORMED.replace("https", "gopher"), "-o", "out"),
        ("check", "-f", "me:pa55word@a.example/feed?token=5ECRET", "-o", "out"),
        ("run", "-f", MALFORMED, "-o", "out", "--json"),
        ("feeds", "out", "--json"),
    ],
)
def test_secrets_of_a_malformed_address_are_not_shown(tmp_path, newsbeam, arguments):
    if arguments[0] == "feeds":
        newsbeam("run", "-f", MALFORMED, "-o", "out", cwd=tmp_path)
    done = newsbeam(*arguments, cwd=tmp_path)
    everything = done.out + done.err
    assert "***@" in everything
    assert "pa55word" not in everything
    assert "5ECRET" not in everything
