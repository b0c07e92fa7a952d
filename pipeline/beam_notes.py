"""What Beam logs that nobody can do anything about."""

import logging


def is_no_note(record: logging.LogRecord) -> bool:
    """Return whether a record may be shown: it is not Beam's note on a missing cloud client."""
    return "apitools" not in record.getMessage()
