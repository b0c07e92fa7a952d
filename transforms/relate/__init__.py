"""How articles relate: near-duplicates, and stories on one event."""
