"""OPML 1.0 and 2.0: lists of feeds, as feed readers export them."""

from collections.abc import Iterator
from functools import partial
from typing import IO, NamedTuple

from lxml import etree

from transforms.errors import ConfigError
from transforms.formats.base import FileInfo, letter, read_whole
from transforms.formats.xml.sniff import OPML
from transforms.formats.xml.xml_safety import UnsafeXmlError, parse_xml
from transforms.records import DeadLetter, RawDocument
from transforms.text.counted import counted


class FeedAddress(NamedTuple):
    """A feed in a list.

    Attributes:
        url: its address.
        title: its name in the list.
        category: names of the outlines around it, outermost first.
    """

    url: str
    title: str
    category: tuple[str, ...]


def feed_urls(content: bytes) -> list[FeedAddress]:
    """Return the feeds that an OPML file lists, in order, each address once.

    An outline is a feed if it has an `xmlUrl`, whatever its `type`. Lists that an outline includes
    from elsewhere are not followed.

    Raises:
        ConfigError: it is no OPML file, or declares a dangerous entity.

    >>> feed_urls(b'<opml><body><outline text="A" xmlUrl="https://a.example/rss"/></body></opml>')
    [FeedAddress(url='https://a.example/rss', title='A', category=())]
    """
    try:
        root = parse_xml(content, recover=True)
    except UnsafeXmlError as error:
        raise ConfigError(f"the OPML file is refused: {error}") from error
    except etree.XMLSyntaxError as error:
        raise ConfigError("the list of feeds is no OPML file: it is no XML") from error
    if str(root.tag).lower() != "opml":
        raise ConfigError("the list of feeds is no OPML file: its root element is not <opml>")
    found: dict[str, FeedAddress] = {}
    for outline in root.iter():
        if str(outline.tag).lower() == "outline" and (url := _attribute(outline, "xmlurl")):
            above = reversed([*outline.iterancestors()])
            category = tuple(filter(None, (_title(parent) for parent in above)))
            found.setdefault(url, FeedAddress(url, _title(outline), category))
    return list(found.values())


def split_opml(
    file: FileInfo, stream: IO[bytes], max_bytes: int
) -> Iterator[RawDocument | DeadLetter]:
    """Yield one dead letter: a list of feeds holds no articles."""
    return read_whole(file, stream, max_bytes, partial(_feed_list, file))


def _feed_list(file: FileInfo, content: bytes) -> Iterator[DeadLetter]:
    try:
        detail = (
            f"a list of {counted(len(feed_urls(content)), 'feed')}; give it as feeds, not as input"
        )
        yield letter(file, "feed_list", detail, content, media_type=OPML)
    except ConfigError as error:
        yield letter(file, "not_a_feed", str(error), content, media_type=OPML)


def _title(outline: etree._Element) -> str:
    return _attribute(outline, "title") or _attribute(outline, "text")


def _attribute(element: etree._Element, name: str) -> str:
    """Return an attribute whatever its case: `xmlUrl`, `xmlurl`."""
    values = (value for key, value in element.attrib.items() if key.lower() == name)
    return " ".join(next(values, "").split())
