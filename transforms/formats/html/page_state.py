"""The article in the state that a page brings for its scripts, where the page itself shows none.

Next.js and Nuxt, Apollo and Redux, `window.X = {...}`, `<script type="application/json">`: some
object in there has a title and a text, as a record has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import html

from transforms.formats.article import Found
from transforms.formats.fields import SUMMARY_ONLY, TEXT_GUESSED, field_named, find_fields
from transforms.formats.html.expansion import Room
from transforms.formats.html.own_article import ALIKE, letter_pairs, likeness
from transforms.formats.html.state_scripts import is_piece, state_values
from transforms.formats.json_text import load_json
from transforms.text.date_text import DateValue, parse_date
from transforms.text.words import count_words

FEWEST_WORDS = 40
"""Words of a text in a state that is an article."""

MOST_WORDS = 20
"""Words that a page without an article may show: "You need to enable JavaScript"."""

MAX_OBJECTS = 20_000
"""Objects and lists that are looked at; states of real pages have some thousands."""

_MAX_DEPTH = 30
_SHORTEST = 200
"""Characters of a script, or of a string with an object in it, that may hold a text."""

_KEPT = ("title", "date", "authors", "url", "section", "language")
"""What the object around a text may say of it."""

_OF_READERS = re.compile(
    r"comment(?!ary)|kommentar|coment[aá]rio|commento|repl(?:y|ies)", re.IGNORECASE
)
"""Names of what holds the texts of readers."""

Dates = tuple[tuple[str, DateValue], ...]

_field_of = lru_cache(maxsize=4096)(field_named)


class _Candidate(NamedTuple):
    """An article of the state: if it has a title itself, its length, how like the page's title."""

    is_titled: bool
    words: int
    likeness: float
    found: Found


def page_scripts(tree: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the scripts of a page that may hold its state; JSON-LD states something else."""
    return [
        script
        for script in tree.iter("script")
        if "ld+json" not in (script.get("type") or "").lower() and not script.get("src")
    ]


def state_article(
    scripts: Sequence[html.HtmlElement], title: str, *, is_empty: bool
) -> Found | None:
    """Return the article in the state of a page, `None` if there is none.

    Args:
        scripts: those of the page.
        title: what the page calls itself: of several articles, the one with this title is taken.
        is_empty: whether the page shows no text at all; then one with another title is taken if it
            is the only one and has a date, as a notice on cookies has none.
    """
    texts = [text for script in scripts if (text := script.text)]
    pieces = [text for text in texts if is_piece(text)]  # one value in many scripts
    whole = [text for text in texts if len(text) >= _SHORTEST and not is_piece(text)]
    room, wanted = Room(), letter_pairs(title)
    values = [value for text in ["\n".join(pieces), *whole] for value in state_values(text, room)]
    candidates = [found for value in values for found in _candidates(value, wanted, room)]
    fit = [found for found in candidates if found.likeness >= ALIKE]
    if not fit and is_empty and len({found.found.text for found in candidates}) == 1:
        fit = [found for found in candidates if found.found.dates]
    return max(fit, key=lambda found: found[:3]).found if fit else None


def is_alike(one: str, other: str) -> bool:
    """Return whether two titles are of one article."""
    return likeness(letter_pairs(one), letter_pairs(other)) >= ALIKE


def says_more(dates: Dates, others: Dates) -> bool:
    """Return whether the first of `dates` is more than the day of the first of `others`."""
    day, other = (next((parse_date(date) for _, date in found), None) for found in (dates, others))
    return day is not None and not (
        other is not None and day.date() == other.date() and day.time() == time()
    )


def _candidates(state: Any, wanted: set[str], room: Room) -> Iterator[_Candidate]:
    """Yield the objects in a state that are articles."""
    table = _reference_table(state)
    left = MAX_OBJECTS
    todo: list[tuple[Any, dict[str, Any], int]] = [(state, {}, 0)]
    while todo and left:
        left -= 1
        value, outer, depth = todo.pop()
        if isinstance(value, str):
            value = _inner_value(value)
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            todo += [(item, outer, depth + 1) for item in value if _may_hold(item)]
        elif isinstance(value, Mapping):
            value = {str(key).partition("(")[0]: inner for key, inner in value.items()}
            is_titled = _says_title(value)
            if "text" in {_field_of(key) for key in value}:
                own = {key: _resolved(inner, table, room) for key, inner in value.items()}
                if found := _article({**outer, **own}, wanted, is_titled=is_titled):
                    yield found
            around = {**outer, **_kept(value)} if is_titled else outer
            todo += [
                (inner, around, depth + 1)
                for key, inner in value.items()
                if _may_hold(inner) and not _OF_READERS.search(key)
            ]


def _may_hold(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) >= _SHORTEST and value.lstrip()[:1] in {"{", "["}
    return isinstance(value, list | Mapping) and bool(value)


def _inner_value(text: str) -> Any:
    """Return the object that a string spells out, as states hold the answers of servers."""
    try:
        return load_json(text)
    except (ValueError, RecursionError):
        return None


def _says_title(value: Mapping[str, Any]) -> bool:
    return any(_field_of(key) == "title" and inner for key, inner in value.items())


def _kept(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if _field_of(key) in _KEPT}


def _article(record: Mapping[str, Any], wanted: set[str], *, is_titled: bool) -> _Candidate | None:
    found = find_fields(record, {}, "page")
    words = count_words(found.text)
    if words < FEWEST_WORDS or not {SUMMARY_ONLY, TEXT_GUESSED}.isdisjoint(found.flags):
        return None
    return _Candidate(is_titled, words, likeness(letter_pairs(found.title), wanted), found)


def _reference_table(state: Any) -> Mapping[str, Any]:
    """Return the table of objects by their names that Apollo's cache is, `{}` for another state."""
    todo, depth = [state], 0
    while todo and depth < 5:
        for value in todo:
            if isinstance(value, Mapping) and "ROOT_QUERY" in value:
                return value
        todo = [
            inner
            for value in todo
            if isinstance(value, Mapping)
            for inner in value.values()
            if isinstance(inner, Mapping)
        ][:1000]
        depth += 1
    return {}


def _resolved(value: Any, table: Mapping[str, Any], room: Room, depth: int = 0) -> Any:
    """Return `value` with the objects in place of references to them."""
    if not table or depth > 6 or not room.takes(value):
        return value
    if isinstance(value, list):
        return [_resolved(item, table, room, depth + 1) for item in value]
    if isinstance(value, Mapping):
        name = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
        if isinstance(name, str) and name in table:
            value = table[name]
        if isinstance(value, Mapping):
            return {key: _resolved(inner, table, room, depth + 1) for key, inner in value.items()}
    return value
