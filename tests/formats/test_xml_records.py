"""XML whose vocabulary nobody knows: each element that has a title and a text is an article."""

# ruff: noqa: E501 (a case a line)

import pytest
from documents import read_file
from growth import assert_linear

from transforms.formats.wiki_pages import plain_wikitext
from transforms.formats.xml_records import find_records

T = "Ferry sails again"
ONE, TWO = (
    "The ferry sails again from autumn on, its owner said.",
    "It takes 80 people, and twelve cars.",
)
TEXT = f"{ONE}\n\n{TWO}"
BODY = f"<p>{ONE}</p><p>{TWO}</p>"
PARTS = f"<title>{T}</title><date>2024-05-13</date>"


def read(content):
    return read_file("a.xml", content)


@pytest.mark.parametrize(
    "written",
    [
        f"<articles><article>{PARTS}<body>{BODY}</body></article></articles>",
        f"<news><item>{PARTS}<content><![CDATA[{BODY}]]></content></item></news>",
        f"<doc>{PARTS}<text>{BODY}</text></doc>",
        # What holds fields by their names: indexes and databases.
        f"<add><doc><field name='title'>{T}</field><field name='date'>2024-05-13T00:00:00Z</field><field name='body'>{TEXT}</field></doc></add>",
        f"<response><lst name='head'><int name='status'>0</int></lst><result><doc><str name='title'>{T}</str><date name='published'>2024-05-13T00:00:00Z</date><arr name='content'><str>{TEXT}</str></arr></doc></result></response>",
        f"<resultset><row><field name='title'>{T}</field><field name='created_at'>2024-05-13</field><field name='text'>{TEXT}</field></row></resultset>",
        f"<export><database name='d'><table name='news'><column name='title'>{T}</column><column name='content'>{TEXT}</column><column name='date'>2024-05-13</column></table></database></export>",
        f"<posts><row Id='1' Title='{T}' CreationDate='2024-05-13' Body='{BODY.replace('<', '&lt;')}'/></posts>",
        f"<list><entity><property name='title' value='{T}'/><property name='date' value='2024-05-13'/><property name='text'>{TEXT}</property></entity></list>",
        # Paragraphs and holders of any name.
        f"<docs><doc>{PARTS}<text><para>{ONE}</para><para>{TWO}</para></text></doc></docs>",
        f"<story><head>{PARTS}</head><body><section><para>{ONE}</para></section><section><para>It takes <number>80</number> people, and twelve cars.</para></section></body></story>",
        f"<records><record><header><identifier>x</identifier></header><metadata><n:dc xmlns:n='urn:n'>{PARTS}<text>{BODY}</text></n:dc></metadata></record></records>",
        f"<articles><article><title>{T}</title><date><year>2024</year><month>05</month><day>13</day></date><body>{BODY}</body></article></articles>",
        f"<Meldungen><Meldung><Titel>{T}</Titel><Datum>13.05.2024</Datum><Text>{TEXT}</Text></Meldung></Meldungen>",
        # A list with a title of its own, and elements that are roots elsewhere.
        f"<export><title>All our news</title><description>A dump</description><article>{PARTS}<body>{BODY}</body></article></export>",
        f"<articles><article><channel>Norrby TV</channel>{PARTS}<body>{BODY}</body></article></articles>",
        f"<newsitem itemid='2' xml:lang='en' date='2024-05-13'><headline>{T}</headline><text>{BODY}</text></newsitem>",
        # Malformed.
        f"<article>{PARTS}<body>{BODY}</body></article>\n<?pi x?>\n<!-- the end -->",
        f"<article>{PARTS}<place>Bed & Breakfast</place><body>{BODY}</body></article>",
    ],
)
def test_one_article(written):
    (article,) = read(f"<?xml version='1.0'?>\n{written}")
    assert (article.title, article.text) == (T, TEXT)
    assert article.published_at.date().isoformat() == "2024-05-13"


def test_elements_without_a_root_are_numbered():
    one, two = read(f"<item>{PARTS}<text>{ONE}</text></item><item>{PARTS}<text>{TWO}</text></item>")
    assert [(a.line, a.text) for a in (one, two)] == [(1, ONE), (2, TWO)]


@pytest.mark.parametrize(
    "written",
    [
        "<authors><author>Jane Doe</author><author>John Roe</author></authors>",
        "<authors><author><name>Jane Doe</name></author><author><name>John Roe</name></author></authors>",
        "<author>Jane Doe</author><author>John Roe</author>",
        "<author><first>Jane</first><last>Doe</last></author><author><first>John</first><last>Roe</last></author>",
        "<byline>By Jane Doe and John Roe</byline>",
        "<dc:creator xmlns:dc='urn:d'>Jane Doe</dc:creator><dc:creator xmlns:dc='urn:d'>John Roe</dc:creator>",
    ],
)
def test_authors(written):
    (article,) = read(f"<list><article>{PARTS}{written}<text>{ONE}</text></article></list>")
    assert article.authors == ("Jane Doe", "John Roe")


def test_a_list_of_introductions_and_links_is_a_feed_whatever_its_root():
    item = f"<item><title>{T}</title><link>https://n.example/a</link><description>{ONE}</description></item>"
    (article,) = read(f"<newsfeed>{item}</newsfeed>")
    assert (article.title, article.url, article.flags) == (T, "https://n.example/a", ("teaser",))


@pytest.mark.parametrize(
    "written",
    [
        "<servers><server><host>a</host><port>1</port></server></servers>",
        "no XML at all",
        "<project><name>Norrby tools</name><description>Tools for boats, and a few more words.</description></project>",
        f"<kml><Folder><Placemark><name>Harbour</name><description>{ONE}</description></Placemark></Folder></kml>",
    ],
)
def test_what_lists_no_articles_is_no_feed(written):
    assert read(written) == ["not_a_feed"]


def test_dangerous_entities_are_refused():
    content = "<!DOCTYPE list [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><list><article/></list>"
    assert read(content) == ["unsafe_xml"]


WIKI = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="en">
<siteinfo><sitename>Wikinews</sitename><base>https://w.example/wiki/Main_Page</base></siteinfo>
<page><title>Ferry sails again</title><ns>0</ns><id>5</id><revision><id>6</id>
<timestamp>2024-05-15T10:00:00Z</timestamp><text>{{date|May 13, 2024}}
{{infobox|{{flag|NO}}}}
[[File:Ferry.jpg|thumb|The [[ferry]] in May]]
'''The old ferry''' between [[Norrby]] and [[Karsholm|the isle]] sails, {{w|Harbour|the harbour}} said.&lt;ref
 name="x"&gt;note&lt;/ref&gt;
== Boats ==
* It takes [https://n.example/s eighty people].&lt;!-- sic --&gt;
{| class="x"
| cell
|}
[[Category:Ferries]] [[de:Fähre]]</text></revision></page>
<page><title>Talk:Ferry</title><ns>1</ns><revision><text>Well?</text></revision></page>
<page><title>Boat</title><ns>0</ns><redirect title="Ferry"/><revision><text>#REDIRECT [[Ferry]]</text></revision></page>
</mediawiki>"""


def test_an_export_of_mediawiki():
    (article,) = read(WIKI)
    assert article.title == T
    assert article.text == (
        "The old ferry between Norrby and the isle sails, the harbour said.\n\nBoats\n\n"
        "It takes eighty people."
    )
    assert article.url == "https://w.example/wiki/Ferry_sails_again"
    assert article.published_at.date().isoformat() == "2024-05-13"
    assert (article.source, article.language, article.source_id) == ("Wikinews", "en", "5")


def test_wikitext_of_tables_in_tables_and_lines_that_look_like_headings():
    text = "Boats.\n{| a\n| b\n{| c\n| d\n|}\n| e\n|}\n=== Isles ===  \n= 5 knots\n<!-- open"
    assert plain_wikitext(text) == "Boats.\n\nIsles\n\n= 5 knots"
    assert plain_wikitext("A<ref name=b/> b<ref>c <i>d</i></ref> e") == "A b e"


@pytest.mark.parametrize("pump", ["<!--", "<ref>", "{|\n", "= a ", "<gallery><ref>"])
def test_wikitext_takes_linear_time(pump):
    assert_linear(plain_wikitext, lambda size: pump * size + " " * size + "x", 2_000, 20_000)


@pytest.mark.parametrize(
    "content",
    [
        lambda size: (
            "<list><article><title>T</title><text>Long.</text>"
            + "<tag>a</tag>" * size
            + "</article></list>"
        ),
        lambda size: "<list>" + "".join(f"<t{n}>a</t{n}>" for n in range(size)) + "</list>",
        lambda size: "<?xml version='1.0'?>" * size + "<a/><b/>",
    ],
)
def test_many_elements_take_linear_time(content):
    def find(data):
        return find_records(data, recover=True)

    assert_linear(find, lambda size: content(size).encode(), 2_500, 20_000)
