"""Offers of subscriptions: what stands in the place of an article's rest, and is no text of it."""

import re
from functools import cache

from transforms.text.wall_words import WordPattern, word_lists, word_pattern

_MAX_LINE = 600
"""Characters of a paragraph that are looked at: the beginning of a longer one says enough."""

_MAX_INVITATION = 120

_PRICE = (
    r"(?:[€$£]\s?\d++(?:[.,]\d++)?|(?<!\d)\d++(?:[.,]\d++)?\s?(?:€|euros?\b|eur\b|£|\$|kr\b|kronor|kroner|crowns"
    r"|zł|kč|ft\b|lei\b|лв|грн|руб|₽|chf|fr\.|tl\b|₺)"
    r"|(?:for|für|pay|just|nur|only|then)\s\d++[.,]\d\d)"
)
_PERIOD = (
    r"(?:week|month|year|woche|monat|jahr|semaine|mois|an\b|semana|mes\b|año|settimana|mese|anno|mês"
    r"|ano\b|maand|jaar|vecka|månad|mån\b|år\b|uke|måned|md\b|uge|kk\b|kuukau|viiko|mánuð|vik|miesi"
    r"|tydzień|tydzie|měsíc|týden|rok|mesiac|týžd|hó\b|hónap|hét|lună|lunar|săptămân|месец|седмиц"
    r"|μήνα|εβδομάδ|mjesec|mesec|tjedan|nedelj|teden|muaj|javë|kuu|nädal|mēne|nedēļ|mėn|savait|месяц"
    r"|недел|місяц|тижд|тыдз|ay\b|ayda|hafta|setmana|hilea|mí\b|xahar)"
)
_PRICED = re.compile(rf"{_PRICE}[^.!?\n]{{0,40}}?\b{_PERIOD}", re.IGNORECASE)


def is_offer(text: str) -> bool:
    """Return whether a paragraph states what a subscription costs, or its terms.

    >>> is_offer("Try Post+ for a month, then pay 3.40 a week."), is_offer("Rents rise by 3 euros.")
    (True, False)
    >>> is_offer("Alle Preise enthalten die gesetzliche Umsatzsteuer.")
    True
    """
    text = text[:_MAX_LINE]
    if _any_of("terms").search(text):
        return True
    return _PRICED.search(text) is not None and _any_of("pay", "sell").search(text) is not None


def invites_to_pay(line: str) -> bool:
    """Return whether a heading or a short line asks to read on for money.

    >>> invites_to_pay("Weiterlesen mit Post plus"), invites_to_pay("The rest of the story")
    (True, False)
    """
    return len(line) <= _MAX_INVITATION and _any_of("invite").match(line.lstrip(_SIGNS)) is not None


_SIGNS = ' …·•–—-»>*¿¡"“„'


@cache
def _any_of(*names: str) -> WordPattern:
    """Return the pattern of these lists of words, in every language that is known."""
    return word_pattern("|".join(table[name] for table in word_lists().values() for name in names))
