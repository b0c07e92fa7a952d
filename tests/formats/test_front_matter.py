"""Front matter in YAML, TOML and JSON, and what it may cost."""

import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from documents import read_file
from growth import assert_linear

from transforms.formats import ParseOptions, by_media_type
from transforms.formats.front_matter import MAX_BLOCK, split_front_matter
from transforms.records import RawDocument

NOW = datetime(2024, 6, 1, tzinfo=UTC)
EVENING = datetime(2024, 5, 13, 22, 30, tzinfo=UTC)
DAY = EVENING.replace(hour=0, minute=0)


def article(content):
    document = RawDocument("/in/a.md", "text/markdown", content.encode(), NOW, NOW)
    return by_media_type("text/markdown").parse(document, ParseOptions())


@pytest.mark.parametrize(
    ("matter", "published_at"),
    [
        ("---\ntitle: Ferry\ndate: 2024-05-13\nauthor: Jane Doe\n---\n", DAY),
        ("---\ntitle: Ferry\ndate: 2024-05-14 00:30:00 +0200\nauthors: [Jane Doe]\n---\n", EVENING),
        ("---\ntitle: Ferry\ndate: 2024-05-14 06:30:00 +8\nauthor: Jane Doe\n---\n", EVENING),
        ("---\ntitle: Ferry\ndate: 2024-05-13T22:30:00.000Z\nauthors:\n- Jane Doe\n...\n", EVENING),
        ("---\ntitle: Ferry\ndate: !!timestamp 2024-05-13\nauthor: &a Jane Doe\n---\n", DAY),
        ("---\ntitle: &t Ferry\nseo: *t\ndate: 2024-05-13\nauthor: {name: Jane Doe}\n---\n", DAY),
        ("--- \ntitle: Ferry\nDate: May 13, 2024\nby: Jane Doe\n---\n", DAY),
        ("\n\n---\ntitle: Ferry\ndate: 2024-05-13\nauthor: Jane Doe\n---\n", DAY),
        ('+++\ntitle = "Ferry"\ndate = 2024-05-13\nauthor = "Jane Doe"\n+++\n', DAY),
        ('+++\ntitle = "Ferry"\ndate = 2024-05-14T00:30:00+02:00\nauthors = ["Jane Doe"]\n+++\n',
         EVENING),
        ('+++\ntitle = "Ferry"\ndate = 2024-05-13T22:30:00\n[author]\nname = "Jane Doe"\n+++\n',
         EVENING),
        ("+++\ntitle = 'Ferry'\ndate = '2024-05-13'\nauthor = '''Jane Doe'''\n+++\n", DAY),
        ('{\n"title": "Ferry", "date": "2024-05-13", "author": "Jane Doe"\n}\n', DAY),
    ],
)  # fmt: skip
def test_formats(matter, published_at):
    found = article(matter + "# Old heading\n\nThe ferry runs again.")
    assert (found.title, found.authors) == ("Ferry", ("Jane Doe",))
    assert (found.published_at, found.date_source) == (published_at, "page")
    assert found.text.endswith("The ferry runs again.")
    assert "Ferry" not in found.text
    assert found.flags == ()


@pytest.mark.parametrize(
    "field",
    ["lastmod: 2024-05-13T22:30:00Z", "updated: 2024-05-13T22:30:00Z",
     "last_modified: 2024-05-13T22:30:00Z"],
)  # fmt: skip
def test_when_it_was_changed(field):
    found = article(f"---\ntitle: Ferry\ndate: 2024-05-12\n{field}\n---\nIt runs.")
    assert found.modified_at == EVENING


@pytest.mark.parametrize(
    "matter",
    [
        "---\ntitle: Ferry\nauthor: [Jane Doe\n---\n",
        "+++\ntitle = Ferry\nauthor = 'Jane Doe'\n+++\n",
        "---\ntitle: Ferry: again\nauthor: Jane Doe\n---\n",
    ],
)
def test_what_is_malformed_is_read_line_by_line_and_flagged(matter):
    found = article(f"{matter}It runs.")
    assert found.title.startswith("Ferry")
    assert "front_matter_unreadable" in found.flags


@pytest.mark.parametrize(
    "text", ["No matter", "---\nA line\n\nand no end", "+++ plus", "{braces} in a text", "{", "---"]
)
def test_none(text):
    assert split_front_matter(text).fields == {}
    assert split_front_matter(text).body == text


def bomb(levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "block",
    [
        bomb(9),
        "title: Ferry\na: &a {<<: *a}",
        "a: &a " + "x" * 9000 + "".join(f"\nb{n}: *a" for n in range(1000)),
        "a: " + "[" * 20_000,
        "a: " + "{a: " * 9000,
        "? " * 20_000,
        "a: " + "- " * 20_000,
        "x: 1\n" * 6_000,
        "a: !!python/object/apply:os.system ['true']",
        "a: " + "&a " * 5000,
        "a: |\n" + " x\n" * 20_000,
        "&a : *a",
    ],
)
def test_no_block_costs_more_than_its_length(block):
    content = f"---\ntitle: Ferry\n{block}\n---\nIt runs."
    tracemalloc.start()
    started = time.thread_time()
    try:
        found = article(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.title == "Ferry"
    assert found.text.endswith("It runs.")
    assert peak < 60_000_000
    assert time.thread_time() - started < 20  # on a slow machine, watched by tracemalloc


def test_a_long_block_is_read_line_by_line():
    content = "---\ntitle: Ferry\n" + "x: 1\n" * (MAX_BLOCK // 4) + "---\nIt runs."
    matter = split_front_matter(content)
    assert (matter.fields["title"], matter.is_readable) == ("Ferry", False)


@pytest.mark.parametrize("piece", ["---\n", "+++\n", "{", '{"a":', "a: b\n", "- ", "'"])
def test_time_grows_with_length(piece):
    def block(size):
        return "---\n" + piece * (size // len(piece))

    assert_linear(split_front_matter, block, 40_000, 400_000)


@pytest.mark.parametrize("name", ["a.md", "a.markdown"])
def test_a_file_with_front_matter_in_json(name):
    content = '{"title": "Ferry late", "date": "2024-05-13"}\n\nThe ferry runs again.'
    (found,) = read_file(name, content)
    assert (found.title, found.text) == ("Ferry late", "The ferry runs again.")
    assert found.published_at == DAY
