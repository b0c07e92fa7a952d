"""What each article is: new, a new version, unchanged, a copy, or taken back by its source."""
