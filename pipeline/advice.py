"""What could be done so that the next run makes more of its input."""

from collections import Counter

import pyarrow as pa

from transforms.formats.unknown_fields import is_of_records, setting
from transforms.models.pinned import MULTILINGUAL
from transforms.records import TEASER
from transforms.text.counted import counted
from transforms.text.date_sources import STATED_SOURCES

ADVISED = ("language", "topic", "date_source", "flags", "uri")
"""The columns that it is given by."""

_LANGUAGES = 5


def better(rows: pa.Table, known: frozenset[str]) -> list[str]:
    """Return what could be done, a line each, what concerns most articles first.

    Args:
        rows: that a run wrote: `ADVISED`, and `topic`.
        known: languages that the encoders know.
    """
    found = [_languages(rows, known), _dates(rows), _teasers(rows)]
    return [line for count, line in sorted(found, reverse=True) if count]


def _languages(rows: pa.Table, known: frozenset[str]) -> tuple[int, str]:
    pairs = zip(rows["language"].to_pylist(), rows["topic"].to_pylist(), strict=True)
    could = set(MULTILINGUAL.languages) - known
    counts = Counter(language for language, topic in pairs if not topic and language in could)
    named = ", ".join(language for language, _ in counts.most_common(_LANGUAGES))
    more = ", ..." if len(counts) > _LANGUAGES else ""
    return counts.total(), (
        f"no topic for {counted(counts.total(), 'article')} in {named}{more}: with "
        f"`pip install 'newsbeam[{MULTILINGUAL.extra}]'` the next ones have one"
    )


def _dates(rows: pa.Table) -> tuple[int, str]:
    pairs = zip(rows["date_source"].to_pylist(), rows["uri"].to_pylist(), strict=True)
    count = sum(source not in STATED_SOURCES and is_of_records(uri) for source, uri in pairs)
    return count, (
        f"no date in {counted(count, 'record')}, so that of the file or the run stands in; if a "
        f"column NAME holds it: {setting({'date': 'NAME'})}"
    )


def _teasers(rows: pa.Table) -> tuple[int, str]:
    count = sum(TEASER in flags for flags in rows["flags"].to_pylist())
    what = counted(count, "article")
    return count, f"only the teaser of {what}: --set fetch.full_text=true has pages fetched"
