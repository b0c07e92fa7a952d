import pytest
import yaml

from pipeline.check import input_files, watch_inputs
from pipeline.config import Config
from pipeline.config_files import find_config, load_config, parse_override
from transforms.errors import ConfigError


def write(tmp_path, text):
    path = tmp_path / "my.yaml"
    path.write_text(text)
    return str(path)


def test_default_is_the_installed_local_config():
    config = load_config(None)
    assert config.input.paths == ("seeds",)
    assert config.topics.file.endswith("iptc.yaml")
    assert load_config("local") == load_config("local.yaml") == config


def test_every_installed_config_is_valid():
    for path in find_config(None).parent.glob("*.yaml"):
        load_config(str(path))


def test_a_relative_path_is_told_where_it_counts_from(tmp_path, monkeypatch):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "news").mkdir(parents=True)
    (home / "news/a.txt").write_text("A ferry sails.")
    elsewhere.mkdir()
    path = write(home, "input: {paths: [news, 'news/*.txt']}")
    monkeypatch.chdir(home)
    assert len(input_files(load_config("my.yaml"))) == 1
    monkeypatch.chdir(elsewhere)
    hint = f"it is there below {home}, the folder of my.yaml: run newsbeam there"
    for check in (input_files, watch_inputs):
        with pytest.raises(ConfigError, match="counts from the current directory") as caught:
            check(load_config(path))
        assert hint in str(caught.value)
        with pytest.raises(ConfigError, match="counts from the current directory") as caught:
            check(load_config(path, {"input.paths": ["news"]}))
        assert "it is there" not in str(caught.value)
        with pytest.raises(ConfigError) as caught:
            check(load_config(path, {"input.paths": ["/none/news"]}))
        assert "current directory" not in str(caught.value)


def test_overrides_win_and_are_read_as_yaml(tmp_path):
    path = write(tmp_path, "summary: {max_words: 40}")
    overrides = dict(map(parse_override, ["summary.max_words=50", "input.paths=[a, b]"]))
    config = load_config(path, overrides)
    assert config.summary.max_words == 50
    assert config.input.paths == ("a", "b")


def test_one_field_name_may_stand_without_a_list(tmp_path):
    config = load_config(write(tmp_path, "input: {fields: {title: kop, text: [inhoud, tekst]}}"))
    assert config.input.fields == {"title": ("kop",), "text": ("inhoud", "tekst")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("summry: {}", "line 1, summry: unknown key, did you mean summary. Known here: input, f"),
        ("summary: {qx: 3}", r"line 1, summary\.qx: unknown key; known here: max_words"),
        ("run:\n\nsummary:\n  max_wrods: 3", r"line 4, summary\.max_wrods: .* mean max_words\?"),
        ("\nsummary: {max_words: 3}", r"line 2, summary\.max_words: .*greater than or equal to 10"),
        ("summary: {max_words: many}", r"summary\.max_words: .*integer"),
        ("input:\n  paths:\n  - a\n  - [b]", r"line 4, input\.paths\.1: .*string"),
        ("input:\n  feeds: https://a.example/", r"line 2, input\.feeds: a list .* \[https://a\.e"),
        ("- a list", "must hold sections"),
        ("a: [", "is not valid YAML"),
        ("a: \0", "is not valid YAML"),
        ("run:\n  strict: true\n  strict: false", "strict stands twice: in line 2 and in line 3"),
        ("input: {}\nrun: {}\n\ninput: {}", "input stands twice: in line 1 and in line 4"),
        ("input: {fields: {title: a, title: b}}", "title stands twice"),
        ("input: &x [*x]", r"line 1, input: "),
        ("topics: {file: none.yaml}", "topics.file: none.yaml does not exist"),
    ],
)
def test_wrong_config_names_file_key_and_fix(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path)
    assert "my.yaml" in str(caught.value) or "none.yaml" in str(caught.value)


def test_values_are_as_they_stand(tmp_path):
    """As YAML 1.2 reads them: no octal number, no time as a number, no word as `false`."""
    text = "summary: {max_words: 060}\ninput: {paths: [no, 12:30, 2026-01-01]}"
    config = load_config(write(tmp_path, text), dict([parse_override("stories.days=014")]))
    assert (config.summary.max_words, config.stories.days) == (60, 14)
    assert config.input.paths == ("no", "12:30", "2026-01-01")


def test_an_override_has_no_line(tmp_path):
    path = write(tmp_path, "summary:\n  max_words: 40")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"summary.max_words": 3, "fetch.allowed_hosts": "10.0.0.7:80"})
    first, *lines = str(caught.value).splitlines()
    assert first == "what --set, the environment or a program says:"
    assert sorted(lines)[0] == ("  fetch.allowed_hosts: a list is expected, such as [10.0.0.7:80]")
    assert sorted(lines)[1].startswith("  summary.max_words: ")


@pytest.mark.parametrize(
    "text", ["summary.max_words", "=3", "summary.max_words=[", "input={paths: a, paths: b}"]
)
def test_wrong_override_says_how_to_write_it(text):
    with pytest.raises(ConfigError, match="--set"):
        parse_override(text)


def test_missing_config_lists_the_installed_ones():
    with pytest.raises(ConfigError, match=r"none\.yaml does not exist.*local"):
        load_config("none.yaml")


def test_config_is_frozen_and_round_trips():
    config = load_config(None)
    with pytest.raises(ValueError, match="frozen"):
        config.summary.max_words = 3
    dumped = yaml.safe_dump(config.model_dump(mode="json"))
    assert Config.model_validate(yaml.safe_load(dumped)) == config
