"""Pages of pictures: their captions are the text, which extractors take for what is beside it."""

from lxml import etree, html

from transforms.formats.html.title import text_of
from transforms.text.words import count_words

_CAPTION_PATH = "//*[self::figcaption or contains(@class, 'aption') or contains(@class, 'APTION')]"
_CAPTION_TAGS = ("figcaption", "div", "p", "span")
_CAPTIONS = 3
"""Fewest captions of a page of pictures."""

_CAPTION_WORDS = 6
"""Fewest words of a caption that tells something."""


def keep_captions(tree: html.HtmlElement) -> None:
    """Make paragraphs of the captions of a page of pictures: one whose captions say the most."""
    captions = [element for element in tree.xpath(_CAPTION_PATH) if _is_caption(element)]
    words = {element: count_words(text_of(element)) for element in captions}
    captions = [element for element in captions if words[element] >= _CAPTION_WORDS]
    told = sum(words[element] for element in captions)
    within = {inner for element in captions for inner in element.iter("p")}
    rest = (paragraph for paragraph in tree.iter("p") if paragraph not in within)
    if len(captions) < _CAPTIONS or told <= sum(count_words(text_of(p)) for p in rest):
        return
    for caption in captions:
        picture = next(caption.iterancestors("figure"), caption)
        shown = text_of(caption)
        paragraph = etree.Element("p")
        paragraph.text, paragraph.tail = shown, picture.tail
        picture.tail = None
        picture.addnext(paragraph)
        caption.drop_tree()


def _is_caption(element: html.HtmlElement) -> bool:
    """Return whether `element` is a caption, and no box of some nor the headline of a teaser."""
    if element.tag not in _CAPTION_TAGS:
        return False
    if element.tag != "figcaption" and "caption" not in element.get("class").lower():
        return False
    if next(element.iterancestors("a", "nav", "aside", "footer"), None) is not None:
        return False
    inner = ("figcaption", "figure", "img", "h1", "h2", "h3", "h4")
    if next(element.iterdescendants(*inner), None) is not None:
        return False
    linked = sum(len(text_of(link)) for link in element.iter("a"))
    return 2 * linked <= len(text_of(element))
