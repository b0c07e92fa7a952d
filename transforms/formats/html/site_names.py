"""The names of a site and its sections, which stand behind its headlines."""

from collections.abc import Collection, Iterable

import regex as re

from transforms.text.words import EAST_ASIAN, count_words, letters

_SEPARATOR = re.compile(
    r" (?:[|\-–—·•»›«‹<>~:/@⋆★▷►▸▪∙┃│→]|::|>>|//|--|\|\|) | ?[|｜：] ?"
    rf"|(?<=[{EAST_ASIAN}\p{{P}}\d])(?:(?<!_)_++|(?<![-–—])[-–—]++)(?=[{EAST_ASIAN}])"
)
_ANY_SEPARATOR = re.compile(r" ?[|\-–—·•»›:/*｜：ㅣ] ?")
_SIGNS = re.compile(r"^[\W_]++")
_BAR = re.compile(r" ?[|｜] ?")
_CHAINED = re.compile(r" (?:[<>»«›‹·•]|::|>>|\|\||//) |_+|[-–—]+")
"""Separators that, repeated before the site's name, part sections: none stands in a headline, but
for hyphens between words of the scripts without spaces."""

_GLUED = re.compile(r"(?<=[\w)\p{Pf}\"'!?.])(?:[-–—_]|: ?)$")
"""What parts a headline from a name without a space before it."""

_IN_BRACKETS = re.compile(r"\s?(?:\(([^()]+)\)|\[([^\[\]]+)\]|【([^【】]+)】|（([^（）]+)）)$")
_AFTER_KICKER = re.compile(r"\W*?[/|｜]\W*+")
_LEADING = re.compile(
    r"^(?:the|der|die|das|le|la|les|el|los|las|il|o|a|os|as|de|het) |^l['’]", re.IGNORECASE
)
_HOST = re.compile(r"^www\.", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:\.(?:co|com|org|net|gov))?\.[a-z]{2,12}$", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:www\.)?[\w-]{2,}(?:\.[a-z]{2,3})?\.[a-z]{2,8}")
"""What is a site's name wherever it stands behind a headline."""

_GENERIC = re.compile(
    r" (?:news|online|digital|nachrichten|noticias|notícias|notizie|actualités?|nieuws|nyheter"
    r"|haber(?:leri)?)$|(?:デジタル|オンライン|ニュース|電子版|网|網|뉴스)$",
    re.IGNORECASE,
)
_SECTION_WORDS = 3
"""Most words of a section's name."""

_ON_PAGE = re.compile(
    r" ?[|(\-–—] ?(?:page|seite|página|pagina|strona|sida|side|стр\.?)\s?\d{1,3}"
    r"(?:\s?(?:of|von|de|di|/)\s?\d{1,3})?\)?$",
    re.IGNORECASE,
)
"""Which page of an article it is."""

_USUAL_SECTIONS = frozenset((
    *("news", "latestnews", "localnews", "worldnews", "topstories", "sport", "sports"),
    *("politics", "business", "world", "opinion", "nachrichten", "politik", "wirtschaft", "kultur"),
    *("panorama", "actualité", "actualités", "société", "politique", "noticias", "actualidad"),
    *("política", "deportes", "notizie", "cronaca", "politica", "notícias", "esporte", "nieuws"),
    *("nyheter", "breakingnews", "nyheder", "wiadomości", "uutiset"),
))  # fmt: skip
"""Sections, as letters, that are no part of a headline even behind a hyphen."""

_MOTTO_WORDS = 8
"""Most words behind the name of a site that is written just as it is stated."""

_SHORTEST = 8
"""Fewest letters of a headline that a longer one, with a name or a kicker, is cut to."""

_MAX_PARTS = 6
"""Separators, from the end, that are looked at."""


class SiteNames:
    """The names of a site and of its sections: what stands behind a headline, as whole words."""

    def __init__(self, names: Iterable[str], host: str = "", sections: Iterable[str] = ()) -> None:
        """Take the names that the page states, its host, and its section's names."""
        self._stated = frozenset(names)
        found = {variant for name in self._stated for variant in _variants(name)}
        self._names = found | _host_names(host)
        self._sections = {letters(name) for name in sections} - {""}

    def is_site(self, text: str) -> bool:
        """Return whether `text` is the whole name of the site.

        >>> names = SiteNames(["The Estmark Post", "AP"], "news.estmark.example")
        >>> [names.is_site(text) for text in ("Estmark Post", "AP", "a report from Japan")]
        [True, True, False]
        """
        return not self._names.isdisjoint(_variants(text))

    def without(self, title: str, known: Collection[str] = ()) -> str:
        """Return `title` without the names of the site and its sections at its end or start.

        >>> SiteNames(["The Daily"]).without("Storm hits | Norrby News | The Daily")
        'Storm hits'

        Args:
            title: as stated.
            known: headlines without such names, shortest first: what one of them is followed by
                may be a name that is not stated, and what stands before one may be a kicker.
        """
        title = self._without_stated(_ON_PAGE.sub("", " ".join(title.split()).rstrip(" |｜")))
        for other in known:
            if letters(other) == letters(title):
                title = other
            elif self._is_headline(title, other):
                return other
        parts = list(_SEPARATOR.finditer(title))[-_MAX_PARTS:]
        if parts and ":" not in parts[0].group() and self.is_site(title[: parts[0].start()]):
            rest = title[parts[0].end() :]
            return self.without(rest) if len(letters(rest)) >= _SHORTEST else title
        ends = [*(part.start() for part in parts[1:]), len(title)]
        tails = [title[part.end() : end] for part, end in zip(parts, ends, strict=False)]
        for at, part in enumerate(parts):
            if part.start() and self._is_tail(part, tails[at:]):
                return self.without(_without_section(title[: part.start()], part))
        match = _IN_BRACKETS.search(title)
        if match and match.start() and self.is_site(next(filter(None, match.groups()))):
            return self.without(title[: match.start()])
        return title

    def _without_stated(self, title: str) -> str:
        """Return `title` without a stated name of several words, parted by less than usual.

        >>> SiteNames(["The Daily"])._without_stated("[The Daily] Storm hits the north")
        'Storm hits the north'
        """
        for name in self._stated:
            if " " not in name or len(letters(title)) < len(letters(name)) + _SHORTEST:
                continue
            if match := re.match(rf"\[{re.escape(name)}\] ", title, re.IGNORECASE):
                return title[match.end() :]
            head, tail = title[: -len(name)], title[-len(name) :]
            if tail.casefold() == name.casefold() and (sign := _GLUED.search(head)):
                head = head[: sign.start()]
                return head.partition("_")[0] if sign.group() == "_" else head
        return title

    def leads(self, title: str) -> bool:
        """Return whether `title` begins with the name of the site, and goes on.

        >>> SiteNames(["The Daily"]).leads("The Daily - all the news")
        True
        """
        part = _SEPARATOR.search(title)
        return part is not None and self.is_site(title[: part.start()])

    def _is_tail(self, part: re.Match[str], tails: list[str]) -> bool:
        """Return whether what `part` separates from a headline is the site's or a section's name.

        Args:
            part: the separator.
            tails: what stands between it, each further one, and the end.
        """
        most = _MOTTO_WORDS if " " in tails[0] and tails[0] in self._stated else _SECTION_WORDS
        short = all(count_words(tail) <= most for tail in tails[1:])
        if self.is_site(part.string[part.end() :]) or (self.is_site(tails[0]) and short):
            return True
        if len(tails) > 1 or ":" in part.group():
            return False
        if letters(tails[0]) in self._sections or _BARE_HOST.fullmatch(tails[0]):
            return True
        return (
            _BAR.fullmatch(part.group()) is not None
            and _GENERIC.search(tails[0]) is not None
            and len(tails[0].split()) <= _SECTION_WORDS
        )

    def _is_headline(self, title: str, part: str) -> bool:
        """Return whether `title` is the headline `part`, a name behind it or a kicker before."""
        whole, bare = letters(title), letters(part)
        if not bare or len(bare) == len(whole):
            return False
        if whole.startswith(bare):
            rest = title[position(title, len(bare)) :]
            tails = _ANY_SEPARATOR.split(rest)
            if len(tails) < 2 or letters(tails[0]):
                return False
            hard = len(tails) > 2 or _BAR.match(rest) is not None
            short = all(len(tail.split()) <= _SECTION_WORDS for tail in tails)
            likely = len(bare) > len(whole) / 2 or (hard and len(bare) >= _SHORTEST)
            return likely and (short or any(map(self.is_site, tails)))
        start = position(title, len(whole) - len(bare))
        if not whole.endswith(bare) or len(bare) < _SHORTEST:
            return False
        return _AFTER_KICKER.match(title[start:]) is not None or self.is_site(title[:start])


def is_beside_name(part: str, title: str) -> bool:
    """Return whether `title` is `part` and, behind or before a separator, what may be a name.

    >>> is_beside_name("It rains in Norrby", "Norrby Post: It rains in Norrby")
    True
    >>> is_beside_name("World news", "It rains in Norrby again - World news")
    False
    """
    whole, bare = letters(title), letters(part)
    if not _SHORTEST <= len(bare) < len(whole):
        return False
    if whole.startswith(bare):
        own, *names = _ANY_SEPARATOR.split(title[position(title, len(bare)) :])
    elif whole.endswith(bare):
        end = position(title, len(whole) - len(bare))
        end += len(title[end:]) - len(_SIGNS.sub("", title[end:], count=1))
        *names, own = _ANY_SEPARATOR.split(title[:end])
    else:
        return False
    short = all(count_words(name) <= _SECTION_WORDS for name in names)
    return bool(names) and not letters(own) and (short or 2 * len(bare) > len(whole))


def _without_section(title: str, separator: re.Match[str]) -> str:
    """Return `title` without the sections that stood between it and the site's name.

    They are parted by what hardly stands within a headline: bars before any other sign, others by
    the same sign as the name.

    >>> _without_section("Ferry late | Harbour", _SEPARATOR.search("Harbour | Norrby Post"))
    'Ferry late'
    """
    ends_in_bar = _BAR.fullmatch(separator.group()) is not None
    for part in reversed(list(_SEPARATOR.finditer(title))):
        head, section = title[: part.start()], title[part.end() :]
        bar = ends_in_bar and _BAR.fullmatch(part.group()) is not None
        chained = part.group() in (separator.group(), " < ") and (
            _CHAINED.fullmatch(part.group()) or letters(section) in _USUAL_SECTIONS
        )
        short = count_words(section) <= _SECTION_WORDS and len(letters(head)) >= _SHORTEST // 2
        if not ((bar or chained) and short):
            break
        title = head
        if bar:
            break
    return title


def position(text: str, count: int) -> int:
    """Return the place in `text` behind its first `count` letters and digits."""
    for at, character in enumerate(text):
        if count <= 0:
            return at
        count -= len(letters(character))
    return len(text)


def _variants(name: str) -> set[str]:
    """Return the spellings of a site's name, as their letters: as it is, and bare.

    >>> sorted(_variants("The Estmark Post")), sorted(_variants("AP.org")), _variants("Le Monde")
    (['estmarkpost', 'theestmarkpost'], ['ap', 'aporg'], {'lemonde'})
    """
    forms = [_HOST.sub("", " ".join(name.split()))]
    bare = _LEADING.sub("", forms[0], count=1)
    forms += [bare] if " " in bare else []
    for pattern in (_DOMAIN, _GENERIC):
        forms += [pattern.sub("", form, count=1) for form in forms]
    return {letters(form) for form in forms} - {""}


def _host_names(host: str) -> set[str]:
    """Return what a site may be called for its host.

    >>> sorted(_host_names("edition.cnn.example"))
    ['cnn', 'cnnexample', 'editioncnn', 'editioncnnexample']
    """
    whole = host.removeprefix("www.")
    bare = _DOMAIN.sub("", whole)
    own = whole[bare.rfind(".") + 1 :]
    return _variants(whole) | _variants(own)
