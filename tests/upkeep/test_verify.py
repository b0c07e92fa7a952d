"""Damage done to a real output: verify finds exactly it, and `fix` mends what can be mended."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import NOW, make_published, take_over, verify_and_fix
from rich.console import Console

from pipeline.lock.lock import OutputLockedError, output_lock
from pipeline.manifest import file_records
from pipeline.upkeep.verify import ids, mend, print_problems, verify_output
from pipeline.upkeep.verify.each_row import summary_is_extract
from transforms.errors import ConfigError
from transforms.output.listing import day_files
from transforms.output.merge import encode_table
from transforms.output.publish import publish_partition
from transforms.output.schema import SCHEMA, SCHEMA_VERSION, article_row, rows_table
from transforms.records import Partition, home_of

DAY = "2026-10-01"
FILE = f"date={DAY}/part-00.parquet"
RUN = "20261005T120000.000000Z"


@pytest.fixture(scope="session")
def real_output(seeds_run, tmp_path_factory):
    """Return a copy of the output of the seeds, with what a manifest is to say of its files."""
    copy = tmp_path_factory.mktemp("verify") / "out"
    shutil.copytree(seeds_run[0], copy)
    [path] = (copy / "_runs").glob("*.json")
    manifest = json.loads(path.read_text())
    homes = [file.path for file in day_files(str(copy))]
    path.write_text(json.dumps(manifest | {"files": file_records(str(copy), homes)}))
    return copy


@pytest.fixture
def output(real_output, tmp_path):
    return Path(shutil.copytree(real_output, tmp_path / "out"))


def read(output, path=FILE):
    return pq.ParquetFile(output / path).read().to_pylist()


def write(output, rows, path=FILE):
    """Write rows as they are; the manifest is told, so that only the damage itself is one."""
    (output / path).parent.mkdir(exist_ok=True)
    (output / path).write_bytes(encode_table(rows_table(rows)))
    record(output, path)


def record(output, *paths):
    [manifest] = (output / "_runs").glob("*Z.json")
    content = json.loads(manifest.read_text())
    content["files"] |= file_records(str(output), paths)
    manifest.write_text(json.dumps(content))


def change(output, path=FILE, index=0, **values):
    rows = read(output, path)
    rows[index] |= values
    write(output, rows, path)


def everything(output):
    rows = [row for file in day_files(str(output)) for row in read(output, file.path)]
    return sorted(rows, key=lambda row: row["id"])


def codes(report):
    return sorted({problem.code for problem in report.remaining})


def a_day(output):
    """Return a day other than `DAY` that holds a row."""
    return max(file.date for file in day_files(str(output)))


def in_another_day(output):
    rows = read(output)
    write(output, rows[1:])
    other = f"date={a_day(output)}/part-00.parquet"
    write(output, sorted([*read(output, other), rows[0]], key=lambda r: r["published_at"]), other)


def in_two_homes(output):
    """Leave what a move that was killed leaves."""
    row = read(output)[0]
    other = f"date={a_day(output)}/part-00.parquet"
    published = datetime.combine(datetime.fromisoformat(a_day(output)), datetime.min.time(), UTC)
    moved = row | {
        "published_at": published,
        "versions": sorted([*row["versions"], f"0123@{published.isoformat()}"]),
        "revision": row["revision"] + 1,
        "ingested_at": row["ingested_at"] + timedelta(hours=1),
    }
    write(output, [moved, *read(output, other)], other)


def twice_in_a_file(output):
    rows = read(output)
    write(output, [rows[0], *rows])


def in_two_files(output):
    write(output, read(output)[:1], f"date={DAY}/part-00-0001.parquet")


def unsorted(output):
    write(output, read(output)[::-1])


def uncompressed(output):
    pq.write_table(rows_table(read(output)), output / FILE, compression="gzip")
    record(output, FILE)


def without_index(output):
    pq.write_table(rows_table(read(output)), output / FILE, compression="zstd")
    record(output, FILE)


def duplicate_with_row(output):
    """Leave what giving way to an earlier article of the same text, killed, leaves."""
    rows = read(output)
    copy = rows[0] | {"id": "f" * 32, "keys": ["f" * 32]}
    listed = {"id": copy["id"], "url": "https://a.example/1"}
    rows[0]["duplicates"] = sorted([*rows[0]["duplicates"], listed], key=lambda d: d["id"])
    write(output, sorted([*rows, copy], key=lambda row: (row["published_at"], row["id"])))


def leftovers(output):
    (output / f"date={DAY}" / ".part-00.parquet.42.tmp").write_bytes(b"PAR1")
    (output / "_replay/_rejected/date=2026-10-05").mkdir(parents=True)
    (output / "_replay/_rejected/date=2026-10-05/part-0.jsonl").write_bytes(b"{}\n")


def empty_folders(output):
    (output / "date=2026-10-30" / "sub").mkdir(parents=True)


def letter_twice(output):
    path = max((output / "_rejected").rglob("*.jsonl"))
    path.with_name("part-copy.jsonl").write_text(path.read_text())


MENDED = {
    in_another_day: "wrong_day",
    in_two_homes: "id_twice",
    twice_in_a_file: "id_twice",
    in_two_files: "id_twice",
    unsorted: "not_sorted",
    uncompressed: "wrong_layout",
    without_index: "wrong_layout",
    duplicate_with_row: "duplicate_has_row",
    leftovers: "leftover",
    empty_folders: "empty_folder",
    letter_twice: "dead_letter_twice",
    lambda output: change(output, revision=7): "wrong_revision",
    lambda output: write(output, [], "date=2026-10-30/part-00.parquet"): "no_rows",
}


def test_output_of_a_run_is_clean(output):
    report = verify_output(str(output))
    assert report.problems == []
    assert report.counts["rows"] == len(everything(output))
    assert report.counts["checksums"] == report.counts["files"] == len(day_files(str(output)))


@pytest.mark.parametrize(("damage", "code"), list(MENDED.items()))
def test_what_can_be_mended(output, damage, code):
    before = everything(output)
    damage(output)
    assert codes(verify_output(str(output))) == [code]
    report = verify_and_fix(output)
    assert report.remaining == []
    assert {problem.code for problem in report.problems} == {code}
    assert codes(verify_output(str(output))) == []
    after = everything(output)
    if damage is in_two_homes:
        assert [row["id"] for row in after] == [row["id"] for row in before]
        moved = next(row for row in after if row not in before)
        assert (moved["revision"], moved["published_at"].strftime("%Y-%m-%d")) == (2, a_day(output))
    elif damage is duplicate_with_row:
        assert [row["id"] for row in after] == [row["id"] for row in before]
    else:
        assert after == before


@pytest.mark.parametrize(
    ("damage", "during"),
    [
        (unsorted, "encode_table"),
        (in_two_homes, "merged_row"),
        (duplicate_with_row, "listed_of"),
        (letter_twice, "mend_links"),
    ],
)
def test_what_lost_the_lock_mends_nothing_more(output, monkeypatch, damage, during):
    damage(output)
    before = contents(output)
    with output_lock(str(output), "verify --fix") as lock:

        def lose(*arguments):
            monkeypatch.undo()
            take_over(lock)
            return getattr(mend, during)(*arguments)

        monkeypatch.setattr(mend, during, lose)
        with pytest.raises(OutputLockedError, match=r"taken over by newsbeam verify --fix"):
            verify_output(str(output), lock)
        with pytest.raises(OutputLockedError):
            verify_output(str(output), lock)
    assert contents(output) == before


def contents(output):
    """Return the content of all files but those of the lock and of `verify --fix` itself."""
    files = [path for path in output.rglob("*") if path.is_file()]
    own = [path for path in files if path.parent.name != "_lock"]
    return {path: path.read_bytes() for path in own if not path.name.endswith("-verify.json")}


def other_type(output):
    table = rows_table(read(output))
    column = table.schema.get_field_index("word_count")
    table = table.set_column(column, "word_count", table["word_count"].cast(pa.int64()))
    pq.write_table(table, output / FILE, compression="zstd", write_page_index=True)
    record(output, FILE)


def with_metadata(version, drop=()):
    def damage(output):
        table = rows_table(read(output)).drop_columns(list(drop))
        table = table.replace_schema_metadata({"newsbeam.schema_version": version})
        pq.write_table(table, output / FILE, compression="zstd", write_page_index=True)
        record(output, FILE)

    return damage


def flipped_bit(output):
    content = bytearray((output / FILE).read_bytes())
    content[len(content) // 3] ^= 1
    (output / FILE).write_bytes(content)


def edit_manifest(**values):
    def damage(output):
        [path] = (output / "_runs").glob("*.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return damage


def forgotten(output):
    [path] = (output / "_runs").glob("*.json")
    manifest = json.loads(path.read_text())
    del manifest["files"][FILE]
    path.write_text(json.dumps(manifest))


def put(path, content):
    def damage(output):
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(content)

    return damage


def set_(**values):
    return lambda output: change(output, **values)


REPORTED = {
    "unreadable": (put(FILE, b"PAR1 nothing"), ["unreadable_file", "wrong_checksum"]),
    "other type": (other_type, ["wrong_schema"]),
    "newer": (with_metadata("99"), ["wrong_schema"]),
    "no version": (with_metadata(""), ["wrong_schema"]),
    "no column": (with_metadata(str(SCHEMA_VERSION), ["flags"]), ["wrong_schema"]),
    "text": (set_(text="Other."), ["summary_not_in_text", "wrong_text_sha256"]),
    "no summary": (set_(summary=" "), ["no_summary"]),
    "other summary": (set_(summary="Nobody ever wrote this."), ["summary_not_in_text"]),
    "faithfulness": (set_(faithfulness=1.5), ["out_of_range"]),
    "topic": (set_(topic="none such"), ["bad_topics"]),
    "topics": (
        set_(topic=None, topics=[{"label": "a", "score": 0.2}, {"label": "b", "score": 0.4}]),
        ["bad_topics"],
    ),
    "flags": (set_(flags=["b", "a"]), ["bad_value"]),
    "date source": (set_(date_source="oracle"), ["bad_value"]),
    "keys": (set_(keys=["other"]), ["bad_keys"]),
    "unexpected": (put("notes.parquet", b""), ["unexpected_file"]),
    "no such day": (put("date=2026-02-31/a.parquet", b""), ["unexpected_file"]),
    "missing file": (lambda output: shutil.rmtree(output / f"date={DAY}"), ["missing_file"]),
    "older file": (lambda output: publish_partition(str(output), Partition(DAY, 0),
        removals=[read(output)[0]["id"]]), ["missing_file", "unlisted_file"]),
    "forgotten": (forgotten, ["unlisted_file"]),
    "unbalanced": (edit_manifest(balance={"in": 3, "written": 2}), ["unbalanced"]),
    "bad manifest": (put("_runs/x.json", b"{"), ["bad_manifest"]),
    "bad letter": (put("_rejected/date=2026-10-05/part-x.jsonl", b"{}\n"), ["bad_dead_letter"]),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "expected"), REPORTED.values(), ids=REPORTED)
def test_what_is_only_reported(output, damage, expected):
    damage(output)
    before = contents(output)
    report = verify_and_fix(output)
    assert codes(report) == expected
    assert not any(problem.fixable for problem in report.problems)
    assert contents(output) == before


def test_flipped_bit_is_found(output):
    flipped_bit(output)
    assert "wrong_checksum" in codes(verify_output(str(output)))


@pytest.mark.parametrize("status", ["running", "failed", "interrupted"])
def test_work_of_a_run_that_did_not_end_well_is_no_wrong_checksum(output, status):
    publish_partition(str(output), Partition(DAY, 0), removals=[read(output)[0]["id"]])
    killed = {"run_id": "2999", "status": status}
    (output / "_runs" / "2999.json").write_text(json.dumps(killed))
    report = verify_output(str(output))
    assert report.problems == []
    assert report.counts["unrecorded"] == 1


def test_a_duplicate_that_has_its_own_text_keeps_its_row(output):
    """A crash came between its row and its owner's."""
    owner, other = read(output)[:2]
    assert owner["text_sha256"] != other["text_sha256"]
    seen = {"id": other["id"], "touched_at": None, "text_sha256": "0" * 64, "versions": ["v"]}
    change(output, duplicates=[{"id": other["id"], "url": "u"}], listed=[seen])
    assert codes(verify_output(str(output))) == ["duplicate_has_row"]
    assert verify_and_fix(output).remaining == []
    rows = {row["id"]: row for row in everything(output)}
    assert (rows[owner["id"]]["duplicates"], rows[owner["id"]]["listed"]) == ([], [])
    assert rows[other["id"]] == other


def test_unreadable_file_does_not_keep_others_from_being_mended(output):
    in_two_homes(output)
    unreadable = next(h.path for h in day_files(str(output)) if h.date not in (DAY, a_day(output)))
    (output / unreadable).write_bytes(b"nothing")
    report = verify_and_fix(output)
    assert codes(report) == ["unreadable_file", "wrong_checksum"]
    assert [problem.code for problem in report.problems if problem.fixed] == ["id_twice"]
    assert (output / unreadable).read_bytes() == b"nothing"


def test_a_changed_file_is_mended_once_it_is_accepted(output):
    """Rows of it may be lost: mending it would hide that."""
    rows = read(output)
    content = encode_table(rows_table(rows[:0:-1]))
    (output / FILE).write_bytes(content)
    found = verify_output(str(output))
    assert [(p.code, p.fixable) for p in sorted(found.problems)] == [
        *(("not_sorted", False), ("wrong_checksum", False))
    ]
    assert sorted(verify_and_fix(output).problems) == sorted(found.problems)
    assert (output / FILE).read_bytes() == content
    with output_lock(str(output), "verify --fix") as lock:
        accepted = verify_output(str(output), lock, [FILE])
    assert accepted.remaining == []
    assert verify_output(str(output)).problems == []
    assert sorted(row["id"] for row in everything(output) if row in rows) == sorted(
        row["id"] for row in rows[1:]
    )


@pytest.mark.parametrize(
    "spoil", ["in_two_homes", "linked_to_nothing", "owner_of_a_row", "in_the_wrong_day"]
)
def test_nothing_that_touches_a_changed_file_is_mended(output, spoil):
    """And what a second look finds is what the first one left."""
    spoils = {
        "in_two_homes": lambda: in_two_homes(output),
        "linked_to_nothing": lambda: change(output, duplicate_of="f" * 32),
        "owner_of_a_row": lambda: change(
            output, duplicates=[{"id": read(output)[1]["id"], "url": "u"}]
        ),
        "in_the_wrong_day": lambda: change(output, published_at=NOW),
    }
    spoils[spoil]()
    (output / FILE).write_bytes(encode_table(rows_table(reversed(read(output)))))
    before = contents(output)
    report = verify_and_fix(output)
    assert "wrong_checksum" in codes(report)
    assert len(codes(report)) > 2
    assert not any(problem.fixable for problem in report.remaining)
    assert contents(output) == before
    assert sorted(verify_output(str(output)).problems) == sorted(report.remaining)


def test_what_needs_a_damaged_file_is_mended_once_it_is_back(output):
    other = next(h.path for h in day_files(str(output)) if h.date == a_day(output))
    first = next(row for row in read(output) if not row["duplicate_of"])
    row, *rest = read(output, other)
    strayed = row | {"published_at": first["published_at"], "duplicate_of": first["id"]}
    write(output, [strayed, *rest], other)
    content = (output / FILE).read_bytes()
    (output / FILE).write_bytes(b"PAR1 nothing")
    before = contents(output)
    report = verify_and_fix(output)
    assert {"wrong_day", "dangling_link"} <= set(codes(report))
    assert not any(problem.fixable for problem in report.problems)
    assert contents(output) == before
    (output / FILE).write_bytes(content)
    assert verify_and_fix(output).remaining == []
    moved = [r for r in everything(output) if r["id"] == row["id"]]
    assert [(r["published_at"], r["duplicate_of"]) for r in moved] == [
        (first["published_at"], first["id"])
    ]


def test_what_is_gone_or_changed_can_be_accepted(output, newsbeam):
    other = next(h.path for h in day_files(str(output)) if h.date == a_day(output))
    (output / FILE).unlink()
    renamed = [row | {"title": "Another headline"} for row in read(output, other)]
    (output / other).write_bytes(encode_table(rows_table(renamed)))
    assert codes(verify_output(str(output))) == ["empty_folder", "missing_file", "wrong_checksum"]
    assert codes(verify_and_fix(output)) == ["missing_file", "wrong_checksum"]
    done = newsbeam("verify", output, "--fix", "--accept", other, "--json")
    assert [problem["code"] for problem in done.json["problems"] if not problem["fixed"]] == [
        "missing_file"
    ]
    assert newsbeam("verify", output, "--fix", "--accept", FILE).code == 0
    assert verify_output(str(output)).problems == []


def test_only_what_is_gone_or_changed_can_be_accepted(output, newsbeam):
    refused = newsbeam("verify", output, "--fix", "--accept", FILE)
    assert (refused.code, f"--accept {FILE}: takes" in refused.err) == (2, True)
    (output / FILE).write_bytes(b"PAR1 nothing")
    assert newsbeam("verify", output, "--fix", "--accept", FILE).code == 2
    assert "add --fix" in newsbeam("verify", output, "--accept", FILE).err


def publish_rows(root, articles, buckets):
    homes = {}
    for article in articles:
        homes.setdefault(home_of(article, buckets), []).append(article_row(article, RUN))
    for home, rows in homes.items():
        publish_partition(str(root), home, rows)


@pytest.mark.parametrize("buckets", [1, 2, 7, 64])
def test_buckets_are_told_by_the_files(tmp_path, buckets):
    publish_rows(tmp_path, [make_published(number) for number in range(200)], buckets)
    assert verify_output(str(tmp_path)).problems == []


@pytest.mark.parametrize("change_of_setting", [(1, 4), (4, 1), (4, 3)])
def test_rows_in_the_wrong_bucket_are_moved(tmp_path, change_of_setting):
    articles = [make_published(number % 20, text=f"Text {number}.") for number in range(20)]
    first, then = change_of_setting
    publish_rows(tmp_path, articles[:5], first)
    publish_rows(tmp_path, articles[5:], then)
    before = everything(tmp_path)
    assert codes(verify_output(str(tmp_path))) in ([], ["wrong_bucket"])
    assert verify_and_fix(tmp_path).remaining == []
    assert everything(tmp_path) == before


def test_ids_are_compared_in_passes(tmp_path, monkeypatch):
    articles = [make_published(number) for number in range(60)]
    publish_rows(tmp_path, articles, 3)
    twin = article_row(replace(articles[0], published_at=NOW), RUN)
    publish_partition(str(tmp_path), home_of(replace(articles[0], published_at=NOW), 3), [twin])
    whole = verify_output(str(tmp_path))
    monkeypatch.setattr(ids.check_ids, "__defaults__", (4,))
    assert verify_output(str(tmp_path)) == whole
    assert [(p.code, p.id) for p in whole.problems] == [("id_twice", articles[0].id)]


def test_file_of_an_earlier_version_is_no_problem(tmp_path):
    publish_rows(tmp_path, [make_published(1)], 1)
    assert int(SCHEMA.metadata[b"newsbeam.schema_version"]) >= 1
    assert verify_output(str(tmp_path)).counts["rows"] == 1


TEXT = "The cat sat. It was warm! “Who knows?” said Mr. Smith. Nobody did."


@pytest.mark.parametrize(
    ("summary", "extract"),
    [
        (TEXT, True),
        ("The cat sat. Nobody did.", True),
        ("It was warm! “Who knows?” said Mr. Smith.", True),
        ("The cat sat on Mr. Smith.", False),
        ("The cat sat. It was cold!", False),
        ("• The cat sat.\n• “Who knows?” said Mr. Smith.", True),
        ("• The cat sat.\n• It was cold!", False),
        ("• The cat sat.\nIt was warm!", False),
    ],
)
def test_extract(summary, extract):
    assert summary_is_extract(summary, TEXT.replace(". ", ".\n\n", 1), "en") == extract


def test_printed(output, capsys):
    unsorted(output)
    print_problems(Console(width=120), verify_output(str(output)), "out")
    shown = capsys.readouterr().out
    assert "not_sorted" in shown
    assert "1 problem" in shown
    assert "newsbeam verify out --fix" in shown
    print_problems(Console(width=120), verify_and_fix(output), "out")
    assert "fixed" in (shown := capsys.readouterr().out)
    assert "OK: " in shown


def test_missing_output():
    with pytest.raises(ConfigError, match="does not exist"):
        verify_output("/nowhere/out")
