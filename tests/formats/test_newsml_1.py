"""NewsML 1: the text of an item, without its pictures' captions."""

from datetime import UTC, datetime

import pytest
from documents import read_file

from transforms.formats import FileInfo, ParseOptions
from transforms.formats.wire.newsml_1 import parse_item, split_items

FETCHED = datetime(2026, 10, 5, tzinfo=UTC)

TEXT = "<p>The ferry sails again from autumn on, its owner said.</p>"
CAPTION = "<NewsComponent><Role FormalName='Caption'/><ContentItem><DataContent><p>A boat.</p></DataContent></ContentItem></NewsComponent>"  # noqa: E501


def item(content=TEXT, number=1, status="Usable", more="", media="Text"):
    return f"""<NewsItem><Identification><NewsIdentifier><ProviderId>n.example</ProviderId>
<DateId>20240512</DateId><NewsItemId>N{number}</NewsItemId><RevisionId>2</RevisionId>
<PublicIdentifier>urn:newsml:n.example:20240512:N{number}:2</PublicIdentifier></NewsIdentifier>
</Identification><NewsManagement><NewsItemType FormalName="News"/>
<FirstCreated>20240513T100000+0200</FirstCreated><ThisRevisionCreated>20240513T110000Z
</ThisRevisionCreated><Status FormalName="{status}"/>{more}</NewsManagement>
<NewsComponent xml:lang="en"><NewsLines><HeadLine>Ferry sails again</HeadLine>
<ByLine>By Jane Doe</ByLine></NewsLines><AdministrativeMetadata><Provider>
<Party FormalName="Norrby Press"/></Provider></AdministrativeMetadata>
<NewsComponent><Role FormalName="Main"/><ContentItem><MediaType FormalName="{media}"/>
<DataContent>{content}</DataContent></ContentItem></NewsComponent>{CAPTION}</NewsComponent>
</NewsItem>"""


def newsml(*items):
    envelope = "<NewsEnvelope><DateAndTime>20240601T100000Z</DateAndTime></NewsEnvelope>"
    doctype = "<!DOCTYPE NewsML SYSTEM 'NewsML_1.2.dtd'>"
    return f"<?xml version='1.0'?>{doctype}<NewsML>{envelope}{''.join(items)}</NewsML>"


@pytest.mark.parametrize("name", ["a.xml", "a.newsml"])
@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        f"<html><head><title>x</title></head><body>{TEXT}</body></html>",
        f"<nitf><body><body.head><hedline><hl1>Other</hl1></hedline></body.head><body.content>{TEXT}</body.content></body></nitf>",
        f"<![CDATA[{TEXT}]]>",
    ],
)
def test_an_item(name, content):
    (article,) = read_file(name, newsml(item(content)))
    assert article.title == "Ferry sails again"
    assert article.text == "The ferry sails again from autumn on, its owner said."
    assert article.published_at.isoformat() == "2024-05-13T08:00:00+00:00"
    assert article.modified_at.isoformat() == "2024-05-13T11:00:00+00:00"
    assert (article.authors, article.source, article.language) == (
        ("Jane Doe",),
        "Norrby Press",
        "en",
    )
    assert article.source_id == "urn:newsml:n.example:20240512:N1:2"


STOPPED = "<StatusWillChange><DateAndTime>20270101T100000Z</DateAndTime></StatusWillChange>"


def changes(status, year):
    future = f'<FutureStatus FormalName="{status}"/>'
    return STOPPED.replace("2027", str(year)).replace("<Date", f"{future}<Date")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (item(status="Canceled"), "canceled"),
        (item(status="Withheld"), "withheld"),
        (item(status="Embargoed", more=STOPPED), "embargoed"),
        (item(status="Embargoed"), "embargoed"),
        (item(status="Embargoed", more=changes("Usable", 2027)), "embargoed"),
        (item(status="Embargoed", more=changes("Canceled", 2027)), "embargoed"),
        (item(media="Photo"), "no_text"),
        ("", "not_an_article"),
        ("<NewsItem>", "bad_xml"),
    ],
)
def test_what_is_no_article(written, reason):
    assert read_file("a.xml", newsml(written)) == [reason]


def test_items_of_one_file_are_numbered():
    one, two = read_file("a.xml", newsml(item(number=1), item(number=2)))
    assert [one.line, two.line] == [1, 2]
    assert one.id != two.id


@pytest.mark.parametrize(
    ("change", "day"),
    [
        (changes("Canceled", 2027), "2024-05-13"),
        (changes("Canceled", 2025), "2024-05-13"),
        (changes("Usable", 2025), "2025-01-01"),
        (STOPPED.replace("2027", "2025"), "2025-01-01"),
    ],
)
def test_only_what_becomes_usable_has_an_embargo(change, day):
    (article,) = read_file("a.xml", newsml(item(more=change)))
    assert article.published_at.date().isoformat() == day


def test_what_stands_beside_the_items_is_not_written_around_each():
    catalog = f"<Catalog>{'x' * 1_000_000}</Catalog>"
    sender = '<SentFrom><Party FormalName="Karsholm Press"/></SentFrom>'
    for extra, source in ((sender, "Karsholm Press"), (sender + catalog, "n.example")):
        written = newsml(catalog, *[item().replace("Provider>", "Other>")] * 3)
        written = written.replace("</NewsEnvelope>", f"{extra}</NewsEnvelope>")
        written = written.replace("<NewsML>", f"<NewsML Version='{'1' * 100_000}'>")
        file = FileInfo("/in/a.xml", 0, FETCHED, FETCHED)
        documents = list(split_items(file, written.encode()))
        assert max(len(document.content) for document in documents) < 5_000
        assert parse_item(documents[2], ParseOptions()).source == source
