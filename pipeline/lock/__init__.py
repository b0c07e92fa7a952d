"""One writer per output."""
