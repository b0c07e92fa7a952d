"""`newsbeam demo`, `doctor` and `init`."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from feed_texts import feed, item
from fetch_server import serve

from pipeline import doctor
from pipeline.config_files import load_config
from pipeline.samples import samples_folder

ROOT = Path(__file__).parents[2]
NOW = datetime(2200, 10, 5, 12, tzinfo=UTC)


def test_demo_shows_some_articles_and_what_to_type_next(tmp_path, newsbeam):
    done = newsbeam("demo", cwd=tmp_path)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].endswith("output newsbeam-demo")
    assert [line for line in lines if line.startswith("  https://")]
    assert lines[-3:] == [
        "All of them by topic: newsbeam show newsbeam-demo --by topic",
        "Your own articles: newsbeam run my-folder/ https://news.example/rss -o out",
        "A config of your own: newsbeam init",
    ]


def test_an_installation_brings_the_samples(tmp_path):
    command = [sys.executable, "setup.py", "-q", "build_py", "-d", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    built = {path.name for path in (tmp_path / "pipeline/samples").rglob("*") if path.is_file()}
    assert built == {path.name for path in Path(samples_folder()).rglob("*") if path.is_file()}


def examined(settings, now=NOW):
    found = list(doctor.examine(load_config(None, settings), now))
    return {state: [f.what for f in found if f.state == state] for state in ("warning", "fault")}


def test_doctor_finds_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "SCARCE_BYTES", 0)
    fine = {"output.path": str(tmp_path / "out"), "input.paths": []}
    now = datetime.now(UTC)
    assert examined(fine, now)["fault"] == []
    assert "clock" not in examined(fine, now)["warning"]
    assert "clock" in examined(fine, now + timedelta(hours=1))["warning"]
    assert "clock" in examined(fine, datetime(2020, 1, 1, tzinfo=UTC))["fault"]
    assert "settings" in examined(fine | {"output.path": "/proc/none"})["fault"]
    assert "input" in examined(fine | {"input.paths": ["/none/*"]})["fault"]
    nothing_pinned = {"encoder.model": {"source": "path:/none", "languages": ["en"]}}
    assert {"models", "settings"} <= set(examined(fine | nothing_pinned)["fault"])
    monkeypatch.setattr(doctor, "SCARCE_BYTES", 1 << 60)
    assert {"machine", "disk"} <= set(examined(fine)["warning"])
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "0.0.1")
    assert "versions" in examined(fine)["fault"]


def test_doctor_asks_the_feeds(tmp_path, newsbeam):
    routes = {"/feed": lambda h: h.reply(200, feed(item(1))), "/gone": lambda h: h.reply(410)}
    with serve(routes) as site:
        hosts = ["--set", f"fetch.allowed_hosts=[{site.host}]", "-o", tmp_path, "--json"]
        done = newsbeam("doctor", site.url("/feed"), site.url("/gone"), *hosts)
    assert done.code == 1
    states = {f["detail"]: f["state"] for f in done.json if f["what"] == "network"}
    assert states == {
        f"{site.url('/feed')} answers": "ok",
        f"{site.url('/gone')}: gone: answered 410": "fault",
    }


def test_doctor_says_which_feeds_it_does_not_ask(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "FEEDS_TRIED", 1)
    feeds = ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b", "http://127.0.0.1:9/c"]
    config = load_config(None, {"input.paths": [], "input.feeds": feeds})
    *_, last = (f for f in doctor.examine(config, NOW) if f.what == "network")
    assert last.detail == "2 more feeds not tried: a run asks all"


def test_doctor_shows_no_key_of_an_address(tmp_path, newsbeam):
    with serve({"": lambda h: h.reply(410)}) as site:
        hosts = ["--set", f"fetch.allowed_hosts=[{site.host}]", "-o", tmp_path, "--json"]
        done = newsbeam("doctor", site.url("/feed?page=2&api_key=K3Y-5ECRET"), *hosts)
    [said] = [finding["detail"] for finding in done.json if finding["what"] == "network"]
    assert "/feed?page=2&api_key=~" in said
    assert "5ECRET" not in done.out + done.err


def test_doctor_prints_a_line_for_each(tmp_path, newsbeam):
    lines = newsbeam("doctor", cwd=tmp_path).out.splitlines()
    assert [line.split()[0] for line in lines if line.split()[1] == "settings"] == ["ok"]
    assert [line for line in lines if "not tried: no feed is named" in line]


def test_init_writes_a_config_that_reads_what_is_named(tmp_path, newsbeam):
    (tmp_path / "my news").mkdir()
    text = "Bridge: it opens\n\nThe council opened a new bridge over the river on Monday.\n"
    (tmp_path / "my news/a.txt").write_text(text)
    done = newsbeam("init", "my news/", "-o", "o'ut", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "Tried " in done.out
    assert "a.txt: “Bridge: it opens”, " in done.out
    assert done.out.endswith(
        """Next: newsbeam run newsbeam.yaml  and then  newsbeam show 'o'"'"'ut'\n"""
    )
    written = yaml.safe_load((tmp_path / "newsbeam.yaml").read_text())
    assert written["input"] == {"paths": ["my news/"], "feeds": []}
    assert written["output"]["path"] == "o'ut"
    config = load_config(str(tmp_path / "newsbeam.yaml"))
    assert config.topics.file == str(tmp_path / "topics.yaml")
    again = newsbeam("init", "my news/", cwd=tmp_path)
    assert (again.code, "is here already; --force replaces it" in again.err) == (2, True)
    assert newsbeam("init", "my news/", "--force", cwd=tmp_path).code == 0


def test_init_tries_every_path_and_feed(tmp_path, newsbeam, monkeypatch):
    for folder in ("courier", "post"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(f"The {folder}\n\nA bridge opens at noon today.\n")
    routes = {f"/{n}": lambda h: h.reply(200, feed(item(1))) for n in range(24)}
    routes["/3"] = lambda h: h.reply(410)
    with serve(routes) as site:
        feeds = [site.url(f"/{n}") for n in range(24)]
        monkeypatch.setenv("NEWSBEAM_FETCH__ALLOWED_HOSTS", f"['{site.host}']")
        done = newsbeam("init", "courier", "post", *feeds, "--json", cwd=tmp_path)
    assert done.code == 1, done.err
    text = (tmp_path / "newsbeam.yaml").read_text()
    for name in ("courier", "post", *feeds):
        assert f"\n    - {name}\n" in text
    assert yaml.safe_load(text)["input"] == {"paths": ["courier", "post"], "feeds": feeds}
    *tried, left = done.json["tried"]
    assert len(tried) == 2 + 20
    assert [one["what"] for one in tried if not one["is_read"]] == [feeds[3]]
    assert [one["detail"].split(",")[0] for one in tried[:2]] == ["“The courier”", "“The post”"]
    assert (left["what"], left["is_read"]) == ("4 more feeds", True)
    assert "not tried" in left["detail"]


def test_init_tells_what_cannot_be_read(tmp_path, newsbeam):
    (tmp_path / "a.json").write_text("{")
    done = newsbeam("init", "a.json", "http://127.0.0.1:9/feed", "--json", cwd=tmp_path)
    assert done.code == 1
    assert [one["is_read"] for one in done.json["tried"]] == [False, False]
    assert ["bad_json" in done.json["tried"][0]["detail"], done.json["written"]] == [
        True,
        ["newsbeam.yaml", "topics.yaml"],
    ]


def test_init_tries_on_until_a_file_of_a_folder_is_read(tmp_path, newsbeam):
    news = tmp_path / "news"
    news.mkdir()
    for number in range(9):
        (news / f"a{number}.docx").write_bytes(b"PK\3\4")
        (news / f"b{number}.json").write_text("{")
    done = newsbeam("init", "news", "--json", cwd=tmp_path)
    [tried] = done.json["tried"]
    assert (done.code, tried["is_read"], tried["what"]) == (1, False, f"{news}/b0.json")
    assert tried["detail"].endswith("; nor can 7 other files that were tried")
    (news / "c.txt").write_text("The ferry\n\nA ferry sails at noon today.\n")
    done = newsbeam("init", "news", "--force", "--json", cwd=tmp_path)
    [tried] = done.json["tried"]
    assert (done.code, tried["is_read"], tried["what"]) == (0, True, f"{news}/c.txt")


@pytest.mark.parametrize("words", [[], ["feeds"]])
def test_init_needs_something_to_read(words, tmp_path, newsbeam):
    done = newsbeam("init", *words, cwd=tmp_path)
    assert (done.code, list(tmp_path.iterdir())) == (2, [])
    assert "name what is to be read" in done.err
