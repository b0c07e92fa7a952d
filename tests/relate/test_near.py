from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import make_article

from transforms.output.filecache import FileCache
from transforms.output.postings import Postings
from transforms.output.row_index import GONE
from transforms.records import DayFile, Partition
from transforms.relate.near import neighbours, recent
from transforms.relate.near.links import find_near
from transforms.relate.near.neighbours import COLUMNS
from transforms.relate.near.nodes import NearOptions
from transforms.relate.near.recent import Listing, read_texts, recent_rows
from transforms.relate.near.signature import BANDS, overlap, shingles, signature

WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in ("ran", "lim", "sto", "ped")]


def words(seed, count=120):
    return np.random.default_rng(seed).choice(WORDS, count).tolist()


def text_of(seed, count=120):
    return " ".join(words(seed, count))


def edited(seed, changes=3):
    """Return the text of `seed` with words replaced, evenly."""
    edit = words(seed)
    for number in range(changes):
        edit[number * len(edit) // changes] = f"new{number}"
    return " ".join(edit)


def publish(root, articles, linked=None, row_group=2):
    """Write `articles` as one file per day, as far as the look-up reads it."""
    linked = linked or {}
    for day in {article.published_at.date() for article in articles}:
        here = [article for article in articles if article.published_at.date() == day]
        folder = root / f"date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        columns = {
            "id": [article.id for article in here],
            "published_at": pa.array([a.published_at for a in here], pa.timestamp("us", tz="UTC")),
            "date_source": [article.date_source for article in here],
            "text": [article.text for article in here],
            "duplicate_of": pa.array([linked.get(a.id) for a in here], pa.string()),
            "near_keys": pa.array(
                [signature(a.text).tolist() for a in here], pa.list_(pa.uint64())
            ),
        }
        pq.write_table(pa.table(columns), folder / "part-00.parquet", row_group_size=row_group)


def known(root, articles):
    times = [article.published_at for article in articles]
    return recent_rows(Listing(str(root)), times, NearOptions().days, COLUMNS)


def near(articles, root=None, left=(), **options):
    def look(times):
        return recent_rows(Listing(str(root)), times, 3, COLUMNS) if root else ()

    return find_near(articles, look, NearOptions(**options), left)


def remove_text(path, id_):
    table = pq.read_table(path, partitioning=None)
    rows = [{**row, "text": row["text"] * (row["id"] != id_)} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


def home_of(article):
    return Partition(str(article.published_at.date()), 0)


def test_the_signature_of_a_text_never_changes():
    keys = signature(text_of(1))
    assert keys.shape == (BANDS,)
    assert keys.dtype == np.uint64
    assert [int(key) for key in keys[:3]] == [
        14639204712051952556,
        862345890291709139,
        16074907777216836663,
    ]
    assert signature(text_of(1).upper()).tolist() == keys.tolist()
    assert len(set(keys.tolist())) == BANDS


def test_a_short_text_has_no_signature():
    assert len(signature("Only a handful of words stand here.")) == 0
    assert len(signature("")) == 0


def test_languages_without_spaces_have_shingles():
    assert "京 で 会" in shingles("東京で会談した。")
    assert "เป ดสะพานใหม เม" in shingles("นายกเทศมนตรีเปิดสะพานใหม่เมื่อวานนี้")


def test_vowel_signs_are_parts_of_words():
    assert "महापौर ने कल" in shingles("महापौर ने कल पुल खोला।")
    assert (
        len(signature("東京都は十日、新しい図書館を開くと発表した。市民は誰でも無料で利用できる。"))
        == BANDS
    )


def test_overlap():
    left, right = set("abcd"), set("cdefgh")
    assert overlap(left, right) == (0.5, 0.25)


def test_postings_hold_long_keys():
    keys = np.array([1 << 62, (1 << 62) + (1 << 40), 3 << 62], np.uint64)
    hits = Postings(keys, np.array([1, 1, 1])).find(keys[1:], limit=9)
    assert hits.rows.tolist() == [1, 2]


def test_postings_find_the_rows_of_a_key():
    postings = Postings(np.array([7, 9, 7, 0xFFFFFFFF, 7], np.uint32), np.array([2, 0, 2, 1]))
    hits = postings.find(np.array([7, 8, 0xFFFFFFFF], np.uint32), limit=2)
    assert hits.positions.tolist() == [0, 0, 2]
    assert hits.rows.tolist() == [0, 2, 2]


@pytest.mark.parametrize("rows", [0, 1, 15, 3000])
@pytest.mark.parametrize("kinds", [2**24 - 1, 40])
def test_postings_find_what_a_comparison_with_every_key_finds(rows, kinds):
    chance = np.random.default_rng(rows)
    shift, last = np.uint64(40), np.uint64(2**64 - 1)  # the lowest bits hold the row
    keys = chance.integers(0, kinds, rows, np.uint64) << shift
    keys[: rows // 5] = last
    keys[rows // 5 : rows // 3] = 0
    postings = Postings(keys, np.ones(rows, np.int64))
    wanted = np.array([*keys[::7], 0, 1 << shift, 2**63, last], np.uint64)
    hits = postings.find(wanted, limit=20)
    for position, key in enumerate(wanted):
        expected = np.flatnonzero(keys == key)[:20]
        assert hits.rows[hits.positions == position].tolist() == expected.tolist()


def test_merged_postings_leave_rows_out():
    keys = np.random.default_rng(5).integers(0, 2**63, 40, np.uint64)
    parts = [Postings(keys[:30], np.full(15, 2)), Postings(keys[30:], np.full(5, 2))]
    places = [np.full(15, -1), np.array([2, 0, -1, 1, 3])]
    places[0][7] = 4
    merged = Postings.merged(parts, places)
    assert merged.lengths.tolist() == [2] * 5
    hits = merged.find(keys, limit=9)
    assert hits.positions.tolist() == [14, 15, 30, 31, 32, 33, 36, 37, 38, 39]
    assert hits.rows.tolist() == [4, 4, 2, 2, 0, 0, 1, 1, 3, 3]
    again = Postings.merged([merged], [np.array([0, -1, -1, -1, 1])]).find(keys, limit=9)
    assert again.rows.tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("other", "linked"),
    [
        (edited(1), True),
        (" ".join(words(1)[60:] + words(1)[:60]), True),
        (" ".join(words(1)[:75]), True),
        (text_of(1) + " " + text_of(2, 30), True),
        (text_of(2), False),
        (" ".join(words(1)[:40] + words(2)[40:]), False),
        (text_of(1) + " " + " ".join(text_of(seed) for seed in range(2, 7)), False),
    ],
    ids=["edits", "reordered", "truncated", "boilerplate", "another", "a third", "round-up"],
)
def test_what_a_near_duplicate_is(other, linked):
    first, second = make_article(1, text=text_of(1)), make_article(2, text=other)
    assert near([first, second]).duplicate_of == ({second.id: first.id} if linked else {})


def test_every_copy_is_linked_to_the_first_whatever_the_order():
    articles = [make_article(n, text=edited(n % 3, n // 3)) for n in range(3, 18)]
    expected = near(articles).duplicate_of
    assert len(expected) == 12
    assert set(expected.values()) == {article.id for article in articles[:3]}
    for seed in range(10):
        shuffled = np.random.default_rng(seed).permutation(len(articles))
        assert near([articles[n] for n in shuffled]).duplicate_of == expected


def test_a_copy_with_the_time_of_its_file_is_not_the_first(tmp_path):
    """It was there before the original's date: by our clock, not by its source's."""
    original = make_article(5, text=text_of(1))
    copy = make_article(2, text=edited(1), date_source="file")
    for options in (NearOptions(), NearOptions(drop=True)):
        found = find_near([original, copy], lambda _: (), options)
        assert found.duplicate_of == {copy.id: original.id}
    publish(tmp_path, [copy])
    late = find_near([original], lambda times: known(tmp_path, [original]), NearOptions())
    assert late.duplicate_of == {}
    assert late.relinked == [(Partition("2026-10-01", 0), copy.id, original.id)]
    publish(tmp_path, [original])
    again = find_near([copy], lambda times: known(tmp_path, [copy]), NearOptions())
    assert again.duplicate_of == {copy.id: original.id}


def test_batches_give_what_one_batch_gives(tmp_path):
    articles = [make_article(n, text=edited(n % 3, n // 3)) for n in range(3, 18)]
    linked = {}
    for start in range(0, 15, 4):
        batch = articles[start : start + 4]
        linked |= near(batch, tmp_path).duplicate_of
        publish(tmp_path, articles[: start + 4], linked)
    assert linked == near(articles).duplicate_of


def templated(count):
    """Return articles made of few parts, over two days, in order; several at a time."""
    chance = np.random.default_rng(7)
    parts = [" ".join(words(seed, 40)) for seed in range(20)]
    start = make_article(0).published_at
    articles = [
        make_article(
            number,
            text=" ".join([*chance.choice(parts, 3, replace=False), text_of(number, 8)]),
            published_at=start + timedelta(minutes=30 * int(chance.integers(60))),
        )
        for number in range(count)
    ]
    return sorted(articles, key=lambda article: (article.published_at, article.id))


@pytest.mark.parametrize("size", [1, 7, 45])
def test_where_limits_are_reached_batches_give_what_one_batch_gives(tmp_path, monkeypatch, size):
    monkeypatch.setattr(neighbours, "ROWS_PER_KEY", 6)
    monkeypatch.setattr(neighbours, "TRIED", 2)
    monkeypatch.setattr(recent, "LOOSE_FILES", 3)
    articles = templated(120)
    everything = near(articles).duplicate_of
    assert 20 < len(everything) < 100
    linked = {}
    for start in range(0, len(articles), size):
        batch = articles[start : start + size]
        links = near(batch, tmp_path)
        assert links.relinked == []
        linked |= links.duplicate_of
        publish(tmp_path, batch, linked)
        for path in tmp_path.glob("date=*/part-00.parquet"):
            path.rename(path.with_name(f"part-00-{start + 1:04d}.parquet"))
    assert linked == everything


def test_earlier_days_count_within_the_look_back(tmp_path):
    old = make_article(1, text=text_of(1))
    publish(tmp_path, [old])
    for hours, linked in ((71, True), (73, False)):
        time = old.published_at + timedelta(hours=hours)
        copy = make_article(2, text=edited(1), published_at=time)
        assert bool(near([copy], tmp_path).duplicate_of) is linked


def test_a_copy_of_a_copy_is_linked_to_the_first_text(tmp_path):
    first, copy = make_article(1, text=text_of(1)), make_article(2, text=edited(1, 4))
    publish(tmp_path, [first, copy], {copy.id: first.id})
    third = make_article(3, text=edited(1, 5))
    assert near([third], tmp_path).duplicate_of == {third.id: first.id}


def test_a_published_row_keeps_its_link(tmp_path):
    first, second = make_article(1, text=text_of(1)), make_article(2, text=edited(1))
    publish(tmp_path, [first, second], {second.id: first.id})
    again = [replace(first, title="Changed"), replace(second, title="Changed")]
    for batch, linked in (
        (again, {second.id: first.id}),
        (again[:1], {}),
        (again[1:], {second.id: first.id}),
    ):
        assert near(batch, tmp_path)[:2] == (linked, [])


def test_a_late_first_article_takes_over(tmp_path):
    late, *copies, other = (make_article(n, text=edited(1, n + 1)) for n in range(1, 5))
    publish(tmp_path, copies, {copies[1].id: copies[0].id})
    links = near([late, other], tmp_path)
    assert links.duplicate_of == {other.id: late.id}
    assert set(links.relinked) == {(home_of(late), copy.id, late.id) for copy in copies}
    assert links.copies == {late.id: copies[0].id}


def test_a_large_late_batch_takes_over_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "ROWS_PER_KEY", 6)
    *late, copy, other = (make_article(n, text=edited(1, n)) for n in range(1, 16))
    publish(tmp_path, [copy, other], {other.id: copy.id})
    relinked = near(late, tmp_path).relinked
    assert set(relinked) == {(home_of(row), row.id, late[0].id) for row in (copy, other)}


def test_a_copy_of_a_copy_becomes_a_first_when_the_copy_ceases_to_be_one(tmp_path):
    first = make_article(1, text=text_of(1))
    middle = make_article(2, text=" ".join(words(1)[60:] + words(2)[:60]))
    far = make_article(3, text=" ".join(words(2)))
    loose = {"contained": 0.4, "jaccard": 0.2}
    assert near([first, middle, far], **loose).duplicate_of == {middle.id: first.id}
    publish(tmp_path, [middle, far], {far.id: middle.id})
    links = near([first], tmp_path, **loose)
    assert sorted(links.relinked, key=lambda r: r.first or "") == [
        (home_of(far), far.id, None),
        (home_of(middle), middle.id, first.id),
    ]


def test_an_edit_that_is_no_copy_any_more_lets_go(tmp_path):
    first, copy, third = (make_article(n, text=edited(1, n)) for n in (1, 2, 3))
    publish(tmp_path, [first, copy, third], {copy.id: first.id, third.id: first.id})
    links = near([replace(first, text=text_of(9))], tmp_path)
    assert links.duplicate_of == {}
    assert set(links.relinked) == {
        (home_of(copy), copy.id, None),
        (home_of(third), third.id, copy.id),
    }


def test_a_row_that_leaves_hands_over_to_the_one_that_takes_its_place(tmp_path):
    first, copy = make_article(2, text=text_of(1)), make_article(3, text=edited(1))
    publish(tmp_path, [first, copy], {copy.id: first.id})
    taking_over = make_article(1, text=text_of(1))
    links = near([taking_over], tmp_path, left=[(home_of(first), first.id)])
    assert links.duplicate_of == {}
    assert links.relinked == [(home_of(copy), copy.id, taking_over.id)]


def test_what_an_interrupted_move_left_behind_changes_no_link(tmp_path):
    first, copy = make_article(1, text=text_of(1)), make_article(2, text=edited(1))
    publish(tmp_path, [first, copy], {copy.id: first.id})
    stale = replace(first, published_at=first.published_at + timedelta(days=1))
    publish(tmp_path, [stale])
    assert near([], tmp_path, left=[(home_of(stale), first.id)]).relinked == []


def test_a_date_that_is_corrected_moves_the_links(tmp_path):
    first, copy = make_article(1, text=text_of(1)), make_article(2, text=edited(1))
    publish(tmp_path, [first, copy], {copy.id: first.id})
    for days, linked, relinked in (
        (2, {first.id: copy.id}, [(home_of(copy), copy.id, None)]),
        (9, {}, [(home_of(copy), copy.id, None)]),
    ):
        moved = replace(first, published_at=first.published_at + timedelta(days=days))
        links = near([moved], tmp_path, left=[(home_of(first), first.id)])
        assert links[:2] == (linked, relinked)


def test_dropping_lets_rows_stay(tmp_path):
    late, copy, other, edit = (make_article(n, text=edited(1, n + 1)) for n in (1, 2, 3, 4))
    publish(tmp_path, [copy, replace(edit, text=text_of(5))])
    links = near([late, other, edit], tmp_path, drop=True)
    assert links.duplicate_of == dict.fromkeys([late.id, other.id, edit.id], copy.id)
    assert links.relinked == []
    assert links.rows == {copy.id: home_of(copy)}
    assert links.without_row == {late.id, other.id}
    moved = near([edit], tmp_path, drop=True, left=[(Partition("2026-09-30", 0), edit.id)])
    assert moved.without_row == frozenset()


def test_a_row_without_text_follows_its_link(tmp_path):
    first, copy, bare = (make_article(n, text=edited(1, n)) for n in (2, 3, 4))
    early = make_article(1, text=text_of(1))
    publish(tmp_path, [first, copy, bare], {copy.id: first.id, bare.id: first.id})
    path = tmp_path / f"date={first.published_at.date()}" / "part-00.parquet"
    remove_text(path, bare.id)
    relinked = {r.id: r.first for r in near([early], tmp_path).relinked}
    assert relinked == dict.fromkeys([first.id, copy.id, bare.id], early.id)
    links = near([], tmp_path, left=[(home_of(first), first.id)])
    assert {r.id: r.first for r in links.relinked} == {copy.id: None, bare.id: None}


def test_a_text_that_retention_removed_repeats_nothing(tmp_path):
    first = make_article(1, text=text_of(1))
    publish(tmp_path, [first])
    remove_text(tmp_path / f"date={first.published_at.date()}" / "part-00.parquet", first.id)
    assert near([make_article(2, text=edited(1))], tmp_path).duplicate_of == {}


def test_files_without_the_columns_are_passed_over(tmp_path):
    article = make_article(1)
    folder = tmp_path / f"date={article.published_at.date()}"
    folder.mkdir()
    pq.write_table(pa.table({"id": ["a"], "text": ["b"]}), folder / "part-00.parquet")
    assert list(known(tmp_path, [article])) == []


def test_texts_are_read_by_row_group(tmp_path):
    articles = [make_article(n, text=f"text {n}") for n in range(1, 8)]
    publish(tmp_path, articles, row_group=3)
    path = str(tmp_path / "date=2026-10-01" / "part-00.parquet")
    assert read_texts(path, [6, 0, 3]) == ["text 7", "text 1", "text 4"]


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path, monkeypatch):
    article = make_article(1, text=text_of(1))
    publish(tmp_path, [article])
    (first,) = known(tmp_path, [article])
    assert next(known(tmp_path, [article])) is first
    path = tmp_path / "date=2026-10-01" / "part-00.parquet"
    path.rename(path.with_name("x"))
    publish(tmp_path, [article, make_article(2, text=text_of(2))])
    (changed,) = known(tmp_path, [article])
    assert len(changed.ids) == 2
    monkeypatch.setattr(recent, "_files", FileCache(limit=0))
    assert len(next(known(tmp_path, [article])).ids) == 2


def seen(rows):
    """Return id, link and text of each row, found by look-ups alone."""
    found = {}
    for part in rows:
        ids = part.ids.to_pylist()
        here = part.groups_of(ids)
        places = [place for place, id_ in enumerate(ids) if part.times[place] != GONE]
        texts = dict(zip([ids[place] for place in places], part.texts(places), strict=True))
        assert texts.keys() == here.keys()
        links = {ids[place] for place in part.rows_of(set(here.values()) - {None})}
        assert links == {id_ for id_, first in here.items() if first}
        assert found.keys().isdisjoint(here)
        found |= {id_: (here[id_], text) for id_, text in texts.items()}
    return found


@pytest.mark.parametrize("limit", [10**9, 0])
def test_many_small_files_are_looked_up_as_one(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(recent, "LOOSE_FILES", 2)
    monkeypatch.setattr(recent, "GROUP_FILES", 8)
    monkeypatch.setattr(recent, "_groups", recent._Groups(limit))
    folder = tmp_path / "date=2026-10-01"
    chance = np.random.default_rng(3)
    expected = {}
    for step in range(60):
        number = 1 + int(chance.integers(12))
        path = tmp_path / DayFile("2026-10-01", 0, number).path
        path.unlink(missing_ok=True)
        if step % 9:
            here = [
                make_article(10 * number + n, text=text_of(step + n)) for n in range(step % 3 + 1)
            ]
            here = [replace(a, published_at=make_article(1).published_at) for a in here]
            linked = {article.id: make_article(999).id for article in here[:1]}
            publish(tmp_path, here, linked)
            folder.joinpath("part-00.parquet").rename(path)
            expected[number] = {a.id: (linked.get(a.id), a.text) for a in here}
        else:
            expected.pop(number, None)
        rows = list(known(tmp_path, [make_article(1)]))
        assert seen(rows) == {id_: row for file in expected.values() for id_, row in file.items()}
        assert len(rows) <= 2 * (1 + recent.LOOSE_FILES)
        texts = [text for file in expected.values() for _, text in file.values()]
        for part in rows:
            here = part.postings.find(np.concatenate([signature(text) for text in texts]), 99)
            assert set(here.rows.tolist()) >= set(np.flatnonzero(part.times != GONE).tolist())


def test_a_round_up_is_compared_and_shares_too_little():
    """It holds the first text whole, and 24.7 % of what both hold is shared: less than 25 %."""
    first, round_up = text_of(1), " ".join(text_of(seed) for seed in (1, 60, 61, 62))
    assert {*signature(first).tolist()} & {*signature(round_up).tolist()}
    assert overlap(shingles(first), shingles(round_up)).jaccard == pytest.approx(0.247, abs=5e-4)
    articles = [make_article(1, text=first), make_article(2, text=round_up)]
    assert near(articles).duplicate_of == {}
    assert near(articles, jaccard=0.24).duplicate_of == {articles[1].id: articles[0].id}


def test_reports_from_one_form_are_apart_whether_published_or_not(tmp_path):
    form = text_of(1, 60) + " {} " + text_of(2, 60)
    fills = ("in Moss by 7 and 40 and 12", "in Lund by 9 and 55 and 31")
    first, second = (make_article(n, text=form.format(fills[n - 1])) for n in (1, 2))
    pair = (min(first.id, second.id), max(first.id, second.id))
    assert near([first, second])[:2] == ({}, [])
    assert near([first, second]).apart == {pair}
    publish(tmp_path, [first])
    assert near([second], tmp_path).apart == {pair}
    assert near([second], tmp_path, drop=True).without_row == frozenset()
    assert near([replace(second, text=first.text)], tmp_path).apart == frozenset()


def test_no_articles():
    assert near([]) == ({}, [], {}, {}, frozenset(), frozenset())


def test_articles_need_a_time():
    with pytest.raises(AssertionError):
        near([make_article(1, published_at=None)])
