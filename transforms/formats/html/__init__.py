"""HTML pages: what is shown, the article's text, and what the page says about it."""
