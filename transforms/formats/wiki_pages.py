"""The XML that MediaWiki exports, as of Wikinews: pages in wikitext, as records."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lxml import etree

_ROUNDS = 8
"""How deep templates and links stand in each other, at most."""

_REMARKS = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(ref|gallery|math|score|timeline|imagemap)\b[^<>]*+>"
    r"(?:(?<=/>)|(?:[^<]|<(?!/?\1\b))*+</\1\s*+>)",
    re.DOTALL | re.IGNORECASE,
)
_TABLE = re.compile(r"^\{\|[^\n]*+(?:\n(?!\{\||\|\}(?!\}))[^\n]*+)*+\n\|\}(?!\})", re.MULTILINE)
"""A table without another in it."""

_TEMPLATE = re.compile(r"\{\{[^{}]*+\}\}")
_LINK = re.compile(r"\[\[([^\[\]]*+)\]\]")
_ASIDE = re.compile(
    r"\s*+:?(?:file|image|media|category|datei|bild|kategorie|fichier|image|catégorie|archivo|imagen"
    r"|categoría|file|immagine|categoria|ficheiro|imagem|bestand|afbeelding|categorie|plik|grafika"
    r"|kategoria|fil|kategori|файл|изображение|категория|категорія|ファイル|画像|カテゴリ|文件|分类"
    r"|[a-z]{2,3})\s*:",
    re.IGNORECASE,
)
"""Pictures, categories, and the same page in another language."""

_OUTSIDE = re.compile(r"\[(?:https?:)?//[^\s\[\]]++(?:\s++([^\[\]]*+))?\]")
_HEADING = re.compile(r"^=[^\n]*+", re.MULTILINE)
_MARKS = re.compile(r"'{2,5}|^[*#:;]+\s*|__[A-Z]+__|</?[a-z][^<>]*>", re.MULTILINE | re.IGNORECASE)
_DATE = re.compile(
    r"\{\{\s*(?:date|datum|fecha|data|dato|дата|日付)\s*\|\s*+([^{}|]{4,40})\s*[|}]", re.IGNORECASE
)
_REDIRECT = re.compile(r"\s*+#\w++\s*+(?::\s*+)?\[\[", re.IGNORECASE)


def wiki_records(root: etree._Element) -> Iterator[dict[str, Any]]:
    """Yield the pages of an export that are articles: no talk, no lists of files, no redirects."""
    base = _text(root, "siteinfo", "base").rpartition("/")[0]
    site_name = _text(root, "siteinfo", "sitename")
    for page in _children(root, "page"):
        revisions = _children(page, "revision")
        source = _text(revisions[-1], "text") if revisions else ""
        is_article = _text(page, "ns") in {"", "0"} and not _children(page, "redirect")
        if not is_article or _REDIRECT.match(source):
            continue
        title = _text(page, "title")
        stated = _DATE.search(source)
        yield {
            "id": _text(page, "id"),
            "title": title,
            "url": f"{base}/{quote(title.replace(' ', '_'))}" if base else "",
            "date": stated[1].strip() if stated else "",
            "updated": _text(revisions[-1], "timestamp"),
            "site_name": site_name,
            "language": root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
            "text": plain_wikitext(source),
        }


def plain_wikitext(text: str) -> str:
    """Return wikitext as plain text, without templates, tables, pictures and notes.

    >>> plain_wikitext("{{date|13 May 2024}}'''The [[ferry|boats]]''' run.<ref>x</ref>")
    'The boats run.'
    """
    text = _REMARKS.sub("", text)
    for pattern, by in ((_TABLE, ""), (_TEMPLATE, _linked), (_LINK, _label)):
        for _ in range(_ROUNDS):
            text, count = pattern.subn(by, text)
            if not count:
                break
    text = _OUTSIDE.sub(lambda match: match[1] or "", text)
    text = _MARKS.sub("", _HEADING.sub(_heading, text))
    return "\n\n".join(filter(None, map(str.strip, text.split("\n"))))


def _heading(line: re.Match[str]) -> str:
    """Return what a line that begins as a heading says."""
    said = line.group().rstrip()
    return said.strip("=").strip() if said.endswith("=") else said


def _linked(template: re.Match[str]) -> str:
    """Return what a template shows: one that links to Wikipedia its label, others nothing."""
    name, _, rest = template.group()[2:-2].partition("|")
    words = [part for part in rest.split("|") if "=" not in part]
    return words[-1] if name.strip().lower() == "w" and words else ""


def _label(link: re.Match[str]) -> str:
    """Return what a link shows, nothing for a picture or a category."""
    target, bar, rest = link[1].partition("|")
    if _ASIDE.match(target):
        return ""
    return rest.rpartition("|")[2] if bar else target


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [
        child
        for child in element
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name
    ]


def _text(element: etree._Element, *path: str) -> str:
    for name in path:
        found = _children(element, name)
        if not found:
            return ""
        element = found[0]
    return (element.text or "").strip()
