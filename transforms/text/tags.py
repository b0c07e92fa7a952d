"""Tags in text: what counts as one, and text without them."""

import re

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


def shield_tags(text: str) -> str:
    """Return a text that is surely plain so that `strip_tags` takes nothing out of it.

    A word joiner after each `<` does that; `clean` takes it out again as it is invisible.

    >>> strip_tags(shield_tags("Why the <dialog> element matters")).replace("\u2060", "")
    'Why the <dialog> element matters'
    """
    return text.replace("<", "<\u2060")


def _strip_code(text: str) -> str:
    for code, end in _CODE:
        # Nothing is searched for an end that does not come: this keeps it linear.
        stop = max((match.end() for match in end.finditer(text)), default=0)
        text = code.sub("", text[:stop]) + text[stop:]
    return text


def _tag_space(match: re.Match[str]) -> str:
    return "\n" if _BREAKING_TAG.match(match.group()) else ""
