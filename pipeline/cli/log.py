"""The log as JSON, a line each, for those who collect it."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Formats a record as an object: time (UTC), level, logger, run_id, message, error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what no line may hold is escaped."""
        from pipeline.run_ids import latest_run_id

        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "run_id": latest_run_id(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            values["error"] = self.formatException(record.exc_info)
        return json.dumps(values)


def is_json() -> bool:
    """Return whether the log is written as JSON."""
    return any(isinstance(h.formatter, JsonFormatter) for h in logging.getLogger().handlers)
