"""The lines of `_rejected/`, damaged ones among them: they end nothing, and nothing loses them."""

import json
from datetime import UTC, datetime

import pytest
from builders import NOW, verify_and_fix

from pipeline.upkeep.rejected import Selection, stored_letters
from pipeline.upkeep.verify import verify_output
from transforms.letters import (
    dead_letter_record,
    letter_lines,
    publish_dead_letters,
    rewrite_letters,
)
from transforms.records import DeadLetter

DAY = "2026-10-05"


def letter(number=1, **changes):
    fields = {"step": "parse", "reason": "bad_json", "detail": "why", "uri": f"in/{number}.json"}
    fields |= {"line": None, "media_type": "application/json", "payload": b"{", "fetched_at": NOW}
    return DeadLetter(**fields | changes)


def record(**changes):
    return json.dumps(dead_letter_record(letter(), "R0") | changes).encode()


def without(name):
    return json.dumps({k: v for k, v in json.loads(record()).items() if k != name}).encode()


DAMAGED = {
    "an object without fields": (b"{}", "id: Field required"),
    "no object": (b"[]", "object"),
    "null": (b"null", "object"),
    "no JSON": (b"a note, by hand", "Invalid JSON"),
    "quotes": (b'"a" "b" "c"', "Invalid JSON"),
    "no UTF-8": (b'{"id": "\xff\xfe"}', "Invalid JSON"),
    "a NUL": (b"\0", "Invalid JSON"),
    "half of a surrogate": (record(uri="in/x").replace(b"in/x", rb"\ud800"), "Invalid JSON"),
    "nested deeply": (b"[" * 100_000, "Invalid JSON"),
    "cut off": (record()[:-20], "Invalid JSON"),
    "an id of another kind": (record(id=7), "id: Input should be a valid string"),
    "a reason of another kind": (record(reason=None), "reason: Input should be a valid string"),
    "a time without zone": (record(fetched_at="2026-10-05T12:00:00"), "fetched_at: "),
    "no payload": (without("payload"), "neither payload nor payload_base64"),
    "changed": (record(uri="elsewhere"), "the content's is"),
}


@pytest.fixture(params=DAMAGED)
def damaged(request, tmp_path):
    """Yield an output with such a line between two letters, the line, and what is said of it."""
    line, said = DAMAGED[request.param]
    path = tmp_path / publish_dead_letters(str(tmp_path), DAY, "R0", [letter(2), letter(3)])
    first, second = path.read_bytes().splitlines()
    path.write_bytes(first + b"\n" + line + b"\n" + second + b"\n")
    return tmp_path, path, line, said


def test_a_damaged_line_ends_no_run_and_is_no_letter(damaged, caplog):
    root, path, _, _ = damaged
    assert publish_dead_letters(str(root), DAY, "R1", [letter(2), letter(4)]) is not None
    assert publish_dead_letters(str(root), DAY, "R1", [letter(2), letter(4)]) is None
    found = [stored.letter.uri for stored in stored_letters(str(root), Selection())]
    assert sorted(found) == ["in/2.json", "in/3.json", "in/4.json"]
    assert f"{path}, line 2: no dead letter" in caplog.text


def test_verify_names_its_file_and_line_and_fix_keeps_it(damaged):
    root, path, line, said = damaged
    [problem] = verify_output(str(root)).problems
    assert (problem.code, problem.path) == ("bad_dead_letter", f"_rejected/date={DAY}/{path.name}")
    assert problem.detail.startswith("line 2: ")
    assert said in problem.detail
    path.write_bytes(path.read_bytes() * 2)
    assert {p.code for p in verify_and_fix(root).remaining} == {"bad_dead_letter"}
    assert path.read_bytes().split(b"\n").count(line) == 2
    assert [line.stored and line.stored.letter.uri for line in letter_lines(str(path))] == [
        *(["in/2.json", None, "in/3.json"] if letter(2).id < letter(3).id else []),
        *(["in/3.json", None, "in/2.json"] if letter(3).id < letter(2).id else []),
        None,
    ]


def test_no_rewrite_loses_it(damaged):
    root, path, line, _ = damaged
    changed = rewrite_letters(str(root), lambda line: None if line.stored else line.content)
    assert changed == 2
    assert path.read_bytes() == line + b"\n"
    # A bundle that is tried again replaces its file: its own lines, and no other.
    assert publish_dead_letters(str(root), DAY, "R1", [letter(2), letter(3)]) == str(path)
    assert path.read_bytes().splitlines()[-1] == line


def test_a_letter_whose_line_was_cut_off_is_written_anew(tmp_path):
    path = tmp_path / publish_dead_letters(str(tmp_path), DAY, "R0", [letter()])
    path.write_bytes(path.read_bytes()[:-20])
    assert publish_dead_letters(str(tmp_path), "2026-10-06", "R1", [letter()]) is not None
    assert [stored.letter.uri for stored in stored_letters(str(tmp_path))] == ["in/1.json"]


@pytest.mark.parametrize(
    "spelt",
    [
        lambda line: json.dumps(dict(reversed(json.loads(line).items()))).encode(),
        lambda line: json.dumps(json.loads(line), separators=(",", ":")).encode(),
        lambda line: b"  " + line + b"\r",
        lambda line: line.replace(b"why", b"another time"),
    ],
)
def test_a_line_that_was_spelt_anew_is_still_the_letter(tmp_path, spelt):
    path = tmp_path / publish_dead_letters(str(tmp_path), DAY, "R0", [letter()])
    path.write_bytes(spelt(path.read_bytes().rstrip()))
    assert publish_dead_letters(str(tmp_path), DAY, "R1", [letter()]) is None
    assert [stored.letter.id for stored in stored_letters(str(tmp_path))] == [letter().id]


@pytest.mark.parametrize(
    "kept",
    [
        letter(),
        letter(payload=b"\xff\xfe\0", line=3),
        letter(payload="héllo\n\u2028".encode(), modified_at=datetime(2026, 9, 1, tzinfo=UTC)),
    ],
)
def test_what_is_written_is_read_back(tmp_path, kept):
    publish_dead_letters(str(tmp_path), DAY, "R0", [kept])
    [stored] = stored_letters(str(tmp_path))
    assert (stored.letter, stored.run_id) == (kept, "R0")
