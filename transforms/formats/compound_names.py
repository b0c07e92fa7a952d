"""Names of fields that are made of several words: `news_headline`, `fecha_noticia`, `文章标题`.

A name that `field_names` does not have is that of the field which its words name, once those are
left out that only say "of the article" or how it is written. With any other word it is none.
"""

from functools import lru_cache

import regex

from transforms.formats.field_names import FIELDS, listed, loose

OF_ARTICLE = listed(
    "article, articles, news, story, post, page, item, entry, doc, document, of, the, name",
    "names, list, publish, published, publication, pub, posted, at, on, utc, artikel",
    "artikels, nachricht, nachrichten, meldung, beitrag, bericht, des, der, die, actualité",
    "nom, du, de, la, le, les, noticia, noticias, artículo, nota, nombre, publicación, del",
    "el, notícia, artigo, nome, publicação, parution, da, do, articolo, notizia",
    "pubblicazione, di, dell, nieuws, nieuwsbericht, publicatie, naam, van, het, artikeln",
    "artikkel, namn, nimi, artykułu, wiadomości, publikacji, článku, zprávy, cikk, hír",
    "articol, știre, vijesti, vesti, новости, новость, новини, статьи, статті, статията",
    "публикации, публікації, имя, на, haber, haberin, yayın, adı, berita, publikasi, nama",
    "bài, viết, tin, tên, المقال, الخبر, النشر, اسم, خبر, مقاله, انتشار, نام, समाचार, की",
    "का, नाम, সংবাদ, নাম, செய்தி, ข่าว, 新闻, 新聞, 文章, 报道, 報導, 原文, 姓名, 記事, ニュース",
    "氏名, の, 기사, 뉴스, 이름, 의",
)
"""Words that say that a field is of the article, or of its author."""

IN_FORM = listed(
    "text, string, html, raw, plain, clean, cleaned, full, main, original, complete",
    "principal, principale, haupt, glavni, 主, 全",
)
"""Words that say how a field is written, beside one that says what it is."""

GLUED_BEFORE = listed(
    "artikel, nachrichten, meldungs, beitrags, nieuws, artikkeli, artikkel, nyhets, hír",
    "cikk, news, article",
)
"""The same as `OF_ARTICLE`, as first parts of one word."""

_WORD = regex.compile(r"[^\W_]+?(?=[\W_]|$|(?<=\p{Ll})\p{Lu})")

_OF_ARTICLE = frozenset(map(loose, OF_ARTICLE))
_IN_FORM = frozenset(map(loose, IN_FORM))
_UNSPACED = sorted(
    (word for word in (*OF_ARTICLE, *IN_FORM) if "\u3000" < word[0] < "\ud7ff"),
    key=len,
    reverse=True,
)
_GLUED_BEFORE = tuple(map(loose, GLUED_BEFORE))
_FIELDS_OF: dict[str, set[str]] = {}
for _field, _names in FIELDS.items():
    for _name in _names:
        if "." not in _name:
            _FIELDS_OF.setdefault(loose(_name), set()).add(_field)


@lru_cache(maxsize=10_000)
def field_of_compound(name: str) -> str | None:
    """Return the field that a name of several words names, `None` if it is not certain.

    >>> [field_of_compound(name) for name in ("newsHeadline", "fecha_noticia", "文章标题")]
    ['title', 'date', 'title']
    >>> field_of_compound("post_name"), field_of_compound("image_title")
    (None, None)
    """
    if len(name) > 60:
        return None
    words = [loose(word) for word in _WORD.findall(name)]
    words = [part for word in words for part in _without_glued(word)]
    words = [word for word in words if word not in _OF_ARTICLE]
    said = [word for word in words if word not in _IN_FORM] or words[-1:]
    for chosen in (["".join(words)], words, said):
        fields = [_FIELDS_OF.get(word, set()) for word in chosen]
        common = set.intersection(*fields) if fields else set()
        if len(common) == 1:
            return common.pop()
    return None


def _without_glued(word: str) -> list[str]:
    """Return a word without what is glued to it, each part by itself."""
    for part in _GLUED_BEFORE:
        if word.removeprefix(part) in _FIELDS_OF and word not in _FIELDS_OF:
            return [word.removeprefix(part)]
    for part in _UNSPACED:
        if part == word:
            continue
        if word.startswith(part):
            return _without_glued(word[len(part) :])
        if word.endswith(part):
            return _without_glued(word[: -len(part)])
    return [word]
