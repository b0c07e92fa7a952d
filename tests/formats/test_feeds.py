import io
from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.runners.portability import fn_api_runner
from apache_beam.testing.util import assert_that, equal_to

from transforms.clean import CleanOptions, clean_article
from transforms.errors import Rejected
from transforms.formats.base import FileInfo, ParseOptions
from transforms.formats.feeds.feed_article import DATE_SOURCE, parse_entry
from transforms.formats.feeds.feed_entry import (
    ENTRY_TYPE,
    Body,
    Entry,
    entry_text,
    parse_feed_date,
    read_entry,
)
from transforms.formats.feeds.feed_identity import entry_keys, link_key, mark_shared
from transforms.formats.feeds.feed_parser import parse_feed
from transforms.formats.feeds.feed_trailer import without_trailer
from transforms.formats.persons import person_name
from transforms.formats.xml.sniff import FEED, HTML, NEWSML_G2, OPML, SITEMAP, sniff_xml
from transforms.formats.xml.xml_safety import UnsafeXmlError, check_entities
from transforms.formats.xml_files import split_xml, syndication_documents
from transforms.records import Article, DeadLetter, RawDocument

NOW = datetime(2024, 5, 14, tzinfo=UTC)
URL = "https://news.example/feed.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour &amp; Sea</title><link>https://news.example/</link><language>en-GB</language>
<item><title>Storm &lt;b&gt;hits&lt;/b&gt; coast</title><link>/storm?utm_source=rss</link>
<guid isPermaLink="false">g1</guid><dc:creator>Jane Doe</dc:creator><category>Weather</category>
<pubDate>Mon, 13 May 2024 10:00:00 +0200</pubDate><description>A storm hit.</description>
<content:encoded><![CDATA[<p>A storm hit the coast.</p><script>alert(1)</script>
<p>It was large.</p>]]></content:encoded></item>
<item><title>Only a title</title><guid isPermaLink="false">g2</guid></item>
<item><link>https://news.example/empty</link></item>
</channel></rss>"""


def feed(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>F</title>{"".join(items)}</channel></rss>'


def item(guid: str = "", link: str = "", title: str = "", text: str = "", date: str = "") -> str:
    fields = {"guid": guid, "link": link, "title": title, "description": text, "pubDate": date}
    return f"<item>{''.join(f'<{k}>{v}</{k}>' for k, v in fields.items() if v)}</item>".replace(
        "<guid>", '<guid isPermaLink="false">'
    )


def split(content: str | bytes, uri: str = URL) -> list[RawDocument | DeadLetter]:
    data = content.encode() if isinstance(content, str) else content
    file = FileInfo(uri, len(data), None, NOW)
    return list(split_xml(file, io.BytesIO(data), 1 << 20))


def articles(content: str | bytes, uri: str = URL) -> list[Article]:
    documents = split(content, uri)
    assert all(isinstance(document, RawDocument) for document in documents), documents
    return [parse_entry(document, ParseOptions()) for document in documents]


def keys(content: str, uri: str = URL) -> list[set[str]]:
    return [set(entry_keys(read_entry(document.content), uri)) for document in split(content, uri)]


def test_entry_becomes_article():
    article = parse_entry(split(RSS)[0], ParseOptions())
    assert article.title == "Storm hits coast"
    assert article.text == "A storm hit the coast.\n\nIt was large."
    assert article.url == "https://news.example/storm"
    assert (article.source, article.feed, article.source_id) == ("Harbour & Sea", URL, "g1")
    assert (article.authors, article.language, article.line) == (("Jane Doe",), "en", 1)
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert article.date_source == DATE_SOURCE
    assert article.flags == ()
    assert len(article.id) == 32


def test_title_without_text_is_a_teaser_and_nothing_is_rejected():
    _, titled, empty = split(RSS)
    article = parse_entry(titled, ParseOptions())
    assert (article.text, article.flags) == ("Only a title", ("teaser",))
    with pytest.raises(Rejected, match="no_text"):
        parse_entry(empty, ParseOptions())


def test_bad_entry_is_rejected():
    with pytest.raises(Rejected, match="bad_entry"):
        parse_entry(RawDocument(URL, ENTRY_TYPE, b'{"title": 5}', NOW, line=1), ParseOptions())


@pytest.mark.parametrize(
    ("entry", "text", "whole"),
    [
        (Entry(contents=(Body("<p>Full.</p>", True),)), "Full.", True),
        (Entry(summary=Body("Short.")), "Short.", False),
        (Entry(summary=Body("word " * 120)), ("word " * 120), True),
        (Entry(contents=(Body("It began [&#8230;]", True),)), "It began […]", False),
        (Entry(contents=(Body("It began... Read more »"),)), "It began... Read more »", False),
        (Entry(contents=(Body("Body text."),), summary=Body("Sum.")), "Body text.", True),
        (Entry(contents=(Body("Tiny"),), summary=Body("Far longer text")), "Far longer text", True),
        (Entry(contents=(Body("a<script>x</script> b"),)), "a b", True),
        (Entry(contents=(Body("if a < b and c > d"),)), "if a < b and c > d", True),
    ],
)
def test_entry_text(entry, text, whole):
    assert entry_text(entry)[1:] == (text, whole)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("jane@news.example (Jane Doe)", "Jane Doe"),
        ("jane@news.international (Jane Doe)", "Jane Doe"),
        ("jane@zeitung.köln (Jane Doe)", "Jane Doe"),
        ("jane@news.xn--p1ai(Jane Doe)", "Jane Doe"),
        ("o'hara@news.photos (Ann O'Hara)", "Ann O'Hara"),
        ('"Jane Doe" <jane@news.media>', "Jane Doe"),
        ("Jane Doe, jane@news.agency", "Jane Doe"),
        ("jane@news.agency Jane Doe", "Jane Doe"),
        ("mailto:jane@news.press (Jane Doe)", "Jane Doe"),
        ("jane (at) news.example (Jane Doe)", "Jane Doe"),
        ("jane@news.museum ()", ""),
        ("(Jane Doe)", "Jane Doe"),
        ("Jane (JD) Doe", "Jane (JD) Doe"),
        ("Doe, Jane", "Doe, Jane"),
        ("<name>Jane Doe</name><email>jane@news.example</email>", "Jane Doe"),
        ('<a href="https://news.example/jane">Jane Doe</a>', "Jane Doe"),
        ("<>", ""),
        ("", ""),
    ],
)
def test_person_name(written, name):
    assert person_name(written) == name


PAGE = "https://news.example/storm"


@pytest.mark.parametrize(
    "fields",
    [
        f"<link>https://burner.example/~r/x/</link><b:origLink>{PAGE}</b:origLink>",
        f"<link>https://a.example/url?rct=j&amp;url={PAGE}&amp;ct=ga</link>",
        f"<link>https://a.example/url?q={PAGE}</link>",
        f"<link>https://a.example/news/apiclick.aspx?ref=x&amp;url={PAGE}&amp;c=1</link>",
        f"<link>https://l.a.example/l.php?u={PAGE}</link>",
        f"<link>{PAGE}</link>",
        "<link>/storm</link>",
    ],
)
def test_an_entry_is_at_the_address_of_its_page(fields):
    content = feed(f"<item><title>Storm</title>{fields}</item>").replace(
        "<rss", '<rss xmlns:b="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    assert articles(content)[0].url == PAGE


@pytest.mark.parametrize(
    "path", ["/url?url=javascript:x", "/url?u=1", "/urls?url=https://b.example"]
)
def test_other_addresses_stay(path):
    (article,) = articles(feed(item(link=f"https://a.example{path}", title="Storm")))
    assert article.url.startswith("https://a.example/url")


@pytest.mark.parametrize(
    "date",
    [
        "<pubDate>Mon, 13 May 2024 10:00:00 GMT</pubDate>",
        '<d:date xmlns:d="http://purl.org/dc/elements/1.1/">2024-05-13T10:00:00Z</d:date>',
        '<d:issued xmlns:d="http://purl.org/dc/terms/">2024-05-13T10:00:00Z</d:issued>',
        "<prism:publicationDate>2024-05-13T10:00:00Z</prism:publicationDate>",
    ],
)
def test_elements_that_date_an_entry(date):
    content = feed(f"<item><title>Storm</title>{date}</item>").replace(
        "<rss", '<rss xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    )
    (article,) = articles(content)
    assert article.published_at == datetime(2024, 5, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("publish", "post", None),
        ("publish", "news", None),
        ("draft", "post", "not_an_article"),
        ("future", "post", "not_an_article"),
        ("private", "page", "not_an_article"),
        ("inherit", "attachment", "not_an_article"),
        ("publish", "nav_menu_item", "not_an_article"),
        ("publish", "wp_block", "not_an_article"),
    ],
)
def test_what_a_wordpress_export_has_that_is_not_published(status, kind, reason):
    fields = f"<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>"
    content = feed(
        f"<item><title>The mayor opens it</title>{fields}</item>", item(title="Another")
    ).replace("<rss", '<rss xmlns:wp="http://wordpress.org/export/1.2/"')
    found = {one.line: getattr(one, "reason", None) for one in split(content)}
    assert found == {1: reason, 2: None}


@pytest.mark.parametrize("tag", ["author", "dc:creator"])
def test_addresses_are_no_part_of_an_author(tag):
    content = RSS.replace("<dc:creator>Jane Doe</dc:creator>", "").replace(
        "<category>", f"<{tag}>jane@news.media (Jane Doe)</{tag}><{tag}>Ann Lee</{tag}><category>"
    )
    assert parse_entry(split(content)[0], ParseOptions()).authors == ("Jane Doe", "Ann Lee")


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>urn:x:1</id>{}'
    "<content>One two three four five six.</content></entry></feed>"
)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (
            ATOM.format('<title type="text">Why &lt;dialog&gt; matters</title>'),
            "Why <dialog> matters",
        ),
        (ATOM.format("<title>From &lt;b&gt; to &lt;/b&gt;</title>"), "From <b> to </b>"),
        (
            ATOM.format('<title type="html">Use &amp;lt;br&amp;gt; &lt;i&gt;now&lt;/i&gt;</title>'),
            "Use <br> now",
        ),
        (
            ATOM.format(
                '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <em>new</em>'
                " &lt;main&gt;</div></title>"
            ),
            "The new <main>",
        ),
        (feed(item(title="Why &lt;dialog&gt; matters", text="One.")), "Why <dialog> matters"),
        (feed(item(title="Use &amp;lt;br&amp;gt; now", text="One.")), "Use <br> now"),
        (feed(item(title="Storm &lt;b&gt;hits&lt;/b&gt; coast", text="One.")), "Storm hits coast"),
        (feed(item(title="Storm&lt;br&gt;coast", text="One.")), "Storm coast"),
        (feed(item(title="&lt;a href='x'&gt;Storm", text="One.")), "Storm"),
        (feed(item(title="&lt;![CDATA[Storm]]&gt;", text="One.")), "Storm"),
        (feed(item(title="5 &lt; 6", text="One.")), "5 < 6"),
    ],
)
def test_a_title_is_cleaned_of_markup_and_keeps_what_it_says_about_markup(content, title):
    (article,) = articles(content)
    assert clean_article(article, CleanOptions(min_words=1)).title == title


NAMED, SITE = "Rain falls on Norrby", "Estmark Post"


@pytest.mark.parametrize(
    "trailer",
    [
        "The post Rain falls on Norrby appeared first on Estmark Post.",
        "The post Rain falls in Norrby appeared first on Estmark Post",
        "The post Rain falls on Norrby first appeared on Estmark Post.\n\nContinue reading",
        "Der Beitrag Rain falls on Norrby erschien zuerst auf Anderswo.",
        "L’article Rain falls on Norrby est apparu en premier sur Estmark Post.",
        "La entrada Rain falls on Norrby se publicó primero en Estmark Post.",
        "L'articolo Rain falls on Norrby proviene da Estmark Post.",
        "O post Rain falls on Norrby apareceu primeiro em Estmark Post.",
        "Het bericht Rain falls on Norrby verscheen eerst op Estmark Post.",
        "Inlägget Rain falls on Norrby dök först upp på Estmark Post.",
        "Сообщение Rain falls on Norrby появились сначала на Estmark Post.",
        "Το άρθρο Rain falls on Norrby εμφανίστηκε πρώτα στο Estmark Post.",
        "Articolul Rain falls on Norrby apare prima dată în Estmark Post.",
        "投稿 Rain falls on Norrby は Estmark Post に最初に表示されました。",
        "Rain falls on Norrby yazısı ilk önce Estmark Post üzerinde ortaya çıktı.",
        "A(z) Rain falls on Norrby bejegyzés először Estmark Post-én jelent meg.",
        # Languages that no phrase is known of.
        "Prispevek Rain falls on Norrby je bil najprej objavljen na Estmark Post.",
        "Rain falls on Norrby最先出现在Estmark Post。",
        "submitted by /u/rain_1\n\n[link] [comments]",
        "submitted by /u/rain to r/norrby [link] [comments]",
    ],
)
@pytest.mark.parametrize("before", ["It rained.\n\n", "It rained all day. ", "It rained […] ", ""])
def test_where_it_appeared_first_is_no_part_of_the_text(trailer, before):
    assert without_trailer(before + trailer, NAMED, SITE) == before.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        "It rained. A plan was submitted by /u/rain [link] and read.",
        "It rained. The post office of Norrby appeared first on the list.",
        "It rained. The story that appeared first on Monday was wrong.",
        "It rained. Rain falls on Norrby, Estmark Post",
        "The post Rain falls on Norrby appeared first on Estmark Post. That was in May. It rained.",
        "",
    ],
)
def test_other_sentences_stay(text):
    assert without_trailer(text, NAMED, SITE) == text


def test_a_teaser_ends_before_the_trailer():
    text = "&lt;p&gt;It rained […]&lt;/p&gt;&lt;p&gt;The post T appeared first on F.&lt;/p&gt;"
    (article,) = articles(feed(item(title="T", text=text)))
    assert (article.text, article.flags) == ("It rained […]", ("teaser",))


@pytest.mark.parametrize(
    ("content", "version", "count"),
    [
        (
            '<rss version="0.91"><channel><item><title>a</title></item></channel></rss>',
            "rss091u",
            1,
        ),
        ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry/></feed>', "atom03", 1),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><entry/><entry/></feed>', "atom10", 2),
        ("<CHANNEL><ITEM><TITLE>a</TITLE></ITEM></CHANNEL>", "", 1),
        ("<rss version='2.0'><channel><item><title>A & B</title><item>", "rss20", 2),
        ('<rss version="2.0"><channel/></rss>', "rss20", 0),
    ],
)
def test_versions(content, version, count):
    parsed = parse_feed(content.encode(), {})
    assert (parsed.version, len(parsed.entries)) == (version, count)


def test_empty_feed_yields_nothing():
    assert split('<rss version="2.0"><channel/></rss>') == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b" \n", "empty_file"),
        (b"no feed at all", "not_a_feed"),
        (b"<foo><bar/></foo>", "not_a_feed"),
        (bytes(range(256)) * 10, "not_a_feed"),
        (b"\n" * 300_000 + RSS.encode(), "not_a_feed"),
        (b'<opml version="2.0"><body/></opml>', "feed_list"),
    ],
)
def test_what_is_no_feed_is_one_dead_letter(content, reason):
    (letter,) = split(content)
    assert (letter.reason, letter.step, letter.payload) == (reason, "read", content)


@pytest.mark.parametrize("size", [200, 500, 650, 800])
def test_truncated_feed_gives_what_it_has(size):
    documents = split(RSS[:size])
    assert all(document.media_type == ENTRY_TYPE for document in documents)
    assert all(read_entry(document.content).malformed for document in documents)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "iso-8859-1"])
def test_encodings(encoding):
    content = feed(item(title="Café", text="Größe", link="https://e.example/a"))
    data = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{content}'
    assert articles(data.encode(encoding))[0].title == "Café"


def test_charset_of_the_response_counts():
    content = feed(item(title="Žlutý kůň")).encode("iso-8859-2")
    file = FileInfo(URL, len(content), None, NOW)
    headers = {"content-type": "application/rss+xml; charset=iso-8859-2"}
    (document,) = syndication_documents(file, content, headers)
    assert parse_entry(document, ParseOptions()).title == "Žlutý kůň"


LAUGHS = (
    "<!DOCTYPE r [" + "".join(
        f"<!ENTITY l{n} \"{f'&l{n - 1};' * 10 if n else 'ha' * 50}\">" for n in range(9)
    ) + "]>"
)  # fmt: skip


@pytest.mark.parametrize("before", ["", "\n", "<!-- <a> -->"])
@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        LAUGHS.replace("<!ENTITY", "\n<!ENTITY"),
        '<!DOCTYPE r [<!ENTITY l8 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [\n<!ENTITY l8 PUBLIC "x" "http://127.0.0.1/x">\n]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
        f'<!DOCTYPE r [<!ENTITY l8 "{"x" * 30_000}">]>',
    ],
)
def test_dangerous_entities_are_refused(before, doctype):
    content = before + doctype + feed(item(title="&l8;" * 20, link="https://e.example/a"))
    (letter,) = split(content)
    assert letter.reason == "unsafe_xml"


def test_halves_of_a_declaration_are_not_joined():
    content = '<!DOCTYPE r [<!ENT\n<!ENTITY x "y">ITY a "&b;&b;">]>' + feed(item(title="&a;"))
    for document in split(content):
        assert "root:" not in document.content.decode()


def test_harmless_entities_and_doctype_are_read():
    netscape = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    assert articles(netscape + feed(item(title="A", text="B")))[0].title == "A"
    latin = '<!DOCTYPE rss [\n<!ENTITY copy "&#169;">\n]>'
    assert articles(latin + feed(item(title="&copy; A")))[0].title == "© A"


def test_entities_that_double_the_document_are_refused():
    check_entities(b'<!DOCTYPE r [<!ENTITY a "bc">]><r>&a;</r>')
    many = b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 100 + b'">]><r>' + b"&a;" * 10_000 + b"</r>"
    with pytest.raises(UnsafeXmlError, match="expand to 1000000"):
        check_entities(many)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "content",
    [
        "\n" * 200_000 + RSS,
        "\n<!ENTITY" * 50_000 + RSS,
        "<?xml " + "encoding='" * 20_000 + "?>" + RSS,
        feed(item(title="x", text="&lt;!--" * 50_000)),
        feed(f"<item><author>{'a' * 200_000}</author><title>x</title></item>"),
        feed(item(title="x", text="&lt;div&gt;" * 30_000)),
        feed("<item>" + "<b>" * 30_000 + "</b>" * 30_000 + "</item>"),
        "<rss><channel>" + "<item><title>" * 20_000,
        "<rss " + " ".join(f'a{n}="1"' for n in range(100_000)) + "><channel/></rss>",
    ],
)
def test_hostile_feeds_end_soon(content):
    for document in split(content):
        if isinstance(document, RawDocument):
            entry_text(read_entry(document.content))


def test_a_namespace_with_a_space_is_read():
    content = feed(item(title="A", text="B") + '<x:y xmlns:x="a b c"/>')
    assert articles(content)[0].title == "A"


def test_elements_that_feedparser_cannot_handle_are_passed_over():
    odd = '<georss:point xmlns:georss="http://www.georss.org/georss">1 2</georss:point>'
    content = feed(item(title="A &#xD800; &#99999999999; b", link="https://e.example/a") + odd)
    assert articles(content)[0].title.startswith("A ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<rss>", FEED),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">', FEED),
        (b"<rdf:RDF xmlns='x'>", FEED),
        (b"<CHANNEL HREF='x'>", FEED),
        ('<?xml version="1.0" encoding="utf-16"?><rss version="2.0">'.encode("utf-16"), FEED),
        ("<rss version='2.0'>".encode("utf-32-be"), FEED),
        (b"<!-- <html> --><!DOCTYPE rss [<!ENTITY a '>'>]><rss >", FEED),
        (b"<br /><b>Warning</b>: x\n<?xml version='1.0'?><rss >", FEED),
        (b"<urlset xmlns='x'>", SITEMAP),
        (b"<sm:sitemapindex >", SITEMAP),
        (b"<opml version='1.0'>", OPML),
        (b"<newsItem >", NEWSML_G2),
        (b"<newsMessage >", NEWSML_G2),
        (b"<!DOCTYPE html><html lang='en'>", HTML),
        (b"<unknown >", None),
        (b"", None),
        (b"plain text", None),
    ],
)
def test_sniff_xml(content, expected):
    assert sniff_xml(content) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 13 May 2024 10:00:00 GMT", "2024-05-13T10:00:00+00:00"),
        ("2003-012-31T10:14:55+00:00", "2003-12-31T10:14:55+00:00"),
        ("99-365", "1999-12-31T00:00:00+00:00"),
        ("05001", None),
        ("99999", None),
        ("", None),
    ],
)
def test_parse_feed_date(text, expected):
    date = parse_feed_date(text)
    assert (date.isoformat() if date else None) == expected


def test_unreadable_date_is_flagged():
    (article,) = articles(feed(item(title="A", text="B", date="someday")))
    assert "date_unreadable" in article.flags


LONG = "The harbour reopened on Monday after the storm had passed and the ferries went out again. "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # text edited
        (item("1", "https://e.example/a", "T", LONG), item("1", "https://e.example/a", "T", "New")),
        # guid changed with the edit
        (item("1", "https://e.example/a", "T", LONG), item("2", "https://e.example/a", "T", "New")),
        # title and link changed with the edit
        (item("1", "https://e.example/a", "T", "x"), item("1", "https://e.example/b", "U", "New")),
        # host changed with the edit, the guid too
        (
            item("http://a.example/n/1", "http://a.example/n/1", "T", "x"),
            item("http://b.example/n/1", "http://b.example/n/1", "T", "y"),
        ),
        # mobile and AMP twins, tracking, scheme
        (
            item("", "http://m.e.example/a/b/amp/?utm_source=x", "T", "x"),
            item("", "https://www.e.example/a/b", "U", "y"),
        ),
        # nothing but the text
        (item("", "", "T", LONG * 2), item("", "", "T", LONG * 2)),
        (item("", "", "Title only"), item("", "", "Title only")),
    ],
)
def test_an_edit_shares_a_key(before, after):
    other = item("9", "https://e.example/other", "Other", "Other text")
    first, _ = keys(feed(before, other))
    second, _ = keys(feed(after, other))
    assert first & second


@pytest.mark.parametrize(
    "items",
    [
        # every item has the same guid
        [item("same", f"https://e.example/{n}", f"T{n}", f"text {n}") for n in range(3)],
        # every item has the same guid and link
        [item("same", "https://e.example/news", f"T{n}", f"text {n}") for n in range(3)],
        # every item links to the home page
        [item("", "https://e.example/", f"T{n}", f"text {n}") for n in range(3)],
        # the same title and text every day
        [
            item(str(n), f"https://e.example/{n}", "Briefing", "Our briefing.", f"{n} May 2024")
            for n in range(1, 4)
        ],
        # without titles
        [item("same", "", "", f"text {n}") for n in range(3)],
    ],
)
def test_different_items_share_no_key(items):
    found = keys(feed(*items))
    assert all(found)
    assert sum(map(len, found)) == len(set.union(*found))


def test_an_item_listed_twice_keeps_its_guid():
    twice = item("1", "https://e.example/a", "T", "x")
    first, second = keys(feed(twice, twice))
    assert first == second
    assert all(entry.guid_names_it for entry in mark_shared([Entry(guid="1")] * 2))


def test_a_short_guid_counts_within_its_feed():
    one, other = feed(item("1", "", "A", "x")), feed(item("1", "", "B", "y"))
    assert not keys(one)[0] & keys(other, "https://other.example/feed")[0]
    same = feed(item("tag:e.example,2024:1", "", "A", "x"))
    assert keys(same)[0] & keys(same.replace("x<", "y<"), "https://other.example/feed")[0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.e.example/a/", "e.example/a"),
        ("http://amp.e.example/a.amp.html", "e.example/a.html"),
        ("https://e.example/amp/a", "e.example/a"),
        ("https://e.example/a?outputType=amp", "e.example/a"),
        ("https://e.example/?p=7", "e.example/?p=7"),
        ("https://amp.example/a", "amp.example/a"),
        ("https://e.example/", None),
        ("mailto:x@e.example", None),
    ],
)
def test_link_key(url, expected):
    assert link_key(url) == expected


def test_in_a_pipeline():
    def titles(document: RawDocument) -> str:
        return parse_entry(document, ParseOptions()).title

    with beam.Pipeline(runner=fn_api_runner.FnApiRunner()) as pipeline:
        found = (
            pipeline
            | beam.Create([FileInfo(URL, len(RSS), None, NOW)])
            | beam.FlatMap(lambda file: split_xml(file, io.BytesIO(RSS.encode()), 1 << 20))
            | beam.Filter(lambda document: document.line < 3)
            | beam.Map(titles)
        )
        assert_that(found, equal_to(["Storm hits coast", "Only a title"]))
