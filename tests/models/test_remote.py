import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler
from time import monotonic
from types import SimpleNamespace

import pytest
from chat_server import serve
from services import serving
from tiny_models import save

from pipeline.config_files import load_config
from transforms.errors import ConfigError
from transforms.models.causal import load_causal
from transforms.models.contract import EMPTY, Compute, Instruction, Written
from transforms.models.endpoint import Endpoint, check_endpoint
from transforms.models.local import Generation
from transforms.models.remote import FAILED, REFUSED, RemoteWriter, probe
from transforms.redaction import Address

PLAIN = Instruction("plain", 20)


def echo(messages):
    return messages[1]["content"].split("<article>\n")[1].split("\n</article>")[0]


def test_texts_are_asked_in_order_and_tokens_counted(monkeypatch):
    monkeypatch.setenv("A_KEY", "secret")
    with serve(echo) as (chat, url):
        writer = RemoteWriter(Endpoint(Address(url), "m", key_variable="A_KEY"))
        texts = [f"text {i}" for i in range(9)]
        assert writer.write(texts, PLAIN) == [Written(text) for text in texts]
    assert writer.usage == {
        "requests": 9, "retries": 0, "input_tokens": 900, "output_tokens": 90,
    }  # fmt: skip
    assert {h["Authorization"] for h in chat.headers} == {"Bearer secret"}
    assert {r["model"] for r in chat.requests} == {"m"}
    assert writer.lengths(["", "abcd"]) == [0, 2]


def test_real_model_behind_the_endpoint(tmp_path):
    save("llama", tmp_path)
    model = load_causal(str(tmp_path), None, Compute("cpu", "fp32"), Generation(beams=1))
    with serve(lambda messages: model.write([echo(messages)], PLAIN)[0].text) as (_, url):
        writer = RemoteWriter(Endpoint(Address(url), "tiny"))
        [written] = writer.write(["two bridges close"], PLAIN)
    assert written == model.write(["two bridges close"], PLAIN)[0]
    assert written.text


@pytest.mark.parametrize(
    ("faults", "expected", "retries"),
    [
        ([503, 429], Written("one"), 2),
        ([299], Written("one"), 1),
        ([500] * 3, Written("", FAILED), 2),
        ([413], Written("", REFUSED), 0),
    ],
)
def test_faults_of_the_endpoint(faults, expected, retries):
    with serve(echo) as (chat, url):
        chat.faults = list(faults)
        writer = RemoteWriter(Endpoint(Address(url), "m", attempts=3))
        assert writer.write(["one"], PLAIN) == [expected]
        assert writer.usage["retries"] == retries


def test_retry_after_is_waited_for():
    with serve(echo) as (chat, url):
        chat.faults, chat.retry_after = [429], 1
        writer = RemoteWriter(Endpoint(Address(url), "m", concurrency=1))
        assert writer.write(["one", "two"], PLAIN) == [Written("one"), Written("two")]
    assert chat.times[1] - chat.times[0] >= 1
    assert writer.usage["retries"] == 1


def test_retry_after_holds_all_requests(monkeypatch):
    clock = [100.0]

    def sleep(seconds):
        clock[0] += seconds

    time = SimpleNamespace(sleep=sleep, monotonic=lambda: clock[0])
    monkeypatch.setattr("transforms.models.remote.time", time)  # other threads sleep as ever
    with serve(echo) as (chat, url):
        chat.faults, chat.retry_after = [429], 90
        writer = RemoteWriter(Endpoint(Address(url), "m", concurrency=1, timeout_seconds=500))
        assert writer.write(["one", "two"], PLAIN) == [Written("one"), Written("two")]
        assert clock[0] == pytest.approx(190, abs=2)
        # More than is waited for: it is left, and asked again once that time is over.
        chat.faults, chat.retry_after = [503], 3600
        assert writer.write(["one", "two"], PLAIN) == [Written("", FAILED)] * 2
        assert len(chat.requests) == 4
        clock[0] += 3601
        assert writer.write(["one"], PLAIN) == [Written("one")]


def test_a_server_that_never_answers_is_left_after_one_time_out():
    with serve(echo) as (chat, url):
        chat.spoken.clear()
        writer = RemoteWriter(Endpoint(Address(url), "m", timeout_seconds=0.3, concurrency=2))
        for _ in range(2):
            assert writer.write(["one"] * 40, PLAIN) == [Written("", FAILED)] * 40
        assert len(chat.requests) <= 2
    assert writer.fault == f"{url}/chat/completions: no answer in time"


def test_an_answer_that_trickles_in_has_an_end():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # the client has gone
                while True:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    threading.Event().wait(0.05)

    with serving(Handler) as address:
        writer = RemoteWriter(Endpoint(Address(address), "m", timeout_seconds=0.4))
        assert writer.write(["one"], PLAIN) == [Written("", FAILED)]


def test_a_probe_tells_what_is_wrong():
    with serve(echo) as (chat, url):
        probe(Endpoint(Address(url), "m"))
        for status, message in ((404, "answered 404; check url, model"), (400, "answered 400")):
            chat.faults = [status]
            with pytest.raises(ConfigError, match=message):
                probe(Endpoint(Address(url), "m"))
    with pytest.raises(ConfigError, match="no connection; start the server, or check url"):
        probe(Endpoint(Address(url), "m"))


def test_empty_answer():
    with serve(lambda _: " ") as (_, url):
        assert RemoteWriter(Endpoint(Address(url), "m")).write(["one"], PLAIN) == [
            Written("", EMPTY)
        ]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_wrong_key_address_or_model_ends_the_run(status):
    with serve(echo) as (chat, url):
        chat.faults = [status]
        with pytest.raises(ConfigError, match=f"answered {status}; check url, model and the key"):
            RemoteWriter(Endpoint(Address(url), "m")).write(["one"], PLAIN)


def test_endpoint_that_is_down_is_not_asked_for_every_text():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        writer = RemoteWriter(Endpoint(Address(url), "m", attempts=2, concurrency=1))
        assert writer.write(["one"] * 50, PLAIN) == [Written("", FAILED)] * 50
    assert writer.usage["requests"] == 2
    assert writer.fault == f"{url}/chat/completions: no connection"


def test_requests_keep_their_rate(monkeypatch):
    slept = []
    time = SimpleNamespace(sleep=slept.append, monotonic=monotonic)
    monkeypatch.setattr("transforms.models.remote.time", time)  # other threads sleep as ever
    with serve(echo) as (_, url):
        writer = RemoteWriter(Endpoint(Address(url), "m", per_minute=60, concurrency=1))
        writer.write(["a", "b", "c"], PLAIN)
    assert slept[0] == 0
    assert slept[2] == pytest.approx(2, abs=0.5)


def test_key_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("NO_KEY", raising=False)
    with pytest.raises(ConfigError, match="set NO_KEY in the environment"):
        RemoteWriter(Endpoint(Address("http://127.0.0.1/v1"), "m", key_variable="NO_KEY"))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"url": "https://me:pa55word@a.example/v1", "key_variable": "A_KEY"}, "one of the two"),
        ({"url": "a.example/v1"}, "begins with http"),
    ],
)
def test_an_address_that_would_not_send_the_key_is_refused(settings, problem):
    remote = {"engine": "remote", "remote": {"model": "m", **settings}}
    with pytest.raises(ConfigError, match=problem) as raised:
        load_config(None, {"summary": remote})
    assert "pa55word" not in str(raised.value)


def test_an_address_that_is_none_is_refused_before_any_work():
    for url in ("https://[::1/v1", "https:///v1", "https://a.example:99999/v1"):
        with pytest.raises(ConfigError, match=r"^summary\.remote\.url: "):
            check_endpoint(Endpoint(Address(url), "m"))
    check_endpoint(Endpoint(Address("http://localhost:8000/v1"), "m"))


def test_an_address_with_a_password_is_never_printed():
    remote = {"engine": "remote", "remote": {"model": "m", "url": "https://me:pa55word@a/v1"}}
    config = load_config(None, {"summary": remote})
    endpoint = Endpoint(**config.summary.remote.model_dump())
    for shown in (str(config), repr(endpoint), config.model_dump_json()):
        assert "https://***@a/v1" in shown
        assert "pa55word" not in shown
    assert endpoint.url.get_secret_value() == "https://me:pa55word@a/v1"
