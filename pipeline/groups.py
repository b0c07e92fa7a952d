"""Published articles in groups: by story, topic or source."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from pipeline.show import Row, Wanted, as_rows, is_dated, rows_of_day, story_of, tables_by_day
from pipeline.source_names import source_of


class Group(NamedTuple):
    """Articles that have something in common.

    Attributes:
        name: a topic or a source; empty for a story.
        size: how many articles it has.
        sources: how many sources they are of.
        rows: its first ones; of a story, those that repeat another are behind the others.
    """

    name: str
    size: int
    sources: int
    rows: list[Row]


class _Member(NamedTuple):
    """What is kept of every row: few of its columns, as there may be millions."""

    day: str
    id: str
    source: str
    repeats: bool


_OF_MEMBERS = ("id", "date_source", "topic", "source", "url", "uri", "story_id", "duplicate_of")


def largest_groups(root: str, wanted: Wanted, by: str, limit: int) -> tuple[list[Group], int]:
    """Return the largest groups of all rows that are wanted, and how many groups there are.

    Those of one size are in the order of their newest article, those without a date last.

    Args:
        root: the output.
        wanted: which rows.
        by: `story`, `topic` or `source`.
        limit: groups at the most, and rows of each.

    Raises:
        ConfigError: `root` holds no output.
    """
    members = _members(root, wanted, _KEYS[by])
    largest = sorted(members.items(), key=lambda item: -len(item[1]))[:limit]
    if by == "story":
        largest = [("", sorted(group, key=lambda one: one.repeats)) for _, group in largest]
    ids: dict[str, set[str]] = defaultdict(set)
    for _, group in largest:
        for member in group[:limit]:
            ids[member.day].add(member.id)
    rows = {row["id"]: row for day in ids for row in rows_of_day(root, day, ids[day])}
    groups = []
    for name, group in largest:
        first = [rows[member.id] for member in group[:limit] if member.id in rows]
        groups.append(Group(name, len(group), len({member.source for member in group}), first))
    return groups, len(members)


def _members(root: str, wanted: Wanted, key: Callable[[Row], str]) -> dict[str, list[_Member]]:
    """Return the members of each group, newest first; those without a date last."""
    found: dict[str, list[_Member]] = {}
    undated: list[tuple[str, _Member]] = []
    for day, table in tables_by_day(root, _OF_MEMBERS, wanted):
        for row in as_rows(table.select([*_OF_MEMBERS, "published_at"])):
            member = _Member(day, row["id"], source_of(row), bool(row["duplicate_of"]))
            if is_dated(row):
                found.setdefault(key(row), []).append(member)
            else:
                undated.append((key(row), member))
    for name, member in undated:
        found.setdefault(name, []).append(member)
    return found


def _topic(row: Row) -> str:
    return str(row["topic"] or "") or "(no topic is certain)"


_KEYS = {"story": story_of, "topic": _topic, "source": source_of}
