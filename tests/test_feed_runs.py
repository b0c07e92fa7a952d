"""Feeds through the whole run, from a real server on the loopback."""

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
from transforms.fetch import FeedState, commit_states
from transforms.formats.xml_files import syndication_documents
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


def states(output, **which):
    return feed_rows(str(output), now=datetime.now(UTC), **which)


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
    [state] = states(tmp_path)
    assert state["last_error"] is None
    assert (state["title"], state["last_new"]) == ("River News", state["first_poll"])
    assert state["next_poll"] > state["last_success"]


def test_new_items_are_counted_for_each_feed(tmp_path):
    with serve({"/a": answering(feed(item(1), item(2))), "/b": answering(feed(item(3)))}) as site:
        work(settings(site, tmp_path, "/a", "/b"))
        counts = {state["url"]: state["new_items"] for state in states(tmp_path)}
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
        assert states(tmp_path) == []
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
    faults = {row["url"].rpartition("/")[2]: row for row in states(tmp_path, failing=True)}
    assert sorted(faults) == ["gone", "login"]
    assert faults["gone"]["retired"]
    done = newsbeam("feeds", tmp_path, "--failing", "--json")
    assert [row["last_error"] for row in json.loads(done.out)] == ["gone", "not_a_feed"]
    shown = newsbeam("feeds", tmp_path).out
    assert f"{site.url('/gone')}\n" in shown
    assert "it is gone" in shown


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
    with serve({path: answer}) as site:
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
    [state] = states(tmp_path / "out")
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
        ("http://10.0.0.7:8080/feed", "10.0.0.7 is not public; fetch.allowed_hosts can allow"),
        ("https://localhost/feed", "localhost is 127.0.0.1, which is not public"),
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


def test_titles_and_folders_of_a_list_are_kept(tmp_path, newsbeam):
    with serve({"/a": answering(feed(item(1))), "/b": answering(feed(item(2)))}) as site:
        path = tmp_path / "list.opml"
        path.write_text(
            "<opml><body><outline text='World'><outline text='Rivers'>"
            f"<outline text='My rivers' xmlUrl='{site.url('/a')}'/></outline></outline>"
            f"<outline xmlUrl='{site.url('/b')}'/></body></opml>"
        )
        work(settings(site, tmp_path / "out", **{"input.feeds": [str(path)]}))
        named = {row["url"]: (row["title"], row["folder"]) for row in states(tmp_path / "out")}
        assert named == {
            site.url("/a"): ("My rivers", ("World", "Rivers")),
            site.url("/b"): ("River News", ()),
        }
    shown = newsbeam("feeds", tmp_path / "out").out
    assert f"World / Rivers\n{site.url('/a')}\n  My rivers · last new item " in shown
    [known] = json.loads(newsbeam("feeds", tmp_path / "out", "--json").out)[1:]
    assert known["folder"] == ["World", "Rivers"]


def test_a_page_leads_to_the_feed_that_it_names(tmp_path):
    head = "<link rel='alternate' type='application/{}' href='{}'>".format
    page = f"<html><head>{head('json', '/wp-json')}{head('rss+xml', 'news/feed')}</head></html>"
    news = feed(item(1, link="../story/1")).replace(b"https://news.example.org", b"..")
    routes = {
        "/de/": lambda h: h.reply(200, page.encode(), Content_Type="text/html", ETag='"p"'),
        "/de/news/feed": answering(news),
    }
    with serve(routes) as site:
        config = settings(site, tmp_path, "/de/")
        assert work(config).feeds == {"Fetched": 1}
        [state] = states(tmp_path)
        assert state["permanent_url"] == site.url("/de/news/feed")
        assert rows(tmp_path, "feed, url") == [(site.url("/de/"), site.url("/de/story/1"))]
        assert work(config, force=True).feeds == {"NotModified": 1}
        assert site.seen == ["/de/", "/de/news/feed", "/de/news/feed"]


def test_a_page_that_leads_to_no_feed_is_a_fault(tmp_path):
    page = b"<html><link rel=alternate type=application/rss+xml href=/login></html>"
    routes = {
        "/": lambda h: h.reply(200, page, Content_Type="text/html"),
        "/login": lambda h: h.reply(200, b"<html>Log in</html>", Content_Type="text/html"),
    }
    with serve(routes) as site:
        manifest = work(settings(site, tmp_path, "/"))
    assert manifest.feeds == {"Unreadable": 1}
    [state] = states(tmp_path)
    assert (state["last_error"], state["failures"]) == ("not_a_feed", 1)


def test_an_error_in_one_feed_ends_no_other(tmp_path, monkeypatch):
    def odd(file, content, headers):
        if file.uri.endswith("/odd"):
            raise LookupError("odd feed")
        yield from syndication_documents(file, content, headers)

    monkeypatch.setattr("pipeline.feeds.syndication_documents", odd)
    routes = {path: answering(feed(item(n))) for n, path in enumerate(("/a", "/odd", "/b"))}
    with serve(routes) as site:
        manifest = work(settings(site, tmp_path, *routes))
    assert (manifest.counts.written, manifest.counts.faults) == (2, 1)
    [fault] = states(tmp_path, failing=True)
    assert (fault["url"], fault["last_error"]) == (site.url("/odd"), "fault")
    assert fault["last_detail"].startswith("LookupError")


def test_odd_headers_of_one_feed_end_no_other(tmp_path):
    odd = {
        "Age": "\xb2",
        "Cache_Control": "max-age=60",
        "Content_Type": "a; charset*0*=b; charset*0*=c",
    }
    routes = {f"/{n}": answering(feed(item(n))) for n in range(30)}
    routes["/odd"] = lambda h: h.reply(200, feed(item(30)), **odd)
    with serve(routes) as site:
        manifest = work(settings(site, tmp_path, *routes))
    assert (manifest.counts.written, manifest.feeds) == (31, {"Fetched": 31})


def test_good_feeds_are_published_while_a_slow_one_is_awaited(tmp_path):
    free = threading.Event()

    def slow(handler):
        free.wait(60)
        handler.reply(200, feed(item(3)))

    routes = {"/a": answering(feed(item(1))), "/slow": slow, "/b": answering(feed(item(2)))}
    with serve(routes) as site, ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, settings(site, tmp_path, *routes))
        try:
            while not running.done() and not list(tmp_path.glob("date=*/*.parquet")):
                time.sleep(0.05)
            early = {title for (title,) in rows(tmp_path, "title")}
        finally:
            free.set()
        assert running.result().counts.written == 3
    assert early == {"Bridge for Town 1", "Bridge for Town 2"}


def test_a_run_of_which_every_feed_is_refused_says_so(tmp_path, newsbeam):
    with serve({"/a": lambda h: h.reply(403), "/b": lambda h: h.reply(200, b"<html>no")}) as site:
        options = ["--set", f"fetch.allowed_hosts=[{site.host}]", "-o", tmp_path]
        feeds = ["-f", site.url("/a"), "-f", site.url("/b")]
        done = newsbeam("run", *feeds, *options)
        assert done.code == 1
        assert "none of the 2 feeds that were asked could be read" in done.err
        assert f"{site.url('/a')}: denied: answered 403" in done.err
        assert "published already" not in done.out + done.err
        later = newsbeam("run", *feeds, *options)  # none is due
        assert later.code == 0
        once = newsbeam("watch", *feeds, *options, "--once", "--set", "watch.poll_seconds=1")
        assert once.code == 0
        site.routes["/c"] = answering(feed(item(1)))
        mixed = newsbeam("run", *feeds, "-f", site.url("/c"), *options, "--force")
        assert mixed.code == 0


def test_a_feed_refused_by_a_setting_is_due_when_that_changes(tmp_path):
    with serve({"/feed": answering(feed(item(1)))}) as site:
        refused = settings(site, tmp_path, "/feed", **{"fetch.allowed_hosts": []})
        assert work(refused).feeds == {"Failed": 1}
        assert work(refused).feeds == {"Skipped": 1}
        other = settings(
            site, tmp_path, "/feed", **{"fetch.allowed_hosts": [], "fetch.max_bytes": 9}
        )
        assert work(other).feeds == {"Skipped": 1}
        small = settings(site, tmp_path, "/feed", **{"fetch.max_bytes": 9})
        assert work(small).feeds == {"Failed": 1}
        [state] = states(tmp_path)
        assert (state["last_error"], state["refused_by"]) == ("body_too_large", "max_bytes=9")
        assert work(settings(site, tmp_path, "/feed")).counts.written == 1
    [state] = states(tmp_path)
    assert (state["failures"], state["refused_by"]) == (0, None)


def test_feeds_without_news_are_found(tmp_path, newsbeam):
    now = datetime.now(UTC)
    ages = {"fresh": 0.5, "old": 3, "never": None}
    commit_states(
        str(tmp_path),
        [
            FeedState(
                f"https://{name}.example/",
                first_poll=now - timedelta(days=9),
                last_new=None if age is None else now - timedelta(days=age),
            )
            for name, age in ages.items()
        ],
    )
    silent = [row["url"] for row in states(tmp_path, silent=timedelta(days=2))]
    assert silent == ["https://never.example/", "https://old.example/"]
    (tmp_path / "_runs").mkdir()
    (tmp_path / "_runs/R.json").write_text("{}")
    shown = newsbeam("feeds", tmp_path, "--silent", "1w").out
    assert "https://never.example/\n  nothing new yet · 0 new" in shown
    assert "old.example" not in shown
    assert newsbeam("feeds", tmp_path, "--silent", "soon").code == 2


def test_the_feeds_of_a_site_are_found(tmp_path, newsbeam):
    page = b"<html><link rel=alternate type=application/rss+xml title=News href=/rss></html>"
    routes = {"/": lambda h: h.reply(200, page, Content_Type="text/html")}
    with serve(routes) as site:
        options = ["--set", f"fetch.allowed_hosts=[{site.host}]"]
        find = ["feeds", "--find", site.url("/"), *options]
        assert newsbeam(*find).out == f"{site.url('/rss')}  News\n"
        site.routes["/"] = lambda h: h.reply(200, b"<html>News</html>", Content_Type="text/html")
        assert "names no feed" in newsbeam(*find).err
        site.routes["/atom.xml"] = answering(feed(item(1)))
        assert json.loads(newsbeam(*find, "--json").out) == [
            {"url": site.url("/atom.xml"), "title": ""}
        ]
        site.routes["/"] = lambda h: h.reply(404)
        assert "not_found: answered 404" in newsbeam(*find).err
