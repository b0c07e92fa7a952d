"""newsbeam as other programs use it: from Python, by variables, its schema and its log."""

import json
import logging
import re
import signal
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import api
from pipeline.cli import app, main
from pipeline.cli.log import JsonFormatter, is_json
from pipeline.config import Config
from pipeline.config_files import from_environment
from pipeline.given import documents, records
from pipeline.run_ids import latest_run_id
from transforms.errors import ConfigError, FeedsRefusedError

ROOT = Path(__file__).parents[1]
TEXT = "The council opened a new bridge over the river on Monday. It cost four million euros."


def test_a_list_of_articles_goes_in_and_rows_come_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    articles = [
        {"title": "A bridge", "text": TEXT, "url": "https://a.example/1", "date": "2026-10-01"},
        {"title": "No text", "text": "Short."},
    ]
    with pytest.warns(api.RejectedWarning) as warned:
        [row] = api.describe(articles, {"summary.max_words": 12})
    assert row["title"] == "A bridge"
    assert row["summary"] in TEXT
    assert len(row["summary"].split()) <= 12
    assert list(tmp_path.iterdir()) == []
    first, line = str(warned[0].message).splitlines()
    assert first.startswith("1 of 2 articles became no row")
    assert line == "  article 1, title No text: clean.too_short: 1 word of text, need 5"
    assert warned[0].filename == __file__


def test_rows_are_in_the_order_of_the_articles_and_say_which_they_are_of():
    texts = [
        "The council opened a new bridge over the river on Monday. It cost four million euros.",
        "A glacier in the north lost nine metres of its tongue this summer, a survey says.",
        "Odd.",
        "The orchestra plays three symphonies in the old harbour hall at the end of the week.",
    ]
    days = ["2026-10-03", None, "2026-10-01", "2026-10-01"]
    articles = [
        {"id": f"own-{n}", "title": f"News {n}", "text": text, "date": day}
        for n, (text, day) in enumerate(zip(texts, days, strict=True))
    ]
    articles.append({**articles[0], "id": "own-4"})
    rejected = []
    rows = api.describe(articles, rejected=rejected)
    assert [(row["index"], row["source_id"]) for row in rows] == [
        (0, "own-0"), (1, "own-1"), (3, "own-3"),
    ]  # fmt: skip
    assert [one["index"] for one in rejected] == [2]
    assert [row["date_source"] for row in rows] == ["record", "run", "record"]
    assert rows[0]["published_at"].day == 3
    assert rows[1]["published_at"] is None
    assert [row["uri"][-9:] for row in rows] == ["s/0000000", "s/0000001", "s/0000003"]
    [again] = api.describe([{"title": "First"}, articles[1]], rejected=[])
    assert (again["index"], again["id"]) == (1, rows[1]["id"])
    [repeated] = rows[0]["duplicates"]
    assert repeated["url"] == "memory:articles/0000004"


@pytest.mark.parametrize(
    ("articles", "told"),
    [
        (TEXT, "a list of mappings is expected, .*, not a str"),
        ({"text": TEXT}, "a list of mappings is expected, .*, not a dict"),
        (None, "a list of mappings is expected, .*, not a NoneType"),
        ([{"text": TEXT}, TEXT], "article 1 is a str; a mapping is expected"),
        ([{}, {"title": "A", "text": b"A bridge"}], "article 1, field 'text': it is a bytes, not "),
        ([{"title": "A", "body": {"text": [bytearray()]}}], "article 0, field 'body': it is a byt"),
        ([{(1, 2): "A"}], r"article 0, field \(1, 2\): keys must be"),
    ],
)
def test_what_is_no_list_of_articles_is_told(articles, told):
    with pytest.raises(TypeError, match=told):
        api.describe(articles)


def test_articles_that_are_too_large_are_rejected():
    [row, letter] = documents(records([{"a": "b"}, {"a": "b" * 99}]), datetime.now(UTC), 50)
    assert (row.line, row.modified_at) == (1, None)
    assert (letter.line, letter.reason) == (2, "too_large")


def test_what_becomes_no_row_can_be_had():
    odd = [{"id": f"a-{number}", "title": "Odd", "text": "Odd."} for number in range(4)]
    articles = (one for one in [*odd[:2], {"title": "A bridge", "text": TEXT}, *odd[2:]])
    rejected = []
    [row] = api.describe(articles, rejected=rejected)
    assert row["title"] == "A bridge"
    assert [(one["index"], one["article"]["id"]) for one in rejected] == [
        (0, "a-0"), (1, "a-1"), (3, "a-2"), (4, "a-3"),
    ]  # fmt: skip
    assert {(one["step"], one["reason"]) for one in rejected} == {("clean", "too_short")}
    assert all(one["detail"] for one in rejected)
    with pytest.warns(api.RejectedWarning, match=r"article 0, id a-0: clean[\s\S]*and 1 more$"):
        assert api.describe(odd) == []
    assert api.describe([]) == []


def test_a_run_and_what_it_published(tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSBEAM_OUTPUT__PATH", str(tmp_path / "out"))
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(f"A bridge\n\n{TEXT}\n")
    manifest = api.run("a.txt")
    assert (manifest["status"], manifest["balance"]["written"]) == ("done", 1)
    assert manifest["run_id"] == latest_run_id()
    table = api.read_output(str(tmp_path / "out"), ["title", "run_id"])
    assert table.to_pylist() == [{"title": "A bridge", "run_id": manifest["run_id"]}]
    days = api.read_output(str(tmp_path / "out"), ["date"])["date"].to_pylist()
    [published] = api.read_output(str(tmp_path / "out"), ["published_at"]).to_pylist()
    assert days == [published["published_at"].date()]
    asked = api.read_output(str(tmp_path / "out"), ["date", "title"])
    assert asked.column_names == ["date", "title"]
    with pytest.raises(ConfigError, match="nowhere does not exist"):
        api.run("nowhere")
    with pytest.raises(ConfigError, match="is not the output of a run"):
        api.read_output(str(tmp_path / "none"))


def test_an_unknown_column_is_told_with_those_that_are_like_it(tmp_path):
    with pytest.raises(ConfigError, match="there is no 'titel', did you mean title"):
        api.read_output(str(tmp_path), ["titel", "text"])
    with pytest.raises(ConfigError, match=r"there is no 'xyzq'\. docs/schema\.md lists them"):
        api.read_output(str(tmp_path), ["xyzq"])
    with pytest.raises(TypeError, match=r"such as \['title'\]"):
        api.read_output(str(tmp_path), "title")


def test_settings_of_the_environment():
    variables = {
        "NEWSBEAM_SUMMARY__MAX_WORDS": "33",
        "NEWSBEAM_INPUT__FEEDS": "[https://a.example/]",
        "NEWSBEAM_RUN__RUNNER__NAME": "flink",
        "NEWSBEAM_MODELS": "/models",
        "OTHER__NAME": "x",
    }
    assert from_environment(variables) == {
        "summary.max_words": 33,
        "input.feeds": ["https://a.example/"],
        "run.runner.name": "flink",
    }
    with pytest.raises(ConfigError, match="NEWSBEAM_A__B"):
        from_environment({"NEWSBEAM_A__B": "["})


def test_the_command_line_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("NEWSBEAM_SUMMARY__MAX_WORDS", "33")
    monkeypatch.setenv("NEWSBEAM_SUMMARY__BEAMS", "2")
    done = CliRunner().invoke(app, ["check", "--json", "--set", "summary.max_words=44"])
    summary = json.loads(done.output)["config"]["summary"]
    assert (summary["max_words"], summary["beams"]) == (44, 2)
    monkeypatch.setenv("NEWSBEAM_SUMMARY__NONSENSE", "2")
    done = CliRunner().invoke(app, ["check"])
    assert "nonsense" in str(done.exception)


def test_the_schema_knows_every_section():
    schema = json.loads(CliRunner().invoke(app, ["check", "--schema"]).output)
    assert schema["properties"].keys() == Config.model_fields.keys()
    assert schema["additionalProperties"] is False


def test_the_schema_knows_how_ages_are_written():
    ages = Config.model_json_schema()["$defs"]["RetentionConfig"]["properties"]["text"]["anyOf"]
    [pattern] = [kind["pattern"] for kind in ages if kind["type"] == "string"]
    for age in ("30d", "6w", "2 y"):
        assert re.fullmatch(pattern, age)
        Config.model_validate({"retention": {"text": age}})
    assert not re.search(pattern, "30 days")


def test_a_program_that_reads_an_output_loads_no_engine_and_keeps_its_log():
    code = (
        "import logging, sys\nfrom pipeline import api\n"
        "assert not {'apache_beam', 'torch', 'pandas'} & sys.modules.keys(), 'an engine'\n"
        "api.embed(['floods'])\nassert logging.getLogger().handlers == []\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_of_which_no_feed_could_be_read_is_an_error(tmp_path):
    with pytest.raises(FeedsRefusedError, match=r"127\.0\.0\.1 is not public"):
        api.run("http://127.0.0.1:9/feed", output=str(tmp_path / "out"))


def test_shells_can_complete():
    done = CliRunner().invoke(app, ["--help"])
    assert "--install-completion" in done.output


def test_a_log_of_objects():
    record = logging.LogRecord("pipeline.watch", logging.INFO, "", 0, "%d rows\n\x1b", (3,), None)
    line = JsonFormatter().format(record)
    values = json.loads(line)
    assert (values["level"], values["logger"], values["message"]) == (
        "info", "pipeline.watch", "3 rows\n\x1b",
    )  # fmt: skip
    assert values.keys() == {"time", "level", "logger", "run_id", "message"}
    assert "\n" not in line
    assert "\x1b" not in line
    assert not is_json()


def test_errors_are_objects_too(tmp_path, newsbeam):
    done = newsbeam("--log", "json", "show", tmp_path / "none")
    assert done.code == 2
    error = json.loads(done.err)
    assert (error["level"], "is not the output of a run" in error["message"]) == ("error", True)


def test_the_handlers_of_signals_are_given_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with pytest.raises(SystemExit):
        main(["--version"])
    assert {number: signal.getsignal(number) for number in before} == before


def test_types_are_published():
    assert (ROOT / "pipeline/py.typed").exists()
    assert (ROOT / "transforms/py.typed").exists()
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for package in ("pipeline", "transforms"):
        assert packaged["package-data"][package] == ["py.typed"]
