"""A server of the site for one's own machine."""

import contextlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipeline.pages.rendering import POLICY
from transforms.errors import ConfigError

HEADERS = {
    # Only here may it say who frames the page; the page itself says the rest.
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""What a server should say of each file; docs/digest.md repeats it for others."""


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        """Add `HEADERS`, but for the policy of pages that have a style of their own."""
        for name, value in HEADERS.items():
            if name != "Content-Security-Policy" or not self.path.endswith("/mail.html"):
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a reader asks for dozens of files."""


@contextlib.contextmanager
def served(site: Path, port: int) -> Iterator[ThreadingHTTPServer]:
    """Yield a server of `site` on this machine's own address; port 0 is any that is free.

    Raises:
        ConfigError: the port is taken.
    """
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", port), partial(_Handler, directory=str(site.resolve()))
        )
    except OSError as error:
        raise ConfigError(f"--port: {port} cannot be opened: {error.strerror}") from error
    with server:
        yield server
