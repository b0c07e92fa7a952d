"""Takedowns: an article leaves every file, and does not come back."""

import json
import shutil
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import make_published
from runs import run_settings

from pipeline.upkeep.forget import forget, names_of
from pipeline.upkeep.session import Upkeep, upkeep
from pipeline.upkeep.traces import Names, Trace, find_traces
from pipeline.upkeep.verify import verify_output
from transforms.errors import ConfigError
from transforms.models.cache import ResultCache
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.state import Forgotten
from transforms.output.withheld import load_forgotten
from transforms.records import Partition

WORDS = (
    "The council of Marlow voted on Monday to build a new bridge over the river near the old mill. "
    "It will cost four million and take two years, said the mayor Ann Lee to the reporters there. "
    "Shops on the east bank hope that visitors return, while boatmen fear for their landing place."
)
URL = "https://a.example/1"


def record(number, text, **fields):
    date = f"2026-10-0{number % 3 + 1}T08:00:00Z"
    url = f"https://a.example/{number}"
    return {"url": url, "title": f"Item {number}", "text": text, "date": date, **fields}


RECORDS = [
    record(1, WORDS, date="2026-10-01T01:00:00Z"),
    record(2, WORDS, title="Item 1"),
    record(3, WORDS.replace("reporters", "press"), title="A near copy"),
    record(4, WORDS.replace("boatmen", "fishermen"), title="Another one"),
    record(12, "Nothing else is like this one. See https://a.example/1 for the whole story."),
    record(13, "A storm closed the harbour of Lugo. Nobody was hurt, said the harbour master."),
    record(1, "?", id="broken"),
]


def publish(folder, records):
    """Run newsbeam on records, into `folder/out`."""
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(item) + "\n" for item in records))
    settings = {"input.paths": [str(source)], "output.path": str(folder / "out")}
    return run_settings(settings | {"output.revisions": True})


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forget")
    publish(folder, RECORDS)
    edited = RECORDS[0] | {"text": WORDS.replace("four", "six")}
    publish(folder, [edited, RECORDS[0] | {"url": "https://a.example/1?utm_source=x", "text": "?"}])
    return folder / "out"


@pytest.fixture
def output(published, tmp_path):
    return Path(shutil.copytree(published, tmp_path / "out"))


@pytest.mark.parametrize(
    ("url", "left"),
    [("https://a.example/13", ["b.html"]), (URL, [])],
    ids=["names an article", "may name a dead letter that went"],
)
def test_pages_of_runs_that_tell_of_it_go(output, url, left):
    for path in (output / "_runs").glob("*.html"):
        path.unlink()
    (output / "_runs" / "a.html").write_text("<p>https://a.example/13</p>")
    (output / "_runs" / "b.html").write_text("<p>in/other.json</p>")
    with upkeep(str(output), "forget") as done:
        result = forget(str(output), names_of([], [url]), done)
    assert sorted(path.name for path in output.glob("_runs/*.html")) == left
    assert result.counts["run_pages"] == 2 - len(left)
    assert result.left == []
    assert verify_output(str(output)).problems == []


@pytest.fixture
def work(tmp_path):
    return partial(publish, tmp_path)


def rows(output):
    found = [
        row
        for file in day_files(str(output))
        for row in pq.ParquetFile(output / file.path).read().to_pylist()
    ]
    return {row["url"].rpartition("/")[2]: row for row in found}


def remove(output, ids=(), urls=()):
    with upkeep(str(output), "forget") as done:
        return forget(str(output), names_of(ids, urls), done)


def test_the_fixture_has_what_is_to_go(output):
    before = rows(output)
    first = before["1"]["id"]
    assert {before["3"]["duplicate_of"], before["4"]["duplicate_of"]} == {first}
    assert before["3"]["story_id"] == first
    assert [item["url"] for item in before["1"]["duplicates"]] == ["https://a.example/2"]
    assert list((output / "_revisions").rglob("*.parquet"))
    assert len(find_traces(str(output), names_of([first], []))[1]) > 3


@pytest.mark.parametrize("by", ["id", "url"])
def test_nothing_is_left_of_an_article(output, by):
    first = rows(output)["1"]["id"]
    result = remove(output, [first], []) if by == "id" else remove(output, [], [URL])
    assert result.left == []
    assert {(t.column, t.is_mention) for t in result.traces} == {("text", True), ("summary", True)}
    counts = {"rows": 1, "versions": 1, "dead_letters": 2, "relinked": 2}
    assert {name: result.counts[name] for name in counts} == counts
    assert not list(output.rglob(f"*{first}*"))
    content = b"".join(path.read_bytes() for path in output.rglob("*.json*"))
    assert first.encode() not in content
    assert b'a.example/1"' not in content
    assert sorted(rows(output)) == ["12", "13", "3", "4"]
    assert verify_output(str(output)).problems == []


def test_results_of_models_go(output):
    cache = ResultCache(str(output / "_cache"), 10_000)
    cache.put({"key": "A summary of the article."})
    remove(output, urls=[URL])
    assert cache.get(["key"]) == {}


def test_others_are_linked_to_the_earliest_that_remains(output):
    before = rows(output)
    remove(output, urls=[URL])
    after = rows(output)
    order = sorted(("3", "4"), key=lambda name: after[name]["published_at"])
    heir = after[order[0]]
    assert heir["duplicate_of"] is None
    assert after[order[1]]["duplicate_of"] == heir["id"]
    assert {after[name]["story_id"] for name in order} == {heir["id"]}
    assert after["13"] == before["13"]


def test_it_does_not_come_back(output, work):
    remove(output, urls=[URL])
    after = rows(output)
    manifest = work([RECORDS[0], RECORDS[4], RECORDS[0] | {"url": "https://m.a.example/1/"}])
    balance = {"in": 3, "written": 0, "unchanged": 1, "duplicate": 0, "rejected": 2}
    assert manifest.counts.balance() == balance
    assert manifest.counts.rejected == {"dedupe.forgotten": 2}
    assert rows(output) == after
    assert not list((output / "_rejected").rglob("*.jsonl"))
    assert set(json.loads((output / Forgotten.NAME).read_text())["forgotten"]) == load_forgotten(
        str(output)
    )


def test_the_same_text_elsewhere_may_be_published(output, work):
    remove(output, urls=[URL])
    work([RECORDS[1]])
    assert rows(output)["2"]["duplicates"] == []


def test_an_article_that_is_only_listed_as_a_duplicate(output, work):
    result = remove(output, urls=["https://a.example/2"])
    assert (result.counts["duplicates"], result.counts["rows"], result.left) == (2, 0, [])
    assert rows(output)["1"]["duplicates"] == []
    assert work([RECORDS[1]]).counts.rejected == {"dedupe.forgotten": 1}


def test_again_and_for_what_was_never_there(output):
    remove(output, urls=[URL])
    before = {path: path.read_bytes() for path in output.rglob("date=*/*")}
    assert remove(output, urls=[URL]).counts.total() == 0
    assert {path: path.read_bytes() for path in output.rglob("date=*/*")} == before
    assert remove(output, urls=["https://b.example/7"]).counts.total() == 0


def test_rows_that_a_killed_forget_left_are_a_problem(output):
    class KilledError(Exception):
        pass

    class Paths(set):
        def __ior__(self, _):
            raise KilledError

    with pytest.raises(KilledError):
        forget(str(output), names_of([], [URL]), Upkeep("1", paths=Paths()))
    [problem] = [p for p in verify_output(str(output)).problems if p.code == "forgotten"]
    assert f"forget {output} --id {problem.id}" in problem.detail
    remove(output, ids=[problem.id])
    # The file that was changed last is in no manifest, as nothing here was really killed.
    assert {p.code for p in verify_output(str(output)).problems} <= {"missing_file"}


def test_addresses_are_found_whole():
    names = Names(frozenset(), frozenset({"a.example/1"}))
    for text in (
        "https://a.example/1",
        "see www.a.example/1.",
        r'"https:\/\/a.example\/1?utm_id=2"',
    ):
        assert names.are_in(text.encode()), text
    for text in ("https://a.example/12", "a.example/1/2", "https://a.example/1?id=2"):
        assert not names.are_in(text.encode()), text


@pytest.mark.parametrize(
    ("ids", "urls", "message"),
    [
        (["12"], [], "--id 12"),
        ([], ["a.example"], "--url a.example"),
        ([], ["https://a.example/"], "--url"),
        ([], [], "name what is to be forgotten"),
    ],
)
def test_names_are_checked(ids, urls, message):
    with pytest.raises(ConfigError, match=message):
        names_of(ids, urls)


def test_command(output, newsbeam):
    done = newsbeam("forget", output, "--url", URL)
    assert done.code == 0, done.err
    assert "nothing is left" in done.out
    assert newsbeam("forget", output.parent / "no", "--url", URL).code == 2


def test_an_article_on_the_same_event_does_not_become_the_first_of_copies(tmp_path):
    first, copy, other = (make_published(n, text=f"Text {n}.") for n in (1, 3, 2))
    rows_ = [article_row(article, "run") for article in (first, copy, other)]
    for row in rows_:
        row["story_id"] = first.id
    rows_[1]["duplicate_of"] = first.id
    publish_partition(str(tmp_path), Partition("2026-10-01", 0), rows_)
    remove(tmp_path, ids=[first.id])
    after = {row["id"]: row for row in rows(tmp_path).values()}
    assert {row["duplicate_of"] for row in after.values()} == {None}
    assert {row["story_id"] for row in after.values()} == {other.id}


def test_the_first_of_those_that_stay_has_a_stated_date(tmp_path):
    gone, by_file, stated = (make_published(n, text=f"Text {n}.") for n in (1, 2, 3))
    rows_ = [article_row(article, "run") for article in (gone, by_file, stated)]
    rows_[1]["date_source"] = "file"
    for row in rows_[1:]:
        row["duplicate_of"] = row["story_id"] = gone.id
    publish_partition(str(tmp_path), Partition("2026-10-01", 0), rows_)
    remove(tmp_path, ids=[gone.id])
    after = {row["id"]: row for row in rows(tmp_path).values()}
    assert after[by_file.id]["duplicate_of"] == stated.id
    assert after[stated.id]["duplicate_of"] is None
    assert {row["story_id"] for row in after.values()} == {stated.id}


NAMED = ["nothing", "see https://a.example/1 there", None]


@pytest.mark.parametrize(
    "array",
    [
        *(pa.array(NAMED, kind) for kind in (
            pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(),
            pa.binary_view(), pa.dictionary(pa.int32(), pa.string()),
        )),
        *(pa.array([None, [], NAMED], kind) for kind in (
            pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.binary()),
        )),
        pa.array([NAMED], pa.list_(pa.large_string(), 3)),
        pa.array([[("url", NAMED[1])]], pa.map_(pa.string(), pa.large_string())),
        pa.array([None, {"listed": [{"url": NAMED[1]}]}]),
    ],
    ids=lambda array: str(array.type),
)  # fmt: skip
def test_a_name_is_found_in_columns_of_any_kind(array, tmp_path):
    table = pa.table({"n": range(len(array)), "found": array})
    pq.write_table(table, tmp_path / "part.parquet")
    names = names_of([], ["https://a.example/1"])
    assert find_traces(str(tmp_path), names)[1] == [
        Trace("part.parquet", "found", is_mention=False)
    ]
    assert find_traces(str(tmp_path), names_of([], ["https://a.example/2"]))[1] == []


def test_an_id_in_an_old_file_of_a_table_is_left(output):
    first = rows(output)["1"]["id"]
    (output / "_table").mkdir()
    ids = pa.table({"id": pa.array([first], pa.large_string())})
    pq.write_table(ids, output / "_table" / "old.parquet")
    assert remove(output, [first]).left == [Trace("_table/old.parquet", "id", is_mention=False)]
