"""A run, told on a page."""

import base64
import contextlib
import hashlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from pipeline.manifest import page_path
from pipeline.pages.rendering import assets, render
from pipeline.pages.run_articles import run_story
from pipeline.pages.run_facts import Run
from pipeline.pages.run_text import NOT_ASKED
from pipeline.run_ids import latest_run_id
from transforms.output.storage import publish
from transforms.pulse import Slow, slowest_documents
from transforms.redaction import redacted

_PAST = 200
"""Manifests that are read for the page that a run leaves: one a day for half a year."""

_ONWARD = ("written", "accepted")
"""What a step counts of that which goes on; `write` is the last."""
_ASIDE = ("rejected", "unchanged", "duplicate")
"""And of that which leaves the graph there."""

_log = logging.getLogger(__name__)


class Node(NamedTuple):
    """A step as it is drawn.

    Attributes:
        step: its name.
        seconds: that it took, if that was measured.
        onward: how many elements went on, or are rows.
        aside: how many left there, by what became of them.
    """

    step: str
    seconds: float | None
    onward: int | None
    aside: dict[str, int]


def graph_of(run: Run) -> list[Node]:
    """Return the steps of a run as they are drawn, with what went along each edge."""
    return [
        Node(
            step,
            run.step_seconds.get(step),
            next((counts[name] for name in _ONWARD if name in counts), None),
            {name: counts[name] for name in _ASIDE if counts.get(name)},
        )
        for step, counts in run.ordered_steps
    ]


def run_html(story: dict[str, Any], slowest: Sequence[Slow] = ()) -> bytes:
    """Return the page of a run: one file, with its style in it and nothing else to load."""
    _, style = assets()["style.css"]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    css = Markup(style.decode())  # noqa: S704 (our own file)
    most = max([volume.rows for volume in story["volumes"]], default=1)
    drawn = {"not_asked": NOT_ASKED, "graph": graph_of(story["run"]), "slowest": slowest}
    return render("one_run.html", policy=policy, style=css, most=most, **drawn, **story)


@contextlib.contextmanager
def page_left(root: str) -> Iterator[None]:
    """Leave the page of the run of `root` that the body does, however it ends."""
    before = latest_run_id()
    try:
        yield
    finally:
        run_id = latest_run_id()
        if run_id and run_id != before:
            leave_page(root, run_id, slowest_documents())


def leave_page(root: str, run_id: str, slowest: Sequence[Slow]) -> None:
    """Write the page of a run that has ended beside its manifest.

    Of what was rejected it says where that was read, and not what was wrong with it: that may quote
    an article, and the page stays when `forget` has removed the article.
    """
    try:
        story = run_story(root, run_id, _PAST)
        for key, examples in story["examples"].items():
            story["examples"][key] = [example._replace(detail="") for example in examples]
        named = [slow._replace(place=redacted(slow.place)) for slow in slowest]
        publish(page_path(root, run_id), run_html(story, named))
    except Exception as error:  # the run is done, and its page is no reason to say that it failed
        _log.warning("the page of the run could not be written: %s", redacted(str(error)))
