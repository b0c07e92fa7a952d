"""A local server that speaks S3 (moto) and decides on conditions as S3 does.

moto looks at the condition of a put and then puts, each in the thread of its request: of two puts
on the same condition both may succeed. A real store lets one of them succeed. So here one changes
objects at a time.

python benchmarks/store_server.py PORT
"""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

_CHANGES = ("put_object", "copy_object", "delete_object")
_one = threading.RLock()


def store_server(port: int = 0) -> ThreadedMotoServer:
    """Return a server on a port of this machine, not yet started; 0 is any port that is free."""
    for name in _CHANGES:
        change = getattr(S3Response, name)
        if not hasattr(change, "__wrapped__"):
            setattr(S3Response, name, _one_at_a_time(change))
    return ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)


def _one_at_a_time(change: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(change)
    def changed(*args: Any, **kwargs: Any) -> Any:
        with _one:
            return change(*args, **kwargs)

    return changed


if __name__ == "__main__":
    store_server(int(sys.argv[1])).start()
    threading.Event().wait()
