"""`newsbeam show` and `feeds`: what is there."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.command import Json, Out, Overrides, app, read_config
from pipeline.cli.periods import period_of, span_of, start_of
from pipeline.cli.screen import print_json, say, terminal
from transforms.errors import ConfigError
from transforms.text.counted import counted


class By(StrEnum):
    """How `show` groups articles."""

    STORY = "story"
    TOPIC = "topic"
    SOURCE = "source"


_PLURALS = {By.STORY: "stories", By.TOPIC: "topics", By.SOURCE: "sources"}

Date = Annotated[
    str | None,
    typer.Option("--date", metavar="DATE", help="A day, month or year: 2026-10-01, 2026-10."),
]
Today = Annotated[bool, typer.Option("--today", help="Only of today, which is UTC's.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="SPAN", help="12h, 7d, 2w, or a date.")
]
Topic = Annotated[str | None, typer.Option("--topic", help="A topic's label, or a part of it.")]
Language = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="Such as en or de.")
]
Search = Annotated[
    str | None,
    typer.Option("--search", metavar="WORDS", help="All of them in title, summary or text."),
]


@app.command(
    epilog="Examples:  newsbeam show out --today  |  newsbeam show out --since 7d --by topic  |  "
    "newsbeam show out --date 2026-10 --search 'bridge river' --language en"
)
def show(
    output: Out = "out",
    date: Date = None,
    today: Today = False,
    since: Since = None,
    topic: Topic = None,
    language: Language = None,
    search: Search = None,
    by: Annotated[
        By | None, typer.Option("--by", help="Group them; the largest group is first.")
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", "-n", min=1, help="Articles at the most; of --by, groups and rows of each."
        ),
    ] = 20,
    as_json: Json = False,
) -> None:
    """Show published summaries, newest first; those whose date nobody states are last."""
    from pipeline.groups import largest_groups
    from pipeline.reading_list import print_group, print_stories
    from pipeline.show import Wanted, by_story, count_rows, select_rows

    period = _period(date, since, datetime.now(UTC), today=today)
    wanted = Wanted(*period, topic, language, tuple((search or "").split()))
    if as_json:
        print_json(select_rows(output, wanted, limit))
        return
    console, what = terminal(), "articles"
    if by:
        groups, total = largest_groups(output, wanted, by.value, limit)
        shown, what = len(groups), _PLURALS[by]
        for group in groups:
            print_group(console, group)
    else:
        rows = select_rows(output, wanted, limit)
        print_stories(console, by_story(rows))
        # Counted when they are printed: that asks all days.
        shown, total = len(rows), count_rows(output, wanted) if len(rows) == limit else len(rows)
    if not total:
        _say_none(output, topic)
    elif shown < total:
        say(f"{shown} of {total} {what}; -n for more")


def _say_none(output: str, topic: str | None) -> None:
    """Say that no article fits, and why if it is the topic."""
    from pipeline.show import newest_day, topic_labels

    if topic:
        labels = topic_labels(output)
        if labels and not any(topic.lower() in label.lower() for label in labels):
            say(f"No article has a topic like {topic!r}. There are: {', '.join(labels)}.")
            return
    newest = newest_day(output)
    say("No published article fits." + (f" The newest is of {newest}." if newest else ""))


@app.command(
    epilog="Examples:  newsbeam export out --to news.xlsx --since 7d  |  "
    "newsbeam export out --to sport.rss --topic sport"
)
def export(
    to: Annotated[
        Path,
        typer.Option("--to", metavar="FILE", help="It ends with .csv .xlsx .jsonl .md .html .rss"),
    ],
    output: Out = "out",
    date: Date = None,
    today: Today = False,
    since: Since = None,
    topic: Topic = None,
    language: Language = None,
    search: Search = None,
    as_json: Json = False,
) -> None:
    """Write published articles to a file, newest first, with the columns that a person reads."""
    from itertools import chain

    from pipeline.export import export as write
    from pipeline.show import Wanted, rows_by_day

    period = _period(date, since, datetime.now(UTC), today=today)
    wanted = Wanted(*period, topic, language, tuple((search or "").split()))
    count = write(chain.from_iterable(rows_by_day(output, wanted)), to)
    if as_json:
        print_json({"file": str(to), "articles": count})
    else:
        say(f"{counted(count, 'article')} written to {to}")
        if not count:
            _say_none(output, topic)


def _period(
    date: str | None, since: str | None, now: datetime, *, today: bool
) -> tuple[datetime, datetime]:
    """Return the first moment that is meant, and the first after it."""
    from pipeline.show import EVER

    if sum([date is not None, since is not None, today]) > 1:
        raise ConfigError("--date, --since and --today do not go together: choose one")
    if date:
        return period_of(date)
    if today:
        return period_of(f"{now:%Y-%m-%d}")
    return (start_of(since, now), EVER[1]) if since else EVER


@app.command(
    epilog="Examples:  newsbeam feeds out  |  newsbeam feeds out --silent 2d --json  |  "
    "newsbeam feeds --find news.example"
)
def feeds(
    output: Out = "out",
    failing: Annotated[bool, typer.Option("--failing", help="Only those with a fault.")] = False,
    silent: Annotated[
        str | None,
        typer.Option("--silent", metavar="SPAN", help="Only those without news for 2d, 12h, 1w."),
    ] = None,
    find: Annotated[
        str | None,
        typer.Option("--find", metavar="URL", help="The feeds of a site, instead of those known."),
    ] = None,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Show the health of the feeds: last new item, last success, next poll, last error."""
    from pipeline.feed_report import feed_rows, print_feeds
    from transforms.output.storage import require_output

    if find:
        _found_feeds(find, overrides, as_json=as_json)
        return
    if overrides:
        raise ConfigError("--set changes how --find fetches: add --find URL")
    span, now = span_of(silent, "--silent") if silent else None, datetime.now(UTC)
    require_output(output)
    rows = feed_rows(output, failing=failing, silent=span, now=now)
    if as_json:
        print_json(rows)
    elif rows:
        print_feeds(terminal(), rows, now)
    else:
        kind = " and ".join(["failing"] * failing + ["silent"] * bool(silent))
        say(f"{output} knows no {kind} feed.".replace("  ", " "))


def _found_feeds(address: str, overrides: list[str] | None, *, as_json: bool) -> None:
    from pipeline.feed_search import find_feeds
    from pipeline.settings import fetch_settings

    settings = fetch_settings(read_config(None, overrides, {}).fetch)
    found = find_feeds(address, settings)
    if as_json:
        print_json([{"url": feed.url, "title": feed.title} for feed in found])
    else:
        for feed in found:
            terminal().print(f"{feed.url}  {feed.title}".rstrip(), soft_wrap=True, highlight=False)
