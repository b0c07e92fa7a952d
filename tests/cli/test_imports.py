"""What a command imports: seconds, each time it is used."""

import json
import shutil

import pytest
from builders import make_raw
from command import ROOT, run_newsbeam
from site_pages import article, write_articles

from transforms.letters import publish_dead_letters
from transforms.records import dead_letter

HEAVY = (
    "apache_beam", "fsspec", "httpx2", "jinja2", "numpy", "obstore", "pandas", "pipeline.config",
    "pyarrow", "scipy", "torch", "trafilatura", "transformers",
)  # fmt: skip
CODE = f"""
import json, os, sys
from pipeline.cli import main
for number, arguments in enumerate(json.loads(sys.argv[1])):
    if os.fork():
        os.wait()
        continue
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        main(arguments)
    except SystemExit as end:
        names = [name for name in {HEAVY} if name in sys.modules]
        print(json.dumps([number, end.code, names]), file=sys.stderr)
    os._exit(0)
"""
"""Each use of the command in a process of its own, forked from one that has made it."""


def imported(*uses):
    """Return what each use of the command, which must end well, has imported."""
    done = run_newsbeam(json.dumps([[str(word) for word in use] for use in uses]), code=CODE)
    found = [json.loads(line) for line in done.err.splitlines() if line.startswith("[")]
    assert [number for number, code, _ in found if code in OK] == [*range(len(uses))], done.err
    return [set(names) for _, _, names in found]


OK = (0, 5)
"""Exit codes: done; `verify` has found something."""
ARROW = {"numpy", "pyarrow"}


def test_commands_that_only_read_import_little(tmp_path):
    out = write_articles(tmp_path / "out", [article(1), article(2)])
    run = {"run_id": "20261005T0600", "command": "run", "status": "running"}
    facts = {"started_at": "2026-10-05T06:00:00+00:00", "rejected": {"read.bad_json": 1}}
    (out / "_runs").mkdir()
    (out / "_runs" / "20261005T0600.json").write_text(json.dumps(run | facts))
    letter = dead_letter(make_raw(), "read", "bad_json", "why")
    publish_dead_letters(str(out), "2026-10-05", "20261005T0600", [letter])
    wanted = {
        ("--help",): set(),
        ("run", "--help"): set(),
        ("show", out): {*ARROW},
        ("show", out, "--date", "2026-10-05", "--by", "story"): {*ARROW},
        ("runs", out): set(),
        ("runs", out, "last"): {*ARROW},
        ("runs", out, "last", "--html", tmp_path / "run.html"): ARROW | {"jinja2"},
        ("explain", out, article(1).id, "--without-models"): ARROW | {"pandas"},
        ("rejected", out): {"numpy"},
        ("feeds", out): {"httpx2", "numpy"},
        ("export", out, "--to", tmp_path / "news.jsonl"): {*ARROW},
        ("digest", out, "--to", tmp_path / "site"): ARROW | {"jinja2", "pandas"},
        ("verify", out): ARROW | {"pandas"},
    }
    for use, names in wanted.items():
        if "--help" not in use:
            names.add("obstore")  # an output may lie in a store
    assert dict(zip(wanted, imported(*wanted), strict=True)) == wanted


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_run_with_nothing_new_imports_no_model_library(seeds_run, tmp_path, command):
    output = shutil.copytree(seeds_run[0], tmp_path / "out")
    [found] = imported([command, "-i", ROOT / "seeds", "-o", output])
    assert "apache_beam" in found
    assert not found & {"torch", "transformers", "scipy"}
