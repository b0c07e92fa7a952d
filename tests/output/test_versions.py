import random
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from builders import make_article

from transforms.output.schema import article_row
from transforms.output.versions import (
    Edition,
    Precedence,
    Version,
    best_date,
    has_page,
    listing,
    may_be_before,
    may_be_behind,
    revision,
    teaser_version,
    union_versions,
    version,
    waiting_version,
)

MONDAY, TUESDAY = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)


def edition(versions, modified_at=None, published_at=MONDAY, date_source="record", is_teaser=None):
    return Edition(frozenset(versions), modified_at, published_at, date_source, is_teaser)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"authors": ("A. Person",)}, True),
        ({"title": "Other"}, False),
        ({"text": "Other."}, False),
        ({"published_at": TUESDAY}, False),
    ],
)
def test_version_is_made_of_title_text_and_stated_date(change, same):
    article = make_article()
    assert (version(replace(article, **change)) == version(article)) is same


def test_version_ignores_a_date_that_is_only_our_files():
    article = make_article(date_source="file")
    assert version(replace(article, published_at=TUESDAY)) == version(article)


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        (edition(["a"]), edition(["b"]), True),
        (edition(["a"]), edition(["a"]), False),
        (edition(["a", "b"]), edition(["a"]), False),
        (edition(["a"], MONDAY), edition(["b"], TUESDAY), True),
        (edition(["b"], TUESDAY), edition(["a"], MONDAY), False),
        (edition(["a", "b"], MONDAY), edition(["a"], TUESDAY), True),
        (edition(["a"], MONDAY), edition(["b"]), True),
        (edition(["a"]), edition(["b"], TUESDAY), True),
        (edition(["b"], TUESDAY), edition(["a"]), False),
        (edition(["b"], TUESDAY), edition(["a"], date_source="file"), True),
    ],
)
def test_which_version_stands(old, new, replaced):
    assert old.is_replaced_by(new) is replaced


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        (edition(["teaser:a", "b"]), edition(["a"], MONDAY), False),  # its own teaser
        (edition(["teaser:a", "b"]), edition(["teaser:a", "c"]), True),  # its page was edited
        (edition(["a"]), edition(["b"], is_teaser=True), True),
        (edition(["a"], is_teaser=False), edition(["b"], is_teaser=True), False),
        (edition(["a"], is_teaser=True), edition(["b"], is_teaser=True), True),
        (edition(["a"], is_teaser=False), edition(["b"], is_teaser=False), True),
        (edition(["a"], is_teaser=False), edition(["b"]), True),  # its page may still come
    ],
)
def test_a_teaser_does_not_take_the_place_of_a_page(old, new, replaced):
    assert old.is_replaced_by(new) is replaced


def test_what_a_teaser_became():
    waiting, page = waiting_version("0123@2026-10-05"), teaser_version("0123@2026-10-05")
    assert (waiting, page) == ("waiting:0123@2026-10-05", "teaser:0123@2026-10-05")
    assert [has_page([text]) for text in ("0123", waiting, page)] == [False, False, True]
    assert [revision([text]) for text in ("0123", waiting, page)] == [1, 1, 0]
    for text in ("0123", waiting, page, "waiting:0123"):
        assert str(Version.parse(text)) == text


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (["b"], ["a"], ["a", "b"]),
        (["a"], ["a@2026-10-05"], ["a", "a@2026-10-05"]),
        (["waiting:a"], ["a"], ["a"]),
        (["a"], ["waiting:a"], ["a"]),
        (["a", "waiting:b"], ["teaser:a", "teaser:b"], ["teaser:a", "teaser:b"]),
        (["teaser:a"], ["a", "waiting:a"], ["teaser:a"]),
    ],
)
def test_of_a_teaser_only_the_last_is_remembered(left, right, both):
    assert union_versions(left, right) == both


def test_an_edition_is_the_same_from_an_article_its_row_and_its_listing():
    article = make_article(modified_at=TUESDAY, flags=("teaser",))
    row = article_row(replace(article, versions=(version(article),)), "run")
    assert Edition.of_article(article) == Edition.of_row(row)._replace(is_teaser=None)
    assert Edition.of_row(row).is_teaser is True
    assert Edition.of_row(row | {"flags": []}).is_teaser is False
    assert Edition.of_row(row | {"flags": None}).is_teaser is None
    listed = Edition.of_listed(listing(replace(article, versions=(version(article),))))
    assert (listed.versions, listed.touched_at) == (frozenset({version(article)}), TUESDAY)


@pytest.mark.parametrize(
    ("date_source", "modified_at", "touched_at"),
    [("feed", None, MONDAY), ("file", None, None), ("feed", TUESDAY, TUESDAY)],
)
def test_when_the_source_touched_it(date_source, modified_at, touched_at):
    assert edition(["a"], modified_at, date_source=date_source).touched_at == touched_at


def test_who_was_first():
    """Stated dates come before others, then time, then id."""
    ordered = [
        Precedence(False, MONDAY, "b"),
        Precedence(False, TUESDAY, "a"),
        Precedence(False, TUESDAY, "b"),
        Precedence(True, MONDAY, "a"),
    ]
    assert sorted(random.Random(1).sample(ordered, 4)) == ordered


@pytest.mark.parametrize(
    ("stays", "other", "expected"),
    [
        (edition([], None, MONDAY), edition([], None, TUESDAY), MONDAY),
        (edition([], None, MONDAY, "file"), edition([], None, TUESDAY, "record"), TUESDAY),
        (edition([], None, MONDAY, "page"), edition([], None, TUESDAY, "path"), MONDAY),
        (edition([], None, TUESDAY, "file"), edition([], None, MONDAY, "file"), MONDAY),
        (edition([], None, TUESDAY, "run"), edition([], None, MONDAY, "run"), MONDAY),
    ],
)
def test_the_more_trusted_date_survives(stays, other, expected):
    assert best_date(stays, other)[0] == expected


def test_many_articles_are_asked_at_once_as_one_is():
    """Those of the same moment may be on either side: their ids decide."""
    others = [Precedence(guessed, time, "m") for guessed in (False, True) for time in (1, 5, 9)]
    guessed = np.array([other.is_guessed for other in others])
    times = np.array([other.published_at for other in others])
    for place in others:
        alike = [other[:2] == place[:2] for other in others]
        before, behind = [o < place for o in others], [o > place for o in others]
        follows = may_be_before(place, guessed, times)
        assert follows.tolist() == np.logical_or(alike, before).tolist()
        precedes = may_be_behind(place, guessed, times)
        assert precedes.tolist() == np.logical_or(alike, behind).tolist()
