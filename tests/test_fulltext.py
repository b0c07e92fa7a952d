"""What a host gives for different teasers is a wall, whatever it says; one article is none."""

from dataclasses import replace

import pytest
from builders import NOW, make_article

from transforms.clean import CleanOptions
from transforms.fetch import Fetched
from transforms.formats.base import ParseOptions
from transforms.fulltext import with_page, without_walls
from transforms.records import TEASER

WALL = "Kære læser, denne side findes i en ny form. Vælg selv, hvordan du vil gå videre herfra."
TITLES = ("Ferry late again", "Orchestra rehearses", "Swede prices fall")


def fetched(*titles, host="news.example", text=WALL):
    """Yield a teaser of each title, and the same with the text of its page."""
    for number, title in enumerate(titles):
        teaser = make_article(
            number,
            title=title,
            text=f"{title}, says the town.",
            url=f"https://{host}/{number}",
            flags=(TEASER,),
        )
        yield teaser, replace(teaser, text=text, text_sha256=text, flags=())


def test_the_same_text_for_different_teasers_is_a_wall():
    found = list(without_walls([*fetched(*TITLES)]))
    assert [article.title for article in found] == list(TITLES)
    assert all(article.text == f"{article.title}, says the town." for article in found)
    assert all(article.flags == (TEASER, "wall") for article in found)


@pytest.mark.parametrize(
    "pages",
    [
        [*fetched(TITLES[0])],
        [*fetched(TITLES[0], TITLES[0])],
        [*fetched(TITLES[0]), *fetched(TITLES[1], host="other.example")],
        [*fetched(TITLES[0]), *fetched(TITLES[1], text="The orchestra rehearses in Vellin.")],
        # One live page under several addresses and headlines: it tells of each.
        [*fetched(*TITLES, text=" ".join(TITLES))],
    ],
)
def test_other_pages_are_none(pages):
    assert list(without_walls(pages)) == [full for _, full in pages]


def test_teasers_whose_page_could_not_be_had_stay_as_they_are():
    pages = [(teaser, replace(teaser, flags=(TEASER, "stalled"))) for teaser, _ in fetched(*TITLES)]
    assert list(without_walls(pages)) == [full for _, full in pages]


NEWS = (
    "The ferry to Orkeny sails again from Monday, the harbour office said. Passengers had waited "
    "for eleven weeks, and the shops of the island had run short of flour, salt and lamp oil."
)
MORE = " The old engine goes to a museum in the town, where pupils will take it apart and draw it."


def told(text, feed_text=NEWS, title="Ferry sails again", flags=(TEASER,)):
    """Return a teaser with what came of its page, which holds `text`."""
    page = f"<html><title>{title}</title><body><article><h1>{title}</h1><p>{text}</p></article>"
    url = "https://news.example/ferry"
    content = page.encode()
    answer = Fetched(url, url, None, 200, "text/html", "utf-8", content, None, None, None, NOW)
    teaser = make_article(1, title=title, text=feed_text, url=url, flags=flags)
    return with_page(teaser, answer, ParseOptions(), CleanOptions())


@pytest.mark.parametrize("text", [NEWS, f"{NEWS}<aside>Share this</aside>"])
def test_an_item_whose_page_says_the_same_is_no_teaser(text):
    found = told(text)
    assert (found.text, TEASER in found.flags) == (NEWS, False)


@pytest.mark.parametrize(
    ("text", "feed_text"),
    [
        ("The harbour office has not said when the ferry to Orkeny sails.", NEWS),
        (f"{NEWS}</p><p>Subscribe to continue reading.", NEWS),
        (NEWS, f"{NEWS} […]"),
        ("Ferry sails again on Monday to Orkeny", "Ferry sails again on Monday to Orkeny"),
    ],
)
def test_one_whose_page_says_less_or_stops_stays_one(text, feed_text):
    title = feed_text if len(feed_text) < 50 else "Ferry sails again"
    flags = (TEASER, "truncated") if "[" in feed_text else (TEASER,)
    assert TEASER in told(text, feed_text, title, flags).flags


def test_the_text_of_a_longer_page_takes_its_place():
    found = told(NEWS + MORE)
    assert (found.text, TEASER in found.flags) == (NEWS + MORE, False)
