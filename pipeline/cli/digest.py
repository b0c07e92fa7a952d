"""`newsbeam digest`: the daily page."""

import re
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.command import Json, Out, app
from pipeline.cli.screen import print_json, terminal
from transforms.errors import ConfigError
from transforms.text.counted import counted

_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?")


@app.command(
    epilog="Examples:  newsbeam digest out --serve  |  newsbeam digest out --to /var/www/news "
    "--address https://news.example/"
)
def digest(
    output: Out = "out",
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="Where the site is made.")
    ] = Path("digest"),
    dates: Annotated[
        list[str] | None,
        typer.Option(
            "--date", metavar="DAY|MONTH", help="Such as 2026-10-01, 2026-10; repeatable."
        ),
    ] = None,
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where it will be published.")
    ] = "",
    serve: Annotated[bool, typer.Option("--serve", help="Show it on this machine.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of --serve.")] = 8000,
    as_json: Json = False,
) -> None:
    """Make the daily page: a static site of stories, by day and topic, with feeds and e-mail."""
    from pipeline.pages.site import build_site

    if wrong := [text for text in dates or () if not _DATE.fullmatch(text)]:
        raise ConfigError(f"--date: {wrong[0]}: write a day, 2026-10-01, or a month, 2026-10")
    if address and not re.match("https?://", address):
        raise ConfigError(f"--address: {address}: it begins with https:// or http://")
    built = build_site(output, to, dates or (), address.rstrip("/") + "/" if address else "")
    if as_json:
        days = [{"date": day.date, "articles": day.articles} for day in built.days]
        print_json({"site": str(to), "days": days, "anew": built.anew})
    else:
        count = f"{counted(len(built.days), 'day')}, {len(built.anew)} made anew"
        terminal().print(f"{count}: {to / 'index.html'}", soft_wrap=True)
    if serve:
        _serve(to, port)


def _serve(site: Path, port: int) -> None:
    from contextlib import suppress

    from pipeline.pages.preview import served

    with served(site, port) as server, suppress(KeyboardInterrupt):
        where = f"http://127.0.0.1:{server.server_port}/"
        terminal(stderr=True).print(f"Open {where} (stop with Ctrl-C)", soft_wrap=True)
        server.serve_forever(poll_interval=0.2)
