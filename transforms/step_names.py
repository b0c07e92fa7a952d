"""The steps by name, as in their counters and dead letters, for what tells of them without Beam."""

FULLTEXT = "fulltext"

ORDER = (
    "read", "parse", "clean", "dedupe", FULLTEXT, "encode", "embed", "summarize", "verify",
    "describe", "classify", "relate", "write",
)  # fmt: skip
"""As they follow each other in the graph."""
