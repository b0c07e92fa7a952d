"""Bylines as pages lay them out: names alone, without labels, roles, dates, links and nobodies."""

# ruff: noqa: E501 (a case a line)

import pytest
from pages import linked, named, page, read

from transforms.formats.bylines import author_names, single_names

TWO = ("Ada Perrin", "Jonas Wiek")


def authors(top="", head=""):
    return read(page(head, f"<h1>Ferry late again</h1>{top}")).authors


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        # Parts that stand beside the name: a picture, a role, a date, how long it takes, links.
        ('<div class=byline><img alt="Ada Perrin"><span>By</span> <a href=/a>Ada Perrin</a><span class=role>Harbour editor</span><time>13 May</time></div>', TWO[:1]),
        ("<p class=byline>By Ada Perrin • 5 min read</p>", TWO[:1]),
        ("<p class=byline>By Ada Perrin | Updated 13 May 2024</p>", TWO[:1]),
        ("<p class=author>Ada Perrin<br>Senior staff writer</p>", TWO[:1]),
        ('<p class=author>Ada Perrin <a href="mailto:a@n.example">Write to her</a> <a href="https://x.com/ada">Follow</a></p>', TWO[:1]),
        ('<p class=author>von <a href="mailto:ada@n.example">Ada Perrin</a></p>', TWO[:1]),
        ('<p class=author><a href="https://x.com/ada">Ada Perrin</a></p>', TWO[:1]),
        ("<div class=article-author><b>Written by</b><b>Ada Perrin</b><b>Editor-at-large</b></div>", TWO[:1]),
        ("<ul class=authors><li><a href=/a>Ada Perrin</a></li><li><a href=/b>Jonas Wiek</a></li></ul>", TWO),
        ("<p class=byline><a href=/a>Ada Perrin</a> <a href=/b>Jonas Wiek</a></p>", TWO),
        ("<p class=byline>By <a href=/a>Ada Perrin</a> and <a href=/b>Jonas Wiek</a></p>", TWO),
        ("<p class=author><span>Ada</span><span>Perrin</span></p>", TWO[:1]),
        ("<p class=author><b>Ada</b> <b>Perrin</b><i>Harbour editor</i></p>", TWO[:1]),
        ('<div itemprop=author itemscope itemtype="https://schema.org/Person"><meta itemprop=name content="Ada Perrin"></div>', TWO[:1]),
        ("<span class=writer>[노르비=김하나 기자]</span>", ("김하나",)),
        ("<p class=author>责任编辑：李大可</p><p class=author>作者：王小明</p>", ("王小明",)),
        ("<p class=byline>Staff Reporter</p><p class=author-name>Ada Perrin</p>", TWO[:1]),
        ("<p class=byline>By Staff Reporter</p>", ()),
        ("<p class=author>Published on 3 May</p>", ()),
    ],
)  # fmt: skip
def test_names_in_the_layout_of_a_byline(byline, names):
    assert authors(byline) == names


@pytest.mark.parametrize(
    "nobody",
    ["Staff", "Web Desk", "Redaktion", "Die Redaktion", "WordPress", "La rédaction", "webmaster"],
)
def test_who_is_nobody_leaves_the_place_to_a_name(nobody):
    assert authors(head=named("author", nobody)) == ()
    assert authors("<p class=byline>By Ada Perrin</p>", named("author", nobody)) == TWO[:1]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Texte : Ada Perrin", TWO[:1]),
        ("Autor: Ada Perrin", TWO[:1]),
        ("Teksti: Ada Perrin", TWO[:1]),
        ("Haber: Ayşe Demir", ("Ayşe Demir",)),
        ("بقلم: رنا عكفور", ("رنا عكفور",)),
        ("Автор: Анна Петрова", ("Анна Петрова",)),
        ("文＝山田花子", ("山田花子",)),
        ("山田花子 記者", ("山田花子",)),
        ("记者 王小明", ("王小明",)),
        ("김하나 기자", ("김하나",)),
        ("Eine Analyse von Ada Perrin", TWO[:1]),
        ("Ein Gastbeitrag von Ada Perrin", TWO[:1]),
        ("Von unserer Korrespondentin Ada Perrin", TWO[:1]),
        ("De notre correspondante Ada Perrin", ("De notre correspondante Ada Perrin",)),
        ("Por Ada Perrin — Vellin", TWO[:1]),
        ("Par Ada Perrin avec AFP", TWO[:1]),
        ("By Ada Perrin with Jonas Wiek", TWO),
        ("Ada Perrin + Jonas Wiek", TWO),
        ("Ada Perrin ja Jonas Wiek", TWO),
        ("Words by Ada Perrin. Photographs by Jonas Wiek.", TWO[:1]),
        ("Tekst: Ada Perrin Foto: Jonas Wiek", TWO[:1]),
        ("Redacción / Ada Perrin", TWO[:1]),
        # What looks like a label, a place or "and", and is of the name.
        ("Ortega y Gasset", ("Ortega y Gasset",)),
        ("Ada Perrin-Wiek", ("Ada Perrin-Wiek",)),
        ("Editors' Ferry Club", ("Editors' Ferry Club",)),
        ("Norrby Post Staff", ("Norrby Post Staff",)),
    ],
)
def test_a_byline_in_many_languages(byline, names):
    assert author_names([byline]) == names


def test_names_of_a_list():
    stated = [
        "By",
        "Ada Perrin",
        "Published",
        "Reporter For The Norrby Post",
        "Posted by Jonas Wiek",
    ]
    assert single_names(stated) == TWO
    assert single_names(["Ada Perrin with Jonas Wiek", "Von Hartley"]) == (*TWO, "Von Hartley")
    assert single_names(["Edited by Jonas Wiek", "Autor: Ada Perrin"]) == TWO[:1]


def test_a_role_names_its_person():
    role = {
        "@type": "Role",
        "roleName": "Reporter",
        "author": {"@type": "Person", "name": "Ada Perrin"},
    }
    assert authors(head=linked(headline="Ferry late again", author=role)) == TWO[:1]
