"""Articles with odd values in their fields, written in every format that is read."""

import csv
import io
import json
import random
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq

BODY = (
    "The council of Hollen voted on Monday to build a second bridge over the river Aar. Engineers "
    "expect the work to take two years. It will cost four million and replace the ferry, which "
    "runs only in summer. Residents have asked for a bridge since the flood, said the mayor."
)
_DATES: tuple[Any, ...] = (
    "2026-10-05T08:00:00Z", "2026-02-30", "0000-00-00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:60-24:00", "2026-10-05T08:00:00+99:99", "Mon, 32 Foo 2026 25:61:61 +9999",
    "2026-W53-7", "2026-366", "٢٠٢٦-١٠-٠٥", "２０２６年１０月５日", "²⁰²⁶",
    "1" * 400, "-1" * 200, "1e400", "12/13/14", "24:00", "00.00.0000", "today",
    "2026-10-05T08:00:00 Mars/Phobos", "T", "Z", "+",
    10**30, -(10**30), 1.7e308, float("nan"), float("inf"), True, 0, -1, 2**63, 1e18, [], {},
    None, ["2026-10-05"], {"$date": "2026-10-05"}, {"$date": {"$numberLong": "9" * 30}},
)  # fmt: skip
_PIECES = (
    "", " ", "\x00", "\ufeff", "\u200b" * 50, "\u202e", "\u0301" * 300, "🏳️‍🌈" * 40, "\\" * 400,
    '"' * 400, "'" * 400, "“" * 300, "A-" * 200, "…" * 300, "." * 500, "\n" * 400,
    "\r\n\x0b\x0c\x85\u2028", "<" * 300, "<b>" * 200, "&" * 300, "&#x110000;", "&#0;",
    "&amp;" * 100, "]]>", "-->", "{{", "%s%n", "(" * 300, "[" * 300, "http://[::1",
    "https://a.example/%zz?a=1#", "data:," + "x" * 300, "javascript:alert(1)",
    "ſtraße İSTANBUL ǅ", "ﷺ" * 50, "𝔹𝕣𝕚𝕕𝕘𝕖", "Mr. Mrs. Dr. " * 60, "1,234.5 " * 80, "a" * 3000,
    "x " * 1500, "漢" * 800, "ก" * 800, "CET", "null", "NaN", "=cmd|'/c'!A1", "--- \n- x: &a [*a]",
)  # fmt: skip
_FIELDS = (
    "id", "title", "text", "date", "modified", "url", "authors", "source", "section", "language",
)  # fmt: skip


def odd_record(draw: random.Random) -> dict[str, Any]:
    """Return an article's fields, of which some hold what nobody expects."""
    number = draw.randrange(10**6)
    record: dict[str, Any] = {
        "id": str(number),
        "title": f"Hollen builds bridge {number}",
        "text": f"{BODY} It is number {number}.",
        "date": "2026-10-05T08:00:00Z",
        "url": f"https://news.example/{number}",
        "authors": ["Ada Brook"],
        "language": "en",
    }
    for name in draw.sample(_FIELDS, draw.randrange(1, 4)):
        if name in {"date", "modified"} and draw.random() < 0.8:
            record[name] = draw.choice(_DATES)
        else:
            record[name] = _odd_value(draw, str(record.get(name, "")))
    return record


def _odd_value(draw: random.Random, usual: str) -> Any:
    piece = draw.choice(_PIECES)
    cut = draw.randrange(len(usual) + 1)
    nested: Any = piece
    for _ in range(draw.choice((1, 2, 30))):
        nested = [nested] if draw.random() < 0.5 else {"name": nested}
    within = usual[:cut] + piece + usual[cut:]
    return draw.choice((piece, within, within, within, draw.choice(_DATES), nested))


def written(draw: random.Random, record: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return a file with `record` in any of the formats: its suffix, and its content."""
    suffix = draw.choice(sorted(_WRITERS))
    return suffix, _WRITERS[suffix](draw, record)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _json(_: random.Random, record: Mapping[str, Any]) -> bytes:
    return _bytes(json.dumps(record, ensure_ascii=len(str(record)) % 2 == 0))


def _array(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    return b"[" + b",".join([_json(draw, record)] * draw.randrange(1, 4)) + b"]"


def _csv(_: random.Random, record: Mapping[str, Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(record)
    writer.writerow(map(_text, record.values()))
    return _bytes(text.getvalue())


def _parquet(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    columns: dict[str, pa.Array] = {
        name: pa.array([_bytes(_text(value)).decode("utf-8", "replace")])
        for name, value in record.items()
    }
    columns[draw.choice(("date", "modified", "text", "extra"))] = _odd_column(draw)
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def _odd_column(draw: random.Random) -> pa.Array:
    """Return a column of one value: of any type, in any range."""
    integer = pa.array([draw.choice((0, -1, 2**62, -(2**62), 2**63 - 1, 10**15))], pa.int64())
    unit = draw.choice(("s", "ms", "us", "ns"))
    zone = draw.choice((None, "UTC", "+23:59", "Mars/Phobos", "Europe/Berlin"))
    return draw.choice((
        lambda: integer.cast(pa.timestamp(unit if unit != "s" else "ms", zone)),
        lambda: integer.cast(pa.duration(unit)),
        lambda: pa.array([draw.choice((0, 2**31 - 1, -(2**31)))], pa.int32()).cast(pa.date32()),
        lambda: pa.array([b"\xff\xfe\x00"], pa.binary()),
        lambda: pa.StringArray.from_buffers(
            1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb")
        ),
        lambda: pa.array([[[{"name": None}]]]),
        lambda: pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int8())),
        lambda: pa.array(["x"]).dictionary_encode(),
        lambda: pa.array([float("nan")]),
        lambda: pa.array([1], pa.decimal128(38, 10)),
        lambda: pa.nulls(1),
    ))()  # fmt: skip


def _page(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    fields = {name: _text(value) for name, value in record.items()}
    title, text = fields["title"], fields["text"]
    date = escape(fields["date"], {'"': "&quot;"})
    stated = json.dumps({"@type": "NewsArticle", **record})
    statements = (
        f'<meta property="article:published_time" content="{date}">',
        f'<time datetime="{date}">{date}</time>',
        f'<script type="application/ld+json">{stated}</script>',
        f'<p class="byline">{fields.get("authors", "")} {date}</p>',
    )
    chosen = "".join(draw.sample(statements, 2))
    return _bytes(
        f"<html lang='{fields.get('language', '')}'><head><title>{title}</title></head><body>"
        f"<article><h1>{title}</h1>{chosen}<p>{text}</p><p>{BODY}</p></article></body></html>"
    )


def _markdown(_: random.Random, record: Mapping[str, Any]) -> bytes:
    front = "\n".join(f"{k}: {_text(v)}" for k, v in record.items() if k != "text")
    return _bytes(f"---\n{front}\n---\n\n{_text(record['text'])}\n")


def _feed(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    clean = {name: _xml(_text(value)) for name, value in record.items()}
    if draw.random() < 0.5:
        return _bytes(
            '<rss version="2.0"><channel><title>News</title><item>'
            f"<title>{clean['title']}</title><link>{clean['url']}</link><guid>{clean['id']}</guid>"
            f"<pubDate>{clean['date']}</pubDate><description>{clean['text']}</description>"
            "</item></channel></rss>"
        )
    return _bytes(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry>'
        f"<id>{clean['id']}</id><title>{clean['title']}</title><updated>{clean['date']}</updated>"
        f"<published>{clean['date']}</published><content type='html'>{clean['text']}</content>"
        "</entry></feed>"
    )


def _xml(text: str) -> str:
    return escape("".join(c for c in text if c >= " " or c in "\t\n"))


def _message(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    message = EmailMessage()
    message["Subject"] = " ".join(_text(record["title"]).split())
    message["From"] = "Ada Brook <ada@news.example>"
    message.set_content(_text(record["text"]).replace("\x00", ""))
    if draw.random() < 0.5:
        message.add_alternative(f"<p>{_text(record['text'])}</p>", subtype="html")
    content = message.as_bytes()
    date = " ".join(_text(record["date"]).split())
    return _bytes(f"Date: {date}\nContent-Language: {record.get('language')}\n") + content


def _mailbox(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    try:
        one = _message(draw, record)
    except (ValueError, LookupError):
        one = b"Subject: x\n\n" + _bytes(_text(record["text"]))
    return b"".join(b"From a@b.example Mon Oct  5 08:00:00 2026\n" + one + b"\n" for _ in "ab")


def _archive(draw: random.Random, record: Mapping[str, Any]) -> bytes:
    page = _page(draw, record)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    size = draw.choice((len(answer), len(answer) + 7, len(answer) - 7, 10**18))
    url = " ".join(_text(record["url"]).split())
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: {' '.join(_text(record['date']).split())}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {size}\r\n\r\n"
    )
    return (_bytes(head) + answer + b"\r\n\r\n") * 2


_WRITERS: dict[str, Callable[[random.Random, Mapping[str, Any]], bytes]] = {
    ".json": lambda draw, record: draw.choice((_json, _array))(draw, record),
    ".jsonl": lambda draw, record: b"\n".join([_json(draw, record)] * 2),
    ".ninjs": _json,
    ".ndjson": lambda draw, record: _json(draw, record) + b"\r\n",
    ".csv": _csv,
    ".parquet": _parquet,
    ".html": _page,
    ".md": _markdown,
    ".txt": lambda _, record: _bytes(f"{_text(record['title'])}\n\n{_text(record['text'])}"),
    ".rss": _feed,
    ".eml": lambda draw, record: _mailbox(draw, record).partition(b"\n")[2],
    ".mbox": _mailbox,
    ".warc": _archive,
}
