"""Files made for a test, and what is read from them."""

import io

from builders import NOW

from transforms.errors import Rejected
from transforms.formats import FileInfo, ParseOptions, by_suffix
from transforms.parse import parse_document
from transforms.records import DeadLetter


def read_file(name, content):
    """Return the articles of a file, and the reason of each part that is none."""
    content = content.encode() if isinstance(content, str) else content
    file = FileInfo(f"/in/{name}", len(content), None, NOW)
    found = []
    for item in by_suffix(name).split(file, io.BytesIO(content), 1 << 20):
        if isinstance(item, DeadLetter):
            found.append(item.reason)
            continue
        try:
            found.append(parse_document(item, ParseOptions()))
        except Rejected as rejected:
            found.append(rejected.reason)
    return found
