"""`newsbeam runs` and `explain`: what was done, and what happened to one article."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import Json, Out, app
from pipeline.cli.screen import print_json, terminal
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.explain.trail import Reason, Trail


@app.command(
    epilog="Examples:  newsbeam runs out  |  newsbeam runs out last  |  "
    "newsbeam runs out 20261001T0630 --html last-run.html"
)
def runs(
    output: Out = "out",
    name: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="One of them: the beginning of its id, or `last`."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Runs at the most.")] = 20,
    as_json: Json = False,
) -> None:
    """List what was done to an output, newest first; tell of one run what became of its inputs."""
    from pipeline.pages.run_facts import read_runs
    from pipeline.pages.run_text import print_run, run_line

    if name is None:
        if html:
            raise ConfigError("--html tells of one run: name it, or `last`")
        found = read_runs(output)[:limit]
        if as_json:
            print_json([run.model_dump(mode="json") for run in found])
        else:
            for run in found:
                terminal().print(run_line(run), soft_wrap=True, highlight=False)
        return
    from pipeline.pages.run_articles import run_story

    story = run_story(output, name)
    if html:
        from pipeline.pages.run_page import run_html

        html.write_bytes(run_html(story))
        terminal(stderr=True).print(f"Written: {html}", soft_wrap=True)
    if as_json:
        facts = story["run"].model_dump(mode="json")
        volumes = [volume._asdict() for volume in story["volumes"]]
        examples = {key: [e._asdict() for e in some] for key, some in story["examples"].items()}
        print_json(facts | {"examples": examples, "sources": volumes})
    elif not html:
        print_run(terminal(), story)


@app.command(
    epilog="Examples:  newsbeam explain out https://news.example/a  |  "
    "newsbeam explain out 0123456789ab --without-models"
)
def explain(
    output: Annotated[str, typer.Argument(metavar="OUT", help="The output of a run.")],
    name: Annotated[
        str, typer.Argument(metavar="ID|URL|FILE", help="Of an article or a dead letter.")
    ],
    topics: Annotated[
        str | None,
        typer.Option("--topics", metavar="FILE", help="Topics. Default: the newest run's."),
    ] = None,
    without_models: Annotated[
        bool, typer.Option("--without-models", help="Only what the output holds.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell what happened to one article: where it is from, its date, summary, topics, story."""
    from pipeline.explain.trail import find_trail

    trail = find_trail(output, name)
    with_topics = trail.row is not None and not without_models
    if as_json:
        from pipeline.explain.trail_json import trail_values

        print_json(trail_values(trail, _reasons(output, trail, topics) if with_topics else None))
        return
    from pipeline.explain.trail_text import print_reasons, print_trail

    console = terminal()
    print_trail(console, trail)
    if with_topics:
        note = terminal(stderr=True)
        with note.status("Why these topics: the encoder is loaded, which takes some seconds"):
            reasons = _reasons(output, trail, topics)
        print_reasons(console, reasons)


def _reasons(output: str, trail: "Trail", topics: str | None) -> "list[Reason]":
    from pipeline.explain.topic_reasons import plan_of, topic_reasons

    assert trail.row is not None
    return topic_reasons(trail.row, plan_of(output, topics))
