"""`python -m pipeline` is `newsbeam`."""

from pipeline.cli import main

main()
