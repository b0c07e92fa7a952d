"""Results of models, kept: what was computed of a text once is not computed again.

A key holds everything that determines the result (text, task, engine, model, options), so nothing
ever goes stale: another prompt or topic set is another key, and only its own step runs again.
"""

import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.output.storage import is_local, join, local_path

FOLDER = "_cache"
"""Where, below an output, results are kept unless the config says otherwise."""
_FILE = "results.sqlite"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS results "
    "(key TEXT PRIMARY KEY, value TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL) "
    "WITHOUT ROWID"
)
_WAIT_SECONDS = 60.0
"""How long a process waits for another one that writes to the same cache."""
_OVERHEAD = 200
"""Bytes that a result takes in the file besides its text, about."""


def drop_results(root: str) -> None:
    """Remove all results kept in the output `root`: they do not tell whose text they are of."""
    if is_local(root):
        shutil.rmtree(local_path(join(root, FOLDER)), ignore_errors=True)


def result_key(text_sha256: str, task: str, *determinants: Any) -> str:
    """Return the key of a result: 64 hex digits.

    Args:
        text_sha256: of the article's text.
        task: `summarize` or `classify`.
        determinants: engine, model, options: JSON values, or such as have a telling `repr`.
    """
    parts = json.dumps([text_sha256, task, *determinants], default=repr, ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True)
class ResultCache:
    """Results in one SQLite file, the least recently used dropped first.

    Attributes:
        folder: where the file is; made when the first result is kept.
        max_bytes: of results at the most.
    """

    folder: str
    max_bytes: int

    def get(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return what is kept of `keys`."""
        found: dict[str, Any] = {}
        if not (Path(self.folder) / _FILE).is_file():
            return found
        with closing(self._open()) as database, database:
            for key in keys:
                row = database.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
                if row:
                    found[key] = json.loads(row[0])
            now = time.time()
            database.executemany(
                "UPDATE results SET used = ? WHERE key = ?", [(now, key) for key in found]
            )
        return found

    def put(self, results: Mapping[str, Any]) -> None:
        """Keep `results`, JSON values; drop others where there are too many."""
        if not results:
            return
        Path(self.folder).mkdir(parents=True, exist_ok=True)
        now = time.time()
        texts = {key: json.dumps(value, ensure_ascii=False) for key, value in results.items()}
        with closing(self._open()) as database, database:
            database.execute(_TABLE)
            database.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
                [(key, text, len(text.encode()) + _OVERHEAD, now) for key, text in texts.items()],
            )
            self._drop(database)

    def _drop(self, database: sqlite3.Connection) -> None:
        (size,) = database.execute("SELECT coalesce(sum(size), 0) FROM results").fetchone()
        if size <= self.max_bytes:
            return
        # To nine tenths, so that it is not done at every call.
        database.execute(
            "DELETE FROM results WHERE key IN (SELECT key FROM (SELECT key, sum(size) OVER "
            "(ORDER BY used DESC, key) AS total FROM results) WHERE total > ?)",
            (self.max_bytes * 9 // 10,),
        )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(Path(self.folder) / _FILE, timeout=_WAIT_SECONDS)
