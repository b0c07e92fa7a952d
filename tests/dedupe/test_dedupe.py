import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

import builders
import pytest
from builders import make_namesake

from transforms.dedupe.resolve import resolve
from transforms.dedupe.step import DedupeOptions, dedupe
from transforms.output.ledger import Known, look_up
from transforms.output.merge import Removal, merge_versions
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.versions import listing, version
from transforms.records import Duplicate, Partition, home_of

EARLY, LATE = datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)


def make_published(number=1, **changes):
    """Return article `number`, under the headline of `make_namesake`, as it reaches `write`."""
    return builders.make_published(number, **{"title": "Bridge"} | changes)


def name(article):
    """Return "Bridge 3" of article 3."""
    return f"Bridge {article.url.rpartition('/')[2]}"


def known(article, home=None):
    return Known(article_row(article, "run"), home or home_of(article, 1))


def make_row(article):
    """Return the article as it is published."""
    return replace(article, summary=article.text, summary_method="extractive", topic="politics")


def outcome(resolution):
    """Return name -> text of the published, and the counts."""
    published = {name(article): article.text for article in resolution.articles}
    return published, resolution.unchanged, resolution.duplicate


def test_new_articles_pass_with_their_version():
    resolution = resolve([make_namesake(1), make_namesake(2)], [], 1)
    assert [len(article.versions) for article in resolution.articles] == [1, 1]
    assert outcome(resolution)[1:] == (0, 0)


def test_unchanged_article_does_not_pass():
    resolution = resolve([make_namesake(1)], [known(make_published(1))], 1)
    assert outcome(resolution) == ({}, 1, 0)
    assert resolution.amendments == resolution.removals == []


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_first_published_of_exact_duplicates_passes_and_names_the_others(order):
    copies = [make_namesake(number, text="The same text.") for number in (1, 2, 3)]
    resolution = resolve([copies[index] for index in order], [], 1)
    assert outcome(resolution) == ({"Bridge 1": "The same text."}, 0, 2)
    assert resolution.articles[0].duplicates == tuple(
        Duplicate(copy.id, copy.url) for copy in copies[1:]
    )


def test_duplicate_of_a_published_article_amends_its_row_once():
    original, copy = make_published(1, text="Same."), make_namesake(2, text="Same.")
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
    earlier = make_namesake(1, text="Same.")
    resolution = resolve([earlier], [known(later)], 1)
    assert outcome(resolution) == ({"Bridge 1": "Same."}, 0, 0)
    [article] = resolution.articles
    assert set(article.duplicates) == {third, Duplicate(later.id, later.url)}
    assert resolution.removals == [(home_of(later, 1), Removal(later.id, earlier.id))]
    published = make_published(1, text="Same.", duplicates=article.duplicates)
    assert outcome(resolve([earlier, make_namesake(30, text="Same.")], [known(published)], 1)) == (
        {},
        1,
        1,
    )


def test_interrupted_giving_way_is_ended():
    later = make_published(30, text="Same.")
    earlier = make_published(1, text="Same.", duplicates=(Duplicate(later.id, later.url),))
    resolution = resolve([make_namesake(30, text="Same.")], [known(earlier), known(later)], 1)
    assert outcome(resolution) == ({}, 0, 1)
    assert resolution.removals == [(home_of(later, 1), Removal(later.id, earlier.id))]


def test_a_file_time_does_not_make_a_copy_the_first():
    original = make_published(30, text="Same.")
    copy = make_namesake(1, text="Same.", date_source="file")
    assert outcome(resolve([copy], [known(original)], 1)) == ({}, 0, 1)


def listed(owner, *copies):
    """Return the published `owner`, which lists `copies`."""
    return replace(
        owner,
        duplicates=tuple(Duplicate(copy.id, copy.url) for copy in copies),
        listed=tuple(listing(replace(copy, versions=(version(copy),))) for copy in copies),
    )


def test_duplicate_gets_its_row_when_its_original_was_edited():
    copy = make_namesake(2, text="Old.")
    edited = listed(make_published(1, text="New."), copy)
    resolution = resolve([copy], [known(edited)], 1)
    assert outcome(resolution) == ({"Bridge 2": "Old."}, 0, 0)
    assert [item.id for item in resolution.amendments[0][1].parted] == [copy.id]


def test_an_edit_in_the_same_batch_leaves_its_copies_their_rows():
    original = make_namesake(1, text="Old.", modified_at=EARLY)
    edited = make_namesake(1, text="New.", modified_at=LATE)
    copies = [make_namesake(number, text="Old.", modified_at=EARLY) for number in (2, 3)]
    resolution = resolve([original, edited, *copies], [], 1)
    assert outcome(resolution) == ({"Bridge 1": "New.", "Bridge 2": "Old."}, 1, 1)
    rows = {name(article): article for article in resolution.articles}
    assert rows["Bridge 1"].duplicates == rows["Bridge 1"].listed == ()
    assert [item.id for item in rows["Bridge 2"].duplicates] == [copies[1].id]
    everything = [original, edited, *copies]
    again = resolve(everything, [known(make_row(row)) for row in rows.values()], 1)
    assert outcome(again) == ({}, 3, 1)
    assert again.amendments == again.removals == []


def test_duplicate_that_gets_its_own_text_gets_its_row():
    copy, owner = make_namesake(2, text="Same."), make_published(1, text="Same.")
    own = replace(make_namesake(2, text="Its own."), keys=("guid",))
    resolution = resolve([own], [known(listed(owner, copy))], 1)
    assert outcome(resolution) == ({"Bridge 2": "Its own."}, 0, 0)
    [article] = resolution.articles
    assert set(article.versions) == {version(copy), version(own)}
    [(home, amendment)] = resolution.amendments
    assert (home, amendment.id) == (home_of(owner, 1), owner.id)
    assert amendment.parted == listed(owner, copy).listed
    # Both versions again: of the row that it has now.
    rows = [known(make_published(2, text="Its own.", versions=article.versions)), known(owner)]
    assert outcome(resolve([copy, own], rows, 1)) == ({}, 2, 0)


def test_duplicate_whose_older_version_comes_late_stays_one():
    copy = make_namesake(2, text="Same.", modified_at=LATE)
    owner = listed(make_published(1, text="Same."), copy)
    older = make_namesake(2, text="Other.", modified_at=EARLY)
    resolution = resolve([older], [known(owner)], 1)
    assert outcome(resolution) == ({}, 0, 1)
    [(_, amendment)] = resolution.amendments
    [seen] = amendment.listed
    assert (seen.touched_at, set(seen.versions)) == (LATE, {version(copy), version(older)})


def test_copies_with_headlines_of_their_own_have_rows():
    """Headlines are told apart by their letters and digits."""
    titles = ["Fire in the port", "FIRE IN THE PORT!", "Port burns", ""]
    copies = [make_namesake(n, title=title, text="Same.") for n, title in enumerate(titles)]
    rows = {name(article): article for article in resolve(copies, [], 1).articles}
    assert {n: [d.id for d in row.duplicates] for n, row in rows.items()} == {
        "Bridge 0": [copies[1].id],
        "Bridge 2": [],
        "Bridge 3": [],
    }


def test_a_duplicate_that_gets_a_headline_of_its_own_gets_a_row():
    copy = make_namesake(2, text="Same.", modified_at=EARLY)
    owner = listed(make_published(1, text="Same."), copy)
    edited = replace(copy, title="Port burns", modified_at=LATE)
    resolution = resolve([edited], [known(owner)], 1)
    assert outcome(resolution) == ({"Bridge 2": "Same."}, 0, 0)
    assert [item.id for item in resolution.amendments[0][1].parted] == [copy.id]
    # Its older version, of the owner's headline, comes again.
    rows = [known(make_published(1, text="Same.")), known(make_row(resolution.articles[0]))]
    assert outcome(resolve([copy], rows, 1)) == ({}, 1, 0)


def test_an_older_headline_of_a_duplicate_makes_no_row():
    copy = make_namesake(2, text="Same.", modified_at=LATE)
    owner = listed(make_published(1, text="Same."), copy)
    older = make_namesake(2, title="Port burns", text="Same.", modified_at=EARLY)
    assert outcome(resolve([older], [known(owner)], 1)) == ({}, 0, 1)


def test_duplicate_that_is_touched_and_repeats_the_text_stays_one():
    copy = make_namesake(2, text="Same.", modified_at=EARLY)
    touched = replace(copy, title="Bridge!", modified_at=LATE)
    resolution = resolve([touched], [known(listed(make_published(1, text="Same."), copy))], 1)
    assert outcome(resolution) == ({}, 0, 1)
    assert resolution.amendments[0][1].listed[0].touched_at == LATE


def test_duplicate_that_repeats_another_article_by_now_is_listed_there():
    copy, owner = make_namesake(2, text="Same."), make_published(1, text="Same.")
    other = make_published(3, text="Other.")
    now = make_namesake(2, text="Other.", published_at=datetime(2026, 10, 5, tzinfo=UTC))
    resolution = resolve([now], [known(listed(owner, copy)), known(other)], 1)
    assert outcome(resolution) == ({}, 0, 1)
    changes = {amendment.id: amendment for _, amendment in resolution.amendments}
    assert [item.id for item in changes[owner.id].parted] == [copy.id]
    assert changes[other.id].duplicates == (Duplicate(copy.id, copy.url),)


def test_duplicate_of_an_output_that_did_not_keep_versions_stays_one():
    copy, owner = make_namesake(2, text="Same."), make_published(1, text="Same.")
    old = replace(owner, duplicates=(Duplicate(copy.id, copy.url),))
    assert outcome(resolve([make_namesake(2, text="Its own.")], [known(old)], 1)) == ({}, 0, 1)


def test_interrupted_parting_is_ended():
    copy = make_namesake(2, text="Same.")
    owner = listed(make_published(1, text="Same."), copy)
    own = make_published(2, text="Its own.", versions=("v1", "v2"))
    resolution = resolve([make_namesake(2, text="Its own.")], [known(owner), known(own)], 1)
    assert resolution.removals == []
    assert any(amendment.parted for _, amendment in resolution.amendments)


@pytest.mark.parametrize("earlier", [1, 3])
def test_an_edit_that_makes_two_texts_the_same_leaves_one_row(earlier):
    """The one published first is the row; both had one."""
    edited = replace(make_namesake(2, text="Same."), keys=("guid",))
    rows = [known(make_published(2, text="Before.")), known(make_published(earlier, text="Same."))]
    resolution = resolve([edited], rows, 1)
    names = [name(article) for article in resolution.articles]
    [(_, removal)] = resolution.removals
    other = make_namesake(earlier)
    if earlier == 1:
        assert (names, resolution.duplicate) == ([], 1)
        assert removal == Removal(edited.id, other.id)
        [(_, amendment)] = resolution.amendments
        assert amendment.duplicates == (Duplicate(edited.id, edited.url),)
        assert len(amendment.listed[0].versions) == 2
    else:
        assert (names, resolution.duplicate) == (["Bridge 2"], 0)
        assert removal == Removal(other.id, edited.id)
        assert resolution.articles[0].duplicates == (Duplicate(other.id, other.url),)
    late = replace(make_namesake(9, text="Whatever."), keys=("guid",))
    both = resolve([edited, late], rows, 1)
    assert len(both.articles) + both.unchanged + both.duplicate == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_versions_of_one_article_in_one_batch_become_one_row(order):
    both = [
        make_namesake(1, text="Old.", modified_at=EARLY),
        make_namesake(1, text="New.", modified_at=LATE),
    ]
    resolution = resolve([both[index] for index in order], [], 1)
    assert outcome(resolution) == ({"Bridge 1": "New."}, 1, 0)
    assert len(resolution.articles[0].versions) == 2


def test_edit_of_a_published_article_passes_with_all_versions():
    resolution = resolve([make_namesake(1, text="New.")], [known(make_published(1))], 1)
    assert outcome(resolution) == ({"Bridge 1": "New."}, 0, 0)
    assert len(resolution.articles[0].versions) == 2


def test_unseen_older_version_only_amends():
    old = make_namesake(1, text="Old.", modified_at=EARLY)
    new = make_published(1, text="New.", modified_at=LATE)
    resolution = resolve([old], [known(new)], 1)
    assert outcome(resolution) == ({}, 1, 0)
    assert len(resolution.amendments[0][1].versions) == 1


def test_corrected_date_moves_the_row():
    published = make_published(1)
    corrected = replace(make_namesake(1), published_at=datetime(2026, 10, 3, tzinfo=UTC))
    resolution = resolve([corrected], [known(published)], 1)
    assert home_of(resolution.articles[0], 1).date == "2026-10-03"
    assert resolution.removals == [
        (Partition("2026-10-01", 0), Removal(published.id, published.id))
    ]


def test_an_older_version_with_a_better_date_says_where_the_newer_one_lies():
    stands = make_published(1, modified_at=LATE, date_source="file")
    dated = replace(
        make_namesake(1, title="Before", modified_at=EARLY),
        published_at=datetime(2026, 10, 3, tzinfo=UTC),
    )
    [article] = resolve([dated], [known(stands)], 1).articles
    assert (article.title, article.origin) == ("Before", home_of(stands, 1))
    newest = make_namesake(
        1, title="After", text="New.", modified_at=datetime(2026, 10, 9, tzinfo=UTC)
    )
    [article] = resolve([dated, newest], [known(stands)], 1).articles
    assert (article.title, article.origin) == ("After", None)


def test_file_time_does_not_move_a_row():
    published = make_published(1, date_source="file")
    touched = replace(
        make_namesake(1), date_source="file", published_at=datetime(2026, 10, 3, tzinfo=UTC)
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
        make_namesake(n % 4, text=f"Text {n % 3}.", modified_at=EARLY.replace(minute=n))
        for n in range(24)
    ]
    resolution = resolve(articles, [known(make_published(1))], 3)
    accounted = len(resolution.articles) + resolution.unchanged + resolution.duplicate
    assert accounted == len(articles)


def test_a_batch_meets_the_ledger(tmp_path):
    old = make_published(1)
    home = home_of(old, 1)
    publish_partition(str(tmp_path), home, [article_row(old, "run")])
    batch = [make_namesake(1), make_namesake(2)]
    done = dedupe(batch, DedupeOptions(str(tmp_path)), date(2026, 10, 1))
    assert [name(article) for article in done.articles] == ["Bridge 2"]
    assert done.counts == {"accepted": 1, "unchanged": 1, "duplicate": 0, "rejected": 0}


def test_look_up_finds_by_id_text_and_alias(tmp_path):
    copy = Duplicate("f" * 32, "u")
    articles = [make_published(1), make_published(30), make_published(60, duplicates=(copy,))]
    for article in articles:
        publish_partition(str(tmp_path), home_of(article, 1), [article_row(article, "run")])
    found = look_up(str(tmp_path), {articles[0].id, copy.id}, {articles[1].text_sha256})
    assert [entry.row["id"] for entry in found] == [article.id for article in articles]
    assert look_up(str(tmp_path), {"0" * 32}, {"0" * 64}) == []
    assert look_up(str(tmp_path / "empty"), {"0" * 32}, {"0" * 64}) == []


def test_teasers_with_the_same_words_are_not_the_same_article():
    words = "Read the full story on our site."
    teasers = [
        make_namesake(number, text=words, flags=("teaser",), url=f"https://a.example/{number}")
        for number in (1, 2)
    ]
    resolution = resolve(teasers, [], 1, teasers_wait=True)
    assert (len(resolution.articles), resolution.duplicate) == (2, 0)
    published = make_published(3, text=words, flags=("teaser",), url="https://a.example/3")
    resolution = resolve(teasers[:1], [known(published)], 1, teasers_wait=True)
    assert (len(resolution.articles), resolution.removals) == (1, [])
    assert len(resolve(teasers, [], 1).articles) == 1


def test_the_text_of_an_earlier_version_is_free_again():
    old = make_published(20, text="First.")
    edited = make_namesake(20, text="Second.", modified_at=datetime(2026, 10, 3, tzinfo=UTC))
    taking_over = make_namesake(2, text="Second.", modified_at=datetime(2026, 10, 4, tzinfo=UTC))
    late = make_namesake(40, text="First.", modified_at=datetime(2026, 10, 5, tzinfo=UTC))
    resolution = resolve([edited, taking_over, late], [known(old)], 1)
    assert outcome(resolution)[0] == {"Bridge 2": "Second.", "Bridge 40": "First."}


@pytest.mark.parametrize("together", [True, False])
def test_a_version_without_title_or_with_a_worse_date_wipes_nothing(together):
    titled = make_namesake(1, text="Old.")
    bare = replace(
        make_namesake(1, title="", text="New."),
        published_at=EARLY.replace(year=2027),
        date_source="file",
        flags=("no_title", "short"),
    )
    articles, rows = ([titled, bare], []) if together else ([bare], [known(make_row(titled))])
    (article,) = resolve(articles, rows, 1).articles
    assert (article.title, article.text) == (titled.title, "New.")
    assert (article.published_at, article.date_source) == (titled.published_at, "record")
    assert article.flags == ("short",)
    # Read again, it is unchanged; and merged, in whatever order, the title stays.
    again = resolve([bare], [known(make_row(article))], 1)
    assert outcome(again) == ({}, 1, 0)
    old, new = article_row(titled, "run"), article_row(make_row(article), "run")
    assert merge_versions(old, new)["title"] == titled.title
    assert merge_versions(new, old)["title"] == titled.title


def test_a_row_without_title_gets_one():
    bare = article_row(make_row(make_namesake(1, title="", flags=("no_title",))), "run")
    titled = article_row(make_row(make_namesake(1, text="New.")), "run")
    for merged in (merge_versions(bare, titled), merge_versions(titled, bare)):
        assert merged["title"] == "Bridge"
        assert "no_title" not in merged["flags"]
