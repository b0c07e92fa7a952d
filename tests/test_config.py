import pytest
import yaml

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
        ("summry: {}", "summry: unknown key; known here: input, fetch, clean"),
        ("summary: {words: 3}", r"summary\.words: unknown key; known here: max_words"),
        ("summary: {max_words: 3}", r"summary\.max_words: .*greater than or equal to 10"),
        ("summary: {max_words: many}", r"summary\.max_words: .*integer"),
        ("- a list", "must hold sections"),
        ("a: [", "cannot be read as YAML"),
        ("topics: {file: none.yaml}", "topics.file: none.yaml does not exist"),
    ],
)
def test_wrong_config_names_file_key_and_fix(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path)
    assert "my.yaml" in str(caught.value) or "none.yaml" in str(caught.value)


@pytest.mark.parametrize("text", ["summary.max_words", "=3", "summary.max_words=["])
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
