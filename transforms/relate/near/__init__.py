"""Near-duplicates: articles that repeat an earlier one with light edits."""
