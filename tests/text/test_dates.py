"""Dates: which strings are read, which are refused, and which date is believed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transforms.text.date_text import parse_date
from transforms.text.dates import choose_date, date_from_path

STRINGS = Path(__file__).parents[3] / "shared/eval/dates/strings.jsonl"
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-13", utc(2024, 5, 13)),
        ("2024-05", utc(2024, 5, 1)),
        ("20240513", utc(2024, 5, 13)),
        (20240513, utc(2024, 5, 13)),
        ("20240513T101500Z", utc(2024, 5, 13, 10, 15)),
        ("20240513101500", utc(2024, 5, 13, 10, 15)),
        ("2024-134", utc(2024, 5, 13)),
        ("2024-05-13T10:15:00+02:00", utc(2024, 5, 13, 8, 15)),
        ("2024-05-13T10:15:00+0200[Europe/Berlin]", utc(2024, 5, 13, 8, 15)),
        ("2024-05-13 10:15:00.25 -0730", utc(2024, 5, 13, 17, 45, 0, 250000)),
        ("2024-05-13 10:15:00 Europe/Berlin", utc(2024, 5, 13, 8, 15)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
        ("Mon, 13 May 2024 10:15:00 EDT", utc(2024, 5, 13, 14, 15)),
        ("Mon, 13 May 2024 10:15 ET", utc(2024, 5, 13, 14, 15)),
        ("01 Aug 2017,Tuesday", utc(2017, 8, 1)),
        ("May 13th, 2024 at 9:05 p.m.", utc(2024, 5, 13, 21, 5)),
        ("13. Mai 2024, 10.15 Uhr", utc(2024, 5, 13, 10, 15)),
        ("mar. 5 mars 2024 à 10h15", utc(2024, 3, 5, 10, 15)),
        ("5 de mayo de 2024", utc(2024, 5, 5)),
        ("13 мая 2024 г., 10:15", utc(2024, 5, 13, 10, 15)),
        ("2024年5月13日 下午8:01", utc(2024, 5, 13, 20, 1)),
        ("2024년 5월 13일 20:01", utc(2024, 5, 13, 11, 1)),
        ("13.05.2024 10:15", utc(2024, 5, 13, 10, 15)),
        ("13/05/2024", utc(2024, 5, 13)),
        (1715594400, utc(2024, 5, 13, 10)),
        ("1715594400000", utc(2024, 5, 13, 10)),
        (datetime(2024, 5, 13), utc(2024, 5, 13)),  # noqa: DTZ001 (a naive value is the case)
        # Not certain, so not read:
        ("05/06/2024", None),
        ("12 listopada 2024", None),  # November in Polish, October in Croatian
        ("yesterday", None),
        ("2 hours ago", None),
        ("Monday 10:15", None),
        ("12", None),
        (True, None),
        ("2024-02-30", None),
        ("2024-05-13 25:00", None),
        ("13 May 2024 10:15 XQT", None),
        ("13 May 2024 to 15 May 2024", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_parse_date(value, expected):
    assert parse_date(value) == expected


def test_parse_date_uses_the_default_zone_only_where_none_is_named():
    east = datetime(2024, 5, 13, tzinfo=UTC) + timedelta(hours=10)
    zone = east.astimezone().tzinfo
    assert parse_date("2024-05-13T10:00Z", default_zone=zone) == east


def test_date_strings_from_the_wild():
    if not STRINGS.exists():
        pytest.skip(f"evaluation data is not at {STRINGS}")
    rows = [json.loads(line) for line in STRINGS.read_text().splitlines()]
    wrong = []
    for row in rows:
        date, expected = parse_date(row["string"]), row["expected_utc_struct_time"]
        if (list(date.utctimetuple())[:6] if date else None) != (expected and expected[:6]):
            wrong.append(row["string"])
    # A five-digit ordinal cannot be told from a number, and 2003-012-31 is no date.
    assert set(wrong) <= {"03335", "2003-012-31T10:14:55+00:00"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/news/2024/05/13/storm.html", utc(2024, 5, 13)),
        ("/news/2019/nov/19/storm", utc(2019, 11, 19)),
        ("/in/date=2024-05-13/part.txt", utc(2024, 5, 13)),
        ("/in/20240513-storm.txt", utc(2024, 5, 13)),
        ("/20230101/in/20240513.txt", utc(2024, 5, 13)),
        ("/2024/0513/storm", utc(2024, 5, 13)),
        ("/in/2024/99/13/storm", None),
        ("/in/article410396303/storm", None),
        ("/in/storm.txt", None),
        ("https://a.example/news/13-05-2024/storm", utc(2024, 5, 13)),
        ("https://a.example/05/13/2024/storm", utc(2024, 5, 13)),
        ("https://a.example/05/05/2024/storm", utc(2024, 5, 5)),
        ("https://a.example/05/06/2024/storm", None),
        ("https://a.example/2021/07/19/2022-elections", utc(2021, 7, 19)),
        ("https://a.example/21/07/19/storm", utc(2021, 7, 19)),
        ("https://a.example/us/98/07/19", utc(1998, 7, 19)),
        ("https://a.example/24/13/05/storm", None),
        ("https://a.example/60/05/13/storm", None),
        ("https://a.example/2024/05/12/11/10/09/storm", utc(2024, 5, 12)),
        ("/in/21/07/19/storm.html", None),
    ],
)
def test_date_from_path(path, expected):
    assert date_from_path(path) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([("path", "2024-05-13"), ("record", "2024-05-14")], (utc(2024, 5, 14), "record", ())),
        (
            [("record", "soon"), ("page", "2024-05-13")],
            (utc(2024, 5, 13), "page", ("date_unreadable",)),
        ),
        (
            [("record", "2034-05-13"), ("path", "2024-05-13")],
            (utc(2024, 5, 13), "path", ("date_in_future",)),
        ),
        (
            [("record", 0), ("record", "1970-01-01")],
            (NOW, "run", ("date_too_old", "date_unreadable")),
        ),
        ([("record", "2024-06-02T12:00:00Z")], (utc(2024, 6, 2, 12), "record", ())),
        ([("record", "2024-06-02T12:00:01Z")], (NOW, "run", ("date_in_future",))),
        ([("record", ""), ("page", None)], (NOW, "run", ())),
    ],
)
def test_choose_date(candidates, expected):
    assert choose_date(candidates, NOW, EARLIEST) == expected
