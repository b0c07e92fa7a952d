"""`newsbeam watch`, the process that keeps up with feeds and folders.

The modules:
    intake     the bounded queue between those who read and the one that publishes
    new_files  which files are new
    readers    the threads that read
    record     the manifests
    loop       one batch after the other
    status     what it says of itself
    server     ... to probes and Prometheus
    view       ... to a person
"""

from pipeline.watch.loop import Limits, Watch
from pipeline.watch.server import serve_status
from pipeline.watch.status import Status
from pipeline.watch.view import shown

__all__ = ["Limits", "Status", "Watch", "serve_status", "shown"]
