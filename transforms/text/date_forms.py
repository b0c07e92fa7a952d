"""The forms that programs and East Asian calendars give to dates, made those that people write."""

import re

from transforms.text.date_calendars import ERAS, plain_numerals
from transforms.text.words import fold_script

_WRAPPED = re.compile(
    r"(?:new |[a-z]{1,20}\.)?(?:iso)?(?:date|datetime64|timestamp|ts)\s*"
    r"\(\s*[\"']([^\"'()]+)[\"'][^()]*\)"
    r"|\{(?:ts|d) '([^']+)'\}|\"([^\"]+)\"(?:\^\^\S+)?|'([^']+)'"
)
"""pandas, NumPy, the shells of MongoDB and JavaScript, ODBC; a literal of RDF; or a string that is
quoted twice."""

_EPOCH_CALL = re.compile(
    r"\\?/?(?:new )?(?:date|timestamp|numberlong)\(\s*\"?(\d+)\"?(?:[+-]\d{4}|,\s*\d+)?\s*\)\\?/?"
)
"""`/Date(1715639400000+0200)/` of .NET, whose offset changes nothing; `Timestamp(1715639400, 1)` of
MongoDB."""

_PARTS_CALL = re.compile(
    r"(?:datetime\.|pendulum\.)?(?:datetime|date|datetimewithnanoseconds)\((\d+(?:,\s*\d+){2,6})(?:,\s*(?:fold=\d,\s*)?tzinfo=(.+))?\)"
    r"|(?:time\.)?struct_time\((tm_year=\d+(?:,\s*tm_(?:mon|mday|hour|min|sec)=\d+){2,5}).*\)"
)
"""`datetime.datetime(2024, 5, 13, 22, 30)` of Python, and the time that feedparser gives."""

_COUNTED_MONTH = re.compile(r"\s*(?:new )?Date\((\d{4}),\s*(\d{1,2})((?:,\s*\d{1,3})*)\)\s*")
"""JavaScript's, and that of Google's tables: its first month is 0."""

_SIGNS = re.compile(r"(\d{4})([:-])(\d\d)\2(\d\d)[t_ :-]+(\d\d)([.:-])(\d\d)\6(\d\d)(?!\d)")
"""Of cameras and names of files: `2024:05:13 22:30:00`, `2024-05-13_22-30-00`."""

_LOGGED = re.compile(
    r"\[?(\d{1,2})/?([a-z]{3})/?(\d{4}):(\d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?)\]?"
)
"""Of web servers and SAS: `13/May/2024:22:30:00 +0200`, `13MAY2024:22:30:00`."""

_POINTED = re.compile(r"(?<=\s)(\d{1,2})\.(\d\d)\.(\d\d(?:\.\d+)?)(?=\s?[ap]m\b)")
"""Of Oracle: `13-MAY-24 10.30.00.000000 PM`."""

_PRINTED_ZONE = re.compile(
    r"[\w.<(']*?(?P<utc>\b(?:tz)?utc\b)|.*?'z'|.*?(?:seconds=|, )(?P<seconds>-?\d+)\){1,2}"
    r"|.*?'(?P<name>[+-]\d\d:\d\d|[a-z_]+/[a-z_/]+)'"
)
"""A zone as Python's libraries print it: `tzutc()`, `tzoffset(None, 7200)`,
`<FixedOffset '+02:00'>`, `zoneinfo.ZoneInfo(key='Europe/Berlin')`."""

_REPEATED_ZONE = re.compile(
    r"(:\d{2}(?:\.\d+)?\s*(?:utc|gmt)?\s*[+-]\d{2}:?\d{2})\s*(?:\([^()]*\)|[a-z]{3,5}\b|[+-]\d{2,4}\b)"
)
"""An offset and then the zone's name, as JavaScript and Go print both."""

_TAIL = re.compile(r"\s*m=[+-][\d.]+$|\[[\w/+-]+\]$|(?<=\d)z(?=\[)|(?<=[+-]00:00)z$")
"""Go's monotonic clock, Java's zone, and the zone that was put behind another one."""

_AMERICAN = re.compile(
    r"\b(eastern|central|mountain|pacific|atlantic)( standard| daylight)? time\b"
)
_EAST_ASIAN = re.compile(
    r"[年月日時时点分秒년월일시분초]|오[전후]|[上下中]午|[早晚]上|凌晨|清晨|傍晚"
)
_ERA_NAME = rf"(?:中[華华])?({'|'.join(era for era in ERAS if not era.isascii())})"
_ERA = re.compile(rf"{_ERA_NAME}\s*(\d{{1,3}})(?=\s*年)")
_BOTH_YEARS = re.compile(
    rf"(?P<year>\d{{4}})\s*年?\s*\({_ERA_NAME}\s*\d{{1,3}}\s*年?\)\s*年?"
    rf"|{_ERA_NAME}\s*\d{{1,3}}\s*年?\s*\((?P<year2>\d{{4}})\s*年?\)\s*年?"
)
"""A year and in brackets the same year of an era, or the reverse."""

_SHORT_ERA = re.compile(
    r"(?<!\w)([rhs令平昭])\.?\s?(\d{1,2})([./年-])(\d{1,2})[./月-](\d{1,2})日?(?!\d)"
)
_TAIWAN = re.compile(r"(?<!\d)(1\d\d)(?=\s*年)")
"""A year of three digits is one of the Republic of China."""

_OTHER_CALENDAR = re.compile(
    r"\d{1,2}\s*(?:من\s*)?(?:محرم|صفر|ربیع \w+|جمادی \w+|رجب|شعبان|رمضان|شوال|ذ[وی] ?ال(?:قعد|حج)\w"
    r"|বৈশাখ|জ্যৈষ্ঠ|আষাঢ|শ্রাবণ|ভাদ্র|আশ্বিন|কার্তিক|অগ্রহায়ণ|পৌষ|মাঘ|ফাল্গুন|চৈত্র)[\s,،]*1[34]\d\d\s*(?:هـ?\b|ه)?"
)
"""A day of the Islamic or the Bengali calendar, beside which the common one stands."""
_CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号號]?)?")
_CJK_TIME = re.compile(
    r"(\d{1,2})\s*[時时시点點](?:\s*(\d{1,2})\s*[分분]?(?:\s*(\d{1,2})\s*[秒초])?|半)?"
)
_VIETNAMESE = re.compile(r"(\d{1,2})\s*(?:thang|thg)\s*(\d{1,2})\s*,?\s*(?:nam\s*)?(\d{4})")
_VIETNAMESE_MONTHS = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9, "muoi": 10, "muoi mot": 11, "muoi hai": 12, "chap": 12,
}  # fmt: skip
_VIETNAMESE_MONTH = re.compile(
    rf"\bthang ({'|'.join(sorted(_VIETNAMESE_MONTHS, key=len, reverse=True))})\b"
)
_VIETNAMESE_MONTH_FIRST = re.compile(r"\bthang (\d{1,2})\s+(\d{1,2}),\s*(\d{4})")
_VIETNAMESE_DAY = re.compile(r"\b(?:thu ?[2-7]|chu nhat)\b")
_HALVES = {
    "@am": "午前 上午 凌晨 清晨 早上 早晨 오전 새벽",
    "@pm": "午後 下午 中午 傍晚 晚上 夜晚 오후",
}
_HALF_WORDS = {
    "@am": "এএম পূর্বাহ্ণ পূর্বাহ্ন पूर्वाह्न ص صباحا πμ π.μ. ช่วงเช้า sang sa pagi pg",
    "@pm": "পিএম অপরাহ্ণ অপরাহ্ন अपराह्न م مساء μμ μ.μ. chieu toi ch siang sore malam ptg",
}
_LOST_PLUS = re.compile(r"(t\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) (\d\d:?\d\d)$")
"""The sign of an offset is a space where an address was decoded."""

_SPACED_CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}): (\d{2})(?![\d:])")
_HOURS_ALONE = re.compile(
    r"(?<![\d:.])(?:(?<=ore )|(?<=orele )|(?<=kl )|(?<=kl\. )|(?<=klo ))(\d{1,2})(?=\s*\.?$)"
    r"|(?<![\d:.])(\d{1,2})\s?(?:h|uhr|hrs|heures?)\b(?!\s?\d)"
)
_HOURS_MINUTES = re.compile(r"(?<![\d:.])(\d{1,2})\s?(?:h|val\.?)\s?(\d{2})(?:\s?min\b\.?)?(?!\d)")
_THAI_DAY = re.compile(r"วัน|ที(?=\s*\d)")
_THAI_POINT = re.compile(r"(?<=[\u0e01-\u0e4e])\.(?=[\u0e01-\u0e4e])")


def standard_form(text: str) -> str:
    """Return a date folded, on one line, in a form that `date_text` reads.

    >>> standard_form("令和６年５月１３日（月） 午後10時30分")
    '2024-5-13 (月) @pm 10:30'
    >>> standard_form("/Date(1715639400000)/")
    '1715639400000'
    """
    text = _COUNTED_MONTH.sub(lambda m: f"date({m[1]}, {int(m[2]) + 1}{m[3] or ', 1'})", text)
    text = " ".join(fold_script(text.replace("\u200c", " ")).split())
    text = _OTHER_CALENDAR.sub(" ", _programmed(text))
    if _EAST_ASIAN.search(text) or "年" in text:
        text = _east_asian(text)
    text = _SHORT_ERA.sub(lambda m: f"{ERAS[m[1]] + int(m[2])}-{m[4]}-{m[5]}", text)
    if "thang" in text:
        text = _VIETNAMESE_MONTH.sub(lambda m: f"thang {_VIETNAMESE_MONTHS[m[1]]}", text)
        text = _VIETNAMESE_MONTH_FIRST.sub(r"\3-\1-\2", text)
    text = _VIETNAMESE.sub(r"\3-\2-\1", _VIETNAMESE_DAY.sub(" ", text))
    text = _SPACED_CLOCK.sub(r"\1:\2", text)
    for half, pattern in _HALF_PATTERNS.items():
        text = pattern.sub(f" {half} ", text)
    text = _HOURS_ALONE.sub(lambda m: f"{m[1] or m[2]}:00", _HOURS_MINUTES.sub(r"\1:\2", text))
    return " ".join(_THAI_POINT.sub("", _THAI_DAY.sub(" ", text)).split())


def _programmed(text: str) -> str:
    """Return the date in the notation of a program as a plain one."""
    if match := _WRAPPED.fullmatch(text):
        text = next(filter(None, match.groups())).strip()
    if match := _EPOCH_CALL.fullmatch(text):
        return match[1]
    if match := _PARTS_CALL.fullmatch(text):
        parts = [int(part) for part in re.findall(r"\d+", match[1] or match[3])] + [0, 0, 0]
        zone = _printed_zone(match[2] or "utc" if match[3] else match[2] or "")
        day = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*parts[:6])
        return text if zone is None else f"{day} {zone}".strip()
    if match := _LOGGED.fullmatch(text):
        text = " ".join(match.groups())
    text = _LOST_PLUS.sub(r"\1+\2", text)
    text = _POINTED.sub(r"\1:\2:\3", _SIGNS.sub(r"\1-\3-\4 \5:\7:\8", text))
    text = _TAIL.sub("", _REPEATED_ZONE.sub(r"\1", _TAIL.sub("", text)))
    return _AMERICAN.sub(lambda m: m[1][0] + (m[2] or " ")[1:2] + "t", text)


def _printed_zone(text: str) -> str | None:
    """Return the zone that a program printed, `""` for none, `None` if it is not understood."""
    match = _PRINTED_ZONE.match(text)
    if match is None:
        return None if text else ""
    if match["seconds"]:
        minutes = int(match["seconds"]) // 60 - 24 * 60 * ("days=-1" in text)
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return match["name"] or "z"


def _east_asian(text: str) -> str:
    """Return a Chinese, Japanese or Korean date as year-month-day and hour:minute."""
    korean = ("오" in text or "년" in text) and not re.search(r"[+-]\d{2}:?\d{2}\s*$", text)
    text = _BOTH_YEARS.sub(lambda m: f"{m['year'] or m['year2']}年", plain_numerals(text))
    text = _ERA.sub(lambda m: str(ERAS[m[1]] + int(m[2])), text)
    text = _TAIWAN.sub(lambda m: str(ERAS["民國"] + int(m[1])), text)
    text = _CJK_DATE.sub(lambda m: "-".join(filter(None, m.groups())) + " ", text)
    text = _CJK_TIME.sub(_clock, text)
    for half, words in _HALVES.items():
        text = re.sub("|".join(map(fold_script, words.split())), f" {half} ", text)
    return f"{text} asia/seoul" if korean and ":" in text else text


def _clock(match: re.Match[str]) -> str:
    minute = "30" if match[0].endswith("半") else (match[2] or "0").zfill(2)
    second = f":{match[3].zfill(2)}" if match[3] else ""
    return f" {match[1]}:{minute}{second} "


_HALF_PATTERNS = {
    half: re.compile(
        r"(?<=[:.h]\d\d)\s*(?:"
        + "|".join(re.escape(fold_script(w)) for w in words.split())
        + r")(?!\w)"
    )
    for half, words in _HALF_WORDS.items()
}
