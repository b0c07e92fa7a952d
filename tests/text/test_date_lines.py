"""Lines that say when an article was published, and nothing else but where and by whom."""

# ruff: noqa: E501 (a case a line)

import pytest

from transforms.text.date_lines import date_line, head_date_line

DAY = "28 November 2026"


@pytest.mark.parametrize(
    ("line", "date", "names"),
    [
        (DAY, DAY, ()),
        ("28.11.2026", "28.11.2026", ()),
        ("Nov. 28, 2026, 05:13", "Nov. 28, 2026, 05:13", ()),
        ("2026年11月28日", "2026年11月28日", ()),
        (f"*{DAY}*", DAY, ()),
        (f"Published: {DAY}", DAY, ()),
        (f"Norrby, {DAY}", DAY, ("Norrby",)),
        (f"Norrby ({DAY})", DAY, ("Norrby",)),
        (f"{DAY}, Norrby", DAY, ("Norrby",)),
        (f"{DAY}, 05:13 | Norrby Post staff", f"{DAY}, 05:13", ("Norrby Post staff",)),
        (f"By Jane Doe {DAY}", DAY, ("By Jane Doe",)),
        (f"{DAY} - Jane Doe", DAY, ("Jane Doe",)),
        ("By Jane Doe, Norrby, Nov. 28, 2026, 05:13 | Staff", "Nov. 28, 2026, 05:13", ("By Jane Doe", "Norrby", "Staff")),
        ("Von Ada Perrin aus Norrby, 28.11.2026, 5.13 Uhr", "28.11.2026, 5.13 Uhr", ("Von Ada Perrin aus Norrby",)),
    ],
)  # fmt: skip
def test_a_date_with_names_beside_it(line, date, names):
    assert date_line(line) == (date, names)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        (f"Published {DAY} 10:00 GMT | Updated 29 November 2026", f"Published {DAY} 10:00 GMT"),
        (f"Updated 29 November 2026, first published {DAY}", f"published {DAY}"),
        (f"{DAY} 10:00 | Updated 11:00", f"{DAY} 10:00"),
        (f"By Jane Doe | Published {DAY}, last updated 11:00 GMT", f"Published {DAY}"),
        ("Erstellt: 28.11.2026 Aktualisiert: 29.11.2026", "28.11.2026"),
        ("Veröffentlicht am 28.11.2026 und zuletzt aktualisiert am 29.11.2026", "Veröffentlicht am 28.11.2026"),
        ("Publicado el 28 de noviembre de 2026. Actualizado a las 12:00 h.", "Publicado el 28 de noviembre de 2026"),
        ("发布时间：2026年11月28日 10:00 更新时间：2026年11月29日", "2026年11月28日 10:00"),
        ("Опубликовано 28 ноября 2026, обновлено 29 ноября 2026", "Опубликовано 28 ноября 2026"),
    ],
)  # fmt: skip
def test_a_line_of_two_dates_says_when_it_was_published(line, date):
    assert date_line(line).date == date


@pytest.mark.parametrize(
    "line",
    [
        f"It rained on {DAY}",
        f"The law published {DAY} was updated 29 November 2026",
        f"Figures of {DAY} were revised on 29 November 2026",
        f"The ferry sank, {DAY}",
        f"{DAY}, the day on which it rained",
        f"{DAY} – the ferry is late",
        f"A Very Long Headline On The Ferry, {DAY}",
        f"Norrby 7, {DAY}",
        "November 2026",
        "05/06/2026",
        "28 November",
        f"{DAY}{' ' * 100}Norrby",
        "Norrby",
        "",
    ],
)
def test_another_line_is_none(line):
    assert date_line(line) is None


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        ([DAY, "", "It rained."], 0),
        (["By Jane Doe", "", DAY, "It rained."], 2),
        (["It rained.", "It snowed.", DAY, "It froze."], None),
        (["It rained.", DAY], None),
        ([DAY, "It rained.", "29 November 2026", "It snowed."], None),
        (["It rained."], None),
    ],
)
def test_the_date_stands_at_the_head_alone(lines, at):
    found = head_date_line(lines)
    assert (found and found[0]) == at
