"""A byline at the head of a text names its authors and is no part of the text."""

import pytest

from transforms.clean.attribution import take_byline, take_date_line

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
        ("Von Jane Doe, Karsholm", ("Jane Doe",)),
        ("By Jane Doe, Norrby News, Karsholm", ("Jane Doe",)),
        ("Story by Jane Doe • 3h • 2 min read", ("Jane Doe",)),
        ("Jane Doe, chief political editor", ("Jane Doe",)),
        ("Jane Doe, Korrespondentin in Rom", ("Jane Doe",)),
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
    "lines",
    [
        ["Jane Doe", "Transport correspondent"],
        ["By Jane Doe", "Political editor, Norrby News"],
        ["Por Jane Doe", "Corresponsal en Roma"],
        ["Jane Doe", "Redakteurin"],
    ],
)
def test_a_role_may_stand_in_a_line_of_its_own(lines):
    assert take_byline([*lines, *REST]) == (REST, ("Jane Doe",))


def test_names_beside_a_date_are_bylines_of_every_kind():
    for line in ("13 May 2024 | Text: Jane Doe", "13 May 2024 | Posted by Jane Doe"):
        assert take_date_line([line, *REST]) == (REST, ("Jane Doe",))


@pytest.mark.parametrize(
    "line",
    [
        "By Monday Norrby will have a ferry on its quay again.",
        "By Jane Doe's account, the ferry was late on 3 May.",
        "Text: the ferry sails again.",
        "Author: it says here, is nobody",
        "Jane Doe, editor of the Norrby News since 2012, resigned.",
        "Political editor",
        "Norrby Ferry Terminal",
        "기자",
        "文学",
    ],
)
def test_other_lines_stay(line):
    assert take_byline([line, *REST]) == ([line, *REST], ())
