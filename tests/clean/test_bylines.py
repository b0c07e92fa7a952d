"""A byline at the head of a text names its authors and is no part of the text."""

import pytest

from transforms.clean.attribution import take_byline

REST = ["The ferry sails again.", "It takes 80 people."]


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Par Jane Doe avec AFP", ("Jane Doe",)),
        ("Por Jane Doe / Karsholm", ("Jane Doe",)),
        ("Words: Jane Doe. Photos: Bo Lind", ("Jane Doe",)),
        ("Text: Jane Doe, Foto: Bo Lind", ("Jane Doe",)),
        ("By Jane Doe | 3 min read", ("Jane Doe",)),
        ("by Jane Doe on May 13, 2024", ("Jane Doe",)),
        ("Posted by Jane Doe at 10:00", ("Jane Doe",)),
        ("Автор: Анна Петрова", ("Анна Петрова",)),
        ("Tekst: Jane Doe og Bo Lind", ("Jane Doe", "Bo Lind")),
        ("作者：王小明", ("王小明",)),
        ("文／王小明", ("王小明",)),
        ("홍길동 기자 hong@n.example", ("홍길동",)),
    ],
)
@pytest.mark.parametrize("before", [[], ["May 13, 2024 – Norrby"]])
def test_bylines(line, authors, before):
    assert take_byline([*before, line, *REST]) == ([*before, *REST], authors)


@pytest.mark.parametrize(
    "line",
    [
        "By Monday Norrby will have a ferry on its quay again.",
        "By Jane Doe's account, the ferry was late on 3 May.",
        "Text: the ferry sails again.",
        "Author: it says here, is nobody",
        "기자",
        "文学",
    ],
)
def test_other_lines_stay(line):
    assert take_byline([line, *REST]) == ([line, *REST], ())
