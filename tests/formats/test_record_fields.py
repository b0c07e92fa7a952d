"""Fields of records: the names and shapes of many data sets and tools, and the values of cells."""

import itertools
import json
import shlex
from datetime import UTC, datetime

import pytest

from pipeline.config_files import load_config, parse_override
from transforms.errors import Rejected
from transforms.formats import ParseOptions
from transforms.formats.field_names import FIELDS, SUMMARY
from transforms.formats.fields import find_fields, unknown_names
from transforms.formats.json_records import encode_record, parse_record
from transforms.formats.unknown_fields import gaps, setting, suggested, tallied, tallies
from transforms.formats.values import as_date, as_names, as_text, is_empty, literal
from transforms.records import RECORD_MEDIA_TYPE, RawDocument

NOW = datetime(2024, 6, 1, tzinfo=UTC)
EVENING = datetime(2024, 5, 13, 22, 30, tzinfo=UTC)
DAY = EVENING.replace(hour=0, minute=0)
BODY = "The ferry of Norrby runs again. Its owner said so on Tuesday."
LONG = " ".join([BODY] * 6)
URL = "https://news.example/ferry"


def article(record, line=1, **fields):
    document = RawDocument(
        "/in/a.jsonl", RECORD_MEDIA_TYPE, encode_record(record), NOW, NOW, line=line
    )
    return parse_record(document, ParseOptions(fields=fields))


DATA_SETS = {
    "fundus": {
        "title": "Ferry", "plaintext": BODY, "authors": ["Jane Doe"], "lang": "en",
        "publishing_date": "2024-05-13 22:30:00+00:00", "topics": ["Boats"], "free_access": True,
        "body": {"summary": ["Short."], "sections": [{"headline": [], "paragraphs": [BODY]}]},
        "html": {"responded_url": URL, "requested_url": "https://news.example/r", "content": "<p>",
                 "source_info": {"publisher": "The Norrby Post"}},
    },
    "fundus without plaintext": {
        "title": "Ferry", "publishing_date": "2024-05-13T22:30:00Z", "authors": ["Jane Doe"],
        "body": {"summary": [], "sections": [
            {"headline": [], "paragraphs": ["The ferry of Norrby runs again."]},
            {"headline": ["Who"], "paragraphs": ["Its owner said so on Tuesday."]},
        ]},
        "html": {"requested_url": URL},
    },
    "trafilatura": {
        "title": "Ferry", "author": "Jane Doe", "hostname": "news.example", "date": "2024-05-13",
        "fingerprint": "ab12", "id": None, "license": None, "comments": "", "raw_text": BODY,
        "text": BODY, "language": "en", "source": URL, "source-hostname": "The Norrby Post",
        "excerpt": "Short.", "categories": "", "tags": "boats", "filedate": "2024-05-30",
    },
    "Readability": {
        "title": "Ferry", "byline": "Jane Doe", "dir": None, "lang": "en", "content": f"<p>{BODY}",
        "textContent": BODY, "length": 62, "excerpt": "Short.", "siteName": "The Norrby Post",
        "publishedTime": "2024-05-13T22:30:00Z", "url": URL,
    },
    "news-please": {
        "authors": ["Jane Doe"], "date_download": "2024-05-20 10:00:00", "date_modify": None,
        "date_publish": "2024-05-13 22:30:00", "description": "Short.", "filename": "a.json",
        "language": "en", "maintext": BODY, "text": None, "source_domain": "news.example",
        "title": "Ferry", "title_page": "Ferry - The Norrby Post", "title_rss": None, "url": URL,
    },
    "newspaper4k": {
        "url": URL, "title": "Ferry", "text": BODY, "authors": ["Jane Doe"], "keywords": ["boat"],
        "publish_date": "2024-05-13T22:30:00", "summary": "Short.", "source_url":
        "https://news.example", "top_image": "https://news.example/a.jpg", "meta_lang": "en",
    },
    "Miniflux": {
        "id": 8, "user_id": 1, "feed_id": 3, "title": "Ferry", "url": URL, "author": "Jane Doe",
        "content": f"<p>{BODY}</p>", "hash": "ab", "published_at": "2024-05-13T22:30:00Z",
        "created_at": "2024-05-20T10:00:00Z", "status": "unread", "feed": {
            "id": 3, "title": "The Norrby Post", "feed_url": "https://news.example/rss"},
    },
    "Google Reader": {
        "id": "tag:google.com,2005:reader/item/0001", "crawlTimeMsec": "1716200000000",
        "published": 1715639400, "updated": 1715700000, "title": "Ferry", "author": "Jane Doe",
        "canonical": [{"href": URL}], "alternate": [{"href": "https://news.example/x"}],
        "summary": {"direction": "ltr", "content": f"<p>{BODY}</p>"},
        "origin": {"streamId": "feed/https://news.example/rss", "title": "The Norrby Post"},
    },
    "Inoreader": {
        "id": "tag:google.com,2005:reader/item/0002", "published": 1715639400, "title": "Ferry",
        "alternate": [{"href": URL, "type": "text/html"}], "content": {"content": BODY},
        "author": "Jane Doe", "origin": {"title": "The Norrby Post", "htmlUrl": "https://n.e"},
    },
    "NewsBlur": {
        "story_title": "Ferry", "story_content": f"<p>{BODY}</p>", "story_permalink": URL,
        "story_date": "2024-05-13 22:30:00", "story_authors": "Jane Doe",
        "story_feed_title": "The Norrby Post",
    },
    "Tiny Tiny RSS": {
        "id": 3, "guid": "SHA1:ab", "title": "Ferry", "author": "Jane Doe", "updated": 1715700000,
        "published": 1715639400, "link": URL, "content": BODY, "feed_title": "The Norrby Post",
    },
    "Wallabag": {
        "id": 3, "title": "Ferry", "url": URL, "content": f"<p>{BODY}</p>", "domain_name":
        "news.example", "created_at": "2024-05-20T10:00:00+0000", "published_by": ["Jane Doe"],
        "published_at": "2024-05-13T22:30:00+0000", "language": "en",
    },
    "WordPress REST": {
        "id": 5, "date": "2024-05-14T00:30:00", "date_gmt": "2024-05-13T22:30:00",
        "guid": {"rendered": "https://news.example/?p=5"}, "modified_gmt": "2024-05-14T01:00:00",
        "link": URL, "title": {"rendered": "Ferry"}, "content": {"rendered": f"<p>{BODY}</p>\n"},
        "excerpt": {"rendered": "<p>Short.</p>"}, "author": 7,
        "_embedded": {"author": [{"id": 7, "name": "Jane Doe"}]},
    },
    "WordPress table": {
        "ID": "5", "post_author": "Jane Doe", "post_date": "2024-05-14 00:30:00",
        "post_date_gmt": "2024-05-13 22:30:00", "post_content": BODY, "post_title": "Ferry",
        "post_excerpt": "", "post_status": "publish", "guid": URL, "post_url": URL,
    },
    "RSS as JSON": {
        "title": {"#cdata-section": "Ferry"}, "link": URL, "dc:creator": "Jane Doe", "content":
        "Short.", "content:encoded": f"<p>{BODY}</p>", "contentSnippet": "Short.", "isoDate":
        "2024-05-13T22:30:00.000Z",
    },
    "schema.org, its page as an entity": {
        "@type": "NewsArticle", "headline": "Ferry", "articleBody": BODY, "author":
        [{"@type": "Person", "name": "Jane Doe"}], "datePublished": "2024-05-13T22:30:00Z",
        "publisher": {"@type": "Organization", "name": "The Norrby Post"},
        "mainEntityOfPage": {"@type": "WebPage", "@id": URL},
    },
    "WPGraphQL": {
        "node": {"title": "Ferry", "dateGmt": "2024-05-13T22:30:00", "content": f"<p>{BODY}",
                 "link": URL, "author": {"node": {"name": "Jane Doe"}}},
    },
    "Strapi": {
        "id": 4, "attributes": {
            "title": "Ferry", "publishedAt": "2024-05-13T22:30:00.000Z", "body": BODY, "url": URL,
            "author": {"data": {"id": 2, "attributes": {"name": "Jane Doe"}}}},
    },
    "newsdata": {
        "article_id": "f0", "title": "Ferry", "link": URL, "creator": ["Jane Doe"], "description":
        BODY, "content": "ONLY AVAILABLE IN PAID PLANS", "pubDate": "2024-05-13 22:30:00",
        "source_name": "The Norrby Post", "ai_tag": "ONLY AVAILABLE IN PROFESSIONAL PLANS",
    },
    "Telegram": {
        "id": 2, "type": "message", "date": "2024-05-14T00:30:00", "date_unixtime": "1715639400",
        "title": "Ferry", "author": "Jane Doe", "url": URL, "text": [
            "The ferry of ", {"type": "bold", "text": "Norrby"}, " runs again. Its owner said so",
            {"type": "link", "text": " on Tuesday"}, "."],
    },
    "MongoDB": {
        "_id": {"$oid": "6641e1d2f1a4b6c3d2e1f0a9"}, "title": "Ferry", "text": BODY, "url": URL,
        "published": {"$date": {"$numberLong": "1715639400000"}}, "author": {"name": "Jane Doe"},
    },
    "Elasticsearch": {
        "_index": "news", "_id": "a1", "_score": 1, "_source": {
            "title": "Ferry", "content": BODY, "url": URL, "author": "Jane Doe",
            "@timestamp": "2024-05-20T10:00:00Z", "published": "2024-05-13T22:30:00Z"},
    },
    "XSum": {"document": BODY, "summary": "Ferry runs.", "id": "3511"},
    "CNN/DailyMail": {"article": BODY, "highlights": "Ferry runs.\nOwner glad.", "id": "ab12"},
    "ccnews": {
        "requested_url": "https://news.example/r", "responded_url": URL, "title": "Ferry",
        "plain_text": BODY, "published_date": "2024-05-13", "author": "Jane Doe", "sitename":
        "The Norrby Post", "language": "en",
    },
    "cc_news": {
        "title": "Ferry", "text": BODY, "domain": "news.example", "date": "2024-05-13 22:30:00",
        "description": "Short.", "url": URL, "image_url": "",
    },
    "RealNews": {
        "url": URL, "title": "Ferry", "text": BODY, "summary": None, "authors": ["Jane Doe"],
        "publish_date": "05-13-2024", "domain": "news.example", "warc_date": "2024-05-20T10:00:00Z",
    },
    "New York Times": {
        "_id": "nyt://article/ab", "web_url": URL, "lead_paragraph": BODY, "abstract": "Short.",
        "snippet": "Short.", "headline": {"main": "Ferry", "kicker": None}, "source":
        "The Norrby Post", "byline": {"original": "By Jane Doe", "person": []},
        "pub_date": "2024-05-13T22:30:00+0000", "section_name": "World", "word_count": 900,
    },
    "Guardian": {
        "id": "world/ferry", "webTitle": "Ferry | Boats", "webUrl": URL, "sectionName": "World",
        "webPublicationDate": "2024-05-13T22:30:00Z", "apiUrl": "https://api.example/x",
        "fields": {"headline": "Ferry", "trailText": "Short.", "body": f"<p>{BODY}</p>",
                   "byline": "Jane Doe", "publication": "The Norrby Post"},
    },
    "NewsAPI": {
        "source": {"id": None, "name": "The Norrby Post"}, "author": "Jane Doe", "title": "Ferry",
        "description": "Short.", "url": URL, "publishedAt": "2024-05-13T22:30:00Z", "content": BODY,
    },
    "Event Registry": {
        "uri": "8001", "lang": "eng", "date": "2024-05-20", "time": "10:00:00", "dateTime":
        "2024-05-20T10:00:00Z", "dateTimePub": "2024-05-13T22:30:00Z", "url": URL, "title": "Ferry",
        "body": BODY, "source": {"uri": "news.example", "title": "The Norrby Post"},
        "authors": [{"uri": "jane@news.example", "name": "Jane Doe", "type": "author"}],
    },
    "Webz": {
        "thread": {"uuid": "x", "site_full": "www.news.example", "site": "news.example"},
        "uuid": "ab", "url": URL, "author": "Jane Doe", "published": "2024-05-14T00:30:00+02:00",
        "title": "Ferry", "text": BODY, "language": "english", "crawled": "2024-05-20T10:00:00Z",
    },
    "Aylien": {
        "id": 7, "title": "Ferry", "body": BODY, "summary": {"sentences": ["Short."]},
        "published_at": "2024-05-13T22:30:00Z", "source": {"name": "The Norrby Post"},
        "author": {"name": "Jane Doe"}, "links": {"permalink": URL},
    },
    "Arc": {
        "_id": "AB", "headlines": {"basic": "Ferry"}, "description": {"basic": "Short."},
        "content_elements": [{"type": "text", "content": f"<p>{BODY}</p>"}],
        "credits": {"by": [{"name": "Jane Doe", "type": "author"}]}, "canonical_url": URL,
        "display_date": "2024-05-13T22:30:00Z", "created_date": "2024-05-10T10:00:00Z",
    },
    "Zyte": {"url": URL, "article": {
        "headline": "Ferry", "datePublished": "2024-05-13T22:30:00Z", "articleBody": BODY,
        "authors": [{"name": "Jane Doe", "nameRaw": "By Jane Doe"}],
    }},
    "Diffbot": {
        "title": "Ferry", "text": BODY, "date": "Mon, 13 May 2024 22:30:00 GMT", "author":
        "Jane Doe", "pageUrl": URL, "siteName": "The Norrby Post", "humanLanguage": "en",
    },
    "LangChain": {"page_content": BODY, "metadata": {
        "title": "Ferry", "source": "news.example", "url": URL, "date": "2024-05-13",
    }},
    "Drupal": {"type": "node--article", "id": "ab-12", "attributes": {
        "title": "Ferry", "created": "2024-05-13T22:30:00+00:00", "langcode": "en",
        "body": {"value": f"<p>{BODY}</p>", "format": "full", "summary": ""},
    }},
    "Airtable": {"id": "rec1", "createdTime": "2024-05-20T10:00:00Z", "fields": {
        "Title": "Ferry", "Body": BODY, "Published": "2024-05-13", "Link": URL,
    }},
    "Hugging Face": {"row_idx": 0, "truncated_cells": [], "row": {
        "title": "Ferry", "text": BODY, "date": "2024-05-13", "url": URL,
    }},
    "schema.org": {
        "@type": "NewsArticle", "headline": "Ferry", "articleBody": BODY, "url": URL,
        "datePublished": "2024-05-13T22:30:00Z", "author": {"givenName": "Jane",
        "familyName": "Doe"}, "publisher": {"@type": "Organization", "name": "The Norrby Post"},
    },
    "pandas": {
        "Unnamed: 0": "0", "Title": "Ferry", "Full Text": BODY, "authors": "['Jane Doe']",
        "Publish Date": "2024-05-13 22:30:00", "URL": URL, "keywords": "nan",
    },
}  # fmt: skip
UNTITLED = {"XSum", "CNN/DailyMail"}


@pytest.mark.parametrize("name", DATA_SETS)
def test_data_sets_and_tools(name):
    found = article(DATA_SETS[name])
    assert " ".join(found.text.replace("Who", "").split()) == BODY
    assert found.title == ("" if name in UNTITLED else "Ferry")
    assert ("no_title" in found.flags) == (name in UNTITLED)
    assert ("summary_only" in found.flags) == (name in {"New York Times", "newsdata"})
    if name not in UNTITLED:
        assert found.published_at in {DAY, EVENING}
        assert found.date_source == "record"
        assert found.url == URL or name == "Drupal"
    if any("Doe" in str(value) for value in DATA_SETS[name].values()):
        assert found.authors == ("Jane Doe",)
    if "The Norrby Post" in str(DATA_SETS[name]) and name != "news-please":
        assert found.source in {"The Norrby Post", "news.example"}


SPREADSHEETS = {
    "de": ("Titel", "Datum", "Text", "Link", "Autor", "Quelle"),
    "de 2": ("Schlagzeile", "Veröffentlicht am", "Artikeltext", "Adresse", "Verfasser", "Medium"),
    "fr": ("Titre", "Date de publication", "Texte", "Lien", "Auteur", "Source"),
    "fr 2": ("TITRE", "Publié le", "Contenu", "URL", "Auteurs", "Média"),
    "es": ("Título", "Fecha", "Texto", "Enlace", "Autor", "Fuente"),
    "es 2": ("Titular", "Fecha de publicación", "Cuerpo", "URL", "Periodista", "Medio"),
    "it": ("Titolo", "Data", "Testo", "Collegamento", "Autore", "Fonte"),
    "pt": ("Título", "Data de publicação", "Conteúdo", "Link", "Autor(es)", "Veículo"),
    "nl": ("Titel", "Publicatiedatum", "Inhoud", "Link", "Auteur", "Bron"),
    "sv": ("Rubrik", "Publicerad", "Brödtext", "Länk", "Författare", "Källa"),
    "da": ("Overskrift", "Dato", "Brødtekst", "Link", "Forfatter", "Kilde"),
    "fi": ("Otsikko", "Päivämäärä", "Teksti", "Linkki", "Kirjoittaja", "Lähde"),
    "lt": ("Antraštė", "Data", "Tekstas", "Nuoroda", "Autorius", "Šaltinis"),
    "pl": ("Tytuł", "Data publikacji", "Treść", "Adres", "Autor", "Źródło"),
    "cs": ("Titulek", "Datum vydání", "Obsah", "Odkaz", "Autor", "Zdroj"),
    "hu": ("Cím", "Dátum", "Szöveg", "Hivatkozás", "Szerző", "Forrás"),
    "ro": ("Titlu", "Data publicării", "Conținut", "Legătură", "Autorul", "Sursă"),
    "el": ("Τίτλος", "Ημερομηνία", "Κείμενο", "Σύνδεσμος", "Συντάκτης", "Πηγή"),
    "tr": ("Başlık", "Tarih", "Metin", "Bağlantı", "Yazar", "Kaynak"),
    "id": ("Judul", "Tanggal", "Isi Berita", "Tautan", "Penulis", "Sumber"),
    "vi": ("Tiêu đề", "Ngày đăng", "Nội dung", "Đường dẫn", "Tác giả", "Nguồn"),
    "ru": ("Заголовок", "Дата", "Текст", "Ссылка", "Автор", "Источник"),
    "ru 2": ("Название", "Дата публикации", "Содержание", "Адрес", "Авторы", "Издание"),
    "uk": ("Назва", "Дата публікації", "Текст статті", "Посилання", "Автор", "Джерело"),
    "ar": ("العنوان", "التاريخ", "النص", "الرابط", "الكاتب", "المصدر"),
    "fa": ("عنوان", "تاریخ انتشار", "متن خبر", "لینک", "نویسنده", "منبع"),
    "he": ("כותרת", "תאריך", "תוכן", "קישור", "מחבר", "מקור"),
    "hi": ("शीर्षक", "दिनांक", "समाचार", "लिंक", "लेखक", "स्रोत"),
    "bn": ("শিরোনাম", "তারিখ", "খবর", "লিংক", "লেখক", "উৎস"),
    "th": ("หัวข้อข่าว", "วันที่", "เนื้อหาข่าว", "ลิงก์", "ผู้เขียน", "แหล่งที่มา"),
    "zh": ("标题", "发布时间", "正文", "链接", "作者", "来源"),
    "zh 2": ("標題", "日期", "內容", "網址", "記者", "媒體"),
    "ja": ("タイトル", "公開日", "本文", "リンク", "著者", "出典"),
    "ja 2": ("見出し", "掲載日", "記事本文", "URL", "執筆者", "媒体名"),
    "ko": ("제목", "작성일", "본문", "링크", "기자", "언론사"),
}  # fmt: skip


@pytest.mark.parametrize("language", SPREADSHEETS)
def test_columns_in_many_languages(language):
    values = ("Ferry", "2024-05-13", BODY, URL, "Jane Doe", "The Norrby Post")
    found = article(dict(zip(SPREADSHEETS[language], values, strict=True)))
    assert (found.title, found.text, found.url) == ("Ferry", BODY, URL)
    assert (found.published_at, found.date_source) == (DAY, "record")
    assert (found.authors, found.source) == (("Jane Doe",), "The Norrby Post")
    assert found.flags == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("45425.9375", EVENING),
        (45425.9375, EVENING),
        ("45425", DAY),
        (45425, DAY),
        ("33000.999999", datetime(1990, 5, 8, tzinfo=UTC)),
        ("32145", None),
        ("55000", None),
    ],
)
def test_dates_as_excel_counts_them(value, expected):
    found = article({"title": "Ferry", "text": BODY, "date": value})
    assert (found.published_at, found.date_source) == (
        (expected, "record") if expected else (NOW, "file")
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"date": "2024-05-14 00:30", "timezone": "Europe/Berlin"}, EVENING),
        ({"date": "2024-05-14T00:30:00", "tz": "+02:00"}, EVENING),
        ({"pubDate": "2024-05-13 22:30:00", "pubDateTZ": "UTC"}, EVENING),
        ({"date": "2024-05-13", "time": "22:30", "timezone": "UTC"}, EVENING),
        ({"date": "2024-05-13 22:30:00Z", "timezone": "Europe/Berlin"}, EVENING),
        ({"date": "2024-05-13 22:30:00", "timezone": "where I live"}, EVENING),
        ({"date": "2024-05-13", "timezone": "Europe/Berlin"}, DAY),
        ({"date": {"seconds": "1715639400", "nanos": 0}}, EVENING),
        ({"date": {"year": 2024, "month": 5, "day": 13}}, DAY),
        ({"date": {"year": 2024, "monthValue": 5, "dayOfMonth": 13, "hour": 22, "minute": 30,
                   "month": "MAY"}}, EVENING),
    ],
)  # fmt: skip
def test_dates_in_parts(fields, expected):
    found = article({"title": "Ferry", "text": BODY, **fields})
    assert (found.published_at, found.date_source) == (expected, "record")
    assert not unknown_names({"title": "Ferry", **fields}, {})


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("//news.example/ferry", URL),
        ("news.example/ferry", URL),
        ("www.news.example/ferry", "https://www.news.example/ferry"),
        ("http://news.example/ferry", "http://news.example/ferry"),
        ([{"href": URL, "rel": "alternate"}], URL),
        ("news.example", None),
        ("www.news.example", None),
        ("ferry/2024", None),
        ("the ferry at news.example/ferry", None),
    ],
)
def test_addresses_as_they_are_written(value, url):
    assert article({"title": "Ferry", "text": BODY, "links": value, "url": value}).url == url


@pytest.mark.parametrize("year", ["2024", 2024, 2024.0, "2024.0"])
def test_columns_of_year_month_and_day(year):
    parts = {"year": year, "month": "5.0", "day": 13.0}
    assert article({"title": "Ferry", "text": BODY, **parts}).published_at == DAY


def test_an_id_that_is_an_address_is_one_where_no_other_is():
    record = {"id": URL, "title": "Ferry", "text": BODY}
    assert article(record).url == article(record | {"id": 1, "link": URL}).url == URL
    assert article(record | {"link": f"{URL}/2"}).url == f"{URL}/2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["It ", {"type": "bold", "text": "runs"}, " again."], "It runs again."),
        ([{"type": "text", "text": "It "}, {"type": "text", "text": "runs."}], "It runs."),
        ([{"_type": "span", "text": "It "}, {"_type": "span", "text": "runs."}], "It runs."),
        ([{"nodeType": "text", "value": "It "}, {"nodeType": "text", "value": "ran."}], "It ran."),
        ({"type": "doc", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "It "},
                                              {"type": "text", "text": "runs."}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "Still."}]},
        ]}, "It runs.\n\nStill."),
        ({"time": 1, "blocks": [{"type": "paragraph", "data": {"text": "It runs."}},
                                {"type": "paragraph", "data": {"text": "Still."}}]},
         "It runs.\n\nStill."),
        ([{"type": "text", "content": "It runs."}, {"type": "text", "content": "Still."}],
         "It runs.\n\nStill."),
        ([{"text": "It runs."}, {"text": "Still."}], "It runs.\n\nStill."),
        (["It runs.", "Still."], "It runs.\n\nStill."),
    ],
)  # fmt: skip
def test_texts_as_editors_part_them(value, text):
    assert as_text(value) == text


def test_no_name_stands_twice_and_few_for_two_fields():
    loose = {field: [n.casefold().replace("_", "") for n in FIELDS[field]] for field in FIELDS}
    assert all(len(names) == len(set(names)) for names in loose.values())
    shared = {
        name for a, b in itertools.combinations(loose.values(), 2) for name in set(a) & set(b)
    }
    assert shared == {"rubrik", "publishtime", "time", "时间", "時間"}


@pytest.mark.parametrize(
    "value",
    ["", " ", "NULL", "null", r"\N", "nan", "NaN", "None", "<NA>", "NaT", "N/A", "#N/A", "-",
     None, [], {}, float("nan"), "undefined", "[Removed]", "ONLY AVAILABLE IN PAID PLANS",
     "Only available in professional and corporate plans"],
)  # fmt: skip
def test_what_says_nothing_gives_way(value):
    record = {"title": value, "headline": "Ferry", "text": BODY, "author": value, "url": value,
              "date": value, "pub_date": "2024-05-13", "source": value}  # fmt: skip
    found = article(record)
    assert (found.title, found.authors, found.url, found.source) == ("Ferry", (), None, None)
    assert found.published_at == DAY
    assert found.flags == ()
    assert is_empty(value)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("['Jane Doe']", ["Jane Doe"]),
        ("['Jane Doe', \"Sean O'Hara\"]", ["Jane Doe", "Sean O'Hara"]),
        ('["Jane Doe", "John Roe"]', ["Jane Doe", "John Roe"]),
        ("['Jane Doe' 'John Roe']", ["Jane Doe", "John Roe"]),
        ("['Jane Doe'\n 'John Roe']", ["Jane Doe", "John Roe"]),
        ("{'Jane Doe', 'John Roe'}", ["Jane Doe", "John Roe"]),
        ('{"Jane Doe","John Roe"}', ["Jane Doe", "John Roe"]),
        ("[{'name': 'Jane Doe'}, {'name': 'John Roe', 'id': None}]", ["Jane Doe", "John Roe"]),
        ("['Ren\\xe9e O\\'Hara']", ["Renée O'Hara"]),
        ("[]", []),
        ("['']", []),
        ("[None]", []),
        ("[nan]", []),
        (["Jane Doe", None, "NULL"], ["Jane Doe"]),
        ({"name": {"@value": "x", "name": "Jane Doe"}}, ["Jane Doe"]),
        ({"first_name": "Jane", "last_name": "Doe"}, ["Jane Doe"]),
        ({"firstName": "Jane", "lastName": "Doe", "name": ""}, ["Jane Doe"]),
        (7, []),
        ("[sic] Jane", ["[sic] Jane"]),
    ],
)
def test_names_in_cells(value, names):
    assert as_names(value) == names


@pytest.mark.parametrize(
    "text", ["[" * 5000, "['" * 900, "{" * 900 + "}" * 900, "['a'" * 4000 + "]", "[sic]", "{x}"]
)
def test_no_cell_makes_literal_raise(text):
    assert literal(text) is not None


@pytest.mark.parametrize(
    "value",
    [
        {"$date": "2024-05-13T22:30:00Z"},
        {"$date": 1715639400000},
        {"$date": {"$numberLong": "1715639400000"}},
        {"$timestamp": {"t": 1715639400, "i": 1}},
        {"seconds": 1715639400, "nanos": 0},
        {"_seconds": 1715639400, "_nanoseconds": 0},
        {"date": "2024-05-13 22:30:00.000000", "timezone_type": 3, "timezone": "UTC"},
        {"iso": "2024-05-13T22:30:00.000Z", "__type": "Date"},
        [2024, 5, 13, 22, 30],
        [2024, 5, 13, 22, 30, 0, 0, 134, 0],
        {"value": "2024-05-13T22:30:00Z"},
        "/Date(1715639400000)/",
        "Mon May 13 2024 22:30:00 GMT+0000 (Coordinated Universal Time)",
        "2024-05-13 22:30:00 +0000 UTC",
        "5/13/2024 10:30:00 PM",
        "20240513T223000Z",
        20240513223000,
    ],
)
def test_dates_of_programs(value):
    found = article({"title": "Ferry", "text": BODY, "date": value})
    assert (found.published_at, found.date_source, found.flags) == (EVENING, "record", ())


def test_a_csl_date():
    found = article({"title": "Ferry", "text": BODY, "issued": {"date-parts": [[2024, 5, 13]]}})
    assert found.published_at == DAY


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("13.05.2024", {"Uhrzeit": "22:30"}, EVENING),
        ("2024-05-13 00:00:00", {"time": "22:30:00"}, EVENING),
        ("2024-05-13", {"heure": "22h30"}, EVENING),
        ("13 May 2024", {"Time": "10:30 PM"}, EVENING),
        ("2024-05-13", {"time": "unknown"}, DAY),
        ("2024-05-13T22:30:00Z", {"time": "09:00"}, EVENING),
        (1715639400, {"time": "09:00"}, EVENING),
    ],
)
def test_a_time_of_day_in_a_field_of_its_own(date, time, expected):
    assert article({"title": "Ferry", "text": BODY, "date": date, **time}).published_at == expected


def test_days_in_columns_of_their_own():
    record = {"title": "Ferry", "text": BODY, "year": "2024", "month": 5, "day": 13.0}
    assert article(record | {"day": 13}).published_at == DAY


@pytest.mark.parametrize("value", [{"$date": {"$date": {}}}, True, {}, [1], [[1, 2, 3]], "x" * 300])
def test_what_is_no_date_raises_nothing(value):
    found = article({"title": "Ferry", "text": BODY, "date": value})
    assert found.date_source == "file"
    as_date(value)


@pytest.mark.parametrize(
    ("record", "text", "flag"),
    [
        ({"summary": BODY, "Fliesstext_2": LONG}, LONG, "text_guessed"),
        ({"description": "Short.", "Meldung": LONG}, LONG, "text_guessed"),
        ({"summary": BODY, "tags": "a, b"}, BODY, "summary_only"),
        ({"summary": LONG, "Notiz": BODY}, LONG, "summary_only"),
        ({"summary": "Short.", "page": f"<!doctype html><p>{LONG}"}, "Short.", "summary_only"),
        ({"summary": "Short.", "Inhalt": BODY}, BODY, None),
        ({"description": "Short.", "abstract": BODY}, BODY, "summary_only"),
    ],
)
def test_an_introduction_is_no_article_without_a_word(record, text, flag):
    found = article({"title": "Ferry", "date": "2024-05-13", **record})
    assert found.text == text
    assert found.flags == ((flag,) if flag else ())


def test_no_text_names_the_fields_that_nobody_knows():
    record = {"Kopf": "Ferry runs again", "Wann": "2024-05-13", "Meldung": LONG}
    with pytest.raises(Rejected, match="no_text") as caught:
        article(record)
    assert "newsbeam knows no field called Kopf, Meldung, Wann" in caught.value.detail
    assert (
        "--set 'input.fields={date: [Wann], text: [Meldung], title: [Kopf]}'" in caught.value.detail
    )
    found = article(record, text=("Meldung",), title=("Kopf",), date=("Wann",))
    assert (found.title, found.text, found.published_at) == ("Ferry runs again", LONG, DAY)
    assert found.flags == ()


@pytest.mark.parametrize(
    "record",
    [
        {
            "title": "Ferry",
            "url": "https://n.example/a",
            "time_added": "1715594400",
            "status": "unread",
        },
        {"URL": "https://n.example/a", "Title": "Ferry", "Selection": "", "Folder": "Unread"},
    ],
)
def test_a_list_of_links_is_told_what_to_do_with(record):
    with pytest.raises(Rejected, match="no_text") as caught:
        article(record)
    assert "fetch its pages first, such as by `wget --input-file" in caught.value.detail


def test_suggestions_are_lines_of_a_config():
    record = {"Kopf": "Ferry runs again", "Wann": "2024-05-13", "Meldung": LONG, "WWW": URL}
    taken = suggested(record, {}, ["title", "text", "date", "url"])
    assert taken == {"title": "Kopf", "text": "Meldung", "date": "Wann", "url": "WWW"}
    said = setting({"title": "a.b: c", "text": 'x"y', "date": "it's"})
    _, override = shlex.split(said)
    config = load_config(None, dict([parse_override(override)]))
    fields = {str(field): names for field, names in config.input.fields.items()}
    assert fields == {"title": ("a.b: c",), "text": ('x"y',), "date": ("it's",)}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (1715639400, True), ("1715639400000", True), (1715639400.5, True), ("1715639400.25", True),
        ("2024-05-13", True), (7, False), ("20240513", False), (5715639400, False), (3.14, False),
        ("171563940012", False), (33000, False), (True, False),
    ],
)  # fmt: skip
def test_a_column_of_dates_or_unix_times_may_be_the_date(value, is_one):
    record = {"stamp_ms": value, "body_copy": LONG, "perma": URL}
    expected = {"text": "body_copy", "url": "perma"} | ({"date": "stamp_ms"} if is_one else {})
    assert gaps(record, {}).taken == expected


def test_what_says_that_it_is_a_date_goes_before_a_number():
    record = {"nummer": 1715639400, "Wann": "2024-05-13"}
    assert suggested(record, {}, ["date"]) == {"date": "Wann"}


def test_gaps_are_counted_and_told_in_one_line():
    found = gaps({"Kopf": "Ferry runs again", "text": BODY, "Wann": "2024-05-13", "n": 7}, {})
    counted = dict.fromkeys(tallies(found), 3)
    assert (
        tallied(counted | {"accepted": 9})
        == str(found)
        == (
            "newsbeam knows no field called Kopf, Wann, n; to take them: "
            "--set 'input.fields={date: [Wann], title: [Kopf]}'"
        )
    )
    assert tallied({"accepted": 9}) == ""
    many = gaps({f"Spalte {n}" * 20: BODY for n in range(50)}, {})
    assert len(list(tallies(many))) < 20
    assert len(str(many)) < 1500


def test_the_most_frequent_column_is_the_one_that_is_suggested():
    counted = {f"unknown field for title: {name}": n for name, n in (("A", 1), ("B", 5), ("C", 2))}
    assert tallied(counted | {"unknown field: B": 5}).endswith("'input.fields={title: [B]}'")


def test_what_is_looked_into_is_no_unknown_field():
    record = {"headline": {"main": "Ferry"}, "_source": {"text": BODY, "odd": 1, "empty": "NULL"}}
    assert unknown_names(record, {}) == {"odd": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"$oid": "6641"}, "6641"),
        ({"$numberLong": "12"}, "12"),
        ([{"headline": ["Who"], "paragraphs": ["A.", "B."]}], "Who\n\nA.\n\nB."),
        ([["A.", ["B."]]], "A.\n\nB."),
        (json.loads("[" * 500 + '"x"' + "]" * 500), ""),
    ],
)
def test_values_as_text(value, text):
    assert as_text(value) == text


def test_cells_with_entities_are_read():
    found = article({"title": "Caf&eacute; &amp; Bar&#8217;s", "text": BODY})
    assert found.title in {"Café & Bar’s", "Caf&eacute; &amp; Bar&#8217;s"}


def test_configured_names_come_first():
    record = {"title": "Ferry", "Kopf": "Ferry runs", "text": BODY}
    assert find_fields(record, {"title": ("Kopf",)}).title == "Ferry runs"
    assert SUMMARY in FIELDS


@pytest.mark.parametrize(
    "names",
    [
        ("news_headline", "article_body_raw", "publishedDateTime", "articleLink", "reporter_name"),
        ("titulo_principal", "cuerpo_noticia", "fecha_noticia", "enlace_noticia", "nombre_autor"),
        ("titre_article", "texte_article", "date_parution", "lien_article", "nom_auteur"),
        ("Artikelüberschrift", "Nachrichtentext", "Datum Meldung", "Link Artikel", "Name Autor"),
        ("titolo_articolo", "testo_notizia", "data_articolo", "link_articolo", "nome_autore"),
        ("tytul_artykulu", "tresc artykulu", "data_wiadomosci", "link_artykulu", "autor_artykulu"),
        ("заголовок_новости", "текст_новости", "дата_новости", "ссылка_на_новость", "имя автор"),
        ("haber_basligi", "haber_metni", "haber_tarihi", "haber_linki", "yazar_adi"),
        ("judul_artikel", "isi_artikel", "tanggal_berita", "tautan_artikel", "penulis_artikel"),
        ("عنوان_المقال", "نص_الخبر", "تاريخ_الخبر", "رابط_المقال", "اسم_الكاتب"),
        ("文章標題", "新闻正文", "報導日期", "新闻链接", "作者姓名"),
        ("記事タイトル", "記事本文", "記事の日付", "記事リンク", "記者氏名"),
        ("기사제목", "기사 본문", "기사 날짜", "기사링크", "기자이름"),
    ],
    ids=lambda names: names[0],
)
def test_names_of_several_words(names):
    record = dict(zip(names, ["Ferry", LONG, "2024-05-13", URL, "Jane Doe"], strict=True))
    found = article({**record, "image_title": "A ship", "post_name": "ferry-7"})
    assert (found.title, found.text, found.published_at) == ("Ferry", LONG, DAY)
    assert (found.url, found.authors) == (URL, ("Jane Doe",))


def test_a_name_of_the_table_counts_before_one_of_several_words():
    record = {"news_headline": "Ferry | Norrby Post", "headline": "Ferry", "text": LONG}
    assert article(record).title == "Ferry"
    assert set(unknown_names({"image_title": "x", "text_length": 9}, {})) == {
        "image_title",
        "text_length",
    }


def test_a_change_is_the_date_where_nothing_else_is():
    found = article({"title": "Ferry", "text": LONG, "updated": "2024-05-13T22:30:00Z"})
    assert (found.published_at, found.date_source) == (EVENING, "record")
    both = {"title": "Ferry", "text": LONG, "updated": "2024-05-20", "published": "2024-05-13"}
    assert article(both).published_at == DAY


@pytest.mark.parametrize(
    ("own", "beside", "field", "expected"),
    [
        ({"headline": "Ferry late"}, {"title": "Ferry late | Norrby Post"}, "title", "Ferry late"),
        ({"byline": "Jane Doe"}, {"author": "webmaster"}, "authors", ("Jane Doe",)),
        ({"publisher": "Norrby Post"}, {"source": "train.jsonl"}, "source", "Norrby Post"),
        ({"content": LONG}, {"text": BODY}, "text", LONG),
        ({"guid": "f-7"}, {"id": "row 9"}, "source_id", "f-7"),
        ({"news_headline": "Ferry late"}, {"name": "Norrby Post"}, "title", "Ferry late"),
        ({"guid": None}, {"id": "f-7"}, "source_id", "f-7"),
        ({"date": "2024-05-13"}, {"published_at": "2024-05-20"}, "published_at", DAY),
        # It may say when the record was stored, and a time is no date.
        ({"created_at": "2024-05-30"}, {"published_at": "2024-05-13"}, "published_at", DAY),
        ({"date": "2024-05-13"}, {"time": "22:30 UTC"}, "published_at", EVENING),
    ],
)
@pytest.mark.parametrize("holder", ["meta", "metadata"])
def test_what_a_record_says_itself_goes_before_what_stands_beside_it(
    holder, own, beside, field, expected
):
    record = {**({} if "content" in own else {"text": BODY}), **own, holder: beside}
    assert getattr(article(record), field) == expected


@pytest.mark.parametrize(
    ("record", "field", "expected"),
    [
        ({"authors": [{"type": "byline", "name": "Jane Doe"}]}, "authors", ("Jane Doe",)),
        ({"author": {"type": "author_info", "name": "Jane Doe"}}, "authors", ("Jane Doe",)),
        ({"date": {"type": "Date", "value": "2024-05-13"}}, "published_at", DAY),
        ({"source": {"type": "media", "name": "Norrby Post"}}, "source", "Norrby Post"),
        ({"authors": [{"id": "ab"}]}, "authors", ()),
        ({"title": {"id": "Feri terlambat", "en": "Ferry late"}}, "title", "Feri terlambat"),
    ],
)
def test_types_and_ids_of_single_values(record, field, expected):
    assert getattr(article({"text": BODY, **record}), field) == expected


@pytest.mark.parametrize(
    "picture",
    [{"type": "image", "title": "A boat"}, {"type": "media", "data": {"title": "A boat"}}],
)
def test_a_picture_is_no_text(picture):
    assert as_text([BODY, picture]) == BODY
    assert article({"text": picture, "summary": BODY}).text == BODY


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            'See <a\nhref="https://n.example/plan">the plan</a>.\nIt sails.',
            "See the plan.\nIt sails.",
        ),
        ("One <b>is 5\n< 7</b>\nand 8 > 2", "One is 5\n< 7\nand 8 > 2"),
    ],
)
def test_line_ends_within_a_tag_are_none_of_the_text(written, expected):
    assert article({"text": written}).text == expected


def test_a_wrapper_without_a_record_may_be_the_text():
    found = article({"title": "Ferry", "summary": "Ferry late.", "data": LONG})
    assert (found.text, found.flags) == (LONG, ("text_guessed",))
    short = {"title": "Ferry", "summary": "Ferry late.", "data": [{"odd": LONG}]}
    assert article(short).text == "Ferry late."
    assert not unknown_names({"title": "Ferry", "data": '{"odd": 1}', "item": [{"odd": 1}]}, {})
    assert not unknown_names({"data": "13 mai 2024", "article": LONG}, {})
    assert not unknown_names({"item": LONG}, {"text": ("item",)})
    assert set(unknown_names({"item": "x", "fields": "y"}, {})) == {"item", "fields"}
