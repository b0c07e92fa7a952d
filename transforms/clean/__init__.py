"""`clean`: make title and text readable, find the language, and reject what is no article.

`clean_body` is the whole recipe in reading order: characters, then spaces, then paragraphs.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import apache_beam as beam
from apache_beam.transforms.error_handling import ErrorHandler

from transforms.bounds import USUAL, Bounds
from transforms.clean import (
    attribution,
    boilerplate,
    characters,
    credits,
    kinds,
    link_notes,
    paragraphs,
    quotes,
    spacing,
)
from transforms.deadletter import TryMap
from transforms.records import TEASER, Article, add_flags
from transforms.text.language import identify_language, load_identifier
from transforms.text.tags import strip_tags
from transforms.under_way import nothing_under_way

STEP = "clean"
REASONS = frozenset(
    {"error_page", "home_page", "paywall_stub", "section_page", "too_short", "wall"}
)
FLAGS = frozenset({"link_list", "live_blog", "paywall_stub", "short", "truncated"})

_CHARACTER_STEPS: tuple[Callable[[str], str], ...] = (
    characters.fix_encoding,
    characters.decode_entities,
    strip_tags,
    characters.remove_invisible,
    characters.remove_escapes,
    quotes.restore_quotes,
    characters.normalise_blanks,
)
_SPACING_STEPS: tuple[Callable[[str], str], ...] = (
    spacing.detokenise,
    link_notes.drop_link_notes,
    boilerplate.drop_inline_links,
    spacing.split_glued_sentences,
)
_MAX_AUTHORS = 20


@dataclass(frozen=True)
class CleanOptions:
    """Settings of `clean`, plain values.

    Attributes:
        min_words: an article whose clean text has fewer words is rejected. Agency briefs have about
            12 words and are their own summary, so the default only keeps out what is no text.
        keep_teasers: whether a feed item's teaser may be shorter, since its page is to be fetched.
    """

    min_words: int = 5
    keep_teasers: bool = False


def clean_characters(text: str) -> str:
    """Return `text` with its characters repaired: encoding, entities, invisible ones, blanks."""
    for step in _CHARACTER_STEPS:
        text = step(text)
    return text


def clean_title(title: str, source: str | None = None) -> str:
    """Return `title` on one line, without the name of its `source` at the end.

    >>> clean_title("Rain  &amp; wind | Daily News", "Daily News")
    'Rain & wind'
    """
    title = " ".join(clean_characters(title).split())
    # Whether a space stands before a colon says the title's language, which may not be the text's.
    title = spacing.join_punctuation(spacing.detokenise(title), high=spacing.is_tokenised(title))
    for dash in (" | ", " - ", " – ", " — "):
        if source and title.casefold().endswith(f"{dash}{source}".casefold()):
            title = title[: -len(dash + source)].rstrip()
    return title


def clean_body(text: str, title: str, language: str | None) -> attribution.Byline:
    """Return the paragraphs of the article in `text`, and the authors its byline names.

    Args:
        text: the body, its characters already clean.
        title: the clean headline.
        language: ISO 639-1 code; French keeps its spaces before punctuation.
    """
    for step in _SPACING_STEPS:
        text = step(text)
    text = spacing.join_punctuation(text, high=language != "fr")
    body = paragraphs.split_paragraphs(text)
    body = boilerplate.drop_boilerplate(body)
    body = paragraphs.drop_headline(body, title)
    body, authors = attribution.take_byline(body)
    body, others = attribution.take_date_line(body)
    body = paragraphs.drop_headline(body, title)
    body = attribution.drop_dateline(body)
    body = credits.drop_tail(credits.drop_credits(body))
    body = boilerplate.drop_boilerplate(body)
    return attribution.Byline(paragraphs.drop_repeats(body), authors or others)


def clean_authors(authors: tuple[str, ...]) -> tuple[str, ...]:
    """Return `authors` without "By", blanks, addresses and repetitions.

    >>> clean_authors(("By Jane Doe ", "jane doe", "https://a.example/jane", "Ann Lee"))
    ('Jane Doe', 'Ann Lee')
    """
    names: dict[str, str] = {}
    for author in authors:
        name = " ".join(clean_characters(author).split()).removeprefix("By ").removeprefix("by ")
        if name and "://" not in name and name.casefold() not in names:
            names[name.casefold()] = name
    return tuple(names.values())[:_MAX_AUTHORS]


def clean_article(article: Article, options: CleanOptions) -> Article:
    """Return `article` with clean title, text and authors, its language, flags and text hash.

    Raises:
        Rejected: the text is too short or no article; see `kinds.refuse_wall` and `kinds.judge`.
    """
    text = clean_characters(article.text)
    language = identify_language(f"{text}\n{article.title}", article.language)
    title = clean_title(article.title, article.source)
    kinds.refuse_wall(title, text, language)
    body, byline = clean_body(text, title, language)
    text = paragraphs.join_paragraphs(body)
    is_kept = options.keep_teasers and TEASER in article.flags
    text, flags = kinds.judge(article.url, title, text, 1 if is_kept else options.min_words)
    return replace(
        article,
        title=title,
        text=text,
        authors=clean_authors(article.authors) or byline,
        section=" ".join(clean_characters(article.section or "").split()) or None,
        language=language,
        flags=add_flags(article.flags, *flags),
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        raw=None,
    )


def _clean(article: Article, options: CleanOptions) -> Article:
    _load_identifier()
    return clean_article(article, options)


@cache
def _load_identifier() -> None:
    """Load what the first article needs, which takes a second, as no matter of that article."""
    with nothing_under_way():
        load_identifier()


@dataclass
class CleanArticles(beam.PTransform):
    """Clean every article; those that are no article, or too short, go to `errors`.

    Element-wise: bounded and unbounded input alike; keeps timestamps and windows.
    """

    options: CleanOptions
    errors: ErrorHandler
    bounds: Bounds = USUAL

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Article]:
        """Return the clean articles."""
        clean = partial(_clean, options=self.options)
        return articles | TryMap(clean, STEP, self.errors, self.bounds)
