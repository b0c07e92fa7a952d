"""Spaces around punctuation: text in, text out."""

import re

_TOKENISED = re.compile(r"\w [,.](?= |$)")
_TOKENISED_SHARE = 0.5
"""A text is tokenised if at least this share of its commas and full stops follow a space."""
_TOKENS = (
    (re.compile(r"(?<=\w) (?=(?:n't|n’t|['’](?:s|re|ve|ll|d|m))\b)"), ""),
    (re.compile(r"`` ?"), "“"),
    (re.compile(r" ?''"), "”"),
    (re.compile(r"(?<=[(\[]) | (?=[)\]])"), ""),
    (re.compile(r"(?<=[$£€]) (?=\d)|(?<=\d) (?=%)"), ""),
)

# A full stop or comma that begins a token (".com", "...", ".5") is not stray.
_STRAY = re.compile(r"(?<=[^\s(\[«–—-]) +(?=[,.](?:\s|[)\]\"”’»]|$)|[)\]](?:\W|$))")
_STRAY_HIGH = re.compile(r"(?<=\w) +(?=[;:](?:\s|$)|[!?](?:\s|[)\]\"”’»]|$))")
_STRAY_OPEN = re.compile(r"(?<=[(\[]) +(?=\w)")

_UPPER = "A-ZÀ-ÖØ-ÞЀ-Я"
_LOWER = "a-zß-öø-ÿа-џ"
_GLUED = re.compile(
    rf"(?:(?<=[{_LOWER}]{{2}})|(?<=[{_UPPER}]{{2}})|(?<=\d)|(?<=[)%\"”’]))"
    r"(?P<end>[.!?][\"”’)]?)"
    rf"(?P<next>[\"“‘(]?(?:[{_UPPER}][{_LOWER}'’]+|[{_UPPER}](?= )"
    rf"|[{_UPPER}]{{2,}}(?:\.[{_UPPER}]{{2,}})?)(?![\w.@/=]))"
)
_DOMAIN = frozenset((
    "com", "org", "net", "edu", "gov", "info", "co", "uk", "io", "ai", "tv", "js", "md", "pdf",
    "txt", "doc", "docx", "csv", "xml", "html", "zip", "exe", "dll", "php",
))  # fmt: skip
"""Ends of names of sites and files, which may be in capitals: ASP.NET, README.TXT."""
_TICKER = 5
"""Most capitals before a full stop and a class of share or a stock exchange: BRK.B, AAPL.O."""


def detokenise(text: str) -> str:
    """Return `text` with words and quotes that a tokeniser split joined again.

    The spaces before its full stops and commas are left to `join_punctuation`.

    >>> detokenise("`` it rained , '' said anna 's father ( 52 ) .")
    "“it rained ,” said anna's father (52) ."
    """
    if not is_tokenised(text):
        return text
    for pattern, replacement in _TOKENS:
        text = pattern.sub(replacement, text)
    return text


def is_tokenised(text: str) -> bool:
    """Return whether a tokeniser set the words and marks of `text` apart."""
    if " , " not in text and " . " not in text:
        return False
    marks = text.count(",") + text.count(".")
    return len(_TOKENISED.findall(text)) >= _TOKENISED_SHARE * marks


def join_punctuation(text: str, *, high: bool) -> str:
    """Return `text` without stray spaces before punctuation and after opening brackets.

    Args:
        text: with spaces.
        high: whether a space before `; : ! ?` is a stray one; French sets it.

    >>> join_punctuation("Prices rose , he said ; why ?", high=True)
    'Prices rose, he said; why?'
    >>> join_punctuation("Pourquoi ?", high=False)
    'Pourquoi ?'
    """
    text = _STRAY_OPEN.sub("", _STRAY.sub("", text))
    return _STRAY_HIGH.sub("", text) if high else text


def split_glued_sentences(text: str) -> str:
    """Return `text` with the space that is missing between two sentences.

    Addresses, domain names, file names, shares, abbreviations and decimals stay whole.

    >>> split_glued_sentences("It began on Tuesday.The U.S.A. won 3.5 points, says Booking.Com")
    'It began on Tuesday. The U.S.A. won 3.5 points, says Booking.Com'
    >>> split_glued_sentences("AMAZON.COM fell, BRK.B rose.ASP.NET stayed")
    'AMAZON.COM fell, BRK.B rose. ASP.NET stayed'
    >>> split_glued_sentences('It rained."We wait," he said.')
    'It rained. "We wait," he said.'
    """
    counted, is_open = 0, False

    def opens_quotation(match: re.Match[str]) -> bool:
        """Return whether the quotation mark between the two sentences belongs to the second."""
        nonlocal counted, is_open
        before = text[counted : match.start()]
        is_open = is_open and "\n" not in before
        is_open ^= before.rpartition("\n")[2].count('"') % 2 == 1
        counted = match.start()
        return match["end"].endswith('"') and not is_open

    def space(match: re.Match[str]) -> str:
        start = text.rfind(" ", 0, match.start()) + 1
        token = text[start : match.start()]
        word = match["next"].lstrip('"“‘(')
        if any(sign in token for sign in ("://", "www.", "@", "/", "\\")) or _is_name(token, word):
            return match.group()
        if opens_quotation(match):
            return f'{match["end"][:-1]} "{match["next"]}'
        return f"{match['end']} {match['next']}"

    return _GLUED.sub(space, text)


def _is_name(before: str, after: str) -> bool:
    """Return whether a full stop between these words is a part of a name."""
    if after.casefold() in _DOMAIN:
        return True
    bare = before.lstrip('("“‘[')
    short = 0 < len(bare) <= _TICKER
    if len(after) == 1:  # "2017.A leopard came" begins a sentence, "7203.T" is a share
        return short and (bare.isupper() or (bare.isdecimal() and after not in "AI"))
    return (
        short and after.isupper() and len(after) <= _TICKER and (bare.isupper() or bare.isdecimal())
    )
