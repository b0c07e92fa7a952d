"""Texts of pages in archives, as the crawlers of text corpora keep them: WET, without the pages."""

import re
from dataclasses import replace

from transforms.formats.article import Found, make_article
from transforms.formats.base import ParseOptions
from transforms.formats.encoding import decode
from transforms.records import Article, RawDocument
from transforms.text.date_text import parse_date
from transforms.text.words import count_words

PROSE_WORDS = 12
"""Words of a line that belongs to a text; lines of menus and teasers have fewer. Shorter lines
belong to it if they end as a sentence does."""

SENTENCE_WORDS = 4

_SENTENCE_END = re.compile(r"[.!?。！？…؟।][\"'”’»)]?$")


def parse_text(
    document: RawDocument, options: ParseOptions, fields: dict[str, str], body: bytes
) -> Article:
    """Return the article in the text of a page: its title is the first line, as of a page's head.

    Args:
        document: the record.
        options: settings of parsing.
        fields: its header, names in lower case.
        body: the text.

    Raises:
        Rejected: `no_text`.
    """
    lines = [line for line in map(str.strip, decode(body).splitlines()) if line]
    told = [line for line in lines[1:] if _is_told(line)]
    address = fields.get("warc-target-uri", "").strip("<> ")
    fetched = parse_date(fields.get("warc-date")) or document.fetched_at
    found = Found(
        title=lines[0] if lines else "",
        text="\n\n".join(told),
        url=address,
        language=fields.get("warc-identified-content-language", "").partition(",")[0],
    )
    archived = replace(
        document, uri=address or document.uri, fetched_at=fetched, modified_at=fetched
    )
    article = make_article(archived, options, found)
    return replace(article, uri=document.uri, fetched_at=document.fetched_at, raw=document)


def _is_told(line: str) -> bool:
    words = count_words(line)
    ends = _SENTENCE_END.search(line) is not None
    return words >= PROSE_WORDS or (ends and words >= SENTENCE_WORDS)
