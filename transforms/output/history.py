"""Versions of articles that were replaced, kept in `_revisions/` on request.

One file per version, `_revisions/date=<its day>/<id>-<revision>.parquet`, in the schema of the
output: a publication that is repeated after a crash writes the same file again.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from transforms.output.file_columns import rereads
from transforms.output.key_index import index_of, key_hashes
from transforms.output.ledger import look_up
from transforms.output.listing import Listing
from transforms.output.merge import Row, decode_table, encode_table
from transforms.output.schema import rows_table
from transforms.output.storage import join, publish, read_bytes
from transforms.output.versions import Edition, revision, union_versions
from transforms.records import DayFile, Partition

FOLDER = "_revisions"


def keep_replaced(root: str, rows: Iterable[Row]) -> list[str]:
    """Keep the published rows below `root` that `rows` are about to replace; return the paths.

    Call it before `rows` are published. A row is kept where title or text change, also where the
    new one moves to another day.
    """
    arriving = {row["id"]: row for row in rows}
    paths = []
    for known in look_up(root, set(arriving), set()):
        new = arriving.get(known.row["id"])
        if new is None or not _is_revised(known.row, new):
            continue
        for old in full_rows(root, known.home, known.row["id"]):
            name = f"{old['id']}-{old['revision']:04d}.parquet"
            path = f"{FOLDER}/date={known.home.date}/{name}"
            publish(join(root, path), encode_table(rows_table([old])))
            paths.append(path)
    return paths


def _is_revised(old: Row, new: Row) -> bool:
    more = revision(union_versions(old["versions"], new["versions"]))
    is_replaced = Edition.of_row(old).is_replaced_by(Edition.of_row(new))
    return is_replaced and more > revision(old["versions"])


@rereads
def full_rows(root: str, home: Partition, id_: str) -> list[Row]:
    """Return the published row of `id_` in the partition `home`, if any, with all columns."""
    listing = Listing(root, home.date)
    files = [file for file in listing.files if file.partition == home]
    wanted = key_hashes(pa.array([id_], pa.string()))
    holders = index_of(root).holders(listing, files, wanted)
    return [row for file in holders for row in _row(root, file, id_)]


def _row(root: str, file: DayFile, id_: str) -> list[Row]:
    path = join(root, file.path)
    content = read_bytes(path)
    if content is None:
        raise FileNotFoundError(file.path)
    table = decode_table(content, path)
    found: list[Row] = table.filter(pc.equal(table["id"], id_)).to_pylist()
    return found
