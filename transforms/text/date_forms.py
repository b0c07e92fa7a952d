"""The forms that programs and East Asian calendars give to dates, made those that people write."""

import re

from transforms.text.date_calendars import ERAS, plain_numerals
from transforms.text.words import fold_script

_WRAPPED = re.compile(
    r"(?:new |[a-z]{1,20}\.)?(?:iso)?(?:date|datetime64|timestamp|ts)\s*"
    r"\(\s*[\"']([^\"'()]+)[\"'][^()]*\)"
    r"|\{(?:ts|d) '([^']+)'\}|\"([^\"]+)\"|'([^']+)'"
)
"""pandas, NumPy, the shells of MongoDB and JavaScript, ODBC; or a string that is quoted twice."""

_EPOCH_CALL = re.compile(
    r"\\?/?(?:new )?(?:date|timestamp|numberlong)\(\s*\"?(\d+)\"?(?:[+-]\d{4}|,\s*\d+)?\s*\)\\?/?"
)
"""`/Date(1715639400000+0200)/` of .NET, whose offset changes nothing; `Timestamp(1715639400, 1)` of
MongoDB."""

_PARTS_CALL = re.compile(
    r"(?:datetime\.)?(?:datetime|date)\((\d+(?:,\s*\d+){2,6})(?:,\s*tzinfo=<?[\w.]*\butc\b>?)?\)"
)
"""`datetime.datetime(2024, 5, 13, 22, 30)` of Python."""

_REPEATED_ZONE = re.compile(
    r"(:\d{2}(?:\.\d+)?\s*(?:utc|gmt)?\s*[+-]\d{2}:?\d{2})\s*(?:\([^()]*\)|[a-z]{3,5}\b|[+-]\d{2,4}\b)"
)
"""An offset and then the zone's name, as JavaScript and Go print both."""

_TAIL = re.compile(r"\s*m=[+-][\d.]+$|\[[\w/+-]+\]$|(?<=\d)z(?=\[)")
"""Go's monotonic clock, Java's zone."""

_AMERICAN = re.compile(
    r"\b(eastern|central|mountain|pacific|atlantic)( standard| daylight)? time\b"
)
_EAST_ASIAN = re.compile(r"[年月日時时点分秒년월일시분초]|오[전후]")
_ERA = re.compile(
    rf"(?:中[華华])?({'|'.join(era for era in ERAS if not era.isascii())})\s*(\d{{1,3}})(?=\s*年)"
)
_SHORT_ERA = re.compile(r"(?<!\w)([rhs])\.?\s?(\d{1,2})([./年-])(\d{1,2})[./月-](\d{1,2})日?(?!\d)")
_CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号號]?)?")
_CJK_TIME = re.compile(
    r"(\d{1,2})\s*[時时시点點](?:\s*(\d{1,2})\s*[分분]?(?:\s*(\d{1,2})\s*[秒초])?|半)?"
)
_VIETNAMESE = re.compile(r"(\d{1,2})\s*(?:thang|thg)\s*(\d{1,2})\s*,?\s*(?:nam\s*)?(\d{4})")
_VIETNAMESE_DAY = re.compile(r"\b(?:thu ?[2-7]|chu nhat)\b")
_HALVES = {
    "@am": "午前 上午 凌晨 清晨 早上 早晨 오전 새벽",
    "@pm": "午後 下午 中午 傍晚 晚上 夜晚 오후",
}
_HALF_WORDS = {
    "@am": "এএম পূর্বাহ্ণ পূর্বাহ্ন पूर्वाह्न ص صباحا πμ π.μ. ช่วงเช้า",
    "@pm": "পিএম অপরাহ্ণ অপরাহ্ন अपराह्न م مساء μμ μ.μ. chieu toi",
}
_HOURS_ALONE = re.compile(r"(?<![\d:.])(\d{1,2})\s?(?:h|uhr|hrs)\b(?!\s?\d)")
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
    text = " ".join(fold_script(text).split())
    text = _programmed(text)
    if _EAST_ASIAN.search(text) or "年" in text:
        text = _east_asian(text)
    text = _SHORT_ERA.sub(lambda m: f"{ERAS[m[1]] + int(m[2])}-{m[4]}-{m[5]}", text)
    text = _VIETNAMESE.sub(r"\3-\2-\1", _VIETNAMESE_DAY.sub(" ", text))
    for half, pattern in _HALF_PATTERNS.items():
        text = pattern.sub(f" {half} ", text)
    text = _HOURS_ALONE.sub(r"\1:00", _HOURS_MINUTES.sub(r"\1:\2", text))
    return " ".join(_THAI_POINT.sub("", _THAI_DAY.sub(" ", text)).split())


def _programmed(text: str) -> str:
    """Return the date in the notation of a program as a plain one."""
    if match := _WRAPPED.fullmatch(text):
        text = next(filter(None, match.groups())).strip()
    if match := _EPOCH_CALL.fullmatch(text):
        return match[1]
    if match := _PARTS_CALL.fullmatch(text):
        parts = [int(part) for part in match[1].split(",")] + [0, 0, 0]
        zone = "z" if "utc" in match[0] else ""
        return "{:04}-{:02}-{:02}t{:02}:{:02}:{:02}".format(*parts[:6]) + zone
    text = _TAIL.sub("", _REPEATED_ZONE.sub(r"\1", _TAIL.sub("", text)))
    return _AMERICAN.sub(lambda m: m[1][0] + (m[2] or " ")[1:2] + "t", text)


def _east_asian(text: str) -> str:
    """Return a Chinese, Japanese or Korean date as year-month-day and hour:minute."""
    if ("오" in text or "년" in text) and not re.search(r"[+-]\d{2}:?\d{2}\s*$", text):
        text += " asia/seoul"
    text = _ERA.sub(lambda m: str(ERAS[m[1]] + int(m[2])), plain_numerals(text))
    text = _CJK_DATE.sub(lambda m: "-".join(filter(None, m.groups())) + " ", text)
    text = _CJK_TIME.sub(_clock, text)
    for half, words in _HALVES.items():
        text = re.sub("|".join(map(fold_script, words.split())), f" {half} ", text)
    return text


def _clock(match: re.Match[str]) -> str:
    minute = "30" if match[0].endswith("半") else (match[2] or "0").zfill(2)
    second = f":{match[3].zfill(2)}" if match[3] else ""
    return f" {match[1]}:{minute}{second} "


_HALF_PATTERNS = {
    half: re.compile(
        r"(?<=\d)\s*(?:" + "|".join(re.escape(fold_script(w)) for w in words.split()) + r")(?!\w)"
    )
    for half, words in _HALF_WORDS.items()
}
