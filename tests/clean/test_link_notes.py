"""Notes on where links open."""

import pytest

from transforms.clean import clean_body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Die Reederei (öffnet im neuen Fenster) hat zwei Fähren verkauft.",
            "Die Reederei hat zwei Fähren verkauft.",
        ),
        (
            "The line sold two old ferries(opens in a new tab) to a museum in Lund.",
            "The line sold two old ferries to a museum in Lund.",
        ),
        (
            "The shop (opens in May) sells ropes of ships that sank near Ostby.",
            "The shop (opens in May) sells ropes of ships that sank near Ostby.",
        ),
    ],
)
def test_notes_are_dropped(text, expected):
    assert clean_body(text, "", "en").paragraphs == [expected]
