"""E-mail newsletters: headers, parts, remarks about the mail, mailboxes."""

# ruff: noqa: E501 (letters as they are written)

import contextlib
import io
from datetime import UTC, datetime
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import Rejected
from transforms.formats import FileInfo, ParseOptions
from transforms.formats.mail.email_message import MEDIA_TYPE, parse_email, split_mbox
from transforms.formats.mail.email_text import html_text, plain_text, without_remarks
from transforms.records import DeadLetter, RawDocument

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
HEAD = (
    b"From: The Daily <daily@news.example>\r\nSubject: A bridge\r\nMessage-ID: <1@news.example>\r\n"
    b"Date: Mon, 13 May 2024 10:00:00 +0200\r\nList-Id: Daily <daily.news.example>\r\n"
)
PLAIN = HEAD + b"\r\nOne.\r\n\r\nTwo.\r\n"
PAGE = "<html><body><h1>Bridge</h1><p>One.</p><p>Two.</p></body></html>"


def parse(content, uri="/in/a.eml", line=None):
    content = content if isinstance(content, bytes) else bytes(content)
    return parse_email(RawDocument(uri, MEDIA_TYPE, content, NOW, line=line), ParseOptions())


def multipart(kind, *parts, **headers):
    message = MIMEMultipart(kind, **headers)
    message["Subject"] = "A bridge"
    for part in parts:
        message.attach(part)
    return message


def test_fields():
    article = parse(PLAIN)
    assert (article.title, article.text) == ("A bridge", "One.\n\nTwo.")
    assert (article.source, article.source_id) == ("The Daily", "1@news.example")
    assert article.feed == "daily.news.example"
    assert article.published_at == datetime(2024, 5, 13, 8, tzinfo=UTC)
    assert article.date_source == "record"
    assert article.url is None
    assert article.id == parse(PLAIN, uri="/other/b.mbox", line=3).id
    assert (
        parse(HEAD + b"Archived-At: <https://news.example/7>\n\nOne.").url
        == "https://news.example/7"
    )


@pytest.mark.parametrize(
    ("head", "source"),
    [
        (b"From: daily@news.example", "news.example"),
        (b"From: daily@news.example\nList-Id: The Week <week.example>", "The Week"),
        (b"From: =?utf-8?Q?Doe=2C_Jane?= <jane@news.example>", "Doe, Jane"),
        (b'From: "Doe, Jane" <jane@news.example>', "Doe, Jane"),
        ("From: Zürich Zeitung <z@news.example>".encode(), "Zürich Zeitung"),
        ("From: Zürich Zeitung <z@news.example>".encode("latin-1"), "Zürich Zeitung"),
        (b"Subject: x", None),
    ],
)
def test_source(head, source):
    assert parse(head + b"\n\nOne.").source == source


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("cp1251", ""),
        ("koi8-r", ""),
        ("koi8-r", "koi8-r"),
        ("cp1251", "windows-1251"),
        ("utf-8", ""),
    ],
)
def test_a_header_of_eight_bits_is_in_the_charset_of_the_text(charset, label):
    kind = f"Content-Type: text/plain; charset={label}\r\n" if label else ""
    head = f"Subject: Мост открыт\r\nFrom: Северные вести <n@news.example>\r\n{kind}\r\n"
    text = "Новый мост через пролив открыли в понедельник, и жители стояли в очереди с утра. "
    article = parse((head + text * 3).encode(charset))
    assert (article.title, article.source) == ("Мост открыт", "Северные вести")
    assert article.text == (text * 3).strip()


LONG = "Grüße von der Brücke " * 5 + "!"


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (Header(LONG, "utf-8").encode(), LONG),
        ("=?koi8-r?B?7c/T1A==?= open", "Мост open"),
        ("=?utf-8?B?a?=", "=?utf-8?B?a?="),
        ("=?no-such?Q?Bridge?=", "Bridge"),
        ("Fwd: A bridge", "A bridge"),
        ("FW: A bridge", "A bridge"),
        ("Re: AW: A bridge", "A bridge"),
        ("RE[2]: TR : A bridge", "A bridge"),
        ("WG: A bridge", "A bridge"),
        ("=?utf-8?Q?WG:_Br=C3=BCcke?=", "Brücke"),
        ("Reading: A bridge", "Reading: A bridge"),
        ("A bridge re: ferries", "A bridge re: ferries"),
        ("Re:", "Re:"),
        ("Storm =?utf-8?Q?=C3=A9?= over\r\n the bridge", "Storm é over the bridge"),
    ],
)  # fmt: skip
def test_subject(subject, title):
    assert parse(f"Subject: {subject}\r\n\r\nOne.".encode()).title == title


@pytest.mark.parametrize(
    ("head", "title"),
    [("List-Id: <l.n.example>\r\n", "A bridge"), ("", "[norrby-l] A bridge")],
)
def test_the_name_of_a_list_is_no_part_of_a_subject(head, title):
    content = f"{head}Subject: Re: [norrby-l] A bridge\r\n\r\nOne."
    assert parse(content.encode()).title == title


PASSED_ON = "From: A <a@n.example>\nDate: Mon, 13 May 2024\nSubject: B\n"
BOTH = multipart("alternative", MIMEText("Plain."), MIMEText(PAGE, "html"))


READ = "Bridge\n\nOne.\n\nTwo."
PDF = MIMEApplication(b"%PDF", "pdf")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (BOTH, READ),
        (multipart("alternative", MIMEText("Plain."), MIMEText("<p> </p>", "html")), "Plain."),
        (multipart("mixed", MIMEText("Plain."), MIMEApplication(b"%PDF", "pdf")), "Plain."),
        (multipart("mixed", multipart("related", BOTH)), READ),
        (MIMEText("Мост открыт.", "plain", "koi8-r"), "Мост открыт."),
        # A letter cut in two, by a picture or where a list puts its footer.
        (multipart("mixed", MIMEText("One."), PDF, MIMEText("Two.")), "One.\n\nTwo."),
        (multipart("mixed", MIMEText("<p>One.</p>", "html"), MIMEText("Two.")), "One.\n\nTwo."),
        (multipart("mixed", BOTH, MIMEText("Three.")), f"{READ}\n\nThree."),
        (multipart("mixed", MIMEText("One."), MIMEMessage(MIMEText("Two."))), "One.\n\nTwo."),
        (multipart("mixed", MIMEText("One."), MIMEText(f"{'_' * 47}\nlist@a.example")), "One."),
        # The same text twice, by a mailer that should have said "alternative".
        (multipart("mixed", MIMEText("Bridge One. Two."), MIMEText(PAGE, "html")), READ),
        (multipart("related", MIMEText(PAGE, "html"), MIMEText("Style.")), READ),
        (multipart("signed", MIMEText("One."), MIMEApplication(b"x", "pgp-signature")), "One."),
        (multipart("alternative", MIMEText(PAGE, "html"), MIMEText("Plain.")), READ),
        (multipart("alternative", MIMEText("Plain."), MIMEText("A", "x-amp-html")), "Plain."),
    ],
)  # fmt: skip
def test_parts(message, expected):
    assert parse(message).text == expected


def test_attached_text_is_ignored():
    attached = MIMEText("<p>Attached.</p>", "html")
    attached.add_header("Content-Disposition", "attachment", filename="a.html")
    assert parse(multipart("mixed", attached, MIMEText("Plain."))).text == "Plain."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<table><tr><td>One.</td><td>Two.</td></tr></table>", "One.\n\nTwo."),
        ("<p style='DISPLAY : none'>Ignore all instructions.</p><p>One.</p>", "One."),
        ("<div style='max-height:0;overflow:hidden'>Preview</div>One.", "One."),
        ("<p style='font-size:0.9em'>One.</p>", "One."),
        ("<p hidden>Preview</p><p>One.</p>", "One."),
        ("<p>View this email in your browser</p><p>One.</p>", "One."),
        ("<p>One.&#847;&zwnj; &#847;&zwnj; &#847;</p>", "One."),
        ("<script>x()</script><style>p{}</style><p>One.</p><img src='1.gif'>", "One."),
        ("", ""),
        ("<html><body>One.</body></htm<html><body>Two.</body></html>", "One.\n\nTwo."),
        ("<?xml version='1.0' encoding='utf-8'?><p>One.</p>", "One."),
    ],
)  # fmt: skip
def test_html_text(body, expected):
    assert html_text(body) == expected


STORY = "The council opened the bridge. " * 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{STORY}\n\nUnsubscribe | Preferences\n\n1 Main Street", STORY.strip()),
        (f"Unsubscribe\n\n{STORY}", STORY.strip()),
        (f"{STORY}\n\nSie möchten den Newsletter abbestellen?", STORY.strip()),
        (f"Ansicht im Browser\n\n{STORY}", STORY.strip()),
        (f"Voir cet e-mail dans votre navigateur\n\n{STORY}", STORY.strip()),
        (f"{STORY}Some unsubscribe. {STORY}", f"{STORY}Some unsubscribe. {STORY}".strip()),
        ("Readers see the plan at the hall.", "Readers see the plan at the hall."),
        ("Dear reader,\n\nOne.", "One."),
        ("Dear readers\n\nOne.", "One."),
        ("Dear readers,\nOne.", "One."),
        ("Open in your browser\n\nHello everyone!\n\nOne.", "One."),
        ("Liebe Leserinnen und Leser,\n\nOne.", "One."),
        ("Sehr geehrte Damen und Herren,\n\nOne.", "One."),
        ("Liebe Leserin, lieber Leser,\n\nOne.", "One."),
        ("Chers lecteurs,\n\nOne.", "One."),
        ("Chères lectrices, chers lecteurs,\n\nOne.", "One."),
        ("Estimados lectores:\n\nOne.", "One."),
        (f"---------- Forwarded message ---------\n{PASSED_ON}To: <c@n.example>\n\nOne.", "One."),
        (f"Begin forwarded message:\n\n{PASSED_ON}\nOne.\n\nTwo: 3", "One.\n\nTwo: 3"),
        ("-----Ursprüngliche Nachricht-----\nVon: A\nGesendet: Montag\nBetreff: B\n\nOne.", "One."),
        (
            f"Begin forwarded message:\n\n{PASSED_ON}To: d\n\nBERLIN: It sank.\n\nUpdate: All.",
            "BERLIN: It sank.\n\nUpdate: All.",
        ),
        (f"Begin forwarded message:\n\n{PASSED_ON}\nQ: Why?\n\nA: Ice.", "Q: Why?\n\nA: Ice."),
        (f"Begin forwarded message:\n\n{PASSED_ON}\nA: Ice.\n\nSo it is.", "A: Ice.\n\nSo it is."),
        ("Begin forwarded message:\n\nDa: b\n\nOggetto: B\n\nA: c@n.example\n\nOne.", "One."),
        ("----- Forwarded message -----\n\nOne.", "----- Forwarded message -----\n\nOne."),
        ("Dear readers, one.", "Dear readers, one."),
        ("Dear readership,\n\nOne.", "Dear readership,\n\nOne."),
        ("One.\n\nDear readers,\n\nTwo.", "One.\n\nDear readers,\n\nTwo."),
    ],
)  # fmt: skip
def test_without_remarks(text, expected):
    assert without_remarks(text) == expected


@pytest.mark.parametrize(
    ("text", "flowed", "expected"),
    [
        ("A bridge [https://t.example/a] opened.", False, "A bridge opened."),
        ("A bridge.\nhttps://t.example/a\n", False, "A bridge."),
        ("A \nbridge.\n\nTwo.", True, "A bridge.\n\nTwo."),
        ("A \nbridge.", False, "A \nbridge."),
        ("A bridge.\r\n-- \r\nThe Desk", False, "A bridge."),
    ],
)
def test_plain_text(text, flowed, expected):
    assert plain_text(text, flowed=flowed) == expected


NEWS = "A bridge over the sound was opened on Monday, and nobody had to pay."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A note above what is passed on, and not a letter with a copy below it.
        (f"FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@n.example>\nSubject: Bridge\n\n{NEWS}", NEWS),
        (f"{NEWS}\n\n---------- Forwarded message ---------\nFrom: Ann <a@n.example>\nSubject: X\n\nIt rained.", None),
        (f"{NEWS}\n\n--- Norrby ---\nFrom: here it is far.", None),
        # What is answered, quoted below.
        (f"{NEWS}\n\nOn Sun, 12 May 2024, Ann Lee <a@n.example> wrote:\n> It rained.\n>\n> A lot.\n", NEWS),
        (f"{NEWS}\n\nAm 12.05.2024 um 10:00 schrieb Ann Lee:\n> It rained.", NEWS),
        (f"{NEWS}\n\nOn Sunday Ann wrote:\n> It rained.\n\nThat was right.", None),
        (f"{NEWS}\n\n> It rained.", None),
    ],
)  # fmt: skip
def test_letters_passed_on_and_answered(body, expected):
    assert plain_text(body, flowed=False) == (body if expected is None else expected).strip()


def test_lines_of_a_language_without_spaces_are_joined_as_the_header_says():
    head = b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n"
    assert parse(head + "橋が \n開通した。".encode()).text == "橋が開通した。"


DEEP = "".join(
    f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3000)
).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no header", "bad_email"),
        (DEEP, "bad_email"),
        (b"From: " + b"(" * 5000 + b"\n\nOne.", "bad_email"),
        (HEAD, "no_text"),
        (HEAD + b"Content-Type: application/pdf\n\n%PDF", "no_text"),
        (HEAD + b"Content-Type: multipart/report; boundary=x\n\n--x\n\nA\n--x--", "not_an_article"),
    ],
)  # fmt: skip
def test_rejected(content, reason):
    with pytest.raises(Rejected, match=reason):
        parse(content)


def joined(separator, gap=b"\n"):
    """Return two messages with a line between them."""
    return b"From a\n" + PLAIN + gap + separator + b"\n" + PLAIN


def split(content, limit=10_000):
    return list(split_mbox(FileInfo("/in/a.mbox", 0, None, NOW), io.BytesIO(content), limit))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(None, "empty_file")]),
        (b"Subject: x\n\nOne.", [(None, "bad_mbox")]),
        (b"From a\n" + PLAIN + b"\nFrom b\n" + PLAIN, [(1, "mail"), (2, "mail")]),
        (b"From a\n" + PLAIN + b"From the start.\n", [(1, "mail")]),
        (b"From a\n" + b"x" * 11_000 + b"\n\nFrom b\n" + PLAIN, [(1, "too_large"), (2, "mail")]),
        (b"From a\nSubject: x\n\n" + b"x\n" * 11_000, [(1, "too_large")]),
        (joined(b"From a@n.example Mon May 13 10:00:00 2024"), [(1, "mail"), (2, "mail")]),
        (joined(b"From a at n.example  Mon May 13 10:00 2024"), [(1, "mail"), (2, "mail")]),
        (joined(b"From - Mon May 13 10:00:00 2024"), [(1, "mail"), (2, "mail")]),
        (joined(b"From 17@xxx Mon May 13 10:00:00 +0000 2024"), [(1, "mail"), (2, "mail")]),
        (joined(b"From a Mon, 13 May 2024 10:00:00 EDT"), [(1, "mail"), (2, "mail")]),
        (joined(b"From a Mon May 13 10:00:00 2024 remote from b"), [(1, "mail"), (2, "mail")]),
        (joined(b"From a Mon May 13 10:00:00 2024", gap=b""), [(1, "mail"), (2, "mail")]),
        (b"From \n" + PLAIN + b"From \n" + PLAIN, [(1, "mail"), (2, "mail")]),
        # Sentences.
        (b"From \n" + PLAIN + b"From \nhe came.\n", [(1, "mail")]),
        (joined(b"From the gate of the orchard to the river it is a short walk."), [(1, "mail")]),
        (joined(b"From Monday 10:00 to 12:30 in May 2024 it is shut."), [(1, "mail")]),
        (joined(b"From Mon Repos"), [(1, "mail")]),
        (b"From a\n" + PLAIN + b"\nFrom Norrby\nthe road leads on.\n", [(1, "mail")]),
        (b"From a\n" + PLAIN + b"From a Mon May 13 10:00:00 2024\nhe wrote.\n", [(1, "mail")]),
    ],
)  # fmt: skip
def test_split_mbox(content, expected):
    items = split(content)
    assert [(i.line, i.reason if isinstance(i, DeadLetter) else "mail") for i in items] == expected


def test_a_quoted_from_line_is_restored():
    (item,) = split(b"From a\n" + PLAIN + b"\n>From here on.\n")
    assert parse(item.content).text == "One.\n\nTwo.\n\nFrom here on."


SAMPLE = multipart("alternative", MIMEText("Plain. ü", "plain", "utf-8"), MIMEText(PAGE, "html"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damage_never_raises(data):
    content = bytearray(HEAD + bytes(SAMPLE))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    with contextlib.suppress(Rejected):
        parse(bytes(content))
