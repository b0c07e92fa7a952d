"""Files of `_state/`: kept, private, and named with their fix where they are damaged."""

import json
import os
import re
import stat
from datetime import UTC, datetime

import pytest
from builders import NOW, make_raw
from command import ROOT

from transforms.errors import ConfigError
from transforms.letters import publish_dead_letters
from transforms.output.state import (
    STATE_FILES,
    FeedState,
    FeedStates,
    Forgotten,
    Merging,
    ReadFiles,
    Suspects,
    TableFiles,
    Withdrawn,
)
from transforms.output.storage import publish
from transforms.records import dead_letter

KEPT = {
    FeedStates: FeedStates(feeds=[FeedState("https://a.example/f", etag="1", last_poll=NOW)]),
    Suspects: Suspects(newsbeam="1", ends={"parse": {"0123456789abcdef": 2}}),
    ReadFiles: ReadFiles(keys=bytes(range(240, 256))),
    TableFiles: TableFiles(table="t", files={"a": [1, 1_700_000_000_123_456_789, 7]}),
    Merging: Merging(into="date=2026-10-01/part-00-0002.parquet", files=("a", "b")),
    Withdrawn: Withdrawn(withdrawn={"a" * 32: datetime(2026, 10, 1, tzinfo=UTC)}),
    Forgotten: Forgotten(forgotten=frozenset(["b" * 32])),
}
DAMAGED = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "no JSON": lambda content: b"a note, by hand",
    "no UTF-8": lambda content: content.replace(b":", b":\xff", 1),
    "a list": lambda content: b"[]",
    "no fields": lambda content: b"{}",
    "nested deeply": lambda content: b"[" * 100_000,
    "of a later version": lambda content: content.replace(b'"version": 1', b'"version": 9'),
    "of another kind": lambda content: re.sub(rb"(?s)1,(.*): .*", rb"1,\1: 7}", content),
}


@pytest.fixture(params=STATE_FILES, ids=lambda kind: kind.NAME)
def kept(request, tmp_path):
    """Yield a state that the output has, and its file."""
    state = KEPT[request.param]
    state.write(str(tmp_path))
    return state, tmp_path / state.NAME


def test_what_is_written_is_read_back_and_private(kept, tmp_path):
    state, file = kept
    assert type(state).read(str(tmp_path)) == state
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert type(state).read(str(tmp_path)) == type(state)()


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_one_is_named_with_its_fix(kept, tmp_path, damage):
    state, file = kept
    content = DAMAGED[damage](file.read_bytes())
    assert content != file.read_bytes()
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(str(file))) as raised:
        type(state).read(str(tmp_path))
    assert state.FIX in str(raised.value)
    assert (damage == "of a later version") == ("another version of newsbeam" in str(raised.value))


def test_one_that_cannot_be_opened_is_named(kept, tmp_path):
    state, file = kept
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="Is a directory"):
        type(state).read(str(tmp_path))


def test_keys_that_are_cut_off_are_damage(tmp_path):
    ReadFiles(keys=b"12345678").write(str(tmp_path))
    file = tmp_path / ReadFiles.NAME
    file.write_text(json.dumps(json.loads(file.read_text()) | {"keys": "MTIz"}))
    with pytest.raises(ConfigError, match="no keys of 8 bytes"):
        ReadFiles.read(str(tmp_path))


@pytest.mark.parametrize("command", ["run", "watch", "check", "verify", "rejected"])
def test_every_command_says_so_before_any_work(tmp_path, newsbeam, command):
    output, state = tmp_path / "out", tmp_path / "out" / Withdrawn.NAME
    source = ("-i", ROOT / "seeds/desk", "-o", output)
    arguments = {
        "run": source,
        "watch": (*source, "--once"),
        "check": source,
        "verify": (output, "--json"),
        "rejected": (output, "--replay", "--config", "local"),
    }
    state.parent.mkdir(parents=True)
    state.write_bytes(b"{")
    if command == "rejected":
        publish(str(output / "_runs/0.json"), b"{}")
    there = [*output.glob("_runs/*")]
    publish_dead_letters(
        str(output), "2026-10-05", "R0", [dead_letter(make_raw(), "clean", "", "")]
    )
    done = newsbeam(command, *arguments[command])
    if command == "verify":
        [problem] = done.json["problems"]
        assert (done.code, problem["code"]) == (5, "bad_state")
        assert Withdrawn.FIX in problem["detail"]
    else:
        assert (done.code, done.err.count("Error:"), "Traceback" in done.err) == (2, 1, False)
        assert f"{state} cannot be read" in done.err
        assert Withdrawn.FIX in done.err
    assert [*output.glob("date=*"), *output.glob("_runs/*")] == there


def test_the_page_lists_every_file():
    page = (ROOT / "docs/trust.md").read_text("utf-8").partition("files of `_state/`")[2]
    listed = re.findall(r"^\| `(\w+\.json)` \| [^|]+ \| (\w+)", page, re.MULTILINE)
    assert dict(listed) == {
        kind.NAME.rpartition("/")[2]: kind.FIX.split()[0].lower() for kind in STATE_FILES
    }


def test_other_files_have_what_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        publish(str(tmp_path / "_runs/1.json"), b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "_runs/1.json").stat().st_mode) == 0o640
