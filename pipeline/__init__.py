"""newsbeam: articles in, summarised and classified Parquet out."""

import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

__version__ = "0.1.0"

# Arrow reads this when it is first imported. Its own allocator keeps what threads had that have
# ended, and a process that makes graph after graph grows (benchmarks/soak.py).
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def _require_own_packages() -> None:
    """Say which file has the name of a package of ours, and comes before it: no import of it works.

    Raises:
        ImportError: one does. The command ends with exit code 2 and the message alone.
    """
    for name in ("transforms", "configs"):
        ours = Path(__file__).parent.with_name(name)
        spec = find_spec(name)  # of a top-level name: runs none of its code
        if spec is None or _is_folder(ours, spec.submodule_search_locations or ()):
            continue
        other = spec.origin or next(iter(spec.submodule_search_locations or ()), name)
        told = (
            f"{other} stands in the way of newsbeam's own package {name!r}: rename it, or take its "
            "folder off the path (PYTHONPATH, or the folder of the script or that you are in)"
        )
        if _is_command():
            sys.stderr.write(f"Error: {told}\n")
            sys.exit(2)
        raise ImportError(told, name=name, path=other)


def _is_folder(ours: Path, found: Iterable[str]) -> bool:
    return ours.resolve() in (Path(folder).resolve() for folder in found)


def _is_command() -> bool:
    """Return whether this process is `newsbeam` or `python -m pipeline`."""
    called = sys.argv[0] if sys.argv else ""
    return Path(called).name == "newsbeam" or (called == "-m" and "pipeline" in sys.orig_argv)


_require_own_packages()
