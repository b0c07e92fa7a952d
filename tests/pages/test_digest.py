"""The daily page: what is in its files, and when they are made anew."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from urllib.request import urlopen

import pytest
from command import run_newsbeam
from lxml import etree
from site_pages import DAY, article, write_articles

from pipeline.pages.day import NO_TOPIC, make_stories, read_day
from pipeline.pages.marked import marked_paragraphs
from pipeline.pages.preview import served
from pipeline.pages.rendering import POLICY
from pipeline.pages.site import PAGE_STORIES, build_site
from transforms.errors import ConfigError
from transforms.output.schema import article_row
from transforms.records import Duplicate

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028\x00&amp;{{ 7 * 7 }}"
ATOM = "{http://www.w3.org/2005/Atom}"
CARD = '<article class="story" id='


def rows(*articles):
    return [article_row(each, "run") for each in articles]


def files_of(site):
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*.*")}


@pytest.fixture
def output(tmp_path):
    first = article(1, story_id="s", title="A bridge opens")
    told = article(2, story_id="s", title="The bridge, in other words", url="https://b.example/2")
    same = article(3, story_id="s", title="Bridge opens", duplicate_of=first.id)
    alone = article(4, title="Rain", topic=None, topic_score=None, topics=())
    next_day = article(5, published_at=DAY + timedelta(days=1), title="Snow")
    return write_articles(tmp_path / "out", [first, told, same, alone, next_day])


def test_a_story_is_led_by_its_newest_whole_article_and_repeats_come_last():
    stub = article(9, story_id="s", flags=("teaser",), title="A stub")
    repeat = article(8, story_id="s", duplicate_of="x" * 32)
    old, new = article(1, story_id="s"), article(2, story_id="s")
    (story,) = make_stories(rows(repeat, stub, old, new))
    assert [report.id for report in story.reports] == [new.id, old.id, stub.id, repeat.id]
    assert [report.id for report in story.repeats] == [repeat.id]


def test_stories_of_more_sources_come_first_and_copies_count_as_sources():
    alone = article(150, source="Z")
    copied = article(1, duplicates=(Duplicate("c" * 32, "https://www.copy.example/1"),))
    stories = make_stories(rows(alone, copied))
    assert stories[0].lead.id == copied.id
    assert stories[0].sources == ["Courier 1", "copy.example"]
    assert stories[0].articles == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": ""}, {"headline": "Council 1 opened a bridge. It cost 1 million."}),
        ({"source": None}, {"source": "news.example.org"}),
        ({"source": None, "url": None}, {"source": "in"}),
        ({"url": "javascript:alert(1)"}, {"url": None}),
        ({"language": "ar"}, {"direction": "rtl"}),
        ({"language": None}, {"direction": "auto"}),
        ({"topic": None}, {"topic": NO_TOPIC}),
    ],
)
def test_what_a_page_shows_of_a_row(fields, expected):
    (story,) = make_stories([article_row(article(1), "run") | fields | {
        "title": fields.get("title", "x") or None}])  # fmt: skip
    assert {name: getattr(story.lead, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "summary", "expected"),
    [
        ("One day. It rained.\n\nIt ended.", "It rained. It ended.",
         [["One day. ", "It rained."], ["", "It ended."]]),
        ("Yes. No. Yes.", "Yes. Yes.", [["", "Yes.", " No. ", "Yes."]]),
        ("It  rained\nhere. Then sun.", "It rained here.", [["", "It rained here.", " Then sun."]]),
        ("It rained.", "A model wrote this.", [["It rained."]]),
        ("", "Gone.", []),
        ("你好。世界。", "世界。", [["你好。", "世界。"]]),
    ],
)  # fmt: skip
def test_the_sentences_of_a_summary_are_marked(text, summary, expected):
    assert marked_paragraphs(text, summary, None) == expected


def test_a_day_has_its_stories_counts_and_links(output, tmp_path):
    build_site(str(output), tmp_path / "site")
    page = (tmp_path / "site" / "2026-10-05" / "index.html").read_text()
    assert page.count(CARD) == 2
    assert "3 sources" in page
    assert '<a href="https://b.example/2" rel="noopener noreferrer external">' in page
    assert "1 nearly the same text" in page
    assert "2 stories in 4 articles" in page
    assert 'rel="next" href="../2026-10-06/index.html"' in page
    assert 'href="../topics/politics.html"' in page


def test_topics_have_pages_and_every_link_within_the_site_leads_somewhere(output, tmp_path):
    site = tmp_path / "site"
    build_site(str(output), site)
    assert "Snow" in (site / "topics" / "politics.html").read_text()
    for path in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#]+)', path.read_text()):
            if not link.startswith(("https:", "data:")):
                assert (path.parent / link).exists(), (path, link)


class Markup(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append((tag, name))
            is_loaded = name == "src" or (tag == "link" and name == "href")
            if is_loaded and value != "data:,":
                self.found.append((tag, value))
        if tag == "script" and not dict(attrs).get("src"):
            self.found.append((tag, "inline"))

    @classmethod
    def of(cls, content):
        parser = cls()
        parser.feed(content)
        return parser.found


def test_hostile_text_stays_text_in_every_file(tmp_path):
    hostile = article(1, title=HOSTILE, source=HOSTILE, text=HOSTILE + " It ends.", language="en")
    named = replace(hostile, topic=HOSTILE, url='https://a.example/"onmouseover=alert(1)//')
    site = tmp_path / "site"
    build_site(str(write_articles(tmp_path / "out", [named])), site)
    for path in site.rglob("*.html"):
        loaded = Markup.of(path.read_text())
        if path.name == "mail.html":
            assert {name for _, name in loaded} == {"style"}
        else:
            assert all("assets/" in value or "atom" in value or "feed" in value
                       for _, value in loaded), loaded  # fmt: skip
    for path in site.rglob("2*/*.js"):
        script = path.read_text()
        assert "<" not in script
        name, _ = json.loads(script.removeprefix("newsbeam.add(...").removesuffix(");\n"))
        assert name == f"{path.parent.name}/{path.stem}"
    entry = etree.fromstring((site / "atom.xml").read_bytes()).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text.startswith("</script>")


def test_every_page_has_the_strict_policy(output, tmp_path):
    build_site(str(output), tmp_path / "site")
    pages = [path for path in (tmp_path / "site").rglob("*.html") if path.name != "mail.html"]
    assert len(pages) > 3
    for path in pages:
        assert f'content="{POLICY.replace(chr(39), "&#39;")}"' in path.read_text()
    assert "unsafe" not in POLICY


def test_a_long_day_has_pages(tmp_path):
    count = PAGE_STORIES + 1
    build_site(str(write_articles(tmp_path / "out", map(article, range(count)))), tmp_path / "site")
    folder = tmp_path / "site" / "2026-10-05"
    first, second = (folder / name for name in ("index.html", "page-2.html"))
    assert first.read_text().count(CARD) == PAGE_STORIES
    assert second.read_text().count(CARD) == 1
    assert 'href="page-2.html"' in first.read_text()
    assert "texts-0006" in second.read_text()


def test_only_what_changed_is_made_anew(output, tmp_path):
    site = tmp_path / "site"
    assert len(build_site(str(output), site).anew) == 2
    before = files_of(site)
    assert build_site(str(output), site).anew == []
    assert files_of(site) == before
    write_articles(output, [article(7, published_at=DAY + timedelta(days=1), title="Hail")])
    assert build_site(str(output), site).anew == [date(2026, 10, 6)]
    after = files_of(site)
    assert b"Hail" in after["2026-10-06/index.html"]
    assert b"Snow" not in b"".join(after.values())
    assert after["2026-10-05/index.html"] == before["2026-10-05/index.html"]


def test_a_day_that_the_output_lost_leaves_the_site(output, tmp_path):
    site = tmp_path / "site"
    build_site(str(output), site)
    (output / "date=2026-10-06" / "part-00.parquet").unlink()
    build_site(str(output), site)
    assert not (site / "2026-10-06").exists()
    assert b"Snow" not in b"".join(files_of(site).values())


@pytest.mark.parametrize(
    ("dates", "expected"),
    [(["2026-10-06"], ["2026-10-06"]), (["2026-10"], ["2026-10-06", "2026-10-05"])],
)
def test_dates_choose_the_days(output, tmp_path, dates, expected):
    built = build_site(str(output), tmp_path / "site", dates)
    assert [str(day.date) for day in built.days] == expected


def test_days_that_the_site_has_stay_when_another_is_chosen(output, tmp_path):
    build_site(str(output), tmp_path / "site", ["2026-10-05"])
    built = build_site(str(output), tmp_path / "site", ["2026-10-06"])
    assert len(built.days) == 2


def test_it_refuses_a_folder_that_is_something_else(output, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ConfigError, match="no digest"):
        build_site(str(output), tmp_path / "mine")
    with pytest.raises(ConfigError, match="holds no published articles of 1999-01"):
        build_site(str(output), tmp_path / "site", ["1999-01"])
    assert not (tmp_path / "site").exists()


def test_feeds_and_mail_tell_the_same(output, tmp_path):
    site = tmp_path / "site"
    build_site(str(output), site, address="https://news.example/")
    feed = etree.fromstring((site / "atom.xml").read_bytes())
    titles = [entry.find(f"{ATOM}title").text for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Snow", "The bridge, in other words", "Rain"]
    assert all(feed.find(f"{ATOM}{name}") is not None for name in ("id", "updated", "title"))
    items = json.loads((site / "feed.json").read_text())["items"]
    assert [item["title"] for item in items] == titles
    ids = [entry.find(f"{ATOM}id").text for entry in feed.iter(f"{ATOM}entry")]
    assert [item["id"] for item in items] == ids
    assert len(set(ids)) == 3
    assert items[1]["url"] == "https://news.example/2026-10-05/index.html#s-s"
    mail = (site / "2026-10-05" / "mail.html").read_text()
    assert "The bridge, in other words" in mail
    assert "https://news.example/2026-10-05/index.html" in mail
    assert Markup.of(mail) == [(tag, "style") for tag, _ in Markup.of(mail)]


def test_a_feed_entry_keeps_its_name_when_the_story_grows(output, tmp_path):
    site = tmp_path / "site"
    build_site(str(output), site)
    before = json.loads((site / "feed.json").read_text())["items"]
    later = [*(article(n, story_id="s") for n in (1, 2)), article(90, story_id="s", title="New")]
    write_articles(output, later)
    build_site(str(output), site)
    after = json.loads((site / "feed.json").read_text())["items"]
    assert after[1]["title"] == "New"
    assert after[1]["id"] == before[1]["id"]


def test_the_preview_says_the_policy(output, tmp_path):
    from threading import Thread  # noqa: PLC0415 (only here)

    build_site(str(output), tmp_path / "site")
    with served(tmp_path / "site", 0) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        with urlopen(f"http://127.0.0.1:{server.server_port}/index.html", timeout=20) as answer:
            headers = answer.headers
        server.shutdown()
    assert headers["Content-Security-Policy"].startswith(POLICY)
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_command(output, tmp_path):
    site = tmp_path / "site"
    done = run_newsbeam("digest", output, "--to", site, "--date", "2026-10-05", "--json")
    assert done.code == 0, done.err
    assert done.json["days"] == [{"date": "2026-10-05", "articles": 4}]
    assert (site / "index.html").exists()
    for wrong in (["--date", "yesterday"], ["--address", "news.example"]):
        assert run_newsbeam("digest", output, "--to", site, *wrong).code == 2


def test_texts_are_only_read_where_they_are_shown(output):
    with_texts = read_day(str(output), DAY.date())
    without = read_day(str(output), DAY.date(), texts=False)
    assert all(report.text for report in with_texts.reports)
    assert not any(report.text for report in without.reports)
