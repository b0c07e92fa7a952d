"""Text with Markdown's signs as HTML."""

import re
from functools import cache
from itertools import islice

from markdown_it import MarkdownIt

LEAST_SIGNS = 2
"""Signs from which a text that nobody says to be Markdown is taken for it."""

_SIGN = re.compile(r"\]\(https?://|^#{1,6} \S|\*\*[^\s*][^*\n]{0,200}\*\*", re.MULTILINE)


def markdown_to_html(text: str) -> str:
    """Return Markdown as HTML."""
    rendered: str = _renderer().render(text)
    return rendered


def looks_like_markdown(text: str) -> bool:
    r"""Return whether links, headings or bold words of Markdown stand in a text.

    >>> looks_like_markdown("# Ferry\n\nIt is **late**."), looks_like_markdown("5 * 3 # 7")
    (True, False)
    """
    return len(list(islice(_SIGN.finditer(text), LEAST_SIGNS))) == LEAST_SIGNS


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
