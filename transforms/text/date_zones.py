"""The zones that times are written with."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

_US = {"e": "America/New_York", "c": "America/Chicago", "m": "America/Denver"}
_US |= {"p": "America/Los_Angeles", "a": "America/Halifax"}
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1,
    "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "мск": 3, "trt": 3,
    "sast": 2, "cat": 2, "eat": 3, "wat": 1, "ist": 5.5, "pkt": 5, "npt": 5.75, "slst": 5.5,
    "irst": 3.5, "aft": 4.5, "azt": 4, "get": 4, "samt": 4, "uzt": 5, "yekt": 5, "omst": 6,
    "novt": 7, "krat": 7, "irkt": 8, "yakt": 9, "vlat": 10, "bdt": 6, "btt": 6, "mmt": 6.5,
    "ict": 7, "wib": 7, "wita": 8, "wit": 9, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "phst": 8,
    "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "fjt": 12, "chst": 10, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
    "nst": -3.5, "ndt": -2.5, "hne": -5, "hae": -4, "brt": -3, "art": -3, "uyt": -3, "clt": -4,
    "clst": -3, "bot": -4, "vet": -4, "gyt": -4, "cot": -5, "pet": -5, "ect": -5, "cvt": -1,
}  # fmt: skip
"""Hours east of UTC. RFC 822 fixes the American ones; IST is India's, by far the most frequent."""

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])(\d{1,2}):?(\d{2})?", re.IGNORECASE)


def zone_of(text: str) -> tzinfo | None:
    """Return the zone of an offset or a name, `None` if it is not known or cannot be.

    >>> zone_of("+05:30"), zone_of("+24:00")
    (datetime.timezone(datetime.timedelta(seconds=19800)), None)
    """
    match = _OFFSET.fullmatch(text)
    if not match:
        return zone_named(text)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset >= timedelta(hours=24) or int(match[3] or 0) > 59:
        return None
    return timezone(offset if match[1] == "+" else -offset)


@cache
def zone_named(name: str) -> tzinfo | None:
    """Return the zone that an abbreviation or IANA name stands for, `None` if it is not known.

    The generic American names (ET, PT, ...) follow daylight saving time.

    >>> zone_named("edt"), zone_named("zz")
    (datetime.timezone(datetime.timedelta(days=-1, seconds=72000)), None)
    """
    name = name.lower()
    if name in _HOURS:
        hours = _HOURS[name]
        return timezone(timedelta(hours=hours)) if hours else UTC
    if len(name) == 2 and name[1] == "t" and name[0] in _US:
        return ZoneInfo(_US[name[0]])
    if "/" not in name:
        return None
    try:
        return ZoneInfo("/".join(_iana_case(part) for part in name.split("/")))
    except (KeyError, ValueError, OSError):  # OSError: it names a folder of zones
        return None


def _iana_case(part: str) -> str:
    if part in {"gmt", "utc", "uct"}:
        return part.upper()
    return "_".join(word.capitalize() for word in part.split("_"))
