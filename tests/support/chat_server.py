"""An endpoint on the loopback that speaks the OpenAI protocol, and can be told to fail."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from services import serving


class ChatServer:
    """Answers with `reply(messages)`; first come the statuses in `faults`, one per request.

    `retry_after` goes with a fault. While `spoken` is cleared, nothing is answered.
    """

    def __init__(self, reply):
        self.reply, self.faults, self.requests, self.headers = reply, [], [], []
        self.retry_after, self.times = None, []
        self.spoken = threading.Event()
        self.spoken.set()
        self.lock = threading.Lock()

    def answer(self, body):
        with self.lock:
            self.requests.append(body)
            self.times.append(time.monotonic())
            fault = self.faults.pop(0) if self.faults else 200
        if fault != 200:
            return fault, b"{}" if fault != 299 else b"not json"
        text = self.reply(body["messages"])
        return 200, json.dumps({
            "choices": [{"message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10},
        }).encode()  # fmt: skip


@contextmanager
def serve(reply):
    """Yield the server and its base address."""
    chat = ChatServer(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            chat.headers.append(dict(self.headers))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = chat.answer(body)
            chat.spoken.wait(30)
            self.send_response(200 if status == 299 else status)
            if status != 200 and chat.retry_after is not None:
                self.send_header("Retry-After", str(chat.retry_after))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with serving(Handler) as address:
        try:
            yield chat, f"{address}/v1"
        finally:
            chat.spoken.set()
