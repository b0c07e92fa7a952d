"""Which articles of the evaluation data report one event, judged by reading title and lead.

By position in the file, starting at 0. `one_event` are the pairs to find; `doubtful` are related
(a later chapter, a wider topic), so that people would judge differently: they count neither way.
"""

from itertools import combinations
from typing import NamedTuple


class Judged(NamedTuple):
    """Groups of positions in one file."""

    one_event: tuple[tuple[int, ...], ...]
    doubtful: tuple[tuple[int, ...], ...]


INSHORTS = Judged(
    (
        (78, 86, 164, 180, 184, 229, 74, 27, 14),
        (218, 210, 191, 108),
        (109, 216, 69, 128),
        (146, 153),
        (7, 77),
        (172, 222),
        (58, 139),
        (131, 138),
        (96, 211),
        (106, 214),
        (40, 75),
        (41, 157),
    ),
    (
        (78, 86, 164, 180, 184, 229, 74, 27, 14, 213, 72, 1),
        (218, 210, 191, 108, 85, 90, 208),
        (146, 153, 103),
        (172, 222, 60, 31),
        (82, 152, 151),
        (84, 165),
        (62, 231),
        (16, 37),
    ),
)
BBC = Judged(
    (
        (156, 165),
        (3, 37),
        (201, 217),
        (167, 183),
        (106, 119),
        (133, 142),
        (158, 198),
        (5, 25),
        (134, 137),
        (103, 147),
    ),
    (
        (14, 15),
        (159, 195, 194, 186),
        (187, 193),
        (115, 119, 106, 102),
        (71, 75),
        (103, 120, 147),
    ),
)
AGNEWS = Judged(
    (
        (451, 512),
        (34, 42),
        (467, 478),
        (123, 136),
        (22, 72),
        (577, 593),
        (109, 146),
        (184, 298),
    ),
    (
        (562, 596),
        (245, 280),
        (339, 356),
        (59, 80),
        (39, 85),
        (350, 372),
        (342, 368),
        (1, 55, 93, 123, 136),
        (34, 42, 51),
        (242, 249),
        (258, 289),
        (62, 70, 103, 101, 2),
    ),
)


def pairs(groups: tuple[tuple[int, ...], ...]) -> set[tuple[int, int]]:
    """Return every pair within a group, the lower position first."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}
