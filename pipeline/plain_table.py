"""Tables in the style of all reports."""

from rich import box
from rich.table import Table

_COUNTS = ("articles", "inputs", "new items")


def plain_table(title: str | None, *columns: str) -> Table:
    """Return a table in the style of all reports; counts stand to the right."""
    table = Table(*columns, title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in table.columns:
        if column.header in _COUNTS:
            column.justify = "right"
    return table
