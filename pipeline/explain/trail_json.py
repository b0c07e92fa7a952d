"""What happened to an article, for scripts."""

from collections.abc import Sequence
from typing import Any

from pipeline.explain.trail import Reason, Trail
from transforms.letters import letter_facts

_FOR_MACHINES = frozenset(
    {"near_keys", "story_names", "story_vector", "embedding", "embedding_model", "listed"}
)
"""Columns that tell a person nothing."""


def trail_values(trail: Trail, reasons: Sequence[Reason] | None) -> dict[str, Any]:
    """Return it as JSON values; `reasons` are `None` where they were not asked for."""
    row = trail.row and {k: v for k, v in trail.row.items() if k not in _FOR_MACHINES}
    return trail._asdict() | {
        "row": row,
        "likeness": [alike._asdict() for alike in trail.likeness],
        "revisions": [revision._asdict() for revision in trail.revisions],
        "letters": [letter_facts(letter, "") for letter in trail.letters],
        "topic_reasons": None if reasons is None else [reason._asdict() for reason in reasons],
    }
