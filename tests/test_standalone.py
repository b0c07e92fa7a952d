"""The check of summaries that shares no code with the summariser."""

import subprocess
import sys
from pathlib import Path

import pytest
import standalone

TITLE = "Ferry runs aground near Ostby"
TEXT = """A ferry ran aground near the port of Ostby on Monday night.
Captain Ada Lund had a lamp. It went out at midnight, she said. A scheme for new lamps was dropped.
The others saw nothing. Lund said that the scheme was too dear. "They knew it," she added.
Click here for pictures of the ferry.
"""


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("A ferry ran aground near the port of Ostby on Monday night.", ""),
        ("Captain Ada Lund had a lamp.", ""),
        ("It went out at midnight, she said.", standalone.DANGLING),
        ("Captain Ada Lund had a lamp. It went out at midnight, she said.", ""),
        ("The others saw nothing.", standalone.DANGLING),
        ("Lund said that the scheme was too dear.", standalone.DANGLING),
        ("A scheme for new lamps was dropped.", ""),
        ("Click here for pictures of the ferry.", standalone.BOILERPLATE),
    ],
)
def test_verdict(summary, kind):
    assert standalone.verdict(standalone.Case(TITLE, TEXT, summary)) == kind


def test_rates():
    cases = [
        standalone.Case(TITLE, TEXT, summary)
        for summary in ("Captain Ada Lund had a lamp.", "The others saw nothing.")
    ]
    assert standalone.rates(cases) == {standalone.DANGLING: 0.5, standalone.BOILERPLATE: 0}


def test_kappa():
    assert standalone.kappa([("a", "a"), ("b", "b")]) == 1
    assert standalone.kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == 0


def test_agrees_with_the_reader():
    pairs = [(kind, standalone.verdict(case)) for case, kind in standalone.judged()]
    assert len(pairs) >= 150
    assert standalone.kappa(pairs) > 0.75


def test_shares_no_code_with_what_it_checks():
    code = (
        "import sys, standalone; print(any(name.startswith('transforms') for name in sys.modules))"
    )
    folder = Path(standalone.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
