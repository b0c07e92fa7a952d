"""Which part of a page is the article: lists, tables, ruby, offers, appended articles, pictures."""

# ruff: noqa: E501 (pages as they are written)

import pytest
from pages import BODY, PARAGRAPHS, linked, og, page, read

TOP = "<h1>Ferry late again</h1>"
ITEMS = [
    "Pupils travel free from the first of August on.",
    "Adults pay two crowns, and one after eight in the evening.",
    "Dogs travel with their owners, but not on the seats.",
]
LIST = "<ul>" + "".join(f"<li>{item}</li>" for item in ITEMS) + "</ul>"
OTHERS = [
    f"In Vellin, the orchestra rehearsed number {n} behind closed doors, and {n + 20} neighbours wrote a letter. "
    "The conductor answered each of them by hand, which took her most of the winter."
    for n in range(1, 5)
]
OTHER = "".join(f"<p>{paragraph}</p>" for paragraph in OTHERS)


def text(markup):
    return read(markup).text


@pytest.mark.parametrize(
    "body",
    [
        BODY + LIST + BODY.replace("On day", "By day"),
        f"{BODY}<table><tr><td>{LIST}</td></tr></table>",
        f"{BODY}<table><tr><td><ol><li>{'</li><li>'.join(ITEMS)}</li></ol></td><td>Fares</td></tr></table>",
        f"{BODY}<div>{LIST}</div>{BODY.replace('On day', 'By day')}",
        f"{BODY}<dl><dt>{ITEMS[0]}</dt><dd>{ITEMS[1]}</dd><dd>{ITEMS[2]}</dd></dl>",
        BODY + "<ul>" + "".join(f"<li><span>{i}</span></li>" for i in ITEMS) + "</ul>",
        BODY + "<ul>" + "".join(f"<li><p>{i}</p></li>" for i in ITEMS) + "</ul>",
        BODY + "<ol>" + "".join(f"<li><b>Fares</b>: {i}</li>" for i in ITEMS) + "</ol>",
    ],
)
def test_lists_stay(body):
    found = text(page("", TOP, body))
    assert [item for item in ITEMS if item not in found] == []
    bare = f"<html><head><title>Ferry late again</title></head><body>{TOP}{body}</body></html>"
    assert [item for item in ITEMS if item not in text(bare)] == []


def test_a_page_laid_out_in_tables_is_paragraphs():
    nav = (
        "<td width=150><a href=/a>Home</a><br><a href=/b>Harbour</a><br><a href=/c>Weather</a></td>"
    )
    for content in (BODY, "<br><br>".join(PARAGRAPHS)):
        markup = f"<html><body><table><tr>{nav}<td>{TOP}{content}</td></tr></table></body></html>"
        found = text(markup)
        assert [p for p in PARAGRAPHS if p not in found] == []
        assert "|" not in found
        assert "Weather" not in found
        assert found.count("\n\n") >= len(PARAGRAPHS) - 1


def test_a_table_of_data_stays_one():
    rows = "".join(f"<tr><th>Line {n}</th><td>{n * 7} crowns</td></tr>" for n in range(1, 5))
    found = text(page("", TOP, f"{BODY}<table>{rows}</table>"))
    assert "Line 3" in found
    assert "21 crowns" in found


@pytest.mark.parametrize(
    "ruby",
    [
        "<ruby>渋滞<rt>じゅうたい</rt></ruby>",
        "<ruby>渋滞<rp>（</rp><rt>じゅうたい</rt><rp>）</rp></ruby>",
        "<ruby><rb>渋滞</rb><rt>じゅうたい</rt></ruby>",
        "<ruby>渋<rt>じゅう</rt>滞<rt>たい</rt></ruby>",
        "<ruby><rb>渋<rb>滞<rtc><rt>じゅう<rt>たい</rtc></ruby>",
    ],
)
def test_readings_are_no_text(ruby):
    sentence = f"フェリーの{ruby}が続き、多くの人が港で待たされたと市は火曜日に発表した。"
    found = text(page("", TOP, f"<p>{sentence * 3}</p>" * 3))
    assert "渋滞が続き" in found
    assert "じゅう" not in found
    title = read(page("", f"<h1>{ruby}が続く</h1>", f"<p>{sentence * 3}</p>" * 3)).title
    assert title == "渋滞が続く"


APPENDED = [
    "<article>{top}{own}</article><article><h1>Orchestra rehearses</h1>{other}</article>",
    "<article>{top}{own}</article><article><h2>Orchestra rehearses</h2>{other}</article>",
    "<main><div class=story>{top}{own}</div><div class=story><h1>Orchestra rehearses</h1>{other}</div></main>",
    "<main><section>{top}{own}</section><div class='infinite-scroll'><section><h1>Orchestra rehearses</h1>{other}</section></div></main>",
    "<article>{top}{own}</article><div id=next-article><h2>Orchestra rehearses</h2>{other}</div>",
    "<article>{top}{own}</article>" + "<article><h1>Orchestra rehearses</h1>{other}</article>" * 2,
    "<article><h1>Orchestra rehearses</h1>{other}{other}</article><article>{top}{own}</article>",
    "<main><section id=article-1>{top}{own}</section><section id=article-2><h1>Orchestra rehearses</h1>{other}</section></main>",
    "<main>{top}<div class=article-body>{own}</div><hr><h1>Orchestra rehearses</h1><div class=article-body>{other}</div></main>",
]


@pytest.mark.parametrize("layout", APPENDED)
def test_appended_articles_are_others(layout):
    body = layout.format(top=TOP, own=BODY, other=OTHER + OTHER.replace("In Vellin", "At night"))
    found = text(f"<html><head>{og('title', 'Ferry late again')}</head><body>{body}</body></html>")
    assert [p for p in PARAGRAPHS if p not in found] == []
    assert "orchestra" not in found


@pytest.mark.parametrize(
    "layout",
    [
        "<main>{top}<div class=text-block>{own}</div><h1>In Vellin</h1><div class=text-block>{other}</div></main>",
        "<main>{top}<div class=article-body>{own}<h1>In Vellin</h1>{other}</div></main>",
        "<main>{top}{own}<h1>In Vellin</h1>{other}</main>",
    ],
)
def test_sections_below_headings_of_the_first_rank_stay(layout):
    body = layout.format(top=TOP, own=BODY, other=OTHER)
    found = text(f"<html><head>{og('title', 'Ferry late again')}</head><body>{body}</body></html>")
    assert [p for p in PARAGRAPHS + OTHERS if p not in found] == []


def test_text_before_the_first_paragraph_of_an_old_page_stays():
    first = OTHERS[0]
    body = f"<center>{TOP}</center><font face=serif>{first}{BODY.replace('</p>', '')}</font>"
    found = text(f"<html><body>{body}</body></html>")
    assert [p for p in [first, *PARAGRAPHS] if p not in found] == []


def test_sections_of_one_article_stay():
    body = (
        f"<article><header>{TOP}</header><section><h2>On the quay</h2>{BODY}</section>"
        f"<section><h2>In Vellin</h2>{OTHER}</section></article>"
    )
    found = text(f"<html><head>{og('title', 'Ferry late again')}</head><body>{body}</body></html>")
    assert [p for p in PARAGRAPHS + OTHERS if p not in found] == []


OFFERS = [
    "<div class=paywall><h3>Continue reading</h3><p>Try Post+ for a month for 1.00, then pay 3.40 a week.</p>"
    "<p>Cancel at any time. All prices include tax.</p><p>Unlimited access to all articles.</p></div>",
    "<div class='offer-box'><h2>Weiterlesen mit Post plus</h2><p>Testen Sie Post plus einen Monat für 1 Euro, danach 9,99 Euro im Monat.</p>"
    "<p>Alle Preise enthalten die gesetzliche Umsatzsteuer.</p><ul><li>Jederzeit kündbar</li></ul></div>",
    "<section><h3>Cet article est réservé aux abonnés</h3><p>Abonnez-vous pour 1 € le premier mois, puis 9,99 € par mois, sans engagement.</p></section>",
    "<div id=piano-offer><p>Suscríbete por 1 € al mes. Sin permanencia. IVA incluido.</p></div>",
    "<div class=subscribe><p>Abbonati a 1 euro al mese per il primo anno. Puoi disdire quando vuoi.</p></div>",
]


@pytest.mark.parametrize("offer", OFFERS)
def test_the_offer_is_not_the_article(offer):
    intro = f"<p>{PARAGRAPHS[0]}</p>"
    article = read(
        page(linked(headline="Ferry late again", isAccessibleForFree=False), TOP, intro + offer)
    )
    assert article.text.removeprefix("Ferry late again").strip() == PARAGRAPHS[0]
    assert "paywall_stub" in article.flags


def test_an_article_about_offers_stays():
    body = (
        BODY + "<p>A ticket costs 3 crowns a month more from May on, the harbour office said.</p>"
    )
    found = read(page("", TOP, body))
    assert "3 crowns a month" in found.text
    assert "paywall_stub" not in found.flags


@pytest.mark.parametrize(
    "picture",
    [
        "<figure><img src=a.jpg><figcaption>{caption}</figcaption></figure>",
        "<figure><img src=a.jpg><figcaption><p>{caption}</p><small>Photo: Ada Perrin</small></figcaption></figure>",
        "<div class=gallery-item><img src=a.jpg><div class=caption>{caption}</div></div>",
        "<div class=wp-caption><img src=a.jpg><p class=wp-caption-text>{caption}</p></div>",
        "<li><figure><a href=b.jpg><img src=a.jpg></a><figcaption>{caption}</figcaption></figure></li>",
    ],
)
def test_a_page_of_pictures_keeps_its_captions(picture):
    captions = [
        f"The ferry leaves the quay of Norrby for the {n}th time on this day of storms and rain."
        for n in range(4, 12)
    ]
    pictures = "".join(picture.format(caption=caption) for caption in captions)
    pictures = f"<ul>{pictures}</ul>" if "<li>" in picture else pictures
    found = text(page(og("title", "Storms in pictures"), TOP, f"<p>{PARAGRAPHS[0]}</p>{pictures}"))
    assert [caption for caption in captions if caption not in found] == []
    assert PARAGRAPHS[0] in found


def test_captions_in_an_article_are_beside_it():
    figure = "<figure><img src=a.jpg><figcaption>The ferry on the quay of Norrby, in a storm.</figcaption></figure>"
    found = text(page("", TOP, BODY + figure + BODY.replace("On day", "By day")))
    assert "in a storm" not in found


def test_teasers_with_captions_are_no_pictures():
    teaser = "<figure><a href=/b><img src=a.jpg></a><figcaption><a href=/b>Orchestra rehearses again behind closed doors</a></figcaption></figure>"
    found = text(page("", TOP, f"<p>{PARAGRAPHS[0]}</p>{teaser * 6}"))
    assert "Orchestra" not in found


@pytest.mark.parametrize(
    "empty", ["<b></b>", "<a id=x></a>", "<i class=icon></i>", "<span></span>"]
)
def test_an_empty_element_takes_no_text_with_it(empty):
    body = BODY.replace(" was late", f" <span>was</span> {empty}late")
    assert [p for p in PARAGRAPHS if p not in text(page("", TOP, body))] == []


def test_what_is_struck_out_and_the_numbers_of_notes_are_no_text():
    noted = BODY.replace(
        "more than an hour.", 'more than <del>two</del> an hour.<sup><a href="#n1">[1]</a></sup>'
    )
    assert [p for p in PARAGRAPHS if p not in text(page("", TOP, noted))] == []
    squared = BODY.replace("an hour", "a km<sup>2</sup>")
    assert "a km2" in text(page("", TOP, squared))


LEAD = "Nobody in Norrby had expected the council to sell the ferry for a single crown."


@pytest.mark.parametrize(
    ("lead", "stays"),
    [
        (f"<div class=standfirst><p>{LEAD}</p></div>", True),
        (f"<p class=article-lead>{LEAD}</p>", True),
        (
            f"<div class=intro><p>{LEAD.replace('the ferry', '<a href=/f>the ferry</a>')}</p></div>",
            True,
        ),
        (f"<div class=leaderboard><p>{LEAD}</p></div>", False),
        (
            "<div class=intro><p>Subscribe now to read the latest news of Norrby and all of the coast.</p></div>",
            False,
        ),
        ("<div class=standfirst><p>Ferry, harbour, council</p></div>", False),
    ],
)
def test_a_lead_of_its_own_stays(lead, stays):
    found = text(page("", TOP + lead, f"<div class=article-body>{BODY}</div>"))
    assert found.startswith(LEAD) == stays
    assert "Ferry, harbour" not in found
    assert "Subscribe" not in found


def test_a_lead_is_told_once():
    found = text(page("", f"{TOP}<p class=lead>{PARAGRAPHS[0]}</p>", BODY))
    assert found.count(PARAGRAPHS[0]) == 1
