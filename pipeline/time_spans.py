"""Lengths of time, as a person reads them."""

_DAYS_FROM = 48 * 60
"""Minutes from which on only days are told."""


def span_text(seconds: float) -> str:
    """Return a length of time; a negative one, of clocks that differ, is none.

    >>> span_text(59.4), span_text(300), span_text(5400), span_text(7200), span_text(200_000)
    ('59 s', '5 min', '1 h 30 min', '2 h', '2 d')
    """
    if seconds < 100:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < _DAYS_FROM:
        return f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")
    return f"{minutes // 1440} d"
