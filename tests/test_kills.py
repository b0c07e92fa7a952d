"""Documents that end the process, by a crash or without end: real processes, started again."""

import json
import signal

import pytest
from command import run_newsbeam

from pipeline.upkeep.rejected import Selection, stored_letters
from pipeline.upkeep.verify import verify_output
from transforms.isolation import FAULT

DEADLY = """
import collections, itertools, os, signal
from transforms import bounds, parse

bounds.HANG_SECONDS = 3
inner = parse.parse_document

def parse_document(document, options):
    if b"hangs" in document.content:
        collections.deque(itertools.repeat(0), maxlen=0)  # C that never returns, and keeps the GIL
    if b"kills" in document.content:
        os.kill(os.getpid(), signal.SIGKILL)
    return inner(document, options)

parse.parse_document = parse_document
from pipeline.cli import main
main()
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "hangs", "kills", "z"):
        text = f"{name}\n\nThe council of the town that {name} opened a bridge on Monday.\n"
        (tmp_path / "in" / f"{name}.txt").write_text(text)
    return tmp_path / "in"


def names(output):
    letters = stored_letters(str(output), Selection(reasons=[FAULT]))
    return sorted(stored.letter.uri.rpartition("/")[2] for stored in letters)


@pytest.mark.parametrize("command", [["run"], ["watch", "--once"]])
def test_a_document_that_ends_the_process_is_set_aside_at_the_third_start(
    tmp_path, source, command
):
    output = tmp_path / "out"

    def start():
        return run_newsbeam(*command, "-i", source, "-o", output, code=DEADLY)

    codes = [start().code for _ in range(4)]
    assert codes == [-signal.SIGXCPU, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGKILL]
    done = start()
    assert done.code == 0, done.err
    assert "2 inputs met a fault of newsbeam: newsbeam rejected" in done.err
    assert "4 in = 2 written + 0 unchanged + 0 duplicate + 2 rejected" in done.out
    assert names(output) == ["hangs.txt", "kills.txt"]
    assert not list((output / "_lock").glob("*.under_way"))
    assert verify_output(str(output)).remaining == []
    # Nothing is tried again, until another version of newsbeam is there.
    if command == ["run"]:
        assert start().code == 0
        state = output / "_state/suspects.json"
        state.write_text(json.dumps(json.loads(state.read_text()) | {"newsbeam": "0.0.9"}))
        assert run_newsbeam("run", "-i", source, "-o", output, "--json").json["rejected"] == {}
