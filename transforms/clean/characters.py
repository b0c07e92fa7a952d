"""Repairs of single characters: text in, text out, the same text with fewer accidents."""

import html
import re

import ftfy

_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,  # ours also decodes what a feed escaped twice
    uncurl_quotes=False,
    fix_character_width=False,  # full-width letters are correct in Chinese and Japanese
    fix_latin_ligatures=True,
    normalization="NFC",
    explain=False,
)

_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BROKEN_ENTITY = re.compile(
    r"(?: |(?<![&\w]))(#(?:3[4-9]|6[02]|1[2-6]\d|8[2-3]\d\d)|quot|nbsp|apos|(?<=  )(?:amp|lt|gt)"
    r"|(?:amp|lt|gt)(?=;\S));"
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f"
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0100-\U000e01ef]"
)
"""Characters without a shape, in which a text can be hidden: controls, fillers, selectors."""

_TAG_CHARACTERS = re.compile(
    r"(?P<flag>\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
    r"|[\U000e0000-\U000e007f]+"
)
"""The invisible copy of ASCII: meant for the flags of a few regions, else only used to smuggle."""

_SELECTORS = re.compile(r"(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]+")
_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_DIRECTION = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_JOINER = re.compile(r"[\u200c\u200d]")
# Where a joiner shapes text: Arabic and its neighbours, Indic scripts, Mongolian, emoji.
_JOINS = re.compile(
    r"[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\ua980-\uaaff\ufb50-\ufeff"
    r"\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
)

_BLANK = re.compile(r"[^\S\n]+")
_BLANK_EDGE = re.compile(r" ?\n ?")
_ESCAPE = re.compile(r"(?<!\\)\\++(?=[$\"'“”‘’])|(?<!\S)\\++(?!\S)")
"""Possessive, and only from the first of a run: else a run of n takes n squared steps."""


def fix_encoding(text: str) -> str:
    """Return `text` with mojibake repaired and in normal form C; curly quotes stay.

    >>> fix_encoding("The MayorвЂ™s cafГ©".encode("cp1251").decode("cp1252"))
    'The Mayor’s café'
    """
    return str(ftfy.fix_text(text, _FTFY))


def decode_entities(text: str) -> str:
    """Return `text` with HTML entities decoded, also doubly escaped ones and ones without `&`.

    >>> decode_entities("AT&amp;amp;T  #39;wins #39;, Iraq #39;s oil")
    "AT&T 'wins', Iraq's oil"
    """
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if ";" not in text:
        return text
    return _BROKEN_ENTITY.sub(lambda match: html.unescape(f"&{match[1]};"), text)


def remove_invisible(text: str) -> str:
    """Return `text` without control, zero-width, soft-hyphen and tag characters.

    Joiners stay in scripts and emoji that need them, direction marks in right-to-left text, tag
    characters in the flags of regions.
    """
    text = _LINE_BREAK.sub("\n", text)
    text = _CONTROL.sub("", text)
    if text.isascii():
        return text
    text = _TAG_CHARACTERS.sub(lambda match: match["flag"] or "", text)
    text = _SELECTORS.sub("", text)
    if not _RIGHT_TO_LEFT.search(text):
        text = _DIRECTION.sub("", text)
    return _JOINER.sub(_keep_joiner, text)


def _keep_joiner(match: re.Match[str]) -> str:
    before = match.string[max(match.start() - 1, 0) : match.start()]
    return match.group() if _JOINS.match(before) else ""


def remove_escapes(text: str) -> str:
    r"""Return `text` without backslashes that only escape what follows.

    >>> remove_escapes(r"a \$70bn plan \ in C:\data")
    'a $70bn plan  in C:\\data'
    """
    return _ESCAPE.sub("", text) if "\\" in text else text


def normalise_blanks(text: str) -> str:
    """Return `text` with each run of blanks one space; line breaks stay."""
    return _BLANK_EDGE.sub("\n", _BLANK.sub(" ", text)).strip()
