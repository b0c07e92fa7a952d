"""Good articles in one folder with every odd file: each becomes a row, whatever the others are."""

import pytest
from builders import EVAL
from odd_files import write_good, write_odd
from odd_folder import rows_of_good

from pipeline.upkeep.verify import verify_output

GOOD = 20


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd") / "in"
    write_good(folder, GOOD)
    assert write_odd(folder / "odd", EVAL, fuzzed=5) > 30
    return folder


@pytest.mark.parametrize("command", [["run"], ["watch", "--once"]], ids=["run", "watch"])
def test_every_good_article_is_a_row_among_odd_files(tmp_path, source, newsbeam, command):
    done = newsbeam(*command, "-i", source, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    rows = rows_of_good(tmp_path / "out")
    assert (len(rows), rows.total()) == (GOOD, GOOD)
    assert verify_output(str(tmp_path / "out")).problems == []
    for said in ("pipe.txt is a named pipe", "passwd.txt is a link that leads out", "zero.txt is"):
        assert said in done.err
