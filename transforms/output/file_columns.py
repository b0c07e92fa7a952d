"""Reading published files: columns of rows, on any filesystem, while others are replaced."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from transforms.output.schema import with_columns
from transforms.output.storage import FileState, is_local, local_path, open_binary


def read_columns(path: str, columns: Sequence[str], state: FileState | None = None) -> pa.Table:
    """Return these columns of the partition's file at `path`, on any filesystem.

    Those that an earlier version did not know hold what its schema says. `state`: see `open_file`.
    """
    return with_columns(open_file(path, state).read(columns=list(columns)), columns)


def open_file(path: str, state: FileState | None = None) -> pq.ParquetFile:
    """Return the Parquet file at `path`: of one in a store, only what is asked for is fetched.

    Args:
        path: on a disk or in a store.
        state: of the file, where it is known; that saves a store a request.
    """
    source = local_path(path) if is_local(path) else open_binary(path, state)
    return pq.ParquetFile(source, pre_buffer=True)


rereads = retry(
    retry=retry_if_exception_type(FileNotFoundError), stop=stop_after_attempt(10), reraise=True
)
"""Calls a function again if a file that it listed was replaced before it was read."""
