"""Markdown, with YAML front matter if there is any: one article per file."""

import re
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

import yaml
from ftfy.fixes import fix_c1_controls
from markdown_it import MarkdownIt

from transforms.formats.article import make_article
from transforms.formats.base import Format, ParseOptions, split_whole
from transforms.formats.encoding import decode
from transforms.formats.fields import find_fields
from transforms.formats.html.markup import markup_to_text
from transforms.formats.json_text import writable
from transforms.records import Article, RawDocument, add_flags

MEDIA_TYPE = "text/markdown"

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z][\w-]*):[ \t]+(\S.*)$", re.MULTILINE)
_HEADING = re.compile(r"\A\s*<h1>(.*?)</h1>", re.DOTALL)


class Matter(NamedTuple):
    """A file's front matter and the rest of it.

    Attributes:
        fields: the front matter's fields.
        body: the text after it.
        is_readable: whether it is YAML; if not, `fields` are what single lines say.
    """

    fields: dict[str, Any]
    body: str
    is_readable: bool = True


def parse_markdown(document: RawDocument, options: ParseOptions) -> Article:
    """Return the article of a Markdown file; fields of its front matter come first.

    A front matter that is no YAML is read line by line, and flagged `front_matter_unreadable`.

    Raises:
        Rejected: `no_text`.
    """
    matter = split_front_matter(decode(document.content))
    found = find_fields(matter.fields, options.fields, date_source="page")
    markup = _renderer().render(matter.body)
    heading = _HEADING.match(markup)
    if heading:
        found.title = found.title or markup_to_text(heading[1])
        markup = markup[heading.end() :]
    found.text = markup_to_text(markup)
    article = make_article(document, options, found)
    if matter.is_readable:
        return article
    return replace(article, flags=add_flags(article.flags, "front_matter_unreadable"))


def split_front_matter(text: str) -> Matter:
    r"""Return the front matter's fields and the rest.

    >>> split_front_matter("---\ntitle: Storm\n---\nBody")
    Matter(fields={'title': 'Storm'}, body='Body', is_readable=True)
    >>> split_front_matter("---\ntitle: Storm: hits\n---\nBody").fields
    {'title': 'Storm: hits'}
    """
    text = "\n".join(fix_c1_controls(text.lstrip("\ufeff")).splitlines())
    match = _FRONT_MATTER.match(text)
    if not match:
        return Matter({}, text)
    # PyYAML refuses all that is not printable, and with it every field.
    block, body = yaml.reader.Reader.NON_PRINTABLE.sub("", match[1]), text[match.end() :]
    try:
        # The base loader reads every value as written: a date stays what the author typed.
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 (makes only str)
    except (yaml.YAMLError, RecursionError):
        fields = None
    if isinstance(fields, dict):
        return Matter(writable(fields), body)
    lines = {name: value.strip("\"' ") for name, value in _FIELD.findall(block)}
    return Matter(writable(lines), body, is_readable=not block.strip())


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


FORMAT = Format(
    MEDIA_TYPE, (".md", ".markdown"), partial(split_whole, media_type=MEDIA_TYPE), parse_markdown
)
