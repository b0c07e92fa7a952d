"""Which columns of the input nobody knows, as far as its first records show."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from pipeline.config import InputConfig
from transforms.bounds import Bounds
from transforms.formats import FileInfo, ParseOptions
from transforms.formats.json_records import gaps_of
from transforms.formats.unknown_fields import Gaps, is_of_records, named
from transforms.read import read_documents
from transforms.records import RawDocument

MOST_FILES = 200
"""Files that are looked into: a check is to take seconds."""

MOST_LINES = 20
"""Lines on columns: one for all files that have the same."""

_RECORDS = 3


def unknown_columns(files: Sequence[FileInfo], settings: InputConfig) -> list[str]:
    """Return a line for all files with the same unknown columns, with the setting that takes them.

    Args:
        files: of the input.
        settings: what is known of it.
    """
    options = ParseOptions({str(field): names for field, names in settings.fields.items()})
    bounds = Bounds(settings.cpu_seconds, settings.memory_mb * 2**20)
    alike: dict[str, list[str]] = defaultdict(list)
    of_records = (file for file in files if is_of_records(file.uri))
    for file in islice(of_records, MOST_FILES):
        documents = read_documents(file, max_bytes=settings.max_bytes, bounds=bounds)
        records = (item for item in islice(documents, _RECORDS) if isinstance(item, RawDocument))
        found = [gaps for record in records if (gaps := gaps_of(record, options))]
        if any(gaps.unknown for gaps in found):
            alike[_told(found)].append(file.uri)
    return [
        f"{uris[0]}{f' and {len(uris) - 1} more' * (len(uris) > 1)}: {line}"
        for line, uris in islice(alike.items(), MOST_LINES)
    ]


def _told(found: Sequence[Gaps]) -> str:
    """Return one line on the gaps of several records."""
    taken = {field: name for gaps in found for field, name in gaps.taken.items()}
    return named(frozenset().union(*(gaps.unknown for gaps in found)), taken)
