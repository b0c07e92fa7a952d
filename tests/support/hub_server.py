"""A model hub on the loopback: as much of its protocol as a download needs."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from services import serving


@contextmanager
def hub(files, repository, revision):
    """Yield the hub's address and the list of what was asked for; `files` maps names to bytes."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            path = self.path.partition("?")[0]
            if path.startswith(f"/api/models/{repository}/tree/{revision}"):
                tree = [
                    {"type": "file", "path": name, "size": len(data), "oid": self._tag(data)}
                    for name, data in files.items()
                ]
                self._send(200, json.dumps(tree).encode())
            elif path in (
                f"/api/models/{repository}",
                f"/api/models/{repository}/revision/{revision}",
            ):
                siblings = [{"rfilename": name} for name in files]
                about = {"id": repository, "sha": revision, "siblings": siblings}
                self._send(200, json.dumps(about).encode())
            elif path.startswith(f"/{repository}/resolve/{revision}/"):
                name = path.rpartition(f"/{revision}/")[2]
                self._send(200, files[name])
            else:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        do_HEAD = do_GET  # noqa: N815 (named by http.server)

        def _tag(self, data):
            return hashlib.sha1(data, usedforsecurity=False).hexdigest()

        def _send(self, status, content, headers=None):
            self.send_response(status)
            about = {"ETag": f'"{self._tag(content)}"', "X-Repo-Commit": revision}
            for name, value in (about | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

    with serving(Handler) as address:
        yield address, asked
