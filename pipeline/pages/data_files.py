"""What a page loads only when it is asked for: texts, and the index of its filters.

A file of data is a script that hands one value to the page's own script. A page that was opened
from a disk may load scripts that lie beside it, and nothing else.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pipeline.pages.day import NO_TOPIC, Day, Report, Story
from pipeline.pages.marked import marked_paragraphs
from pipeline.pages.names import topic_page

TEXTS_PER_FILE = 20
"""Stories whose texts are loaded together: about 60 KB."""


def data_script(name: str, value: Any) -> str:
    r"""Return the script that gives the page's script `value` under `name`.

    `value` is a literal of JSON, so a text in it stays text whatever it says.

    >>> data_script("2026-10-01/search", "</script>")
    'newsbeam.add(...["2026-10-01/search","\\u003c/script>"]);\n'
    """
    literal = json.dumps([name, value], ensure_ascii=False, separators=(",", ":"))
    return "newsbeam.add(..." + literal.replace("<", r"\u003c") + ");\n"


def texts_name(day: date, position: int) -> str:
    """Return the name of the file that holds the text of a day's story at `position`."""
    return f"{day}/texts-{position // TEXTS_PER_FILE + 1:04d}"


def text_files(day: Day) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each file of texts: the lead's of each story."""
    for start in range(0, len(day.stories), TEXTS_PER_FILE):
        leads = [story.lead for story in day.stories[start : start + TEXTS_PER_FILE]]
        name = texts_name(day.date, start)
        yield name, data_script(name, {lead.id: _paragraphs(lead) for lead in leads})


def _paragraphs(report: Report) -> list[list[str]]:
    return marked_paragraphs(report.text, report.summary, report.language)


def search_index(day: Day) -> tuple[str, str]:
    """Return name and content of the file that holds all that filters look at and show."""
    name = f"{day.date}/search"
    stories = [_story(story, texts_name(day.date, n)) for n, story in enumerate(day.stories)]
    return name, data_script(name, {"stories": stories})


def _story(story: Story, texts: str) -> dict[str, Any]:
    lead = story.lead
    told = {"id": lead.id, "summary": lead.summary, "made": lead.made}
    return {
        "id": story.id,
        "topics": [[name, None if name == NO_TOPIC else topic_page(name)] for name in story.topics],
        "sources": story.sources,
        "texts": texts,
        "lead": _report(lead) | told,
        "others": _reports(story.others),
        "repeats": _reports(story.repeats),
    }


def _reports(reports: Sequence[Report]) -> list[dict[str, Any]]:
    return [_report(report) for report in reports]


def _report(report: Report) -> dict[str, Any]:
    return {
        "headline": report.headline,
        "url": report.url,
        "source": report.source,
        "at": minute(report),
        "language": report.language,
        "dir": report.direction,
        "copies": report.copies,
    }


def minute(report: Report) -> str:
    """Return when it was published, to the minute, as the attribute of a `<time>`."""
    return report.published_at.isoformat(timespec="minutes")
