"""What a host gives for different teasers is a wall, whatever it says; one article is none."""

from dataclasses import replace

import pytest
from builders import make_article

from transforms.fulltext import without_walls
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
