"""Text, in any language: words, sentences, dates, and the language itself."""
