"""CSV and TSV as spreadsheets, databases and data frames write them."""

import io
import json
from datetime import UTC, datetime

import pytest
from growth import assert_linear

from transforms.formats import FileInfo, by_suffix
from transforms.records import DeadLetter

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LIMIT = 1 << 20


def rows(content, name="a.csv", limit=LIMIT):
    """Return (line, record) of each row, or (line, reason) of one that cannot be read."""
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    file = FileInfo(f"/in/{name}", 0, None, NOW)
    return [
        (item.line, item.reason if isinstance(item, DeadLetter) else json.loads(item.content))
        for item in by_suffix(name).split(file, stream, limit)
    ]


ROW = {"title": "Ferry", "text": "It runs; again, says she."}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('title,text\nFerry,"It runs; again, says she."\n', 2),
        ('sep=;\ntitle;text\nFerry;"It runs; again, says she."\n', 3),
        ('"sep=;"\r\ntitle;text\r\nFerry;"It runs; again, says she."\r\n', 3),
        ('\ufeffsep=;\ntitle;text\nFerry;"It runs; again, says she."\n', 3),
        ('SEP=|\ntitle|text\nFerry|It runs; again, says she.\n', 3),
        ("sep=\t\ntitle\ttext\nFerry\tIt runs; again, says she.\n", 3),
        ('\n\n\ntitle,text\nFerry,"It runs; again, says she."\n', 5),
        (';;\n"title";"text";""\nFerry;"It runs; again, says she.";\n', 3),
        ('title,text\n\n\nFerry,"It runs; again, says she."\n\n', 4),
        ('title,text,\nFerry,"It runs; again, says she.",\n', 2),
        ('title,text\nFerry,"It runs; again, says she.",,\n', 2),
        ('"title","text"\n"Ferry","It runs; again, says she."', 2),
        (' title , text \nFerry,"It runs; again, says she."\n', 2),
        ('title,text\rFerry,"It runs; again, says she."\r', 2),
        (',title,text\n0,Ferry,"It runs; again, says she."\n', 2),
        ('title,text,text\nFerry,,"It runs; again, says she."\n', 2),
        ('title,text,title\nFerry,"It runs; again, says she.",Other\n', 2),
        ('title,text,title\nNULL,"It runs; again, says she.",Ferry\n', 2),
        ('title,text\n"=""Ferry""","It runs; again, says she."\n', 2),
        # the heading of a report
        ('Our news\n\ntitle,text\nFerry,"It runs; again, says she."\n', 4),
        ('News\ntitle,text\nFerry,"It runs; again, says she."\n', 3),
        ('Made on;2024-06-01\nBy;Desk\n;\ntitle;text\nFerry;"It runs; again, says she."\n', 5),
        ('sep=;\nReport, of May;\ntitle;text\nFerry;"It runs; again, says she."\n', 4),
    ],
)  # fmt: skip
def test_dialects(content, line):
    assert rows(content) == [(line, ROW)]


@pytest.mark.parametrize(
    "content",
    ["Kopf,Rumpf\nFerry,It runs\ntitle,x\n", "text\nIt runs.\nnews\n", "Kopf\ntitle\ntext\n"],
)
def test_a_first_row_of_unknown_names_is_the_header_where_no_other_is(content):
    names = content.partition("\n")[0].split(",")
    assert all([*record] == names for _, record in rows(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_of_excel(encoding):
    content = "Titel;Text\r\nFähre;Sie fährt – sagt „Zoë“\r\n"
    assert rows(content.encode(encoding)) == [
        (2, {"Titel": "Fähre", "Text": "Sie fährt – sagt „Zoë“"})
    ]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ('Ferry\t"It runs" says she', '"It runs" says she'),
        ('Ferry\t"It runs', '"It runs'),
        ('Ferry\tIt "runs', 'It "runs'),
        ('Ferry\t6" of rain', '6" of rain'),
        ('Ferry\t"It ""runs"""', 'It "runs"'),
        ('Ferry\t"It runs"', "It runs"),
    ],
)
def test_tables_parted_by_tabs_have_marks_in_their_texts(row, text):
    content = f'title\ttext\n{row}\nBridge\tIt is shut.\nTunnel\t"Open again\n'
    found = rows(content, "a.tsv")
    assert found[0] == (2, {"title": "Ferry", "text": text})
    assert found[1:] == [
        (3, {"title": "Bridge", "text": "It is shut."}),
        (4, {"title": "Tunnel", "text": '"Open again'}),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('title,text\nFerry,"He said \\"go\\", twice"\n', 'He said "go", twice'),  # MySQL
        ('title,text\nFerry,"He said ""go"", twice"\n', 'He said "go", twice'),
        ('title,text\nFerry,"One\nTwo"\n', "One\nTwo"),
        ('title,text\nFerry,"C:\\new, ""x"""\n', 'C:\\new, "x"'),
    ],
)
def test_quotes_in_texts(content, text):
    assert rows(content) == [(2, {"title": "Ferry", "text": text})]


def test_a_quote_that_never_closes_costs_its_line():
    content = 'title,text\nFerry,"open\nBridge,"shut"\nTunnel,dug\n'
    assert [line for line, _ in rows(content)] == [2, 3, 4]
    assert rows(content)[0] == (2, "bad_csv")
    assert rows(content)[-1] == (4, {"title": "Tunnel", "text": "dug"})


def test_a_dead_letter_is_read_like_the_file_it_came_from():
    content = b"sep=;\ntitle;text\nFerry;It;runs\nBridge;shut\n"
    file = FileInfo("/in/a.csv", 0, None, NOW)
    first, second = by_suffix("a.csv").split(file, io.BytesIO(content), LIMIT)
    assert first.payload == b"sep=;\ntitle;text\nFerry;It;runs\n"
    assert json.loads(second.content) == {"title": "Bridge", "text": "shut"}
    again = by_suffix("a.csv").split(file, io.BytesIO(first.payload), LIMIT)
    assert [item.reason for item in again] == ["wrong_field_count"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"sep=;\n", b"sep=;", b";;;\n"])
def test_no_header(content):
    assert rows(content) == [(None, "empty_file")]


@pytest.mark.parametrize("piece", ['"', 'a,"', "a,b\n", '\\"', "\t", '"\n"\n', ",", "x\n\n"])
def test_odd_tables_take_time_in_proportion(piece):
    def read(content):
        return rows(content, limit=1 << 16)

    def table(size):
        return "title,text\n" + piece * (size // len(piece))

    assert_linear(read, table, 10_000, 100_000)


@pytest.mark.parametrize(
    ("dates", "ordered"),
    [
        (["05/13/2024", "05/06/2024"], ["05/13/2024", "2024-05-06"]),
        (["05/06/2024", "13/05/2024", ""], ["2024-06-05", "13/05/2024", ""]),
        (["5-6-2024 10:30 PM", "5-13-2024, 9:00"], ["2024-05-06 10:30 PM", "5-13-2024, 9:00"]),
        (["5/6/24", "5/13/24"], ["2024-05-06", "5/13/24"]),
        (["05/06/2024T10:30", "NULL", "25/06/2024"], ["2024-06-05T10:30", "NULL", "25/06/2024"]),
        # They show nothing, or not the same.
        (["05/06/2024", "07/08/2024"], None),
        (["05/06/2024", "13/05/2024", "05/13/2024"], None),
        (["05/06/24", "13/05/24"], None),
        (["05/06/2024", "13/05/2024", "soon"], None),
        (["05.06.2024", "13.05.2024"], None),
    ],
)
@pytest.mark.parametrize("before", ["", "sep=,\n", "Our report\n\n"])
def test_dates_have_the_order_that_their_column_shows(dates, ordered, before):
    content = before + "title,date\n" + "".join(f'Ferry,"{date}"\n' for date in dates)
    found = [record["date"] for _, record in rows(content)]
    assert found == (ordered or dates)
