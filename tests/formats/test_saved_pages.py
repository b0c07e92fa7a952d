"""Pages that a browser or an archiver saved: they are at the address that they were saved from."""

# ruff: noqa: E501 (a case a line)

import plistlib
from datetime import UTC, datetime

import pytest
from documents import read_file
from pages import BODY, PARAGRAPHS

URL = "https://n.example/2023/ferry"
SAVED = datetime(2024, 5, 20, 10, tzinfo=UTC)
TEXT = "\n\n".join(PARAGRAPHS)


def page(root="<html>", more=""):
    return f"{root}<head><title>Ferry late again</title>{more}</head><body><article><h1>Ferry late again</h1>{BODY}</article></body></html>"


@pytest.mark.parametrize(
    ("content", "day"),
    [
        (f"<!DOCTYPE html>\n<!-- saved from url=(0028){URL} -->\n{page()}", None),
        (
            page(
                f"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: {URL} \n saved date: Mon May 20 2024 12:00:00 GMT+0200 (Central European Summer Time)\n-->"
            ),
            SAVED,
        ),
        (
            f"<!-- Saved from {URL} at 2024-05-20T10:00:00Z using monolith v2.8.1 -->\n{page()}",
            SAVED,
        ),
        (
            page(f'<html data-scrapbook-source="{URL}" data-scrapbook-create="20240520100000000">'),
            SAVED,
        ),
        (
            page(
                f"<html><!-- Mirrored from {URL} by HTTrack Website Copier/3.x [XR&CO'2014], Mon, 20 May 2024 10:00:00 GMT -->"
            ),
            SAVED,
        ),
        (
            page(
                f"<html><!-- Mirrored from {URL.removeprefix('https://')} by HTTrack Website Copier/3.x [XR&CO'2014], Mon, 20 May 2024 10:00:00 GMT -->"
            ).replace("XX", ""),
            SAVED,
        ),
    ],
)
def test_a_note_of_where_a_page_was_saved(content, day):
    (article,) = read_file("a.html", content.replace("/2023/", "/news/"))
    assert article.url.partition("://")[2] == "n.example/news/ferry"
    assert article.text.endswith(TEXT)
    assert article.uri == "/in/a.html"
    assert article.date_source == ("file" if day else "run")
    assert not day or article.published_at == day


def test_the_pages_own_address_goes_before_that_it_was_saved_from():
    own = "<link rel=canonical href='https://n.example/ferry'>"
    (article,) = read_file("a.html", f"<!-- saved from url=(0028){URL} -->{page(more=own)}")
    assert article.url == "https://n.example/ferry"


@pytest.mark.parametrize("address", ["about:internet", "file:///home/x/a.html", "x"])
def test_a_note_without_an_address_is_none(address):
    (article,) = read_file("a.html", f"<!-- saved from url=(0014){address} -->{page()}")
    assert article.url is None


def mhtml(part, head=f"Snapshot-Content-Location: {URL}\r\n"):
    return (
        f"From: <Saved by Blink>\r\n{head}Subject: x\r\nDate: Mon, 20 May 2024 10:00:00 -0000\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--X"\r\n\r\n'
        f"----X\r\n{part}\r\n----X\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n----X--\r\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        mhtml(
            f"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{page().replace('=', '=3D')}"
        ),
        mhtml(
            f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Location: {URL}\r\n\r\n{page()}",
            head="",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["mht", "mhtml"])
def test_mhtml(content, ending):
    (article,) = read_file(f"a.{ending}", content)
    assert (article.title, article.url) == ("Ferry late again", URL)
    assert article.text.endswith(TEXT)
    assert article.fetched_at != SAVED


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_webarchive(form):
    main = {
        "WebResourceData": page().encode("utf-16"),
        "WebResourceURL": URL,
        "WebResourceTextEncodingName": "UTF-16",
    }
    (article,) = read_file("a.webarchive", plistlib.dumps({"WebMainResource": main}, fmt=form))
    assert (article.title, article.url) == ("Ferry late again", URL)
    assert article.text.endswith(TEXT)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.webarchive", b"bplist00"),
        ("a.webarchive", b"<plist><dict><key>"),
        ("a.webarchive", plistlib.dumps({"WebMainResource": {}})),
        ("a.webarchive", plistlib.dumps([1])),
        ("a.mht", mhtml("Content-Type: text/plain\r\n\r\nNo page.")),
    ],
)
def test_what_holds_no_page(name, content):
    assert read_file(name, content) == ["not_html"]


LINKS = "".join(f"<li><a href='https://n.example/{n}'>Ferry {n} is late</a></li>" for n in range(9))


@pytest.mark.parametrize(
    "content",
    [
        f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE><DL><p>{LINKS}</DL>",
        f"<!DOCTYPE html><html><head><title>Pocket Export</title></head><ul>{LINKS}</ul></html>",
        f"<html><head><title>Instapaper: Export</title></head><body><ol>{LINKS}</ol></body></html>",
    ],
)
def test_bookmarks_are_no_article(content):
    assert read_file("a.html", content) == ["not_an_article"]
