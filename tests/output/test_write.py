import json
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest
from builders import NOW, make_published, make_raw

from transforms.errors import NewsbeamError
from transforms.letters import publish_dead_letters
from transforms.output import publish
from transforms.output.key_index import index_of, key_hashes
from transforms.output.ledger import look_up
from transforms.output.listing import Listing, day_files
from transforms.output.merge import Amendment, Removal
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.records import DayFile, Duplicate, Partition, dead_letter, home_of
from transforms.write import WriteOptions
from transforms.write import write as publish_rows


def write(root, articles, removals=(), buckets=1, links=()):
    return publish_rows(articles, links, removals, WriteOptions(str(root), buckets, "run"))


def query(root, sql):
    return duckdb.sql(sql.format(f"read_parquet('{root}/date=*/*.parquet')")).fetchall()


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_rows_lie_in_the_partition_of_their_utc_day(tmp_path):
    write(tmp_path, [make_published(number) for number in (1, 2, 30)])
    assert files(tmp_path) == ["date=2026-10-01/part-00.parquet", "date=2026-10-02/part-00.parquet"]
    days = "select date::varchar, count(*) from {} group by 1 order by 1"
    assert query(tmp_path, days) == [("2026-10-01", 2), ("2026-10-02", 1)]


def test_writing_again_changes_no_byte(tmp_path):
    articles = [make_published(number) for number in range(10)]
    write(tmp_path, articles, buckets=3)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    write(tmp_path, articles[::-1], buckets=3)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_row_that_moves_leaves_none_behind(tmp_path):
    article = make_published(1)
    write(tmp_path, [article])
    moved = replace(article, published_at=datetime(2026, 10, 7, tzinfo=UTC))
    write(tmp_path, [moved], removals=[(home_of(article, 1), Removal(article.id, article.id))])
    assert files(tmp_path) == ["date=2026-10-07/part-00.parquet"]


def test_a_row_that_gets_a_better_date_from_an_older_version_keeps_its_title(tmp_path):
    fields = {"modified_at": datetime(2026, 10, 2, tzinfo=UTC), "date_source": "file"}
    stands = make_published(1, title="As it is called now", versions=("v2",), **fields)
    write(tmp_path, [stands])
    older = make_published(1, modified_at=datetime(2026, 9, 1, tzinfo=UTC), versions=("v1", "v2"))
    older = replace(older, published_at=datetime(2026, 9, 1, tzinfo=UTC), date_source="record")
    moving = replace(older, origin=home_of(stands, 1), duplicate_of="f" * 32)
    write(tmp_path, [moving], removals=[(home_of(stands, 1), Removal(stands.id, stands.id))])
    columns = "title, date::varchar, date_source, revision, duplicate_of"
    assert query(tmp_path, f"select {columns} from {{}}") == [
        ("As it is called now", "2026-09-01", "record", 2, "f" * 32)
    ]


def test_a_row_stays_where_its_successor_was_rejected(tmp_path):
    article, other = make_published(1), make_published(30)
    write(tmp_path, [article, other])
    home, both = home_of(article, 1), [(article.id,), (other.id,)]
    removals = [(home, Removal(article.id, article.id)), (home, Removal(article.id, other.id))]
    write(tmp_path, [], removals=removals)
    assert query(tmp_path, "select id from {} order by published_at") == both
    listing_it = replace(other, duplicates=(Duplicate(article.id, article.url),))
    write(tmp_path, [listing_it], removals=removals)
    assert query(tmp_path, "select id from {}") == [(other.id,)]


def test_rows_wait_for_the_links_to_them(tmp_path, monkeypatch):
    """If a run dies in between, it is the row that is missing, and it is read again."""
    copy, first = make_published(1), make_published(30)
    write(tmp_path, [copy])
    link = (home_of(copy, 1), Amendment(copy.id, duplicate_of=first.id))
    monkeypatch.setattr("transforms.write.publish_day", full_where_changes_are("amendments"))
    with pytest.raises(OSError, match="disk is full"):
        write(tmp_path, [first], links=[link])
    assert query(tmp_path, "select id from {}") == [(copy.id,)]
    monkeypatch.setattr("transforms.write.publish_day", full_where_changes_are("rows"))
    with pytest.raises(OSError, match="disk is full"):
        write(tmp_path, [first], links=[link])
    assert query(tmp_path, "select id, duplicate_of from {}") == [(copy.id, first.id)]


def full_where_changes_are(kind):
    """Return a `publish_day` that fails where such changes are among those of the day."""

    def publish_day(root, date, changes):
        if any(getattr(part, kind) for part in changes.values()):
            raise OSError("the disk is full")
        return publish.publish_day(root, date, changes)

    return publish_day


def test_a_newer_version_takes_the_place_of_what_was_taken_back(tmp_path):
    article = make_published(1)
    write(tmp_path, [article])
    newer = replace(article, text="It was built again.", versions=("other",))
    write(tmp_path, [newer], removals=[(home_of(article, 1), Removal(article.id))])
    assert query(tmp_path, "select text, revision from {}") == [("It was built again.", 1)]
    write(tmp_path, [], removals=[(home_of(article, 1), Removal(article.id))])
    assert files(tmp_path) == []


def tallies(done):
    return {name: count for name, count in done.counts.items() if count}, done.feeds.total()


def test_what_a_run_replaces_of_its_own_is_counted_once(tmp_path):
    """Whether it is edited, moves, or gives way to another article."""
    first = make_published(1, feed="https://a.example/feed")
    done = [write(tmp_path, [first])]
    edited = replace(first, text="Another text of the same article.", versions=("v1", "v2"))
    done.append(write(tmp_path, [edited]))
    moved = replace(edited, published_at=datetime(2026, 10, 7, tzinfo=UTC))
    away = [(home_of(first, 1), Removal(first.id, first.id))]
    done.append(write(tmp_path, [moved], removals=away))
    again = ({"unchanged": 1}, 0)
    assert list(map(tallies, done)) == [({"written": 1}, 1), again, again]
    other = make_published(30, duplicates=(Duplicate(first.id, first.url),))
    gives_way = [(home_of(moved, 1), Removal(first.id, other.id))]
    done = write(tmp_path, [other], removals=gives_way)
    assert {**done.counts} == {"written": 0, "unchanged": 0, "duplicate": 1}


def test_a_removal_that_a_kill_left_to_do_is_no_article(tmp_path):
    article = make_published(1)
    moved = replace(article, published_at=datetime(2026, 10, 7, tzinfo=UTC))
    write(tmp_path, [article])
    write(tmp_path, [moved])  # the process ends before the row leaves its old day
    away = [(home_of(article, 1), Removal(article.id, article.id))]
    assert {**write(tmp_path, [moved], removals=away).counts} == {"written": 0, "unchanged": 1}
    assert len(files(tmp_path)) == 1


HOME = Partition("2026-10-01", 0)


def row(number, **fields):
    return article_row(make_published(number, **fields), "run")


def day(number):
    """Return an article's fields for the first of October, minute by minute."""
    return {"published_at": datetime(2026, 10, 1, 0, number, tzinfo=UTC)}


@pytest.fixture
def series(tmp_path, monkeypatch):
    """Return an output whose day has three files, of 3, 3 and 1 rows."""
    monkeypatch.setattr(publish, "FILE_ROWS", 3)
    for numbers in ((0, 1, 2), (3, 4, 5), (6,)):
        publish_partition(str(tmp_path), HOME, [row(n, **day(n)) for n in numbers])
    return tmp_path


def test_a_full_file_takes_no_new_rows(series):
    names = ["part-00-0001.parquet", "part-00-0002.parquet", "part-00.parquet"]
    assert files(series) == [f"date=2026-10-01/{name}" for name in names]
    assert [file.number for file in day_files(str(series))] == [0, 1, 2]
    done = publish_partition(str(series), HOME, [row(7, **day(7))])
    assert done.created == {"date=2026-10-01/part-00-0003.parquet"}
    assert done.changed == {"date=2026-10-01/part-00-0002.parquet"}
    assert query(series, "select count(*), count(distinct id) from {}") == [(8, 8)]


def test_a_change_rewrites_only_the_file_of_its_row(series):
    edited = row(4, **day(4), text="Another text of the same article.")
    linked = Amendment(row(0, **day(0))["id"], keys=("a-key",))
    done = publish_partition(str(series), HOME, [edited], [linked], [row(6, **day(6))["id"]])
    assert done.ids == {edited["id"], linked.id, row(6, **day(6))["id"]}
    old = [f"date=2026-10-01/part-00{number}.parquet" for number in ("", "-0001", "-0002")]
    new = [f"date=2026-10-01/part-00{number}.parquet" for number in ("-0003", "-0004")]
    assert (done.created, done.changed) == (set(new), set(old))
    assert files(series) == new
    assert done.now(DayFile(*HOME, 0)) == DayFile(*HOME, 3)
    assert done.now(DayFile(*HOME, 2)) is None
    assert query(series, "select count(*), count(distinct id) from {}") == [(6, 6)]
    assert query(series, f"select text from {{}} where id = '{edited['id']}'") == [
        (edited["text"],)
    ]


def test_rows_are_found_in_every_file_of_a_day(series):
    for number in range(7):
        wanted = row(number, **day(number))
        [found] = look_up(str(series), {wanted["id"]}, set())
        assert (found.row["id"], found.home) == (wanted["id"], HOME)
    assert len(look_up(str(series), set(), {row(5, **day(5))["text_sha256"]})) == 1
    assert look_up(str(series), {"f" * 32}, {"0" * 64}) == []


def test_a_file_is_found_by_a_key_that_another_holds_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "FILE_ROWS", 1)
    key = "a" * 32
    twice = row(1, **day(1), keys=(key,), duplicates=(Duplicate(key, "https://a.example/1"),))
    for number, own in enumerate((twice, row(2, **day(2), keys=(key,)))):
        publish_partition(str(tmp_path), HOME, [own])
        listing = Listing(str(tmp_path))
        found = index_of(str(tmp_path)).holders(listing, listing.files, key_hashes(pa.array([key])))
        assert [file.number for file in found] == list(range(number + 1))


def test_key_hashes():
    keys = ["", "a", "é" * 9, "0" * 16, "0" * 32, "0" * 15 + "1", "1" + "0" * 15]
    hashes = key_hashes(pa.array(keys)).tolist()
    assert hashes[3] == hashes[4]  # only the first 16 bytes count
    assert len(set(hashes)) == len(keys) - 1
    assert key_hashes(pa.array(keys)[2:]).tolist() == hashes[2:]
    assert key_hashes(pa.chunked_array([keys[:3], [], keys[3:]])).tolist() == hashes
    assert key_hashes(pa.array([], pa.string())).tolist() == []


def test_unreadable_file_in_the_output_is_named_and_kept(tmp_path):
    path = tmp_path / DayFile("2026-10-01", 0, 0).path
    path.parent.mkdir()
    path.write_bytes(b"not parquet")
    with pytest.raises(NewsbeamError, match=r"part-00\.parquet cannot be read"):
        write(tmp_path, [make_published(1)])
    assert path.read_bytes() == b"not parquet"


def letters(count):
    return [
        dead_letter(make_raw(f"line {n}".encode(), line=n), "parse", "bad_json", "no JSON")
        for n in range(count)
    ]


def test_dead_letters_keep_the_payload_and_are_listed_once(tmp_path):
    binary = dead_letter(make_raw(b"\xff\xfe"), "read", "corrupt", "not readable")
    publish_dead_letters(str(tmp_path), "2026-10-05", "run", [*letters(2), binary])
    [path] = (tmp_path / "_rejected" / "date=2026-10-05").iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((item["reason"], item.get("payload")) for item in lines if "payload" in item) == [
        ("bad_json", "line 0"),
        ("bad_json", "line 1"),
    ]
    assert [item["payload_base64"] for item in lines if item["step"] == "read"] == ["//4="]
    assert publish_dead_letters(str(tmp_path), "2026-10-06", "run 2", letters(2)) is None
    assert publish_dead_letters(str(tmp_path), "2026-10-06", "run 2", letters(3)) is not None
    everything = duckdb.sql(f"from read_json('{tmp_path}/_rejected/*/*.jsonl')").fetchall()
    assert len(everything) == 4


def test_dead_letter_of_a_cleaned_article_is_a_record_to_read_again():
    letter = dead_letter(make_published(1), "encode", "bad_vector", "not finite")
    record = json.loads(letter.payload)
    assert letter.fetched_at == NOW
    assert record["title"] == "Bridge 1"
    assert record["date"] == "2026-10-01T01:00:00+00:00"
