"""newsbeam: articles in, summarised and classified Parquet out."""

import os

__version__ = "0.1.0"

# Arrow reads this when it is first imported. Its own allocator keeps what threads had that have
# ended, and a process that makes graph after graph grows (benchmarks/soak.py).
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
