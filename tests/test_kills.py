"""Documents that end the process, by a crash or without end: real processes, started again."""

import json
import signal

import pytest
from command import run_newsbeam

from pipeline.upkeep.rejected import Selection, stored_letters
from pipeline.upkeep.verify import verify_output
from transforms.isolation import FAULT

DEADLY = """
import collections, itertools, os, pathlib, signal, sys
from transforms import bounds, parse

bounds.HANG_SECONDS = 3
inner = parse.parse_document

def parse_document(document, options):
    if b"hangs" in document.content:
        collections.deque(itertools.repeat(0), maxlen=0)  # C that never returns, and keeps the GIL
    if b"kills" in document.content:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"unlucky" in document.content:
        ends = pathlib.Path(sys.argv[-1]).with_name("ends")
        if not ends.exists() or ends.stat().st_size < 2:
            with ends.open("a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)  # as an operator does, or the kernel
    return inner(document, options)

parse.parse_document = parse_document
from pipeline.cli import main
main()
"""


@pytest.fixture
def source(tmp_path, deadly):
    (tmp_path / "in").mkdir()
    for name in ("a", deadly, "z"):
        text = f"{name}\n\nThe council of the town that {name} opened a bridge on Monday.\n"
        (tmp_path / "in" / f"{name}.txt").write_text(text)
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("command", "deadly", "code"),
    [(["run"], "hangs", -signal.SIGXCPU), (["watch", "--once"], "kills", -signal.SIGKILL)],
)
def test_a_document_that_ends_the_process_is_set_aside_at_the_third_start(
    tmp_path, source, command, deadly, code
):
    output = tmp_path / "out"

    def start():
        return run_newsbeam(*command, "-i", source, "-o", output, code=DEADLY)

    ends = [start() for _ in range(2)]
    assert [end.code for end in ends] == [code, code], ends[0].err
    done = start()
    assert done.code == 0, done.err
    assert "1 input met a fault of newsbeam: newsbeam rejected" in done.err
    assert "3 in = 2 written + 0 unchanged + 0 duplicate + 1 rejected" in done.out
    [stored] = stored_letters(str(output), Selection(reasons=[FAULT]))
    assert stored.letter.uri.endswith(f"/{deadly}.txt")
    assert not list((output / "_lock").glob("*.under_way"))
    assert verify_output(str(output)).remaining == []
    if command == ["run"]:
        _is_tried_again_by_another_version(output)


@pytest.mark.parametrize("deadly", ["unlucky"])
@pytest.mark.usefixtures("deadly")
def test_an_article_at_which_the_process_was_killed_twice_is_no_fault(tmp_path, source):
    output = tmp_path / "out"

    def start():
        return run_newsbeam("run", "-i", source, "-o", output, code=DEADLY)

    assert [start().code for _ in range(2)] == [-signal.SIGKILL] * 2
    done = start()
    assert done.code == 0, done.err
    assert "3 in = 3 written + 0 unchanged + 0 duplicate + 0 rejected" in done.out
    assert json.loads((output / "_state/suspects.json").read_text())["ends"] == {}


def _is_tried_again_by_another_version(output):
    state = output / "_state/suspects.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"newsbeam": "0.0.9"}))
    done = run_newsbeam("rejected", output, "--reason", FAULT, "--replay", "--json")
    assert (done.json["left"], done.json["stayed"]) == (1, 0)
