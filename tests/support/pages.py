"""Web pages made for a test, and what is read from them."""

import json
from datetime import UTC, datetime

from transforms.formats import ParseOptions
from transforms.formats.html.page import parse_html
from transforms.records import RawDocument

NOW = datetime(2024, 6, 1, tzinfo=UTC)
PARAGRAPHS = [
    f"On day {n} the ferry from Norrby was late again, and {n + 40} people waited on the quay for "
    "more than an hour. The harbour office said that a second ship would help from autumn on."
    for n in range(1, 5)
]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def linked(*objects, **article):
    """Return a script of JSON-LD with these objects, or with an article of these properties."""
    objects = objects or ({"@type": "NewsArticle", **article},)
    value = objects[0] if len(objects) == 1 else list(objects)
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def og(name, content):
    return f'<meta property="og:{name}" content="{content}">'


def named(name, content):
    return f'<meta name="{name}" content="{content}">'


def page(head="", top="<h1>Ferry late again</h1>", body=BODY, attributes=""):
    """Return a page with an article."""
    return (
        f"<html {attributes}><head>{head}</head><body><article>{top}{body}</article></body></html>"
    )


def read(markup, uri="/in/a.html"):
    """Return the article of a page."""
    return parse_html(RawDocument(uri, "text/html", markup.encode(), NOW), ParseOptions())
