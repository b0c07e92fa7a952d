"""The headline: without the whole name of the site, kickers and sections; never cut inside."""

# ruff: noqa: E501 (a case a line)

import pytest
from pages import linked, og, page, read


def title(head="", top="", uri="/in/a.html"):
    return read(page(head, top), uri).title


def site(name):
    return og("site_name", name)


@pytest.mark.parametrize(
    ("name", "stated", "expected"),
    [
        ("AP", "Storm – what happened in Japan", "Storm – what happened in Japan"),
        ("AP", "Storm hits Japan | AP", "Storm hits Japan"),
        ("AP", "Storm hits Japan | AP News", "Storm hits Japan"),
        ("AP News", "Storm hits Japan - AP", "Storm hits Japan"),
        ("DW", "Floods: what Edwards said | DW", "Floods: what Edwards said"),
        ("DW", "Floods – Edwards – what he said", "Floods – Edwards – what he said"),
        (
            "Le Monde",
            "Climat : le monde retient son souffle",
            "Climat : le monde retient son souffle",
        ),
        ("Le Monde", "Le climat change - Le Monde", "Le climat change"),
        ("Die Zeit", "Schule: die Zeit drängt", "Schule: die Zeit drängt"),
        ("Die Zeit", "Schule drängt | ZEIT ONLINE", "Schule drängt"),
        ("ZEIT ONLINE", "Schule drängt | DIE ZEIT", "Schule drängt | DIE ZEIT"),
        ("The Times", "Changing times: a century of trams", "Changing times: a century of trams"),
        ("The Times", "A century of trams – The Times", "A century of trams"),
        (
            "The Sun",
            "Why the sky is red – the sun explained",
            "Why the sky is red – the sun explained",
        ),
        ("Sun", "Planets – and the Sun", "Planets – and the Sun"),
        ("El País", "Elecciones: el país vota", "Elecciones: el país vota"),
        ("El País", "El alcalde dimite | EL PAÍS", "El alcalde dimite"),
        ("Il Post", "Che cosa succede a Norrby - Il Post", "Che cosa succede a Norrby"),
        ("Norrby Post", "Ferry late | Harbour | Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late » Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late :: Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late / Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late • Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late — Norrby Post", "Ferry late"),
        ("Norrby Post", "Ferry late — and later still", "Ferry late — and later still"),
        ("Norrby Post", "Norrby Post wins a prize", "Norrby Post wins a prize"),
        ("Norrby Post", "A prize for the Norrby Post", "A prize for the Norrby Post"),
        ("norrby.example", "Ferry late - norrby.example", "Ferry late"),
        ("Norrby.news", "Ferry late | Norrby", "Ferry late"),
        ("朝日新聞", "台風が上陸：朝日新聞", "台風が上陸"),
        ("Vox", "Voxtown votes – Vox", "Voxtown votes"),
        ("Time", "It is time - again", "It is time - again"),
        ("BBC News", "Ferry late - BBC News", "Ferry late"),
        ("BBC", "Ferry late - BBC News", "Ferry late"),
        ("Norrby Post", "Norrby Post | Ferry late again", "Ferry late again"),
        ("Norrby Post", "Norrby Post - Ferry late again", "Ferry late again"),
        ("AP", "AP – why?", "AP – why?"),
        ("Norrby Post", "Spider-Man returns to Norrby", "Spider-Man returns to Norrby"),
        ("Post", "Ferry and post-boat late", "Ferry and post-boat late"),
        ("Norrby Post", "Ferry late | Norrby Post | 13 May 2024", "Ferry late"),
        ("Norrby Post", "Ferry late – Norrby Post – News for the whole coast", "Ferry late"),
        ("Norrby Post", "Ferry late (Norrby Post)", "Ferry late"),
        ("Norrby Post", "Ferry late again :: Harbour :: Norrby Post", "Ferry late again"),
        ("www.norrby.example", "Ferry late - norrby.example", "Ferry late"),
        (
            "Sun",
            "Planets – the Sun – and what it does to us",
            "Planets – the Sun – and what it does to us",
        ),
        ("诺尔比网", "渡轮又晚点了很久_新闻频道_诺尔比网", "渡轮又晚点了很久"),
        ("诺尔比网", "渡轮又晚点了很久-诺尔比新闻-诺尔比网", "渡轮又晚点了很久"),
        ("ノルビー新聞", "フェリーまた遅れる | ノルビー新聞デジタル", "フェリーまた遅れる"),
        ("ノルビー新聞", "フェリーまた遅れる【ノルビー新聞】", "フェリーまた遅れる"),
        ("노르비일보", "페리 또 늦다 < 사회 < 기사본문 - 노르비일보", "페리 또 늦다"),
    ],
)
@pytest.mark.parametrize("place", ["og", "title"])
def test_the_site_is_cut_as_a_whole(name, stated, expected, place):
    head = og("title", stated) if place == "og" else f"<title>{stated}</title>"
    assert title(site(name) + head) == expected


@pytest.mark.parametrize(
    ("page_title", "heading", "expected"),
    [
        ("Ferry late | Bhopal News | Norrby Post", "Ferry late", "Ferry late"),
        ("Ferry late | Bhopal News |", "Ferry late", "Ferry late"),
        ("Ferry late | Bhopal News", "", "Ferry late"),
        ("Ferry late |", "", "Ferry late"),
        ("Ferry late - Harbour - Norrby Post", "Ferry late", "Ferry late"),
        ("Nationale Demo / Der 9. Juli naht", "Der 9. Juli naht", "Der 9. Juli naht"),
        ("Demo | Der 9. Juli naht", "Der 9. Juli naht", "Der 9. Juli naht"),
    ],
)
def test_sections_and_kickers_go(page_title, heading, expected):
    top = f"<h1>{heading}</h1>" if heading else ""
    assert title(f"<title>{page_title}</title>", top) == expected
    assert title(og("title", page_title), top) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("<span class='kicker'>Nationale Demo</span> Der 9. Juli naht", "Der 9. Juli naht"),
        (
            "<span class='article-head__dachzeile'>Demo</span><span>Der 9. Juli naht</span>",
            "Der 9. Juli naht",
        ),
        ("<em class=overline>Demo:</em> Der 9. Juli naht", "Der 9. Juli naht"),
        ("<span class=headline-kicker>Demo / </span>Der 9. Juli naht", "Der 9. Juli naht"),
        ("Der 9. <b>Juli</b> naht", "Der 9. Juli naht"),
        ("Der 9. Juli<br>naht", "Der 9. Juli naht"),
        ("<div>Nationale Demo</div><div>Der 9. Juli naht</div>", "Nationale Demo Der 9. Juli naht"),
        ("<span class=kicker>Der 9. Juli naht</span>", "Der 9. Juli naht"),
    ],
)
def test_kickers_in_headings(heading, expected):
    assert title(top=f"<h1>{heading}</h1>") == expected


@pytest.mark.parametrize(
    ("page_title", "top", "expected"),
    [
        ("Norrby Post - Ferry late again", "<h2>Ferry late again</h2>", None),
        ("Norrby Post | Ferry late again", "<h2>Ferry late again</h2>", None),
        ("Norrby Post: Ferry late again", "<h2>Ferry late again</h2>", None),
        ("Norrby Post: “Ferry late again”", "<h2>Ferry late again</h2>", None),
        ("Ferry late again - Norrby Post", "<h2>Ferry late again</h2>", None),
        ("Ferry late again | News | Norrby Post", "<h2>Ferry late again</h2>", None),
        ("Norrby Post - Ferry late again", "<h1>Norrby Post</h1><h2>Ferry late again</h2>", None),
        ("Post - Ferry late again", "<h2>Weather</h2><h2>Ferry late again</h2>", None),
        # A heading that names what the article is not, or says more about it.
        ("Ferry late - by how long?", "<nav><h2>by how long?</h2></nav>", "Ferry late - by how long?"),
        ("Ferry late again - by how long?", "<h1>Ferry late again</h1><h2>by how long?</h2>", None),
        ("Ferry in Norrby late again - World news", "<h2>World news</h2>", "Ferry in Norrby late again - World news"),
        ("Post - Ferries", "<h2>Ferries</h2>", "Post - Ferries"),
        ("Norrby Post-Ferry late again", "<h2>Ferry late</h2>", "Norrby Post-Ferry late again"),
    ],
)  # fmt: skip
def test_a_heading_says_what_of_the_title_is_a_name(page_title, top, expected):
    assert title(f"<title>{page_title}</title>", top) == (expected or "Ferry late again")


def test_the_heading_of_the_site_is_no_headline():
    top = "<h1>Norrby Post</h1><h1>Ferry late again in Norrby</h1>"
    head = site("Norrby Post") + "<title>Ferry late again in Norrby - Norrby Post</title>"
    assert title(head, top) == "Ferry late again in Norrby"
    assert title(head, "<h1>Norrby Post</h1>") == "Ferry late again in Norrby"


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        # The name of the site before a colon, where the heading says that it is no part.
        ("<title>Norrby Post: Ferry late again</title>", "<h1>Ferry late again</h1>", None),
        (
            "<title>Norrby Post: it is free</title>",
            "",
            "Norrby Post: it is free",
        ),
        # The title of every page.
        (og("title", "Norrby Post - all the news"), "<h1>Ferry late again</h1>", None),
        (og("title", "Norrby Post - ferry late again"), "<h1>It rains</h1>", "It rains"),
        # The first heading is the logo, and the headline an h2.
        ("<title>Ferry late again | Norrby Post</title>", "<h1>Norrby Post</h1>", None),
        # What is shown in two places counts before what is made for search engines.
        (
            "<title>Ferry late again | Norrby Post</title>" + linked(headline="Ferry: all on it"),
            "<h1>Ferry late again</h1>",
            None,
        ),
        (
            "<title>Ferry late again | Norrby Post</title>",
            "<h1>News</h1><h2>Ferry late again</h2>",
            None,
        ),
        (
            "<title>Ferry late again | Norrby Post</title>",
            "<h1>It rains</h1><h2>News</h2>",
            "It rains",
        ),
        ("<title>Ferry late again - norrby-post.example</title>", "", None),
        ("<title>Ferry late again - Mr. Hale</title>", "", "Ferry late again - Mr. Hale"),
    ],
)
def test_names_of_the_site_in_odd_places(head, top, expected):
    assert title(site("Norrby Post") + head, top) == (expected or "Ferry late again")


LONG = "Ferry company that promised ten years of cheap crossings to the islands now asks for forty million crowns more"


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        # Signs beside a headline, and what is only read aloud.
        ("<title>LIVE: Ferry late again</title>", "<h1><b class=live-badge>LIVE</b> Ferry late again</h1>", None),
        ("<title>Ferry late again</title>", "<h1><i class=plus-icon>N+</i> Ferry late again</h1>", None),
        ("<title>Ferry late again</title>", "<h1><span class=visually-hidden>Article: </span>Ferry late again<span class=sr-only> - with pictures</span></h1>", None),
        ("<title>Ferry late again</title>", "<h1>Ferry <b class=livery>late</b> again</h1>", None),
        # Of two headings the one is the site's name, and so is all else.
        ("<title>Norrby Post</title>", "<h1><a href=/>Norrby Post</a></h1><h1>Ferry late again</h1>", None),
        # A heading by its role.
        ("<title>Norrby Post - News</title>", "<div role=heading aria-level=1>Ferry late again</div>", None),
        ("<title>Ferry late again</title>", "<h1>Ferry late again</h1><div role=heading aria-level=1>Menu</div>", None),
        # Cut off at what search engines read, in the middle of a word.
        (linked(headline=LONG[:105]), f"<h1>{LONG}</h1>", LONG),
        (og("title", LONG[:100] + "...") + linked(headline=LONG[:105]), f"<h1>{LONG}</h1>", LONG),
        (linked(headline=LONG), f"<h1>{LONG} – and what the council says</h1>", LONG),
    ],
)  # fmt: skip
def test_signs_names_and_cuts_around_a_headline(head, top, expected):
    assert title(site("Norrby Post") + head, top) == (expected or "Ferry late again")


def test_a_title_of_json_ld_is_decoded():
    head = linked(headline="Ferry &amp; tram: &#8220;late&#8221; again")
    assert title(head) == "Ferry & tram: “late” again"


def test_a_short_heading_is_no_reason_to_cut():
    head = og("title", "The great storm of May – a long report from Japan")
    assert title(head, "<h1>The great storm of May</h1>") == (
        "The great storm of May – a long report from Japan"
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        # Signs that part a name, and none around one that is stated.
        ("Ferry late again ⋆ Norrby Post", "Ferry late again"),
        ("Ferry late again ▷ Norrby Post", "Ferry late again"),
        ("Ferry late again-Norrby Post", "Ferry late again"),
        ("Ferry late again_Harbour_Norrby Post", "Ferry late again"),
        ("Ferry late again: Norrby Post", "Ferry late again"),
        ("[Norrby Post] Ferry late again", "Ferry late again"),
        ("A prize for the old Norrby Post", "A prize for the old Norrby Post"),
        ("Norrby Post-mortem of a ferry", "Norrby Post-mortem of a ferry"),
        # A section before it, and the number of the page.
        ("Ferry late again - News - Norrby Post", "Ferry late again"),
        ("Ferry late - again - Norrby Post", "Ferry late - again"),
        ("Ferry late again | Page 1 of 2 | Norrby Post", "Ferry late again"),
        ("Ferry late again (Seite 2) | Norrby Post", "Ferry late again"),
        ("Ferry late again - page one news", "Ferry late again - page one news"),
    ],
)
def test_names_and_sections_in_a_title(stated, expected):
    assert title(f"<title>{stated}</title>{site('Norrby Post')}") == expected


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        # Cut off, or in capitals, beside one that is not.
        (
            og("title", "Ferry late again after ..."),
            "<h1>Ferry late again after a storm</h1>",
            "Ferry late again after a storm",
        ),
        (og("title", "Ferry late again …"), "<h1>Boat in Karsholm</h1>", "Ferry late again …"),
        (
            "<title>Ferry late again? - Norrby Post</title>",
            "<h1>FERRY LATE AGAIN?</h1>",
            "Ferry late again?",
        ),
        ("<title>Norrby</title>", "<h1>FERRY LATE AGAIN</h1>", "FERRY LATE AGAIN"),
        # What scripts put behind a heading.
        ("", "<h1>Ferry late again<a class=headerlink href=#x>¶</a></h1>", "Ferry late again"),
        ("", "<h1>Ferry late again <span>[edit]</span></h1>", "Ferry late again"),
        ("", "<h1>Ferry late again <a href=#c>12 comments</a></h1>", "Ferry late again"),
        ("", "<h1>Minister counts 12 comments</h1>", "Minister counts 12 comments"),
        # The name of the site is only in its logo; the title only in a meta tag.
        (
            "<title>Ferry late again | Post of Norrby</title>",
            "<a class=logo><img alt='Post of Norrby'></a>",
            "Ferry late again",
        ),
        (
            "<title>Ferry late again | Post of Norrby</title>",
            "<h1><img alt='Post of Norrby logo'></h1>",
            "Ferry late again",
        ),
        ("<meta name=title content='Ferry late again'>", "", "Ferry late again"),
    ],
)
def test_the_whole_headline_alone(head, top, expected):
    assert title(head, top) == expected


@pytest.mark.parametrize(
    ("shared", "heading", "named", "expected"),
    [
        # The dots are the headline's own.
        (
            "So this is how it ends…",
            "So this is how it ends…",
            "So this is how it ends… | Norrby Post",
            "So this is how it ends…",
        ),
        (
            "So this is how it ends...",
            "So this is how it ends...",
            "So this is how it ends ... - Norrby Post",
            "So this is how it ends...",
        ),
        # It was cut off, and so is what the page is named for.
        (
            "The ferry sails again…",
            "The ferry sails again after two years",
            "The ferry sails again… | Norrby Post",
            "The ferry sails again after two years",
        ),
    ],
)
def test_a_headline_ends_with_dots(shared, heading, named, expected):
    assert title(og("title", shared) + f"<title>{named}</title>", f"<h1>{heading}</h1>") == expected
