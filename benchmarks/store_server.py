"""A local server that speaks S3 (moto) and decides on conditions as S3 does.

moto looks at the condition of a put and then puts, each in the thread of its request: of two puts
on the same condition both may succeed. A real store lets one of them succeed. So here one changes
objects at a time.

python benchmarks/store_server.py PORT
"""

import contextlib
import functools
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer

_CHANGES = ("put_object", "copy_object", "delete_object")
_one = threading.RLock()


def store_server(port: int = 0) -> "ThreadedMotoServer":
    """Return a server on a port of this machine, not yet started; 0 is any port that is free."""
    # Who starts it in another process does without.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    change_one_at_a_time()
    return ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)


def change_one_at_a_time() -> None:
    """Have each server of this process do one change after the other."""
    from moto.s3.responses import S3Response  # noqa: PLC0415

    for name in _CHANGES:
        change = getattr(S3Response, name)
        if not hasattr(change, "__wrapped__"):
            setattr(S3Response, name, _one_at_a_time(change))


def _one_at_a_time(change: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(change)
    def changed(*args: Any, **kwargs: Any) -> Any:
        with _one:
            return change(*args, **kwargs)

    return changed


@contextlib.contextmanager
def local_store(bucket: str) -> Iterator[str]:
    """Yield the address of a bucket of a local server, which this process's clients are told of."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    os.environ.update(
        AWS_ENDPOINT_URL=address,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 (of the local server)
        AWS_DEFAULT_REGION="us-east-1",
    )
    command = [sys.executable, __file__, str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            request = urllib.request.Request(f"{address}/{bucket}", method="PUT")  # noqa: S310
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(request):  # noqa: S310
                    break
                time.sleep(0.1)
            yield f"s3://{bucket}"
        finally:
            server.kill()


if __name__ == "__main__":
    store_server(int(sys.argv[1])).start()
    threading.Event().wait()
