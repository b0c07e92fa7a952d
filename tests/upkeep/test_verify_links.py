from dataclasses import replace

import duckdb
import pytest
from builders import make_article, make_published, verify_and_fix

from pipeline.upkeep.verify import verify_output
from pipeline.upkeep.verify.published_files import check_file
from pipeline.upkeep.verify.relations import check_links
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.records import home_of

STATES = {
    "as it should be": ({1: 0, 2: 0, 30: 0}, {0: 0, 1: 0, 2: 0}, [], {1: 0, 2: 0, 30: 0}),
    "gone": ({1: 4, 2: 0}, {}, ["dangling_link"], {2: 0}),
    "chain": ({1: 0, 2: 1, 30: 2}, {}, ["link_to_copy"], {1: 0, 2: 0, 30: 0}),
    "chain to nothing": ({1: 2, 2: 4}, {}, ["dangling_link", "link_to_copy"], {}),
    "circle": ({1: 2, 2: 1}, {}, ["link_to_copy"], {}),
    "itself": ({1: 1}, {}, ["link_to_copy"], {}),
    "story without its first": ({}, {0: 4, 1: 4}, [], {}),
    "story elsewhere": ({}, {0: 2, 1: 0, 2: 2}, ["wrong_story"], {}),
}


def publish(root, links, stories):
    for number in (0, 1, 2, 30):
        article = replace(
            make_published(number),
            duplicate_of=make_article(links[number]).id if number in links else None,
            story_id=make_article(stories[number]).id if number in stories else None,
        )
        publish_partition(str(root), home_of(article, 1), [article_row(article, "run")])


@pytest.mark.parametrize(("links", "stories", "codes", "mended"), STATES.values(), ids=STATES)
def test_links(tmp_path, links, stories, codes, mended):
    publish(tmp_path, links, stories)
    own = {"unlisted_file", "summary_not_in_text"}
    report = verify_output(str(tmp_path))
    assert sorted({problem.code for problem in report.problems} - own) == codes
    fixed = verify_and_fix(tmp_path)
    assert {problem.code for problem in fixed.remaining} - own - {"wrong_story"} == set()
    sql = f"select id, duplicate_of from read_parquet('{tmp_path}/date=*/*.parquet')"
    rows = dict(duckdb.sql(sql).fetchall())
    assert {id_: first for id_, first in rows.items() if first} == {
        make_article(number).id: make_article(first).id for number, first in mended.items()
    }


def test_passes_find_what_one_pass_finds(tmp_path):
    publish(tmp_path, {1: 4, 2: 30, 30: 0}, {0: 2, 1: 0, 2: 2})
    facts = [check_file(str(tmp_path), file)[0] for file in day_files(str(tmp_path))]
    found = set(check_links(str(tmp_path), facts))
    assert len(found) == 3
    assert set(check_links(str(tmp_path), facts, rows_per_pass=1)) == found
