"""Markdown, with YAML front matter if there is any: one article per file."""

import re
from functools import cache, partial
from typing import Any

import yaml
from markdown_it import MarkdownIt

from transforms.formats.article import make_article
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.encoding import decode, writable
from transforms.formats.fields import find_fields
from transforms.formats.markup import markup_to_text
from transforms.records import Article, RawDocument

MEDIA_TYPE = "text/markdown"

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\A\s*<h1>(.*?)</h1>", re.DOTALL)


def parse_markdown(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a Markdown file; fields of its front matter come first.

    Raises:
        Rejected: `no_text`.
    """
    matter, body = split_front_matter(decode(document.content))
    found = find_fields(matter, options.fields, date_source="page")
    markup = _renderer().render(body)
    heading = _HEADING.match(markup)
    if heading:
        found.title = found.title or markup_to_text(heading[1])
        markup = markup[heading.end() :]
    found.text = markup_to_text(markup)
    return make_article(document, options, found)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    r"""Return the front matter's fields and the rest; a broken front matter has no fields.

    >>> split_front_matter("---\ntitle: Storm\n---\nBody")
    ({'title': 'Storm'}, 'Body')
    """
    text = "\n".join(text.lstrip("\ufeff").splitlines())
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        # The base loader reads every value as written: a date stays what the author typed.
        fields = yaml.load(match[1], Loader=yaml.BaseLoader)  # noqa: S506 (makes only str)
    except yaml.YAMLError:
        fields = None
    return (writable(fields) if isinstance(fields, dict) else {}), text[match.end() :]


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


FORMAT = Format(
    MEDIA_TYPE, (".md", ".markdown"), partial(split_whole, media_type=MEDIA_TYPE), parse_markdown
)
