"""Counts in words: the one place that knows a plural."""


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count and what is counted.

    >>> counted(1, "article"), counted(1200, "article"), counted(0, "story", "stories")
    ('1 article', '1,200 articles', '0 stories')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
