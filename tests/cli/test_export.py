"""`newsbeam export`: each format read back by another library than wrote it."""

import json
import zipfile
from dataclasses import replace

import duckdb
import feedparser
import pytest
from builders import make_published
from lxml import etree, html
from markdown_it import MarkdownIt

from pipeline.export import COLUMNS
from transforms.records import Duplicate
from transforms.write import WriteOptions
from transforms.write import write as publish_rows

HOSTILE = '<script>alert(1)</script> [x](javascript:y) *a* & "b" \x0b'
ARTICLES = [
    make_published(1, title="Café “opens”, again", source="Gazette", authors=("Ana B.", "C. Dé")),
    make_published(2, title='=HYPERLINK("http://evil")', text="-1+1 is what it costs, he said."),
    make_published(40, title=HOSTILE, text=HOSTILE, url="javascript:alert(1)", language="ar"),
    make_published(41, title="", duplicates=(Duplicate("f" * 32, "https://b.example/1"),)),
]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    root = tmp_path_factory.mktemp("export") / "out"
    articles = [replace(article, flags=("a", "b")) for article in ARTICLES]
    publish_rows(articles, (), (), WriteOptions(str(root), 1, "run"))
    return root


@pytest.fixture
def export(output, tmp_path, newsbeam):
    def run(name, *options):
        done = newsbeam("export", output, "--to", tmp_path / name, *options)
        assert done.code == 0, done.err
        assert [path.name for path in tmp_path.iterdir()] == [name]
        return tmp_path / name

    return run


def test_csv(export):
    file = export("news.csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfpublished_at,")
    rows = duckdb.read_csv(str(file), header=True, all_varchar=True).fetchall()
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert [row["id"] for row in named] == [article.id for article in reversed(ARTICLES)]
    assert named[3]["title"] == "Café “opens”, again"
    assert (named[3]["authors"], named[3]["flags"]) == ("Ana B.; C. Dé", "a b")
    assert named[3]["published_at"] == "2026-10-01T01:00:00Z"
    assert named[2]["title"] == '\'=HYPERLINK("http://evil")'
    assert named[2]["summary"].startswith("'-1+1")
    assert named[0]["also_at"] == "https://b.example/1"


def test_xlsx_holds_no_formula_or_link(export):
    with zipfile.ZipFile(export("news.xlsx")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    rows = etree.fromstring(sheet).findall(".//{*}row")
    cells = ["".join(cell.itertext()) for cell in rows[1].findall("{*}c")]
    assert ["".join(cell.itertext()) for cell in rows[0].findall("{*}c")] == list(COLUMNS)
    assert len(rows) == 5
    assert float(cells[0]) == pytest.approx(46297 + 17 / 24)
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    assert b"=HYPERLINK" in sheet


def test_jsonl(export):
    rows = [json.loads(line) for line in export("news.jsonl").read_text().splitlines()]
    assert list(rows[0]) == list(COLUMNS)
    assert (rows[3]["authors"], rows[3]["topic"]) == (["Ana B.", "C. Dé"], "politics")
    assert rows[0]["also_at"] == ["https://b.example/1"]


def test_markdown_shows_texts_as_they_are(export):
    page = MarkdownIt().render(export("news.md").read_text())
    tree = html.fromstring(f"<main>{page}</main>")
    assert [h.text_content() for h in tree.iter("h1")] == ["2026-10-02", "2026-10-01"]
    titles = [h.text_content() for h in tree.iter("h2")]
    assert titles[0] == "(no title)"
    assert titles[1] == " ".join(HOSTILE.split())
    assert not list(tree.iter("script", "em"))
    assert [a.get("href") for a in tree.iter("a")] == [
        article.url for article in reversed(ARTICLES) if "javascript" not in article.url
    ]


def test_html_shows_texts_as_they_are(export):
    tree = html.fromstring(export("news.html").read_bytes())
    assert not list(tree.iter("script", "em"))
    assert [a.get("href") for a in tree.iter("a")] == [
        article.url for article in reversed(ARTICLES) if "javascript" not in article.url
    ]
    assert [a.get("lang") for a in tree.iter("article")] == ["en", "ar", "en", "en"]
    assert "default-src 'none'" in tree.find(".//meta[@http-equiv]").get("content")


def test_rss_is_read_by_a_feed_reader(export):
    parsed = feedparser.parse(export("news.rss").read_bytes())
    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [a.id for a in reversed(ARTICLES)]
    last = parsed.entries[3]
    assert (last.title, last.link) == ("Café “opens”, again", ARTICLES[0].url)
    assert last.tags[0].term == "politics"
    assert last.published_parsed[:4] == (2026, 10, 1, 1)


def test_what_is_written_can_be_chosen(export):
    file = export("news.JSONL", "--date", "2026-10-01", "--search", "costs")
    [row] = map(json.loads, file.read_text().splitlines())
    assert row["id"] == ARTICLES[1].id


def test_an_unknown_ending_or_place_is_refused(output, tmp_path, newsbeam):
    done = newsbeam("export", output, "--to", tmp_path / "news.pdf")
    assert (done.code, "has to end with one of .csv, .xlsx" in done.err) == (2, True)
    done = newsbeam("export", output, "--to", tmp_path / "none" / "news.csv")
    assert (done.code, "cannot be written: No such file" in done.err) == (2, True)
    done = newsbeam("export", tmp_path / "none", "--to", tmp_path / "news.csv")
    assert (done.code, "is not the output of a run" in done.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
