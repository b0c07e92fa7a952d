"""What sources take back: through the pure function, and through whole runs."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from builders import make_article, make_published
from runs import run_settings

from pipeline.upkeep.verify import verify_output
from transforms.dedupe.withdraw import drop_withdrawals, remember, take_back
from transforms.output.ledger import Known
from transforms.output.merge import Removal
from transforms.output.schema import article_row
from transforms.output.state import Withdrawn
from transforms.records import Partition, Withdrawal

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOME = Partition("2026-10-01", 0)


@pytest.mark.parametrize(
    ("modified_at", "date_source", "gone"),
    [
        (NOON - HOUR, "record", True),
        (NOON, "record", True),
        (NOON + HOUR, "record", False),
        (None, "record", True),  # published at one in the morning
        (None, "run", True),  # nothing tells when
    ],
)
def test_what_was_touched_before_is_taken_back(modified_at, date_source, gone):
    article = make_published(1, modified_at=modified_at, date_source=date_source)
    known = Known(article_row(article, "run"), HOME)
    standing = take_back([article], [known], {article.id: NOON})
    assert (standing.refused == [article], standing.articles == [article]) == (gone, not gone)
    assert standing.removals == ([(HOME, Removal(article.id))] if gone else [])
    assert standing.known == ([] if gone else [known])


def test_any_key_of_an_article_counts_and_no_other():
    article = make_article(1, keys=("a" * 32,))
    assert take_back([article], [], {"a" * 32: NOON}).refused == [article]
    assert take_back([article], [], {"b" * 32: NOON}).articles == [article]


def test_remember_keeps_the_last_time(tmp_path):
    root = str(tmp_path)
    remember(root, [Withdrawal("a", NOON), Withdrawal("b", NOON)])
    file = tmp_path / Withdrawn.NAME
    before = file.stat().st_mtime_ns
    assert remember(root, [Withdrawal("a", NOON - HOUR)]) == {"a": NOON, "b": NOON}
    assert file.stat().st_mtime_ns == before
    remember(root, [Withdrawal("a", NOON + HOUR)])
    assert Withdrawn.read(root).withdrawn == {"a": NOON + HOUR, "b": NOON}
    drop_withdrawals(root, ["a", "c"])
    assert remember(root, []) == {"b": NOON}


def ninjs(hour, status, number=1):
    """Return the version of news object `number` that was made at `hour`."""
    text = (
        f"The council of Town {number} voted on Monday to build a bridge over the river, and the "
        f"engineers expect that the work, which is to begin at {hour}, will take them two years."
    )
    body = {} if status == "canceled" else {"body_text": text}
    return body | {
        "uri": f"urn:news:{number}",
        "type": "text",
        "firstcreated": "2026-10-01T06:00:00Z",
        "versioncreated": f"2026-10-01T{hour:02d}:00:00Z",
        "pubstatus": status,
        "headline": f"Bridge for Town {number}",
    }


def newsml(hour, status):
    """Return the same for an item of NewsML-G2."""
    text = "" if status == "canceled" else ninjs(hour, status, 2)["body_text"]
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:news:2" version="1">
      <itemMeta><itemClass qcode="ninat:text"/><provider qcode="p:Desk"/>
        <versionCreated>2026-10-01T{hour:02d}:00:00Z</versionCreated>
        <firstCreated>2026-10-01T06:00:00Z</firstCreated>
        <pubStatus qcode="stat:{status}"/></itemMeta>
      <contentMeta><headline>Bridge for Town 2</headline></contentMeta>
      <contentSet><inlineData contenttype="text/plain">{text}</inlineData></contentSet>
    </newsItem>"""


class Desk:
    """An output and the agency's folder; every delivery is a run over all of the folder."""

    def __init__(self, folder):
        self.folder, self.output = folder / "in", folder / "out"
        self.folder.mkdir()
        self.number = 0

    def deliver(self, hour, status):
        """Run with a new version of both items; return the balance without what was unchanged."""
        self.number += 1
        name = f"{self.number:02d}"
        self.folder.joinpath(f"{name}.json").write_text(json.dumps(ninjs(hour, status)), "utf-8")
        self.folder.joinpath(f"{name}.newsml").write_text(newsml(hour, status), "utf-8")
        return self.run()

    def run(self):
        values = {
            "input": {"paths": [str(self.folder)]},
            "output": {"path": str(self.output)},
            "stories": {"enabled": False},
        }
        manifest = run_settings(values)
        counts = manifest.counts
        return counts.written, dict(counts.rejected)

    def rows(self):
        if not list(self.output.glob("date=*/*.parquet")):
            return []
        select = f"SELECT title, text FROM read_parquet('{self.output}/date=*/*.parquet')"
        return sorted(duckdb.sql(select).fetchall())

    def state(self):
        files = (*self.output.glob("date=*/*"), self.output / Withdrawn.NAME)
        return {path: path.read_bytes() for path in files}


def test_a_cancel_takes_the_row_out_until_a_newer_version_comes(tmp_path):
    desk = Desk(tmp_path)
    assert desk.deliver(7, "usable") == (2, {})
    assert len(desk.rows()) == 2

    written, rejected = desk.deliver(9, "canceled")
    assert (written, rejected) == (0, {"parse.canceled": 2, "dedupe.withdrawn": 2})
    assert desk.rows() == []

    before = desk.state()
    assert desk.run()[1] == {"parse.canceled": 2, "dedupe.withdrawn": 2}  # all of it again
    assert desk.deliver(8, "usable")[0] == 0  # late, from before the cancel
    assert (desk.rows(), desk.state()) == ([], before)

    assert desk.deliver(10, "usable")[0] == 2
    assert [text.partition("begin at ")[2][:2] for _, text in desk.rows()] == ["10", "10"]
    assert desk.run()[0] == 0
    assert verify_output(str(desk.output)).problems == []


def test_an_old_cancel_leaves_the_row(tmp_path):
    desk = Desk(tmp_path)
    desk.deliver(9, "usable")
    rows = desk.rows()
    assert desk.deliver(8, "canceled") == (0, {"parse.canceled": 2})
    assert desk.rows() == rows
