"""Columns of dates such as 05/06/2024: their order is that of the rows which can have only one.

Such a date alone can be two days, and is none; in a column beside 05/13/2024 it is one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from transforms.formats.values import is_empty
from transforms.text.date_calendars import full_year

DAY_FIRST, MONTH_FIRST = "day first", "month first"

_DATE = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[ ,T])(.*)")
_MOST = 12
"""The highest number of a month."""


def orders(rows: Iterable[Sequence[str]], width: int) -> dict[int, str]:
    """Return the order of each column of dates, by its place, where the rows show one and agree.

    Args:
        rows: the first rows of a table.
        width: how many columns it has; rows of another width are passed over.

    >>> orders([["Ferry", "05/13/2024"], ["Bridge", "05/06/2024 10:30 PM"]], 2)
    {1: 'month first'}
    """
    columns = zip(*(row for row in rows if len(row) == width), strict=True)
    found = ((place, _order(values)) for place, values in enumerate(columns))
    return {place: order for place, order in found if order}


def _order(values: Sequence[str]) -> str | None:
    dates = [_DATE.fullmatch(value) for value in values if not is_empty(value)]
    if None in dates:
        return None
    shown = set()
    for date in filter(None, dates):
        first, second, year = int(date[1]), int(date[3]), date[4]
        if second > _MOST >= first:
            shown.add(MONTH_FIRST)
        elif first > _MOST >= second:
            # Of two digits each, the first may be the year.
            shown.add(DAY_FIRST if len(year) == 4 else "")
    return shown.pop() if len(shown) == 1 else None


def in_order(value: str, order: str) -> str:
    """Return a date that can be two days as the one that its column's order makes it.

    >>> in_order("05/06/2024 10:30 PM", MONTH_FIRST), in_order("13/06/2024", MONTH_FIRST)
    ('2024-05-06 10:30 PM', '13/06/2024')
    """
    date = _DATE.fullmatch(value)
    if date is None or max(int(date[1]), int(date[3])) > _MOST:
        return value
    month, day = (date[1], date[3]) if order == MONTH_FIRST else (date[3], date[1])
    year = full_year(date[4]) if len(date[4]) == 2 else int(date[4])
    return f"{year:04}-{month.zfill(2)}-{day.zfill(2)}{date[5]}"


def put_in_order(row: Sequence[str], found: Mapping[int, str]) -> list[str]:
    """Return a row with the dates of its columns put in their order."""
    return [in_order(v, found[n]) if n in found else v for n, v in enumerate(row)]
