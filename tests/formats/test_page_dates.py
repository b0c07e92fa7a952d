"""When an article was published: what is said of it before what is said of its page."""

# ruff: noqa: E501 (a case a line)

import pytest
from pages import linked, named, page, read

TOP = "<h1>Ferry late again</h1>"


def date(head="", top=TOP, body=None, uri="/in/a.html"):
    article = read(page(head, top) if body is None else page(head, top, body), uri)
    return article.published_at.isoformat(), article.flags


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        # A day with a time refines a publication date only within its day.
        (linked(datePublished="2024-05-13", dateCreated="2024-05-13T09:30:00Z"), "", "2024-05-13T09:30:00"),
        (linked(datePublished="2024-05-13", dateCreated="2024-05-11T09:30:00Z"), "", "2024-05-13T00:00:00"),
        (linked(datePublished="2024-05-13") + named("date", "2024-05-20T10:00:00Z"), "", "2024-05-13T00:00:00"),
        (linked(datePublished="2024-05-13") + named("dcterms.created", "2024-05-12T10:00:00Z"), "", "2024-05-13T00:00:00"),
        (linked(datePublished="2024-05-13T00:00:00Z") + named("date", "2024-05-13T10:00:00Z"), "", "2024-05-13T10:00:00"),
        (named("date", "2024-05-20T10:00:00Z") + named("article:published_time", "2024-05-13T08:00:00Z"), "", "2024-05-13T08:00:00"),
        (linked(dateCreated="2024-05-10T10:00:00Z") + named("article:published_time", "2024-05-13T08:00:00Z"), "", "2024-05-13T08:00:00"),
        (named("dc.date.modified", "2024-05-20") + named("dc.date.issued", "2024-05-13"), "", "2024-05-13T00:00:00"),
        (linked(dateModified="2024-05-20T10:00:00Z", datePublished="2024-05-13T10:00:00+02:00"), "", "2024-05-13T08:00:00"),
        (linked(datePublished={"@type": "Date", "@value": "2024-05-13T10:00:00Z"}), "", "2024-05-13T10:00:00"),
        (linked(datePublished=["2024-05-13T10:00:00Z"]), "", "2024-05-13T10:00:00"),
        # <time>: machines read the attribute, its offset decides the day.
        ("", '<time datetime="2024-05-13T23:30:00-05:00">May 13</time>', "2024-05-14T04:30:00"),
        ("", '<time datetime="2024-05-13T00:15:00+01:00">13 May</time>', "2024-05-12T23:15:00"),
        ("", '<p><time datetime="2024-05-13T23:30-05:00" itemprop="datePublished">May 13</time></p>', "2024-05-14T04:30:00"),
        ("", '<time pubdate datetime="2024-05-13T23:30-0500">May 13</time>', "2024-05-14T04:30:00"),
        ("", '<time datetime="2024-05-13 23:30">May 13</time>', "2024-05-13T23:30:00"),
        ("", '<time datetime="2024-05-13">May 13</time>', "2024-05-13T00:00:00"),
        ("", "<time>13 May 2024</time>", "2024-05-13T00:00:00"),
        ("", '<time data-epoch="1715594400000">3 days ago</time>', "2024-05-13T10:00:00"),
        ("", '<span class=date data-timestamp=1715594400>3 days ago</span>', "2024-05-13T10:00:00"),
        ("", "<p class=date>Posted at 10:05 AM, May 13, 2024 and last updated 2:01 PM, May 15, 2024</p>", "2024-05-13T10:05:00"),
        ("", '<span class="date">Published: 13 May 2024, 10:15</span>', "2024-05-13T10:15:00"),
        ("", '<time class="updated" datetime="2024-05-20T10:00Z"></time><time class="published" datetime="2024-05-13T10:00Z"></time>', "2024-05-13T10:00:00"),
        ("", '<p>Updated <time datetime="2024-05-20T10:00Z">20 May</time></p><p>Published <time datetime="2024-05-13T10:00Z">13 May</time></p>', "2024-05-13T10:00:00"),
        # An element states the day, its text the time of that day.
        ("", '<time datetime="2024-05-13">13 May 2024, 21:30</time>', "2024-05-13T21:30:00"),
        ("", '<time data-published="2024-05-13T21:30:00Z">2 hours ago</time>', "2024-05-13T21:30:00"),
        # What stands beside the headline and says nothing but a date, whatever it is called.
        ("", "<span class=txt_info>입력 2024.05.13. 오후 10:30</span>", "2024-05-13T13:30:00"),
        ("", "<div class=hiduke>令和6年5月13日</div>", "2024-05-13T00:00:00"),
        ("", "<div class=read__time>Norrby.example - 13/05/2024, 22:30 WIB</div>", "2024-05-13T15:30:00"),
        ("", "<div class=info>2024-05-13 22:30 来源：诺尔比网</div>", "2024-05-13T22:30:00"),
        ("", "<p>Ada Perrin | 13 Mei 2024 | 22:30 WIB</p>", "2024-05-13T15:30:00"),
        ("", "<p>Norrby, 13 May 2024, 22:30</p>", "2024-05-13T22:30:00"),
        ("", "<p>Submitted by Ada Perrin | 13 May 2024</p>", "2024-05-13T00:00:00"),
        ("", "<p>Enviado por Ana | 13 mayo 2024</p>", "2024-05-13T00:00:00"),
        # Old pages set it in what only changes the letters; in a paragraph, that is a word of it.
        *(("", f"<{tag}>13 May 2024, 22:30 | Norrby Post staff</{tag}>", "2024-05-13T22:30:00") for tag in ("i", "em", "b", "strong", "font", "small", "span")),
        ("", "<p>It began on <i>1 May 2019</i> in Norrby.</p><font>13 May 2024, 22:30</font>", "2024-05-13T22:30:00"),
        # A day that a sentence tells of, and the date below it.
        ("", '<p>The fair opens on <time datetime="2024-07-01">1 July</time>.</p><p>Published 13 May 2024</p>', "2024-05-13T00:00:00"),
        ("", '<p>Posted by Ada Perrin on <time datetime="2024-05-13">13 May</time>.</p>', "2024-05-13T00:00:00"),
        ("", '<relative-time datetime="2024-05-13T21:30:00Z">last month</relative-time>', "2024-05-13T21:30:00"),
        ("", "<details><summary>Mon 13 May 2024 17.12 BST</summary>First published on Mon 13 May 2024 15.00 BST</details>", "2024-05-13T14:00:00"),
        # When it was changed, where nothing else is said.
        (linked(headline="Ferry late again", datePublished="", dateModified="2024-05-13T09:30:00Z"), "", "2024-05-13T09:30:00"),
        # Two dates in a line: that of the publication.
        ("", "<p>Publié le 13/05/2024 à 22h30, mis à jour le 14/05/2024 à 08h00</p>", "2024-05-13T22:30:00"),
        ("", "<p class=date>Updated: May 14, 2024 10:00 IST | Published: May 13, 2024 09:00 IST</p>", "2024-05-13T03:30:00"),
        ("", "<p>13.05.2024, 10:00 Uhr, aktualisiert am 14.05.2024</p>", "2024-05-13T10:00:00"),
        ("", "<p>最終更新日：2024年5月14日 公開日：2024年5月13日</p>", "2024-05-13T00:00:00"),
        # Names of meta tags; what is said of the page where nothing is said of an article.
        (named("og:pubdate", "2024-05-13T10:00:00Z"), "", "2024-05-13T10:00:00"),
        (named("bt:pubDate", "2024-05-13T10:00:00Z"), "", "2024-05-13T10:00:00"),
        (named("DC.date.published", "2024-05-13T10:00:00Z"), "", "2024-05-13T10:00:00"),
        (named("OriginalPublicationDate", "2024/05/13 10:00:00"), "", "2024-05-13T10:00:00"),
        (named("weibo:article:create_at", "2024-05-13 10:00:00"), "", "2024-05-13T10:00:00"),
        (named("dcterms.created", "2024-05-01T10:00:00Z") + named("dcterms.issued", "2024-05-13"), "", "2024-05-13T00:00:00"),
        (linked({"@type": "WebPage", "datePublished": "2024-05-13T10:00:00Z"}), "", "2024-05-13T10:00:00"),
    ],
)  # fmt: skip
def test_dates(head, top, expected):
    assert date(head, TOP + top) == (f"{expected}+00:00", ())


def test_dates_of_other_articles_on_the_page():
    related = (
        '<aside class="related"><h3>Older</h3><time datetime="2019-01-01T10:00Z"></time></aside>'
    )
    top = f'{related}{TOP}<time datetime="2024-05-13T10:00Z">13 May</time>'
    assert date(top=top)[0] == "2024-05-13T10:00:00+00:00"
    after = page("", TOP + '<time datetime="2024-05-13T10:00Z"></time>').replace(
        "</article>", f"</article>{related}"
    )
    assert read(after).published_at.isoformat() == "2024-05-13T10:00:00+00:00"


@pytest.mark.parametrize(
    ("foot", "day"),
    [
        ("© 2023 Norrby Post", None),
        ("Seen on 1 January 2023", "2023-01-01"),
        ("January 1, 2023", "2023-01-01"),
        ("01.01.2023", "2023-01-01"),
        ("2023年1月1日", "2023-01-01"),
    ],
)
def test_a_year_alone_is_no_date(foot, day):
    body = f"<p>{'It rained on Norrby and on the islands. ' * 9}</p><footer>{foot}</footer>"
    published_at, _ = date(body=body)
    assert published_at[:10] == (day or "2024-06-01")


@pytest.mark.parametrize("written", ["05/06/2024", "5/6/24", "05-06-2024"])
def test_what_could_be_two_days_is_not_guessed(written):
    for head, top in (
        (named("date", written), TOP),
        (linked(datePublished=written), TOP),
        ("", f'{TOP}<span class="date">{written}</span>'),
        ("", f"{TOP}<p>Posted {written} by Ada Perrin</p>"),
    ):
        published, flags = date(head, top)
        assert published.startswith("2024-06-01"), "the file's own"
        assert "date_unreadable" in flags


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("https://n.example/2021/jul/19/ferry", "2021-07-19"),
        ("https://n.example/2021/July/19/ferry", "2021-07-19"),
        ("https://n.example/news/2021/07/19/ferry", "2021-07-19"),
        ("https://n.example/2021/mai/19/ferry", "2021-05-19"),
        ("https://n.example/2021/oct/ferry", "2021-10-01"),
    ],
)
def test_the_month_of_an_address_may_be_a_name(address, day):
    published, _ = date(f'<link rel="canonical" href="{address}">')
    assert published.startswith(day)


@pytest.mark.parametrize(
    "top",
    [
        "<p>Stand: 15.05.2024, 10:00 Uhr | Erstveröffentlichung: 13.05.2024</p>",
        "<p>Publicerad 13 maj 2024 Uppdaterad 15 maj 2024</p>",
        "<p>Opublikowano 13 maj 2024, aktualizacja 15 maj 2024</p>",
        "<p>Publié le 13 mai 2024 - MAJ 15 mai 2024</p>",
        "<ul><li>Updated: 15 May 2024</li><li>Published: 13 May 2024</li></ul>",
        "<p>Originally published May 13, 2024. Edited May 15, 2024.</p>",
        # What a journal says of a manuscript.
        "<p>Received: 1 March 2024 / Accepted: 2 April 2024 / Published: 13 May 2024</p>",
        "<p>Eingereicht: 1. März 2024</p><p>Veröffentlicht: 13. Mai 2024</p>",
        "<tt>13-May-2024</tt>",
        "<p>13 maggio 2024 ore 10</p>",
    ],
)
def test_the_publication_among_other_dates(top):
    assert date(top=TOP + top)[0][:10] == "2024-05-13"


@pytest.mark.parametrize(
    "kind",
    [
        "VideoObject",
        "PodcastEpisode",
        "CreativeWork",
        "SocialMediaPosting",
        "DiscussionForumPosting",
    ],
)
def test_an_article_by_another_type_has_its_headline(kind):
    said = {"@type": kind, "datePublished": "2024-05-13"}
    assert date(linked({**said, "headline": "Ferry late again"}))[0][:10] == "2024-05-13"
    assert date(linked({**said, "headline": "Bridge in Karsholm shut"}))[0][:10] != "2024-05-13"


@pytest.mark.parametrize(
    "head",
    [
        linked({"@type": "MedicalWebPage", "datePublished": "2024-05-13"}),
        linked({"@type": "ClaimReview", "datePublished": "2024-05-13"}),
        linked(headline="Ferry late again", uploadDate="2024-05-13"),
        named("article:published_time", "2024-05-13T10:00:00Z,2024-05-13T10:00:00Z"),
        named("article:published_time", "2024-05-13T10:00:00 00:00"),
    ],
)
def test_dates_in_the_head(head):
    assert date(head)[0][:10] == "2024-05-13"


def test_an_article_goes_before_a_video_with_its_headline():
    video = {"@type": "VideoObject", "name": "Ferry late again", "uploadDate": "2023-01-01"}
    own = {"@type": "NewsArticle", "headline": "Late ferry", "datePublished": "2024-05-13"}
    assert date(linked(video, own))[0][:10] == "2024-05-13"
