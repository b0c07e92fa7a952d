"""Texts that share most of their words: copies, reports from one form, and updates."""

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from transforms.relate.near.nodes import NearOptions
from transforms.relate.near.same_news import Relation, relation
from transforms.relate.near.signature import overlap, shingles
from transforms.relate.near.telling import Telling

BATTERY = tomllib.loads(Path(__file__).with_name("same_news.toml").read_text("utf-8"))


def cases(kind):
    return [pytest.param(case["first"], case["second"], id=case["name"]) for case in BATTERY[kind]]


def overlaps(first, second):
    """Return whether the two share so many words that what they tell decides."""
    return NearOptions().accepts(overlap(shingles(first), shingles(second)))


def between(first, second, is_later=True):
    return relation(Telling(first), Telling(second), is_later=is_later)


@pytest.mark.parametrize("case", BATTERY["templates"], ids=lambda case: case["name"])
def test_reports_from_one_form_are_different_news(case):
    texts = [case["form"].format(*fill) for fill in case["fills"]]
    for first, second in combinations(texts, 2):
        assert overlaps(first, second)
        assert between(first, second) == Relation.APART
        assert between(second, first, is_later=False) == Relation.APART
        assert between(first, first) == Relation.REPEATS


@pytest.mark.parametrize(("first", "second"), cases("copies"))
def test_copies_tell_the_same(first, second):
    assert overlaps(first, second)
    assert between(first, second) == Relation.REPEATS
    assert between(second, first, is_later=False) == Relation.REPEATS


@pytest.mark.parametrize(("first", "second"), cases("updates"))
def test_what_says_other_or_more_is_no_copy(first, second):
    assert overlaps(first, second)
    assert between(first, second) == Relation.RELATED


@pytest.mark.parametrize(("first", "second"), cases("others"))
def test_what_shares_no_news_is_no_copy(first, second):
    assert overlaps(first, second)
    assert between(first, second) != Relation.REPEATS
