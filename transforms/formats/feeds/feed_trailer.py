"""What blogs put behind every article of their feed: "The post X appeared first on Y."."""

import re

from transforms.text.words import fold

MAX_TRAILER = 700
"""Characters at the end of a text that are looked at: the longest titles have 300."""

_AROUND = 60
"""Most characters before, between and after the names of article and site."""

_DISTINCT = 15
"""Characters of a title that do not stand in a sentence of the article by chance."""

_FRAMES = (  # the texts of Yoast SEO, which most blogs of WordPress have, and what some make of it
    (r"(?:The|This) (?:post|article|story)", r"(?:appeared first|first appeared) on"),
    (r"(?:Der|Dieser) (?:Beitrag|Artikel|Text)", r"erschien zuerst (?:auf|bei)"),
    (r"(?:L[’']|Cet |La )(?:article|page)", r"est apparue? (?:en premier|la 1\S* fois) sur"),
    (r"(?:La entrada|El artículo|La publicación)", r"(?:se publicó|aparece) primero en"),
    (r"L[’']articolo", r"(?:proviene da|sembra essere il primo su)"),
    (r"O (?:post|artigo|conteúdo)", r"(?:apareceu|aparece) primeiro em"),
    (r"(?:Het bericht|De post)", r"verscheen (?:als )?eerste? op"),
    (r"Inlägget", r"dök först upp på"),
    (r"Indlægget", r"blev først udgivet på"),
    (r"Innlegget", r"dukket (?:først opp|opp først) på"),
    (r"Artykuł", r"pochodzi z serwisu"),
    (r"Příspěvek", r"pochází z"),
    (r"Articolul", r"apare prima dată în"),
    (r"(?:Сообщение|Запись)", r"(?:появил\w+ сначала|впервые появил\w+) на"),
    (r"Το άρθρο", r"εμφανίστηκε πρώτα στο"),
    (r"Bài viết", r"đã xuất hiện đầu tiên (?:vào ngày|trên)"),
    (r"ظهرت المقالة", r"أولاً على"),
    (r"投稿", r"は .{1,80}に最初に表示されました"),
    (r"A(?:z|\(z\))?", r"bejegyzés először"),
    (r"(?=\w[^.!?…\n]* yazısı)\w", r"yazısı ilk önce"),
)
_TRAILER = re.compile(
    r"(?:^|(?<=[.!?…\]»”\"')。])\s)\s*(?:"
    + "|".join(rf"{start}(?!\w).{{1,320}}?\b{verb}\b" for start, verb in _FRAMES)
    + r")(?:(?![.!?][^\S\n]+\S).){0,120}$",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(
    r"(?<!\s)\s*+\bsubmitted by\s++/?u/[\w-]++\s++(?:to r/\w++\s++)?\[link\]\s++\[comments\]$"
)
"""What Reddit puts behind the text of a post."""

_SENTENCE_END = re.compile(r"[.!?…\]»”\"')。]\s+|\n")


def without_trailer(text: str, title: str, site: str) -> str:
    """Return `text` without a last sentence that says where the article appeared first.

    It is known by its words, in the languages of WordPress, or else by what it is in any: the
    article's title and the site's name, with few words around them.

    >>> without_trailer("It rained. Wpis Deszcz w całym Norrby wyszedł w N24.",
    ...     "Deszcz w całym Norrby", "N24")
    'It rained.'
    """
    text = _LISTED.sub("", text)
    tail = text[-MAX_TRAILER:]
    title, site = " ".join(title.split()), " ".join(site.split())
    match = _TRAILER.search(tail)
    if match and len(tail) - match.end() <= _AROUND and _is_about(match.group(), title, site):
        start: int | None = match.start()
    else:
        start = _named(tail, title, site)
    return text if start is None else text[: len(text) - len(tail) + start].rstrip()


def _is_about(sentence: str, title: str, site: str) -> bool:
    """Return whether `sentence` names the site or most words of the title, perhaps edited since."""
    words, said = set(fold(title).split()), set(fold(sentence).split())
    return (bool(site) and site in sentence) or 3 * len(words & said) >= 2 * len(words)


def _named(tail: str, title: str, site: str) -> int | None:
    """Return where the last sentence starts, if it names article and site and says little else."""
    place = tail.rfind(title) if len(title) >= _DISTINCT else -1
    after = tail[place + len(title) :]
    between, named, end = after.partition(site) if site else ("", "", "")
    if place < 0 or not named or "\n" in after.strip():
        return None
    breaks = [match.end() for match in _SENTENCE_END.finditer(tail, 0, place)]
    start = breaks[-1] if breaks else 0
    # A title and a site with nothing but a dash between them are no sentence.
    spoken = re.search(r"\w", between) and not re.search(r"[.!?]\s+\S", between + named + end)
    return start if spoken and max(place - start, len(between), len(end)) <= _AROUND else None
