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
_TAG_NAMES = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|bgsound|big"
    "|blink|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd"
    "|del|details|dfn|dialog|dir|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form"
    "|frame|frameset|h[1-6]|head|header|hgroup|hr|html|i|iframe|image|img|input|ins|isindex|kbd"
    "|label|legend|li|link|listing|main|map|mark|marquee|math|menu|meta|meter|nav|nobr|noembed"
    "|noframes|noscript|object|ol|optgroup|option|output|p|param|picture|plaintext|pre|progress|q"
    "|rp|rt|ruby|s|samp|script|section|select|slot|small|source|span|strike|strong|style|sub"
    "|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul"
    "|var|video|wbr|xml|xmp"
)
TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
"""A tag of any HTML element; `a <b and c> d` has one too, `a < b` has none."""

_UNKNOWN_TAG = re.compile(
    r"</?[a-z][\w:.-]*(?:\s[^<>=]*=[^<>]*|\s*/?)>|<[!?][a-z\[][^<>]*>", re.IGNORECASE
)
"""A tag of another language (MathML, SVG, made up), a declaration or an instruction."""

_CODE = tuple(
    (re.compile(f"(?is){start}.*?{end}"), re.compile(f"(?i){end}"))
    for start, end in (
        (r"<script\b[^<>]*>", r"</script\b[^<>]*>"),
        (r"<style\b[^<>]*>", r"</style\b[^<>]*>"),
        ("<!--", "-->"),
    )
)
"""What has a start and an end and no text between them; without an end, it is only a tag."""
_BREAKING_TAG = re.compile(r"(?i)</?(?:blockquote|br|div|figure|h[1-6]|hr|li|ol|p|td|tr|ul)\b")

_TAG_ROUNDS = 4
"""Tags hidden in tags: taking one away can make another."""

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
_ESCAPE = re.compile(r"\\+(?=[$\"'“”‘’])|(?<!\S)\\+(?!\S)")


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


def strip_tags(text: str) -> str:
    r"""Return `text` without HTML tags, scripts and styles; tags of blocks become line breaks.

    >>> strip_tags("Early release in <b>...</b><br/>The <a href='x'>army</a> said a < b")
    'Early release in ...\nThe army said a < b'
    >>> strip_tags("Rain<scr<script>x</script>ipt>fell")
    'Rainfell'
    """
    for _ in range(_TAG_ROUNDS):
        if "<" not in text:
            break
        before = text
        text = _UNKNOWN_TAG.sub("", TAG.sub(_tag_space, _strip_code(text)))
        if text == before:
            break
    return text


def _strip_code(text: str) -> str:
    for code, end in _CODE:
        # Nothing is searched for an end that does not come: this keeps it linear.
        stop = max((match.end() for match in end.finditer(text)), default=0)
        text = code.sub("", text[:stop]) + text[stop:]
    return text


def _tag_space(match: re.Match[str]) -> str:
    return "\n" if _BREAKING_TAG.match(match.group()) else ""


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
