"""The site: which files there are, and which are made anew.

A day's folder is made anew when one of its files of the output changed, or what stands around it,
and replaced in one step. `site.json` says what each was made of; it is written last, so what a
killed process left undone is done the next time.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from pipeline.pages.data_files import search_index, text_files
from pipeline.pages.day import Day, Story, read_day
from pipeline.pages.overviews import DaySummary, replaced, summary_of, write_overviews
from pipeline.pages.rendering import assets, design, render
from transforms.errors import ConfigError
from transforms.output.disk import remove_leftovers
from transforms.output.file_columns import rereads
from transforms.output.folders import remove_replaced
from transforms.output.listing import Listing, by_day
from transforms.output.storage import path_failure, publish

PAGE_STORIES = 100
"""Stories of a page: about 250 KB."""
MAIL_STORIES = 25
"""Stories of an e-mail: mail programs cut off what is longer than 100 KB."""
MOST_CHOICES = 200
"""Sources that a page lets one choose from, the most frequent ones."""
STATE = "site.json"


class _State(BaseModel):
    newsbeam: str = "digest"
    days: list[DaySummary] = []


class Page(NamedTuple):
    """One of the pages of a day.

    Attributes:
        number: counted from 1.
        total: of pages of the day.
        first: position of its first story in the day.
        stories: of the page.
    """

    number: int
    total: int
    first: int
    stories: Sequence[Story]

    @staticmethod
    def name(number: int) -> str:
        """Return the file's name of the page with a number."""
        return "index.html" if number == 1 else f"page-{number}.html"


class Built(NamedTuple):
    """What a site holds, and which of its days were made anew."""

    days: list[DaySummary]
    anew: list[date]


def build_site(root: str, site: Path, dates: Sequence[str] = (), address: str = "") -> Built:
    """Bring `site` up to date with the output `root`.

    Args:
        root: the output.
        site: a folder; it is made, or holds a site already.
        dates: days or months that the site is to have, `2026-10-01` or `2026-10`; all if empty.
            What it has already it keeps, as long as the output does.
        address: where it is published, with a slash at its end; feeds and e-mails link there.

    Raises:
        ConfigError: `root` holds no article, none of the `dates`, or `site` is something else.
    """
    published = _published(root)
    known = {day.date: day for day in _load(site).days}
    chosen = {day for day in published if not dates or str(day).startswith(tuple(dates))}
    if not chosen:
        what = f"of {', '.join(dates)}" if dates else "; is it the output of a run?"
        raise ConfigError(f"{root} holds no published articles {what}".replace(" ;", ";"))
    days = sorted(chosen | known.keys() & published.keys())
    try:
        site.mkdir(parents=True, exist_ok=True)
        remove_leftovers(site)
        return _build(root, site, {day: published[day] for day in days}, known, address)
    except OSError as error:
        raise path_failure(f"{site} cannot be written", error) from error
    finally:
        remove_replaced()


@rereads
def _published(root: str) -> dict[date, str]:
    """Return what changes with the files of each day."""
    listing = Listing(root)
    return {
        date.fromisoformat(day): "\n".join(f"{file.path} {listing.state(file)}" for file in files)
        for day, files in by_day(listing.files)
    }


def _load(site: Path) -> _State:
    path = site / STATE
    if path.exists():
        try:
            return _State.model_validate_json(path.read_bytes())
        except ValidationError:
            return _State()  # of another version: all is made anew
    if site.exists() and (not site.is_dir() or any(site.iterdir())):
        raise ConfigError(f"--to: {site} is there already, and no digest; name another folder")
    return _State()


def _build(
    root: str,
    site: Path,
    published: Mapping[date, str],
    known: Mapping[date, DaySummary],
    address: str,
) -> Built:
    for path, content in assets().values():
        if not (site / path).exists():
            publish(str(site / path), content)
    days = list(published)
    summaries: list[DaySummary] = []
    anew: list[date] = []
    for earlier, day, later in zip([None, *days], days, [*days[1:], None], strict=False):
        parts = [design(), address, published[day], str(earlier), str(later)]
        made_of = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        summary = known.get(day)
        if summary is None or summary.made_of != made_of or not (site / str(day)).exists():
            found = read_day(root, day)
            _write_day(site / str(day), found, earlier, later, address)
            summary = summary_of(found, made_of)
            anew.append(day)
        summaries.append(summary)
    gone = known.keys() - published.keys()
    for day in gone:
        with replaced(site / str(day)):
            pass  # left empty, it goes
    newest_first = summaries[::-1]
    if anew or gone:
        write_overviews(root, site, newest_first, address)
        _remove_old_assets(site)
        state = _State(days=summaries).model_dump(mode="json")
        publish(str(site / STATE), json.dumps(state, ensure_ascii=False, indent=1).encode())
    return Built(newest_first, anew)


def _write_day(
    folder: Path, day: Day, earlier: date | None, later: date | None, address: str
) -> None:
    sources, languages = day.sources.most_common(MOST_CHOICES), day.languages.most_common()
    shared = {
        "root": "../",
        "day": day,
        "earlier": earlier,
        "later": later,
        "topics": day.topics.most_common(),
        "sources": sorted(sources, key=lambda item: item[0].casefold()),
        "languages": languages,
    }
    with replaced(folder) as new:
        for page in pages_of(day):
            (new / page.name(page.number)).write_bytes(render("day.html", page=page, **shared))
        for name, script in chain([search_index(day)], text_files(day)):
            (new / f"{name.rpartition('/')[2]}.js").write_text(script, "utf-8")
        stories = day.stories[:MAIL_STORIES]
        rest = len(day.stories) - len(stories)
        mail = render("mail.html", day=day, stories=stories, rest=rest, address=address)
        (new / "mail.html").write_bytes(mail)


def pages_of(day: Day) -> Iterator[Page]:
    """Yield the pages of a day; one without stories has one."""
    starts = range(0, max(1, len(day.stories)), PAGE_STORIES)
    for number, first in enumerate(starts, 1):
        yield Page(number, len(starts), first, day.stories[first : first + PAGE_STORIES])


def _remove_old_assets(site: Path) -> None:
    used = {path for path, _ in assets().values()}
    for file in (site / "assets").iterdir():
        if f"assets/{file.name}" not in used:
            file.unlink()
