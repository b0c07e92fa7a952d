"""Where the date of an article was found: names that need none of what reads dates."""

DATE_SOURCES = ("record", "feed", "page", "path", "file", "run")
"""Where a publication date can come from, most trusted first.

`record`: a field of the record; `feed`: a feed's entry; `page`: the metadata or text of the page
or document; `path`: the web address or the file's path; `file`: the file's own time; `run`: when
it was read.
"""

STATED_SOURCES = frozenset({"record", "feed", "page", "path"})
"""Those that say something about the article, not about our copy of it."""
