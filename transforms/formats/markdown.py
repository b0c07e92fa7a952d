"""Markdown, with front matter if there is any: one article per file."""

import re
from dataclasses import replace
from functools import partial

from transforms.formats.article import make_article
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.encoding import decode
from transforms.formats.fields import find_fields
from transforms.formats.front_matter import split_front_matter
from transforms.formats.html.markup import markup_to_text
from transforms.formats.markdown_text import markdown_to_html
from transforms.records import Article, RawDocument, add_flags
from transforms.text.date_lines import head_date_line

MEDIA_TYPE = "text/markdown"

_HEADING = re.compile(r"\A\s*<h1>(.*?)</h1>", re.DOTALL)


def parse_markdown(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a Markdown file; fields of its front matter come first.

    A date below the headline comes after them. A front matter that is not well-formed is read line
    by line, and flagged `front_matter_unreadable`.

    Raises:
        Rejected: `no_text`.
    """
    matter = split_front_matter(decode(document.content))
    found = find_fields(matter.fields, options.fields, date_source="page")
    markup = markdown_to_html(matter.body)
    heading = _HEADING.match(markup)
    if heading:
        found.title = found.title or markup_to_text(heading[1])
        markup = markup[heading.end() :]
    found.text, found.flags = markup_to_text(markup), ()
    if heading and (head := head_date_line(found.text.split("\n"))):
        found.dates += (("page", head[1].date),)
    article = make_article(document, options, found)
    if matter.is_readable:
        return article
    return replace(article, flags=add_flags(article.flags, "front_matter_unreadable"))


FORMAT = Format(
    MEDIA_TYPE, (".md", ".markdown"), partial(split_whole, media_type=MEDIA_TYPE), parse_markdown
)
