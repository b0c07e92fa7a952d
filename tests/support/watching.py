"""A folder that is watched: settings for it, and files that appear in it."""

import json
import os

from pipeline.config_files import load_config

TEXT = "The council opened bridge {0} over the river on Monday. It cost {0} million, it said."


def settle(path):
    """Make a file look as if it had rested for a while."""
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 60))


def drop(folder, name, *numbers):
    folder.mkdir(exist_ok=True)
    lines = [
        {
            "url": f"https://files.example.org/{n}",
            "title": f"Bridge {n}",
            "text": TEXT.format(n),
            "date": f"2026-10-01T06:{n % 60:02d}:00Z",
        }
        for n in numbers
    ]
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    settle(path)
    return path


def settings(tmp_path, **more):
    (tmp_path / "in").mkdir(exist_ok=True)
    values = {
        "input.paths": [str(tmp_path / "in")],
        "output.path": str(tmp_path / "out"),
        "watch.poll_seconds": 0.05,
        "watch.max_wait_seconds": 0.05,
    }
    return load_config(None, {**values, **more})
