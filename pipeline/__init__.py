"""newsbeam: articles in, summarised and classified Parquet out."""

__version__ = "0.1.0"
