"""A run, told on a page."""

import base64
import hashlib
from typing import Any

from markupsafe import Markup

from pipeline.pages.rendering import assets, render


def run_html(story: dict[str, Any]) -> bytes:
    """Return the page of a run: one file, with its style in it and nothing else to load."""
    _, style = assets()["style.css"]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    css = Markup(style.decode())  # noqa: S704 (our own file)
    most = max([volume.rows for volume in story["volumes"]], default=1)
    return render("one_run.html", policy=policy, style=css, most=most, **story)
