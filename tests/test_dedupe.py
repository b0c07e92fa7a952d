import itertools
from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler
from builders import make_article, make_published, runner

from transforms.dedupe import DedupeArticles
from transforms.ledger import Known, look_up
from transforms.merge import Removal
from transforms.publish import publish_partition
from transforms.records import Duplicate, Partition
from transforms.resolve import home_of, resolve
from transforms.schema import article_row

EARLY, LATE = datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)


def known(article, home=None):
    return Known(article_row(article, "run", 1), home or home_of(article, 1))


def outcome(resolution):
    """Return title -> text of the published, and the counts."""
    published = {article.title: article.text for article in resolution.articles}
    return published, resolution.unchanged, resolution.duplicate


def test_new_articles_pass_with_their_version():
    resolution = resolve([make_article(1), make_article(2)], [], 1)
    assert [len(article.versions) for article in resolution.articles] == [1, 1]
    assert outcome(resolution)[1:] == (0, 0)


def test_unchanged_article_does_not_pass():
    resolution = resolve([make_article(1)], [known(make_published(1))], 1)
    assert outcome(resolution) == ({}, 1, 0)
    assert resolution.amendments == resolution.removals == []


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_first_published_of_exact_duplicates_passes_and_names_the_others(order):
    copies = [make_article(number, text="The same text.") for number in (1, 2, 3)]
    resolution = resolve([copies[index] for index in order], [], 1)
    assert outcome(resolution) == ({"Bridge 1": "The same text."}, 0, 2)
    assert resolution.articles[0].duplicates == tuple(
        Duplicate(copy.id, copy.url) for copy in copies[1:]
    )


def test_duplicate_of_a_published_article_amends_its_row_once():
    original, copy = make_published(1, text="Same."), make_article(2, text="Same.")
    resolution = resolve([copy], [known(original)], 1)
    assert outcome(resolution) == ({}, 0, 1)
    [(home, amendment)] = resolution.amendments
    assert (home, amendment.id) == (home_of(original, 1), original.id)
    linked = replace(original, duplicates=amendment.duplicates)
    again = resolve([copy], [known(linked)], 1)
    assert outcome(again) == ({}, 0, 1)
    assert again.amendments == []


def test_row_gives_way_to_a_duplicate_that_was_published_before_it():
    third = Duplicate("f" * 32, "https://copy.example.org/3")
    later = make_published(30, text="Same.", duplicates=(third,))
    earlier = make_article(1, text="Same.")
    resolution = resolve([earlier], [known(later)], 1)
    assert outcome(resolution) == ({"Bridge 1": "Same."}, 0, 0)
    [article] = resolution.articles
    assert set(article.duplicates) == {third, Duplicate(later.id, later.url)}
    assert resolution.removals == [(home_of(later, 1), Removal(later.id, earlier.id))]
    published = make_published(1, text="Same.", duplicates=article.duplicates)
    assert outcome(resolve([earlier, make_article(30, text="Same.")], [known(published)], 1)) == (
        {},
        1,
        1,
    )


def test_interrupted_giving_way_is_ended():
    later = make_published(30, text="Same.")
    earlier = make_published(1, text="Same.", duplicates=(Duplicate(later.id, later.url),))
    resolution = resolve([make_article(30, text="Same.")], [known(earlier), known(later)], 1)
    assert outcome(resolution) == ({}, 0, 1)
    assert resolution.removals == [(home_of(later, 1), Removal(later.id, earlier.id))]


def test_a_file_time_does_not_make_a_copy_the_first():
    original = make_published(30, text="Same.")
    copy = make_article(1, text="Same.", date_source="file")
    assert outcome(resolve([copy], [known(original)], 1)) == ({}, 0, 1)


def test_duplicate_stays_one_when_its_original_was_edited():
    copy = make_article(2, text="Old.")
    edited = make_published(1, text="New.", duplicates=(Duplicate(copy.id, copy.url),))
    assert outcome(resolve([copy], [known(edited)], 1)) == ({}, 0, 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_versions_of_one_article_in_one_batch_become_one_row(order):
    both = [
        make_article(1, text="Old.", modified_at=EARLY),
        make_article(1, text="New.", modified_at=LATE),
    ]
    resolution = resolve([both[index] for index in order], [], 1)
    assert outcome(resolution) == ({"Bridge 1": "New."}, 1, 0)
    assert len(resolution.articles[0].versions) == 2


def test_edit_of_a_published_article_passes_with_all_versions():
    resolution = resolve([make_article(1, text="New.")], [known(make_published(1))], 1)
    assert outcome(resolution) == ({"Bridge 1": "New."}, 0, 0)
    assert len(resolution.articles[0].versions) == 2


def test_unseen_older_version_only_amends():
    old = make_article(1, text="Old.", modified_at=EARLY)
    new = make_published(1, text="New.", modified_at=LATE)
    resolution = resolve([old], [known(new)], 1)
    assert outcome(resolution) == ({}, 1, 0)
    assert len(resolution.amendments[0][1].versions) == 1


def test_corrected_date_moves_the_row():
    published = make_published(1)
    corrected = replace(make_article(1), published_at=datetime(2026, 10, 3, tzinfo=UTC))
    resolution = resolve([corrected], [known(published)], 1)
    assert home_of(resolution.articles[0], 1).date == "2026-10-03"
    assert resolution.removals == [
        (Partition("2026-10-01", 0), Removal(published.id, published.id))
    ]


def test_file_time_does_not_move_a_row():
    published = make_published(1, date_source="file")
    touched = replace(
        make_article(1), date_source="file", published_at=datetime(2026, 10, 3, tzinfo=UTC)
    )
    assert outcome(resolve([touched], [known(published)], 1)) == ({}, 1, 0)


def test_interrupted_move_is_ended():
    old = make_published(1)
    new = make_published(
        1, text="New.", published_at=datetime(2026, 10, 3, tzinfo=UTC), versions=("a", "b")
    )
    resolution = resolve([replace(new)], [known(old), known(new)], 1)
    assert resolution.removals == [(Partition("2026-10-01", 0), Removal(old.id, old.id))]


def test_every_article_has_one_outcome():
    articles = [
        make_article(n % 4, text=f"Text {n % 3}.", modified_at=EARLY.replace(minute=n))
        for n in range(24)
    ]
    resolution = resolve(articles, [known(make_published(1))], 3)
    accounted = len(resolution.articles) + resolution.unchanged + resolution.duplicate
    assert accounted == len(articles)


def test_pipeline_reads_the_ledger(tmp_path):
    old = make_published(1)
    home = home_of(old, 1)
    publish_partition(str(tmp_path), home, [article_row(old, "run", 1)])
    with beam.Pipeline(runner=runner()) as pipeline:
        articles = pipeline | beam.Create([make_article(1), make_article(2)])
        withdrawals = pipeline | "withdrawals" >> beam.Create([])
        with ErrorHandler(beam.Map(lambda letter: letter.reason)) as errors:
            dedupe = DedupeArticles(str(tmp_path), 1, errors)
            outputs = (articles, withdrawals) | "dedupe" >> dedupe
        titles = outputs.articles | beam.Map(lambda article: article.title)
        assert_that(titles, equal_to(["Bridge 2"]))


def test_look_up_finds_by_id_text_and_alias(tmp_path):
    copy = Duplicate("f" * 32, "u")
    articles = [make_published(1), make_published(30), make_published(60, duplicates=(copy,))]
    for article in articles:
        publish_partition(str(tmp_path), home_of(article, 1), [article_row(article, "run", 1)])
    found = look_up(str(tmp_path), {articles[0].id, copy.id}, {articles[1].text_sha256})
    assert [entry.row["id"] for entry in found] == [article.id for article in articles]
    assert look_up(str(tmp_path), {"0" * 32}, {"0" * 64}) == []
    assert look_up(str(tmp_path / "empty"), {"0" * 32}, {"0" * 64}) == []


def test_teasers_with_the_same_words_are_not_the_same_article():
    words = "Read the full story on our site."
    teasers = [
        make_article(number, text=words, flags=("teaser",), url=f"https://a.example/{number}")
        for number in (1, 2)
    ]
    resolution = resolve(teasers, [], 1, teasers_wait=True)
    assert (len(resolution.articles), resolution.duplicate) == (2, 0)
    published = make_published(3, text=words, flags=("teaser",), url="https://a.example/3")
    resolution = resolve(teasers[:1], [known(published)], 1, teasers_wait=True)
    assert (len(resolution.articles), resolution.removals) == (1, [])
    assert len(resolve(teasers, [], 1).articles) == 1


def test_the_text_of_a_version_before_a_take_over_is_known():
    old = make_published(20, text="First.")
    edited = make_article(20, text="Second.", modified_at=datetime(2026, 10, 3, tzinfo=UTC))
    taking_over = make_article(2, text="Second.", modified_at=datetime(2026, 10, 4, tzinfo=UTC))
    late = make_article(40, text="First.", modified_at=datetime(2026, 10, 5, tzinfo=UTC))
    resolution = resolve([edited, taking_over, late], [known(old)], 1)
    assert [article.title for article in resolution.articles] == ["Bridge 2"]
