"""The registry of input formats.

A format knows how to split a file into documents and how to parse one document. To add one, write
a module with a `Format` and add it to `FORMATS`.
"""
