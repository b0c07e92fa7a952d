"""What was forgotten is not there: a `newsbeam forget` that was killed may have left it."""

from collections.abc import Iterator, Sequence

from pipeline.upkeep.verify.findings import Problem
from pipeline.upkeep.verify.published_files import FileFacts
from transforms.output.ledger import read_columns
from transforms.output.storage import join
from transforms.output.withheld import is_forgotten, load_forgotten


def check_forgotten(root: str, facts: Sequence[FileFacts]) -> Iterator[Problem]:
    """Yield the rows of articles that are forgotten."""
    forgotten = load_forgotten(root)
    for fact in facts if forgotten else ():
        for row in read_columns(join(root, fact.file.path), ("id", "keys")).to_pylist():
            if is_forgotten((row["id"], *(row["keys"] or ())), forgotten):
                detail = f"it is to go: newsbeam forget {root} --id {row['id']}"
                yield Problem("forgotten", fact.file.path, detail, id=row["id"])
