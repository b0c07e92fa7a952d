"""Feeds and lists of articles: RSS, Atom, JSON Feed, news sitemaps, OPML."""
