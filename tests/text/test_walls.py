"""Walls before articles, in every language that is claimed, and articles on the same matters."""

import tomllib
from pathlib import Path

import pytest

from transforms.text.offers import invites_to_pay, is_offer
from transforms.text.walls import find_wall, wall_languages

SAMPLES = tomllib.loads(Path(__file__).with_name("walls.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", wall_languages())
def test_every_language_is_shown(language):
    assert language in SAMPLES["consent"]
    assert language in SAMPLES["script_check"]


@pytest.mark.parametrize(("language", "text"), SAMPLES["consent"].items())
def test_consent(language, text):
    assert (wall := find_wall("", text, language)), language
    assert wall.kind == "consent"
    assert find_wall("", text), "the language may not be known"
    paragraphs = text.replace(". ", ".\n\n")
    assert find_wall("Norrby Post", paragraphs, language)


@pytest.mark.parametrize(("language", "text"), SAMPLES["script_check"].items())
def test_javascript(language, text):
    assert (wall := find_wall("", text, language)), language
    assert wall.kind == "script_check"
    assert find_wall("Norrby Post", text)


@pytest.mark.parametrize(("language", "text"), SAMPLES["robot_check"].items())
def test_robot_check(language, text):
    assert (wall := find_wall("", text, language)), language
    assert wall.kind == "robot_check"


@pytest.mark.parametrize("sample", SAMPLES["walls"])
def test_walls_of_many_makers(sample):
    title, text = sample["title"], sample["text"]
    assert find_wall(title, text, None)
    assert find_wall("", f"{title}\n\n{text}")


@pytest.mark.parametrize("sample", SAMPLES["articles"])
def test_articles_about_the_same(sample):
    language, title, text = sample.values()
    assert find_wall(title, text, language) is None
    assert find_wall(title, text, None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Try Post+ for a month, then pay 3.40 a week.", True),
        ("Danach 9,99 Euro im Monat, jederzeit kündbar.", True),
        ("Sans engagement, puis 9,99 € par mois.", True),
        ("Alle Preise inkl. MwSt.", True),
        ("Rents rise by 3 euros a month.", False),
        ("Die Miete steigt um 3 Euro im Monat.", False),
        ("The subscription of the library costs nothing.", False),
    ],
)
def test_offers(text, expected):
    assert is_offer(text) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Weiterlesen mit Post plus", True),
        ("Subscribe to continue reading", True),
        ("Already a subscriber? Log in", True),
        ("Cet article est réservé aux abonnés", True),
        ("Die Stadt liest weiter", False),
        ("Subscribers to the theatre protest", False),
    ],
)
def test_invitations(line, expected):
    assert invites_to_pay(line) is expected
