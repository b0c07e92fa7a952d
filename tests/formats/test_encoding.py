"""Encodings: what bytes are read as, and what one odd byte does to the rest."""

import io
import json

import pytest

from tests.support.builders import make_raw
from transforms.formats import FileInfo, ParseOptions, by_media_type, by_suffix
from transforms.formats.byte_streams import text_stream
from transforms.formats.charsets import codec_for, declared_charset
from transforms.formats.encoding import decode
from transforms.formats.http_body import charset_text
from transforms.formats.japanese import decode_euc_jp, decode_iso2022_jp
from transforms.formats.xml.xml_encoding import to_utf8
from transforms.records import RECORD_MEDIA_TYPE

RUSSIAN = "Мост в порту закроют на девять недель. Половину расходов заплатит государство. " * 3
CHINESE = "市政府星期三宣布，跨河大桥将关闭九个星期。国家支付一半的费用，居民可以使用渡轮。" * 3
JAPANESE = "市は水曜日、川の橋を九週間閉鎖すると発表した。費用の半分は国が負担する。" * 3
KOREAN = (
    "시의회는 수요일 강을 가로지르는 다리를 폐쇄한다고 발표했다. 비용의 절반은 국가가 낸다. " * 3
)
POLISH = "Rada miasta ogłosiła w środę: most będzie zamknięty. Żółć, gęślą jaźń. " * 4
CZECH = "Město oznámilo ve středu: most bude týden zavřený. Žádná škoda, říkají řidiči. " * 3
FRENCH = "Le café ferme à minuit — c’est la règle de l’été où qu’il soit. " * 3


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        ("Grüße".encode(), False, "Grüße"),
        ("\ufeffGrüße".encode(), False, "Grüße"),
        ("Grüße".encode("utf-16"), False, "Grüße"),
        ("Grüße aus Köln".encode("utf-16-le"), False, "Grüße aus Köln"),
        ("Grüße aus Köln".encode("utf-32-be"), False, "Grüße aus Köln"),
        ('<meta charset="nonsense">é'.encode(), True, '<meta charset="nonsense">é'),
        (b"", False, ""),
    ],
)
def test_decode(content, declared, expected):
    assert decode(content, declared=declared) == expected


def test_decode_never_fails():
    assert isinstance(decode(bytes(range(256)) * 3), str)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (CHINESE, "gb18030"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (KOREAN, "cp949"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (CZECH, "iso8859_2"),
        (FRENCH, "cp1252"),
    ],
)
def test_an_encoding_is_detected_in_spite_of_an_odd_byte(text, codec):
    content = text.encode(codec)
    assert decode(content) == text
    cut = len(text[:40].encode(codec))
    read = decode(content[:cut] + b"\xff " + content[cut:])
    # A byte takes at most its neighbour along.
    assert read[:40] == text[:40]
    assert read[-60:] == text[-60:]


@pytest.mark.parametrize("text", [RUSSIAN, CHINESE, JAPANESE, KOREAN, POLISH, FRENCH])
@pytest.mark.parametrize("odd", [b"\xe9", b"\x92", b"\xff", b"\xd0", b"\xe4\xb8", b"\x80"])
@pytest.mark.parametrize("charset", [None, "utf-8", "iso-8859-1"])
def test_utf8_but_for_single_bytes_stays_utf8(text, odd, charset):
    head = f'<meta charset="{charset}">' if charset else ""
    content = head.encode() + text[:50].encode() + odd + b" " + text[50:].encode() + odd
    assert (
        decode(content, declared=True).replace("\ufffd", "") == head + text[:50] + " " + text[50:]
    )


def test_utf8_cut_within_a_character_stays_utf8():
    assert decode(FRENCH.encode() + "é".encode()[:1]).startswith(FRENCH)
    assert decode(b'<meta charset="utf-8">caf\xc3', declared=True).endswith("caf\ufffd")


def test_a_text_that_is_no_utf8_is_none_whatever_it_says():
    page = b'<meta charset="utf-8">' + RUSSIAN.encode("cp1251")
    assert decode(page, declared=True).endswith(RUSSIAN)
    assert decode(b'<meta charset="utf-8">A caf\xe9.', declared=True).endswith("A café.")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (CHINESE, "gb2312"),
        (POLISH, "iso-8859-2"),
        (RUSSIAN, "windows-1251"),
    ],
)
def test_a_declared_encoding_stays_in_spite_of_an_odd_byte(text, label):
    head = f'<meta charset="{label}">'
    content = head.encode() + text[:50].encode(label) + b"\xff " + text[50:].encode(label)
    read = decode(content, declared=True)
    assert read.startswith(head + text[:50])
    assert read.endswith(text[-50:])


@pytest.mark.parametrize(
    ("markup", "codec"),
    [
        ('<meta charset="big5">', "big5hkscs"),
        ("<META CHARSET = iso-8859-2 >", "iso8859-2"),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'/>", "koi8-r"),
        ('<meta content="text/html; charset=koi8-r" http-equiv="content-type">', "koi8-r"),
        ('<?xml version="1.0" encoding="windows-1251"?><html>', "cp1251"),
        ('<!doctype html><script charset="big5" src="a.js"></script>', None),
        ('<link charset="big5" href="a.css"><a charset="big5">', None),
        ('<!-- <meta charset="big5"> --><meta charset="koi8-r">', "koi8-r"),
        ("<script>document.write('<meta charset=\"big5\">')</script>", None),
        ('<style>@charset "big5";</style>', None),
        ('<meta name="description" content="text; charset=big5">', None),
        ('<meta property="og:title" content="charset=big5"><meta charset="koi8-r">', "koi8-r"),
        ("<p>charset=big5</p>", None),
        ('<meta charset="utf-16">', "utf-8"),
        ('<meta charset="base64"><meta charset="koi8-r">', None),
        ("x" * 5000 + '<meta charset="koi8-r">', "koi8-r"),
        ("<!--" * 20_000, None),
        ("<meta " * 10_000, None),
        ("<script>" * 8_000, None),
    ],
)
def test_only_meta_and_the_xml_declaration_declare_a_charset(markup, codec):
    assert declared_charset(markup.encode()) == codec


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("latin1", "cp1252"),
        ("US-ASCII", "cp1252"),
        ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("gbk", "gb18030"),
        ("tis-620", "cp874"),
        ("CP50221", "iso2022_jp"),
        ("utf-7", "utf-7"),
        ("unicode_escape", None),
        ("rot13", None),
        ("zip", None),
        ("no such", None),
        ("é\0", None),
        ("", None),
    ],
)
def test_codec_for(label, codec):
    assert codec_for(label) == codec


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (JAPANESE.encode("iso2022_jp"), JAPANESE),
        (b"\x1b$B-!-j\x1b(B.", "①㈱."),
        (b"\x1b(I1R@\x1b(B", "ｱﾒﾀ"),
        (b"\xb1\xd2\xc0", "ｱﾒﾀ"),
        (b"\x1b(J\\5~\x1b(B\\", "¥5‾\\"),
        (b"\x1b$B$\x22$", "あ\ufffd"),
        (b"\x1b$B$\x22\nplain", "あ\nplain"),
        (b"\x1b[1mplain", "\x1b[1mplain"),
        ("侄".encode("iso2022_jp_1"), "侄"),
    ],
)
def test_iso2022_jp(content, text):
    assert decode_iso2022_jp(content) == text
    assert charset_text(content, "iso-2022-jp") == text


def test_ascii_escapes_make_no_other_encoding():
    assert decode(b"\x1b[1m" + RUSSIAN.encode()) == "\x1b[1m" + RUSSIAN
    assert decode(JAPANESE.encode("iso2022_jp")) == JAPANESE
    assert charset_text("Grüße".encode("utf-7"), "utf-7") == "Grüße"


def test_euc_jp_with_extensions():
    assert (
        decode_euc_jp(JAPANESE.encode("euc_jp") + b"\xad\xa1\x8e\xb1\xff") == f"{JAPANESE}①ｱ\ufffd"
    )


def test_charset_of_a_header_outranks_the_documents_own():
    assert charset_text(b'<meta charset="koi8-r">\xcf\xf0\xe8', "windows-1251").endswith("При")
    assert charset_text(FRENCH.encode() + b"\xe9 ", "iso-8859-1").startswith(FRENCH)


def test_xml_is_declared_as_what_it_becomes():
    document = f'<?xml version="1.0" encoding="UTF-8"?><a>{RUSSIAN}</a>'.encode()
    broken = document.replace("порту".encode(), "порту".encode() + b"\xff", 1)
    read = to_utf8(broken, {"content-type": "text/xml"}).decode()
    assert read.startswith("<?xml version='1.0' encoding='utf-8'?><a>")
    assert read.count("?>") == 1
    assert read.replace("\ufffd", "").endswith(f"<a>{RUSSIAN}</a>")


PAGE = "<html><body><article><h1>{0}</h1><p>{1}</p><p>{1}</p></article></body></html>"
FEED = "<rss version='2.0'><channel><item><title>{0}</title><description>{1}</description></item>"


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("a.txt", "{0}\n\n{1}"),
        ("a.md", "# {0}\n\n{1}"),
        ("a.html", PAGE),
        ("a.jsonl", '{{"title": "{0}", "text": "{1}"}}'),
        ("a.json", '[{{"title": "{0}", "text": "{1}"}}]'),
        ("a.csv", "title,text\n{0},{1}\n"),
        ("a.rss", FEED),
        ("a.eml", "Subject: {0}\nContent-Type: text/plain; charset=utf-8\n\n{1}\n"),
    ],
)
def test_one_odd_byte_is_flagged_in_every_format(name, template):
    content = template.format("Мост закроют", RUSSIAN).encode()
    broken = content.replace("порту".encode(), "порту".encode() + b"\xff", 1)
    for body, flagged in ((content, False), (broken, True)):
        file = FileInfo(f"/in/{name}", len(body), None, make_raw().fetched_at)
        (document,) = by_suffix(name).split(file, io.BytesIO(body), 1 << 20)
        article = by_media_type(document.media_type).parse(document, ParseOptions())
        assert article.title == "Мост закроют"
        assert "заплатит государство" in article.text
        assert ("characters_replaced" in article.flags) == flagged


ROWS = "".join(f"{number},the bridge is closed\n" for number in range(4000))


@pytest.mark.parametrize(
    ("text", "codec"),
    [(FRENCH, "cp1252"), (RUSSIAN, "cp1251"), (FRENCH, "utf-8"), (JAPANESE, "cp932"),
     (JAPANESE, "iso2022_jp")],
)  # fmt: skip
def test_a_stream_is_decided_at_its_first_line_that_is_not_ascii(text, codec):
    assert len(ROWS) > 1 << 16
    whole = f"{ROWS}x,{text}\r\n{ROWS}y,{text}\n"
    assert text_stream(io.BytesIO(whole.encode(codec))).read() == whole
    file = FileInfo("/in/a.csv", 0, None, make_raw().fetched_at)
    content = f"id,text\n{whole}".encode(codec)
    *_, last = by_suffix("a.csv").split(file, io.BytesIO(content), 1 << 20)
    assert json.loads(last.content)["text"] == text
    assert last.media_type == RECORD_MEDIA_TYPE


def test_a_whole_text_is_decided_at_its_first_line_that_is_not_ascii():
    assert decode((ROWS + RUSSIAN).encode("cp1251")) == ROWS + RUSSIAN


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_stream_with_a_mark(codec):
    text = "a\r\nñ\n" * 50_000
    assert text_stream(io.BytesIO(text.encode(codec))).read() == text
