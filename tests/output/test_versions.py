from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import make_article

from transforms.output.versions import best_date, is_replaced, version

MONDAY, TUESDAY = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)


def row(versions, modified_at=None, published_at=MONDAY, date_source="record"):
    return {
        "versions": versions,
        "modified_at": modified_at,
        "published_at": published_at,
        "date_source": date_source,
    }


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
        (row(["a"]), row(["b"]), True),
        (row(["a"]), row(["a"]), False),
        (row(["a", "b"]), row(["a"]), False),
        (row(["a"], MONDAY), row(["b"], TUESDAY), True),
        (row(["b"], TUESDAY), row(["a"], MONDAY), False),
        (row(["a", "b"], MONDAY), row(["a"], TUESDAY), True),
        (row(["a"], MONDAY), row(["b"]), True),
        (row(["a"]), row(["b"], TUESDAY), True),
        (row(["b"], TUESDAY), row(["a"]), False),
        (row(["b"], TUESDAY), row(["a"], date_source="file"), True),
    ],
)
def test_which_version_stands(old, new, replaced):
    assert is_replaced(old, new) is replaced


@pytest.mark.parametrize(
    ("stays", "other", "expected"),
    [
        (row([], None, MONDAY), row([], None, TUESDAY), MONDAY),
        (row([], None, MONDAY, "file"), row([], None, TUESDAY, "record"), TUESDAY),
        (row([], None, MONDAY, "page"), row([], None, TUESDAY, "path"), MONDAY),
        (row([], None, TUESDAY, "file"), row([], None, MONDAY, "file"), MONDAY),
        (row([], None, TUESDAY, "run"), row([], None, MONDAY, "run"), MONDAY),
    ],
)
def test_the_more_trusted_date_survives(stays, other, expected):
    assert best_date(stays, other)[0] == expected
