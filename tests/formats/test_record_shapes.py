"""Records as more tools shape them: editors' objects, languages, markup, and tables' dialects."""

import json

import pytest
from documents import read_file

T = "Ferry sails again"
ONE, TWO = (
    "The ferry sails again from autumn on, its owner said.",
    "It takes 80 people, and twelve cars.",
)
TEXT = f"{ONE}\n\n{TWO}"
DATED = {"title": T, "date": "2024-05-13T10:00:00Z"}
RUNS = [{"type": "paragraph", "content": [{"type": "text", "text": part}]} for part in (ONE, TWO)]


@pytest.mark.parametrize(
    "record",
    [
        {
            **DATED,
            "content": {
                "ops": [
                    {"insert": ONE + "\n\n"},
                    {"insert": TWO, "attributes": {"bold": True}},
                    {"insert": {"image": "x"}},
                ]
            },
        },
        {
            **DATED,
            "body": {
                "blocks": [{"text": ONE, "type": "unstyled"}, {"text": TWO, "type": "unstyled"}],
                "entityMap": {},
            },
        },
        {
            **DATED,
            "body": [
                {"type": "image", "url": "https://n.example/x.jpg", "caption": "A boat"},
                {"type": "p", "text": ONE},
                {"type": "p", "text": TWO},
            ],
        },
        {
            **DATED,
            "contents": [
                {"type": "kicker", "content": "Local"},
                {"type": "byline", "content": "By Jane Doe"},
                {"type": "html", "content": f"<span></span>{ONE}"},
                {"type": "html", "content": TWO},
            ],
        },
        # In languages, wrapped, or beside an object of what is said about it.
        {
            "sys": {"id": "c"},
            "fields": {
                "title": {"en-US": T},
                "date": {"en-US": "2024-05-13T10:00Z"},
                "body": {"en-US": TEXT},
            },
        },
        {"data": {**DATED, "content": TEXT}},
        {
            "name": T,
            "published_at": "2024-05-13T10:00:00Z",
            "content": {"component": "page", "body": {"type": "doc", "content": RUNS}},
        },
        {"page_content": TEXT, "metadata": {"title": T, "published": "2024-05-13T10:00:00Z"}},
        {
            "markdown": f"**{ONE}**\n\n[It](https://n.example/) takes 80 people, and twelve cars.",
            "meta": {"headline": T, "pubDate": "2024-05-13T10:00:00Z"},
        },
        {**DATED, "selftext": TEXT},
        # Markup without blocks, and line ends that an export wrote as two characters.
        {**DATED, "text": f"{ONE}\n\n<b>It</b> takes 80 people, and twelve cars."},
        {**DATED, "text": TEXT.replace("\n", "\\n")},
        {**DATED, "text": TEXT.replace("\n", "\\r\\n")},
    ],
)
def test_shapes(record):
    (article,) = read_file("a.jsonl", json.dumps(record))
    assert (article.title, article.text) == (T, TEXT)
    assert article.published_at.isoformat() == "2024-05-13T10:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "It cost 5 * 3 crowns, and 7 * 2 crowns. # 1 in the list.",
        "**A note** stood at the door of the harbour office.",
        "A folder such as C:\\news\\new holds it.",
    ],
)
def test_what_only_looks_like_markup_stays(text):
    (article,) = read_file("a.jsonl", json.dumps({**DATED, "text": text}))
    assert article.text == text


def test_a_day_in_parts_as_text():
    record = {"title": T, "text": TEXT, "date": {"year": "2024", "month": "05", "day": "13"}}
    (article,) = read_file("a.jsonl", json.dumps(record))
    assert article.published_at.date().isoformat() == "2024-05-13"


def test_fields_of_the_record_go_before_those_about_it():
    record = {
        **DATED,
        "text": TEXT,
        "metadata": {"title": "Other", "date": "2020-01-01", "author": "Jane Doe"},
    }
    (article,) = read_file("a.jsonl", json.dumps(record))
    assert (article.title, article.published_at.year, article.authors) == (T, 2024, ("Jane Doe",))


CELL = f'"{TEXT}"'


@pytest.mark.parametrize(
    "content",
    [
        f"title^date^text\n{T}^2024-05-13^{CELL}\n",
        f"title\x01date\x01text\n{T}\x012024-05-13\x01{CELL}\n",
        f"'title','date','text'\n'{T}','2024-05-13','{TEXT}'\n",
        f"title, date, text\n{T}, 2024-05-13, {CELL}\n",
        f'"title", "date", "text"\n"{T}", "2024-05-13", {CELL}\n',
    ],
)
def test_dialects_of_tables(content):
    (article,) = read_file("a.csv", content)
    assert (article.title, article.text) == (T, TEXT)
    assert article.published_at.date().isoformat() == "2024-05-13"
