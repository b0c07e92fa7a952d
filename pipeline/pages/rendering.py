"""The templates, and the files that pages need beside them."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline import __version__
from pipeline.outcome import feeds_text
from pipeline.pages import names
from pipeline.pages.charts import columns, share
from pipeline.pages.data_files import minute, texts_name
from pipeline.pages.day import NO_TOPIC
from pipeline.source_names import host_of
from transforms.text.counted import counted

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types newsbeam"
)
"""Content-Security-Policy of all pages: nothing but files of the site, and no text as markup."""

_FILTERS = {
    "clock": names.clock,
    "columns": columns,
    "feeds_text": feeds_text,
    "host": host_of,
    "long_date": names.long_date,
    "minute": minute,
    "counted": counted,
    "share": share,
    "short_date": names.short_date,
    "texts_name": texts_name,
    "topic_page": names.topic_page,
}


@cache
def assets() -> dict[str, tuple[str, bytes]]:
    """Return the files that pages need: name -> path below the site, and content.

    The path changes with the content, so that no browser shows a page with an old style.
    """
    found = {}
    for file in sorted(files("pipeline.pages").joinpath("assets").iterdir(), key=lambda f: f.name):
        content = file.read_bytes()
        stem, _, suffix = file.name.rpartition(".")
        digest = hashlib.sha256(content).hexdigest()[:8]
        found[file.name] = f"assets/{stem}-{digest}.{suffix}", content
    return found


@cache
def design() -> str:
    """Return what changes whenever pages would look otherwise."""
    digest = hashlib.sha256(__version__.encode())
    for folder in ("assets", "templates"):
        place = files("pipeline.pages").joinpath(folder)
        for file in sorted(place.iterdir(), key=lambda f: f.name):
            digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    environment.globals |= {
        "assets": {name: path for name, (path, _) in assets().items()},
        "csp": POLICY,
        "language_names": {**Locale("en").languages, "und": "unknown"},
        "no_topic": NO_TOPIC,
    }
    return environment


def render(template: str, **values: Any) -> bytes:
    """Return a page; `values` are what its template names."""
    return _environment().get_template(template).render(**values).encode()
