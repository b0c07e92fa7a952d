"""Dates as countries count and as programs print them; nothing makes `parse_date` raise."""

# ruff: noqa: E501 (what programs print is long)

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.text.date_calendars import calendar_day, persian_day, plain_numerals
from transforms.text.date_names import LOCALES, date_names, lines_of_cldr
from transforms.text.date_text import parse_date
from transforms.text.date_words import is_known, months_of, weekday_languages
from transforms.text.date_zones import _HOURS, zone_named, zone_of
from transforms.text.dates import date_from_path

DAY = datetime(2024, 5, 13, tzinfo=UTC)
EVENING = DAY.replace(hour=22, minute=30)


@pytest.mark.parametrize(
    "text",
    [
        # Thailand, Laos, Cambodia
        "2567-05-13", "13/05/2567", "13 พฤษภาคม 2567", "๑๓ พฤษภาคม ๒๕๖๗", "13 พ.ค. 67",
        "วันจันทร์ที่ 13 พฤษภาคม พ.ศ. 2567", "13 พ.ค. 2024", "២០២៤-០៥-១៣",
        # Japan, Taiwan, China
        "令和6年5月13日", "令和６年５月１３日（月）", "令和六年五月十三日", "㋿6年5月13日",
        "R6.5.13", "民國113年5月13日", "中華民國113年5月13日", "二〇二四年五月十三日",
        "2024年5月13日星期一",
        "发布时间：2024-05-13", "更新日：2024年5月13日",
        # Iran, Afghanistan
        "1403-02-24", "۱۴۰۳/۰۲/۲۴", "24 اردیبهشت 1403", "دوشنبه ۲۴ اردیبهشت ۱۴۰۳", "24 ثور 1403",
        # Bangladesh, Lithuania, Latvia, Vietnam, the Arab states
        "১৩ মে ২০২৪", "সোমবার, ১৩ মে ২০২৪", "প্রকাশ: ১৩ মে, ২০২৪", "2024 m. gegužės 13 d.",
        "2024 gegužės 13 d., pirmadienis", "2024. gada 13. maijā", "ngày 13 tháng 5 năm 2024",
        "13 أيار 2024", "13 أيار/مايو 2024", "13 ماي 2024", "१३ मे २०२४", "13 மே 2024",
        "2024년 5월 13일 월요일", "令和6(2024)年5月13日", "2024年（令和6年）5月13日", "令6.5.13",
        "113年5月13日", "113/05/13", "24 اردیبهشت ماه 1403", "۲۴ اردیبهشت\u200cماه ۱۴۰۳", "13 می 2024",
        "الاثنين 5 ذو القعدة 1445 هـ الموافق 13 مايو 2024 م", "13 مايو 2024م - 5 ذو القعدة 1445هـ",
        "সোমবার ১৩ মে ২০২৪, ৩০ বৈশাখ ১৪৩১", "১৩ই মে, ২০২৪ ইং",
        "2024 m. gegužės mėn. 13 d.", "13. maja 2024. godine", "Yayın Tarihi: 13 Mayıs 2024",
        "13 Tháng Năm, 2024", "Tháng Năm 13, 2024", "ika-13 ng Mayo 2024", "2024-yil 13-may",
        "ວັນທີ 13 ພຶດສະພາ 2024", "2024 жылғы 13 мамыр",
        # weekdays, as people abbreviate them
        "Sen, 13 Mei 2024",
        "Last updated: May 13, 2024",
        "Mon., May 13, 2024", "ma 13 mei 2024", "Mo, 13. Mai 2024", "пн, 13 мая 2024",
        "pon. 13 maja 2024", "seg 13 mai 2024", "Thứ 2, 13/05/2024", "Thứ Hai, 13/5/2024",
        # what programs print
        "datetime.date(2024, 5, 13)", "2024-W20-1", "2024W201", "2024-05-12T24:00:00Z",
        "numpy.datetime64('2024-05-13')", '"2024-05-13"', "{d '2024-05-13'}",
    ],
)  # fmt: skip
def test_days(text):
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    "value",
    [
        "2567-05-13T22:30:00Z", "13 พ.ค. 2567 เวลา 22.30 น.", "令和6年5月13日 午後10時30分",
        "令和6年5月13日 午後10時半", "2024年5月13日 下午10:30", "۱۴۰۳/۰۲/۲۴ ساعت ۲۲:۳۰",
        "13 Mei 2024 | 22:30 GMT", "Selasa, 14 Mei 2024 05.30 WIB", "14 Mei 2024, 06:30 WITA",
        "14 Mei 2024 07:30 WIT", "১৩ মে ২০২৪, ১০:৩০ পিএম", "2024 m. gegužės 13 d. 22 val. 30 min.",
        "14 мая 2024, 01:30 (МСК)", "13 مايو 2024 - 10:30 مساءً", "13 May 2024 10:30 p. m.",
        "13 mei 2024 om 22:30 uur", "lundi 13 mai 2024 à 22 h 30", "13 de maio de 2024, 22h30",
        "May 13, 2024, 6:30 p.m. Eastern Time", "May 13, 2024 5:30 PM Eastern Standard Time",
        "Tue May 14 2024 00:30:00 GMT+0200 (Central European Summer Time)",
        "Tue May 14 2024 00:30:00 GMT+0200 (hora de verano de Europa central)",
        "2024-05-14 00:30:00.000000000 +0200 CEST m=+0.000012", "2024-05-13 22:30:00 +0000 UTC",
        "2024-05-13T22:30:00+00:00Z", "2024:05:13 22:30:00", "2024-05-13_22-30-00", "2024-05-13T22.30.00Z", "2024‑05‑13 22:30",
        "2024-05-13-22-30-00", "13/May/2024:22:30:00 +0000", "[14/May/2024:00:30:00 +0200]",
        "13MAY2024:22:30:00.000", "13-MAY-24 10.30.00.000000 PM", "new Date(2024, 4, 13, 22, 30)",
        "Date(2024,4,13,22,30,0)",
        "DatetimeWithNanoseconds(2024, 5, 13, 22, 30, tzinfo=datetime.timezone.utc)",
        "2024-05-14 01:30:00 +0300 +03", "Monday, 13-May-24 22:30:00 UTC",
        "Mon May 13 22:30:00 +0000 2024", "Tue May 14 00:30:00 CEST 2024",
        "Mon, 13 May 2024 17:30:00 -0500 (CDT)", "/Date(1715639400000)/",
        "/Date(1715639400000+0200)/", r"\/Date(1715639400000)\/", "new Date(1715639400000)",
        "2024-05-14T00:30:00.0000000+02:00", "5/13/2024 10:30:00 PM +00:00", 638512362000000000,
        "638512362000000000", 'ISODate("2024-05-13T22:30:00Z")', "Timestamp(1715639400, 1)",
        "Timestamp('2024-05-13 22:30:00+0000', tz='UTC')", "datetime.datetime(2024, 5, 13, 22, 30)",
        "datetime.datetime(2024, 5, 13, 22, 30, tzinfo=datetime.timezone.utc)",
        "2024-05-13 22:30:00 Etc/UTC", "13.05.2024 • 22:30 Uhr", "13/05/2024 a las 22:30 hs",
        "14 Mei 2024 pukul 05.30 WIB", "13 Mei 2024, 10:30 malam", "13/05/2024 10:30 CH",
        "2024-05-13 下午10:30", "প্রকাশ: ১৩ মে ২০২৪, ১০: ৩০ পিএম", "[2024-05-13 22:30]",
        "datetime.datetime(2024, 5, 14, 0, 30, tzinfo=tzoffset(None, 7200))",
        "datetime.datetime(2024, 5, 13, 17, 30, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68400)))",
        "datetime.datetime(2024, 5, 14, 0, 30, tzinfo=<DstTzInfo 'Europe/Berlin' CEST+2:00:00 DST>)",
        "datetime.datetime(2024, 5, 13, 22, 30, tzinfo=<StaticTzInfo 'Z'>)",
        "DateTime(2024, 5, 13, 22, 30, 0, tzinfo=Timezone('UTC'))",
        "time.struct_time(tm_year=2024, tm_mon=5, tm_mday=13, tm_hour=22, tm_min=30, tm_sec=0, tm_wday=0, tm_yday=134, tm_isdst=0)",
        '"2024-05-13T22:30:00Z"^^xsd:dateTime',
        "2024-05-14T00:30+02:00[Europe/Berlin]", "2024-05-13T22:30Z[UTC]", "1.7156394E9",
        "1715639400.0", 1715639400.0, 1715639400000000, "2018-09-17 03:40:42 +8",
    ],
)  # fmt: skip
def test_moments(value):
    expected = EVENING if value != "2018-09-17 03:40:42 +8" else datetime(
        2018, 9, 16, 19, 40, 42, tzinfo=UTC
    )  # fmt: skip
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和元年7月28日", date(2019, 7, 28)),
        ("平成31年4月30日（火）", date(2019, 4, 30)),
        ("H30.9.6", date(2018, 9, 6)),
        ("13 ม.ค. 2567", date(2024, 1, 13)),
        ("13 มี.ค. 67", date(2024, 3, 13)),
        ("29/02/2567", date(2024, 2, 29)),
        ("30 اسفند 1403", date(2025, 3, 20)),
        ("সোমবার ১৩ জানুয়ারি ২০২৪", date(2024, 1, 13)),
        ("২১ ফেব্রুয়ারী ২০২৪", date(2024, 2, 21)),
        ("令和6年5月", date(2024, 5, 1)),
        ("sobota, 16 listopada 2024", date(2024, 11, 16)),  # Polish
        ("subota, 16. listopada 2024.", date(2024, 10, 16)),  # Croatian
        (datetime(2567, 5, 13), date(2024, 5, 13)),  # noqa: DTZ001 (a naive value is the case)
    ],
)
def test_other_days(text, expected):
    assert parse_date(text).date() == expected


@pytest.mark.parametrize(
    "value",
    [
        "16 listopada 2024", "30 اسفند 1402", "5 ذو القعدة 1445",
        "datetime.datetime(2024, 5, 13, 22, 30, tzinfo=tzlocal())", "5月13日", "令和6年13月13日",
        "16–18 May 2024", "Updated 16 May 2024, Published 13 May 2024", "spring 2024",
        "13 May 2024 10:15 America/Indiana", "13 May 2024 10:15 Europe/", "2024-W60-1",
        "0000-00-00 00:00:00", "2024-05-13T22:30:00+24:00", "2024-05-13T22:30:00+99:99",
        "10000-01-01", "0001-01-01T00:00:00+05:00", "13 May 2024 24:30", "9" * 400, "1e400",
        int("9" * 400), -int("9" * 400), float("inf"), float("nan"), 1e300, -1e18,
        "datetime.datetime(99999, 5, 13)", "/Date(99999999999999999999)/", "13 May " + "9" * 100,
        "٣" * 150, "१३/१३/२०२४", "99:99 13.13.2024", "十十月",
        "-99999-12-31T23:59:59Z", "\x00", "年月日",
    ],
)  # fmt: skip
def test_what_is_not_certain_or_impossible_is_none(value):
    assert parse_date(value) is None


PIECES = st.sampled_from([
    "13", "2024", "2567", "1403", "May", "мая", "年", "月", "日", "元", "令和", "十",
    "พ.ค.", "T", "Z", ":", "22:30", "+24:00", "+0200", "-", "/", ".", " ", "(", ")", "PM", "م",
    "Europe/", "a/b", "99", "W", "m=+1", "Date(", "'", "\u0660\u0661", "\u00b2", "e400", "०",
    "\u200f", "tháng", "h", "val",
])  # fmt: skip


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join))
def test_no_string_makes_it_raise(text):
    moment = parse_date(text)
    assert moment is None or moment.utcoffset() == timedelta(0)


def test_a_persian_year_is_as_long_as_the_suns():
    # First days of the year, as the calendar centre of the University of Tehran gives them.
    for year, day in {
        1369: date(1990, 3, 21), 1376: date(1997, 3, 21), 1380: date(2001, 3, 21),
        1396: date(2017, 3, 21), 1399: date(2020, 3, 20), 1400: date(2021, 3, 21),
        1403: date(2024, 3, 20), 1404: date(2025, 3, 21), 1405: date(2026, 3, 21),
    }.items():  # fmt: skip
        assert persian_day(year, 1, 1).date() == day
    assert persian_day(1404, 12, 30) is None
    assert persian_day(1403, 7, 31) is None
    # The rule of 33 years holds for these years only.
    days = [persian_day(year, 1, 1) for year in (1177, 1178, 1633, 1634)]
    assert [day and day.date() for day in days] == [
        None,
        date(1799, 3, 21),
        date(2254, 3, 21),
        None,
    ]
    assert persian_day(1403, 0, 1) is persian_day(1403, 13, 1) is None
    assert calendar_day(1300, 1, 1).year == 1300


def test_ticks_keep_their_microseconds():
    assert parse_date("638512362001234560") == EVENING.replace(microsecond=123456)


def test_numerals():
    assert plain_numerals("十月二十日 二十三時") == "10月20日 23時"


def test_every_language_knows_its_months():
    names = {"en": "may", "fi": "toukokuuta", "th": "พฤษภาคม", "bn": "মে", "lt": "geguzes"}
    assert all(set(months_of(name)) == {5} for name in names.values())
    assert set(names) < set(LOCALES)
    assert is_known("jumat")
    assert not is_known("xqt")


def test_the_file_of_names_is_what_cldr_says():
    kept = {locale: date_names()[locale] for locale in LOCALES}
    told = (line.split("\t") for line in lines_of_cldr())
    for locale, *months, weekdays in told:
        assert kept[locale].months == tuple(tuple(names.split("|")) for names in months)
        assert kept[locale].weekdays == tuple(weekdays.split("|"))
    assert weekday_languages("jumanne") == {"sw"}


PLACES = {
    "z": "UTC", "ut": "UTC", "mez": "Europe/Berlin", "mesz": "Europe/Berlin",
    "мск": "Europe/Moscow", "trt": "Europe/Istanbul", "npt": "Asia/Kathmandu",
    "slst": "Asia/Colombo", "irst": "Asia/Tehran", "aft": "Asia/Kabul", "azt": "Asia/Baku",
    "get": "Asia/Tbilisi", "samt": "Europe/Samara", "uzt": "Asia/Tashkent",
    "yekt": "Asia/Yekaterinburg", "omst": "Asia/Omsk", "novt": "Asia/Novosibirsk",
    "krat": "Asia/Krasnoyarsk", "irkt": "Asia/Irkutsk", "yakt": "Asia/Yakutsk",
    "vlat": "Asia/Vladivostok", "bdt": "Asia/Dhaka", "btt": "Asia/Thimphu",
    "mmt": "Asia/Yangon", "ict": "Asia/Bangkok", "sgt": "Asia/Singapore",
    "myt": "Asia/Kuala_Lumpur", "pht": "Asia/Manila", "phst": "Asia/Manila",
    "fjt": "Pacific/Fiji", "hne": "America/Montreal", "hae": "America/Montreal",
    "brt": "America/Sao_Paulo", "art": "America/Buenos_Aires", "uyt": "America/Montevideo",
    "clt": "America/Santiago", "clst": "America/Santiago", "bot": "America/La_Paz",
    "vet": "America/Caracas", "gyt": "America/Guyana", "cot": "America/Bogota",
    "pet": "America/Lima", "ect": "America/Guayaquil", "cvt": "Atlantic/Cape_Verde",
}  # fmt: skip
"""Where a name is in use that the zone database gives no letters for."""


def test_every_name_of_a_zone_means_what_the_zone_database_says():
    offsets = defaultdict(set)
    for zone in map(ZoneInfo, available_timezones()):
        for month in (1, 7):
            moment = datetime(2026, month, 1, tzinfo=zone)
            offsets[moment.tzname().lower()].add(moment.utcoffset())
            for name in (name for name, place in PLACES.items() if place == zone.key):
                offsets[name].add(moment.utcoffset())
    for name, hours in _HOURS.items():
        assert timedelta(hours=hours) in offsets[name], name
        assert zone_named(name).utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+23:59", 1439), ("-00:30", -30), ("UTC+5", 300), ("+14:00", 840), ("-9:30", -570)],
)
def test_offsets_that_there_may_be(text, minutes):
    assert zone_of(text).utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["+24:00", "+25:00", "-99:00", "+05:60", "+1:99"])
def test_offsets_that_there_cannot_be(text):
    assert zone_of(text) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/" * 200, "america/", "posix/..", "é/é"])
def test_no_name_of_a_zone_leads_astray(name):
    assert zone_named(name) is None


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2021/jul/19/ferry", date(2021, 7, 19)),
        ("/2021/juli/19/faehre", date(2021, 7, 19)),
        ("/19-jul-2021/ferry", date(2021, 7, 19)),
        ("/archive/jul-19-2021", date(2021, 7, 19)),
        ("/fa/news/1403/02/24/x", date(2024, 5, 13)),
        ("/news/2567/05/13/x", date(2024, 5, 13)),
        ("/1312/12/12/x", None),
        ("/25670513/x", None),
        ("/2021/foo/19/x", None),
    ],
)
def test_days_of_paths(path, day):
    found = date_from_path(path)
    assert (found and found.date()) == day


@pytest.mark.parametrize("unit", ["2024/", "12/may/", "2024-may-", "may-", "1", "20240513"])
def test_long_paths_take_time_in_proportion(unit):
    assert_linear(date_from_path, lambda size: unit * (size // len(unit)), 40_000, 400_000)
