"""Summaries: sentences of the article, or a model's draft that is checked against the article."""
