"""What kind of page a text came from: flags for odd ones, a rejection for what is no article."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from transforms.errors import Rejected
from transforms.text.counted import counted
from transforms.text.notices import MISSING, find_notice
from transforms.text.offers import invites_to_pay, is_offer
from transforms.text.sentence_ends import is_link_list
from transforms.text.walls import find_wall
from transforms.text.words import count_words

SHORT_WORDS = 40
"""Fewer words are their own summary: flagged `short`."""

STUB_WORDS = 200
"""A text this long says enough to be used in full, even if it ends at a paywall."""

_LIVE_TITLE = re.compile(
    r"(?i)\blive(?:[ -]?(?:updates?|blog|ticker|coverage|feed)|:)|\bas it happened\b"
    r"|\bnews-?ticker\b"
    r"|\bnews-?blog\b|\bliveticker\b|\ben direct\b|\ben vivo\b|\ben directo\b|\bminuto a minuto\b"
    r"|^live\b\s?[:|–-]|[–|-]\s?live$"
)
_LIVE_ENTRY = re.compile(
    r"(?:^|\n|[.!?]\s)[^\S\n]{0,8}(?:\+\+\+\s{0,8})?\d{1,2}[:.h]\d{2} ?(?:[ap]\.?m\.?|uhr|gmt|bst"
    r"|[ec][sd]?t|ist|utc)?"
    r"\s?(?:[:|–-]|\n)",
    re.IGNORECASE,
)
_LIVE_ENTRIES = 4

_PAYWALL = re.compile(
    r"(?im)^.{0,160}?(?:"
    r"(?:subscribe|sign in|log ?in|register|sign up|create (?:a |an )?(?:free )?account)"
    r"(?: now| today)?"
    r" to (?:continue|read (?:the (?:full|rest)|this|on|more)|keep reading|unlock|view the full)"
    r"|already (?:a |an )?(?:subscriber|subscribed|member)"
    r"|(?:this|the) (?:article|content|story) is (?:only )?(?:for|available to"
    r"|reserved for|exclusive to)"
    r" (?:our )?(?:paying |premium )?(?:subscribers|members)"
    r"|(?:subscriber|member|premium)s?[- ]only (?:article|content|story)"
    r"|you have (?:reached|used) your (?:free |monthly )?(?:article )?limit|to continue reading"
    r"|(?:nur|exklusiv) für (?:unsere )?(?:abonnenten|abonnentinnen)|weiterlesen mit"
    r"|jetzt weiterlesen|mit .{0,20}abo (?:weiter)?lesen|sie haben (?:noch )?kein abo"
    r"|réservée? aux abonnés|la suite est réservée|il vous reste \d+ ?% de cet article"
    r"|(?:solo|sólo|exclusiv[oa]s?) para (?:suscriptores|assinantes)|contenido exclusivo para"
    r"|riservato agli abbonati"
    r").{0,160}$"
)
_TRUNCATED = re.compile(
    r"(?:\[\s?(?:…|\.\.\.)\s?\]|(?:…|\.\.\.)\s*\[\+\d+ chars\]|\[\+\d+ chars\])\s*$"
)

_CODE = r"(?:40[0134]|410|429|451|50[0234])"
_ERROR_PAGE = re.compile(
    rf"(?i)^\W{{0,40}}+(?:(?:http )?(?:error|fehler|erreur|errore|erro|fout|fel|chyba|błąd|hiba"
    rf"|ошибка|помилка|hata)[\s:#-]{{1,3}}{_CODE}\b"
    rf"|{_CODE}(?:[\s:.|–—-]{{1,4}}(?:$|\n|error|fehler|erreur|errore|erro\b|not found|forbidden"
    r"|unauthorized|bad (?:gateway|request)|internal server|service (?:temporarily )?un"
    r"|gateway time|too many requests|gone$|unavailable for|page|seite|página|pagina|strona|sida)"
    r"|$)"
    r"|page not found\b|access (?:to this page )?(?:has been )?denied)"
)
_ERROR_WORDS = 80

_HOME_PATHS = frozenset({"", "/", "/index.html", "/index.htm", "/index.php", "/home", "/home/"})
_SECTION_PATH = re.compile(r"(?:/[a-zA-Z]{2,20}){1,2}/?")
_CHARS_LEFT = re.compile(r"(?:…|\.\.\.)?\s{0,3}\[\+\d{1,9} chars\]\s*+$")
"""How much more there is, as search interfaces say behind what they cut off."""


class Judged(NamedTuple):
    """The text to publish, and its flags."""

    text: str
    flags: tuple[str, ...]


def refuse_wall(title: str, text: str, language: str | None) -> None:
    """Check that `text`, with nothing dropped of it yet, is no wall before an article.

    Raises:
        Rejected: `wall`, or `error_page` for one that says that there is no article.
    """
    if wall := find_wall(title, text, language):
        kind = {"consent": "asks for consent", "robot_check": "checks or bars visitors"}.get(
            wall.kind, "asks to switch something on"
        )
        raise Rejected("wall", f"the page {kind} ({wall.language}), and is no article")
    if notice := find_notice(title, text):
        if notice.kind == MISSING:
            raise Rejected("error_page", f"the page says that it is none ({notice.language})")
        raise Rejected("wall", f"the page bars visitors ({notice.language}), and is no article")


def judge(url: str | None, title: str, text: str, min_words: int) -> Judged:
    """Return `text` without paywall lines, and the flags that hold for it.

    The flags: `link_list`, `live_blog`, `paywall_stub`, `short`, `truncated`.

    Raises:
        Rejected: `home_page` or `section_page` (the address and the text both say so),
            `error_page`, `paywall_stub` (nothing but the paywall) or `too_short`.
    """
    listing = is_link_list(text)
    if listing and (page := _page_kind(url)):
        raise Rejected(page, f"a list of headlines at {url}")
    total = count_words(text)
    if total < _ERROR_WORDS and (_ERROR_PAGE.match(title) or _ERROR_PAGE.match(text)):
        raise Rejected("error_page", "the text is an error message")
    free = drop_paywall_lines(text) if total < STUB_WORDS else text
    stub = free != text or (total < STUB_WORDS and _PAYWALL.search(text) is not None)
    text = free
    words = count_words(text) if stub else total
    if words < min_words:
        reason = "paywall_stub" if stub else "too_short"
        raise Rejected(reason, f"{counted(words, 'word')} of text, need {min_words}")
    found = {
        "link_list": listing,
        "live_blog": _LIVE_TITLE.search(title) is not None or _has_entries(text),
        "paywall_stub": stub,
        "short": words < SHORT_WORDS,
        "truncated": _TRUNCATED.search(text, max(len(text) - 80, 0)) is not None,
    }
    text = _CHARS_LEFT.sub(" […]", text) if found["truncated"] else text
    return Judged(text, tuple(flag for flag, holds in found.items() if holds))


def _has_entries(text: str) -> bool:
    return len(_LIVE_ENTRY.findall(text)) >= _LIVE_ENTRIES


def drop_paywall_lines(text: str) -> str:
    r"""Return `text` without the paragraphs that only ask to subscribe or sign in.

    What stands behind one of them and states the terms of a subscription goes as well.

    >>> terms = "Subscribe now and pay 3.40 a week."
    >>> drop_paywall_lines(f"It rained.\n\nSubscribe to continue reading.\n\n{terms}")
    'It rained.'
    """
    kept: list[str] = []
    asked = False
    for part in text.split("\n\n"):
        asks = _PAYWALL.fullmatch(part) is not None or invites_to_pay(part)
        asked = asked or asks
        if not (asks or (asked and is_offer(part))):
            kept.append(part)
    return "\n\n".join(kept)


def _page_kind(url: str | None) -> str | None:
    path = urlsplit(url).path if url and "://" in url else None
    if path in _HOME_PATHS:
        return "home_page"
    return "section_page" if path and _SECTION_PATH.fullmatch(path) else None
