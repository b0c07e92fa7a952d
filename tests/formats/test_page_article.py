"""Of several articles that a page describes its own is taken, with its address and authors."""

# ruff: noqa: E501 (a case a line)

import pytest
from pages import linked, named, og, page, read

OTHER = {
    "@type": "NewsArticle",
    "headline": "Nine ways to cook a swede",
    "url": "https://n.example/food/9",
    "datePublished": "2024-01-01T08:00:00Z",
    "author": {"@type": "Person", "name": "Wrong Person"},
    "articleSection": "Food",
    "articleBody": "Peel it. " * 200,
}
OWN = {
    "@type": "NewsArticle",
    "headline": "Ferry late again",
    "datePublished": "2024-05-13T10:00:00Z",
    "author": {"@type": "Person", "name": "Ada Perrin"},
    "articleSection": "Harbour",
}
CANONICAL = '<link rel="canonical" href="https://n.example/harbour/1">'
AT = "https://n.example/harbour/1"


def listing(*items):
    elements = [
        {"@type": "ListItem", "position": n, "item": item} for n, item in enumerate(items, 1)
    ]
    return {"@type": "ItemList", "name": "Most read", "itemListElement": elements}


@pytest.mark.parametrize(
    "head",
    [
        linked(OTHER, {**OWN, "url": AT}) + CANONICAL,
        linked(OTHER, {**OWN, "mainEntityOfPage": AT}) + CANONICAL,
        linked(OTHER, {**OWN, "mainEntityOfPage": {"@type": "WebPage", "@id": AT}}) + CANONICAL,
        linked(OTHER, {**OWN, "@id": AT + "#article"}) + CANONICAL,
        linked(OTHER, {**OWN, "url": AT + "?utm_source=feed"}) + CANONICAL,
        linked(OTHER, {**OWN, "url": "http://www.n.example/harbour/1/"}) + CANONICAL,
        linked(OTHER, {**OWN, "url": AT}) + og("url", AT),
        linked(OTHER, OWN),
        linked(OTHER, OWN) + CANONICAL,
        linked(OTHER) + linked(OWN),
        linked({"@graph": [OTHER, OWN]}) + CANONICAL,
        linked(listing(OTHER, OTHER)) + linked(OWN) + CANONICAL,
        linked(OWN) + linked(listing(OTHER)) + CANONICAL,
        linked({"@type": "CollectionPage", "mainEntity": listing(OTHER)}, OWN) + CANONICAL,
        linked({"@type": "WebPage", "hasPart": [OTHER], "mainEntity": OWN}),
        # The page's own may be in a list of all its articles.
        linked(listing(OTHER, {**OWN, "url": AT})) + CANONICAL,
        # A headline written for search engines.
        linked(OTHER, {**OWN, "headline": "Norrby ferry late again, harbour office says"}),
        # No headline at all, but the address.
        linked(OTHER, {**{k: v for k, v in OWN.items() if k != "headline"}, "url": AT}) + CANONICAL,
        linked(
            {**OTHER, "isPartOf": {"@type": "WebSite"}}, {**OWN, "@type": "ReportageNewsArticle"}
        ),
        linked(OTHER, {**OWN, "@type": ["Article", "NewsArticle"]}),
        linked(OTHER, {**OWN, "@type": "https://schema.org/NewsArticle"}),
    ],
)
def test_the_own_article_is_taken(head):
    article = read(page(head))
    assert article.title == "Ferry late again" or "Norrby ferry" in head
    assert article.authors == ("Ada Perrin",)
    assert article.section == "Harbour"
    assert article.published_at.isoformat() == "2024-05-13T10:00:00+00:00"
    assert "Peel it" not in article.text


@pytest.mark.parametrize(
    "head",
    [
        linked(OTHER) + CANONICAL,
        linked(listing(OTHER)),
        linked(listing(OTHER)) + CANONICAL,
        linked({"@type": "WebSite", "hasPart": [OTHER]}, {"@type": "Organization", "name": "N"})
        + CANONICAL,
    ],
)
def test_what_is_said_of_others_alone_is_not_taken(head):
    article = read(page(named("author", "Ada Perrin") + head))
    assert article.title == "Ferry late again"
    assert article.authors == ("Ada Perrin",)
    assert article.section is None
    assert article.date_source != "page"


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="//n.example/c/1">', "https://n.example/c/1"),
        ('<link rel="CANONICAL" href="https://n.example/c/1">', "https://n.example/c/1"),
        ('<LINK REL="Canonical" HREF="HTTPS://N.example/c/1">', "https://n.example/c/1"),
        ('<link rel="alternate canonical" href="https://n.example/c/1">', "https://n.example/c/1"),
        ('<link href="  https://n.example/c/1 " rel=canonical>', "https://n.example/c/1"),
        (
            '<base href="https://n.example/"><link rel=canonical href="c/1">',
            "https://n.example/c/1",
        ),
        (
            og("url", "https://n.example/c/1") + '<link rel=canonical href="/c/1">',
            "https://n.example/c/1",
        ),
        (
            '<link rel=canonical href="https://n.example/">' + og("url", "https://n.example/c/1"),
            "https://n.example/c/1",
        ),
        (
            '<link rel=canonical href="https://n.example/index.html">'
            + og("url", "https://n.example/c/1"),
            "https://n.example/c/1",
        ),
        (
            '<link rel=canonical href="">' + og("url", "https://n.example/c/1"),
            "https://n.example/c/1",
        ),
        ('<link rel=canonical href="https://n.example/c/1#top">', "https://n.example/c/1"),
        (
            '<link rel=canonical href="https://n.example/c/1?a=1&amp;b=2">',
            "https://n.example/c/1?a=1&b=2",
        ),
        ('<link rel=canonical href="javascript:void(0)">', None),
        ('<link rel=canonical href="https://n.example/">', None),
        (
            '<link rel=canonical href="https://n.example/c/1/amp">'
            + og("url", "https://n.example/c/1"),
            "https://n.example/c/1",
        ),
        ('<link rel=canonical href="https://n.example/c/1/amp">', "https://n.example/c/1/amp"),
        (
            '<link rel=canonical href="http://localhost:3000/c/1">'
            + og("url", "https://n.example/c/1"),
            "https://n.example/c/1",
        ),
        (og("url", "https://n.example/c/1"), "https://n.example/c/1"),
        (linked({**OWN, "url": "https://n.example/c/1"}), "https://n.example/c/1"),
        (
            linked({**OWN, "mainEntityOfPage": {"@id": "https://n.example/c/1"}}),
            "https://n.example/c/1",
        ),
    ],
)
def test_address(head, url):
    assert read(page(head)).url == url


def person(**properties):
    return {"@type": "Person", **properties}


@pytest.mark.parametrize(
    ("author", "site", "authors"),
    [
        ("Edward Green", "DW", ("Edward Green",)),
        ([person(name="Edward Green"), person(name="DW")], "DW", ("Edward Green",)),
        (person(name="José Ortega y Gasset"), "", ("José Ortega y Gasset",)),
        (person(name="Di Wu"), "", ("Di Wu",)),
        (person(name="Von Hartley"), "", ("Von Hartley",)),
        (["Di Wu", "Von Hartley"], "", ("Di Wu", "Von Hartley")),
        (person(name="By Ada Perrin"), "", ("Ada Perrin",)),
        (person(name="Ren&eacute;e O&#039;Hara"), "", ("Renée O'Hara",)),
        (person(name="Ren&amp;eacute;e O&amp;#039;Hara"), "", ("Renée O'Hara",)),
        (person(givenName="Rina", familyName="Okafor"), "", ("Rina Okafor",)),
        (person(name={"@value": "Rina Okafor"}), "", ("Rina Okafor",)),
        (person(name={"@value": "Rina Okafor", "@language": "en"}), "", ("Rina Okafor",)),
        (person(name=["Rina Okafor", "Ivo Petran"]), "", ("Rina Okafor", "Ivo Petran")),
        ({"@type": "Organization", "name": "Norrby Post"}, "Norrby Post", ("Norrby Post",)),
        (
            [{"@type": "Organization", "name": "Norrby Post"}, person(name="Ada Perrin")],
            "",
            ("Ada Perrin",),
        ),
        (person(name="Ada Perrin, Jonas Wiek"), "", ("Ada Perrin", "Jonas Wiek")),
        (person(name="Ada Perrin and Jonas Wiek"), "", ("Ada Perrin", "Jonas Wiek")),
        ("Ada Perrin, Jonas Wiek und Rina Okafor", "", ("Ada Perrin", "Jonas Wiek", "Rina Okafor")),
        (person(name="Ada Perrin", url="https://n.example/ada"), "", ("Ada Perrin",)),
        (person(name="Ada Perrin, Norrby Post"), "Norrby Post", ("Ada Perrin",)),
        (person(name="Martin Luther King, Jr."), "", ("Martin Luther King, Jr",)),
        (person(name="Ana de la Cruz e Silva"), "", ("Ana de la Cruz e Silva",)),
        (
            [[person(name="Ada Perrin")], [person(name="Jonas Wiek")]],
            "",
            ("Ada Perrin", "Jonas Wiek"),
        ),
        (person(name="ADA PERRIN"), "", ("ADA PERRIN",)),
        (person(name="https://www.facebook.com/norrby"), "", ()),
        (person(name=""), "", ()),
        (None, "", ()),
        (person(name="Apa Sherpa"), "APA", ("Apa Sherpa",)),
        (person(name="undefined"), "", ()),
        ([person(name="null"), person(name="Ada Perrin")], "", ("Ada Perrin",)),
        (person(name="Bildt, Carl"), "Bild", ("Bildt, Carl",)),
        (person(name="Ada Perrin (text)"), "", ("Ada Perrin",)),
        (person(name="Prince (musician)"), "", ("Prince (musician)",)),
        (person(name="Ada Perrin <ada@n.example>"), "", ("Ada Perrin",)),
        (person(name="ada@n.example (Ada Perrin)"), "", ("Ada Perrin",)),
        (person(name="Ada Perrin @adaperrin"), "", ("Ada Perrin",)),
        (person(name="Ada Perrin in Norrby"), "", ("Ada Perrin",)),
        (person(name="Maria in Norrby"), "", ("Maria in Norrby",)),
        (person(name="Ada Perrin for The Norrby Post"), "Norrby Post", ("Ada Perrin",)),
        (person(name="Ada Perrin for Hire"), "Norrby Post", ("Ada Perrin for Hire",)),
        (person(name="Ada Perrin, Norrby Post, Vellin"), "Norrby Post", ("Ada Perrin",)),
        (person(name="Ada Perrin, Reporter"), "", ("Ada Perrin",)),
        (person(name="García López, María"), "", ("García López, María",)),
    ],
)
def test_authors_in_json_ld(author, site, authors):
    head = linked({**OWN, "author": author}) + (og("site_name", site) if site else "")
    assert read(page(head)).authors == authors


@pytest.mark.parametrize(
    ("head", "top", "authors"),
    [
        (named("author", "Edward Green") + og("site_name", "DW"), "", ("Edward Green",)),
        (named("author", "Edward Green, DW") + og("site_name", "DW"), "", ("Edward Green",)),
        (named("author", "Edward Green | DW") + og("site_name", "DW"), "", ("Edward Green",)),
        (
            named("author", "Edward Green") + named("author", "Maria Silva"),
            "",
            ("Edward Green", "Maria Silva"),
        ),
        (named("author", "Edward Green and Maria Silva"), "", ("Edward Green", "Maria Silva")),
        (
            named("author", "Norrby Post") + og("site_name", "Norrby Post"),
            '<a rel="author">Ada Perrin</a>',
            ("Ada Perrin",),
        ),
        (
            named("author", "Ren&eacute;e O&#039;Hara; Ada Perrin"),
            "",
            ("Renée O'Hara", "Ada Perrin"),
        ),
        (
            named("article:author", "https://www.facebook.com/ada"),
            '<a rel="author">Ada Perrin</a>',
            ("Ada Perrin",),
        ),
        (named("author", "Von Ada Perrin"), "", ("Ada Perrin",)),
        (named("author", " , ;"), "", ()),
        (named("author", "Ada Perrin, Senior Reporter"), "", ("Ada Perrin",)),
        (named("author", "admin"), '<a rel="author">Ada Perrin</a>', ("Ada Perrin",)),
        (named("author", "José Ortega y Gasset"), "", ("José Ortega y Gasset",)),
        (
            named("author", "By Ada Perrin and Jonas Wiek in Paris"),
            "",
            ("Ada Perrin", "Jonas Wiek"),
        ),
        (
            named("author", "Von Ada Perrin und Jonas Wiek, Berlin"),
            "",
            ("Ada Perrin", "Jonas Wiek"),
        ),
        (named("author", "By Perrin, Ada"), "", ("Perrin, Ada",)),
        (named("og:author", "Ada Perrin"), "", ("Ada Perrin",)),
        (named("citation_author", "Perrin, Ada"), "", ("Perrin, Ada",)),
        ("", "<p class=byline>Text: Ada Perrin, Fotos: Jonas Wiek</p>", ("Ada Perrin",)),
        ("", "<p>By <a href=/author/ada-perrin/>Ada Perrin</a> | May 13</p>", ("Ada Perrin",)),
        ("", "<p><a href=/authors/>All authors</a> of the Post</p>", ()),
        (
            named("twitter:label1", "Written by") + named("twitter:data1", "Ada Perrin"),
            "",
            ("Ada Perrin",),
        ),
        (
            named("twitter:label1", "Est. reading time") + named("twitter:data1", "9 minutes"),
            "",
            (),
        ),
        ("", "<span property=author typeof=Person>Ada Perrin</span>", ("Ada Perrin",)),
    ],
)
def test_authors_in_meta_tags(head, top, authors):
    assert read(page(head, f"<h1>Ferry late again</h1>{top}")).authors == authors


@pytest.mark.parametrize(
    "written",
    [
        '{"@type": "NewsArticle", "headline": "Ferry "late" again", %s}',
        '{"@type": "NewsArticle"\n"headline": "Ferry late again"\n%s}',
        '{"@type": "NewsArticle", "headline": "Ferry\\\'s late again", %s}',
        '{"@type": "WebSite", "name": "Norrby Post"}\n{"@type": "NewsArticle", %s}',
        '{"@type": "NewsArticle", %s, "articleBody": "On day 1 the ferry from No',
        '{"@type": "NewsArticle", %s}}',
        '/* schema */ {"@type": "NewsArticle", // the page\n%s}',
        '{"@type": "NewsArticle", "keywords": "ferry", "harbour"], %s}',
        "{'@type': 'NewsArticle', %s, 'wordCount': }",
    ],
)
def test_what_can_be_read_of_broken_json_ld_is_read(written):
    own = '"datePublished": "2024-05-13T10:00:00Z", "author": {"@type": "Person", "name": "Ada Perrin"}'
    other = linked({"@type": "Organization", "name": "Norrby Post"})
    article = read(page(f'{other}<script type="application/ld+json">{written % own}</script>'))
    assert article.authors == ("Ada Perrin",)
    assert article.published_at.isoformat() == "2024-05-13T10:00:00+00:00"


@pytest.mark.parametrize(
    "address",
    [
        "https://n.example/", "https://n.example/en/", "undefined", "{{ canonical }}", "<% url %>", "#",
        "https://n.examplehttps://n.example/harbour/1", "n.example/harbour/1", "//n.example/harbour/1",
    ],
)  # fmt: skip
def test_what_templates_leave_is_no_address(address):
    head = f'<link rel="canonical" href="{address}">' + og("url", AT)
    assert read(page(head)).url == AT


@pytest.mark.parametrize(
    "top",
    [
        "<p class=byline>By Ada Perrin</p>",
        "<p class=author>Ada Perrin</p>",
        "<div class=article-author>By <a href=/ada>Ada Perrin</a></div>",
        "<span itemprop=author itemscope itemtype=https://schema.org/Person>"
        "<b itemprop=name>Ada Perrin</b> <i itemprop=jobTitle>Reporter</i></span>",
    ],
)
def test_bylines(top):
    assert read(page("", f"<h1>Ferry late again</h1>{top}")).authors == ("Ada Perrin",)
    assert read(page("", "<h1>Ferry late</h1><p class=author>On 3 May</p>")).authors == ()


@pytest.mark.parametrize("sign", ["-", "–", "|", "/", "·"])
def test_the_site_behind_a_name_is_no_part_of_it(sign):
    head = og("site_name", "Norrby Post") + linked(
        headline="Ferry late again",
        author={"@type": "Person", "name": f"Ada Perrin {sign} Norrby Post"},
    )
    assert read(page(head)).authors == ("Ada Perrin",)


@pytest.mark.parametrize(
    "kind", ["ClaimReview", "UserReview", "EmployerReview", "EmployerAggregateReview"]
)
def test_a_review_of_anothers_words_is_not_the_article(kind):
    review = {
        "@type": kind,
        "url": AT,
        "author": {"@type": "Organization", "name": "Norrby Facts"},
        "datePublished": "2024-05-20",
    }
    for nodes in ((OWN, review), (review, OWN)):
        found = read(page(linked(*nodes) + CANONICAL))
        assert (found.title, found.authors) == ("Ferry late again", ("Ada Perrin",))
        assert found.published_at.day == 13
    assert read(page(linked(review) + CANONICAL)).published_at.day == 20
