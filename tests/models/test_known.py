"""The vectors that come with the package."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

import configs
from transforms.classify.phrases import texts_read, topic_vectors
from transforms.classify.topics import load_topics
from transforms.models.encoder import Encoder, load_encoder
from transforms.models.known import FOLDER, known_file, read_known, text_key, write_known
from transforms.models.pinned import EMBEDDED, MULTILINGUAL, PinnedModel

TOPICS = load_topics(Path(configs.__file__).parent / "topics/iptc.yaml")
TEXTS = list(dict.fromkeys(text for group in texts_read(TOPICS) for text in group))
WRITE = "run PYTHONPATH=. python benchmarks/known_vectors.py --write"


@pytest.mark.parametrize("model", [EMBEDDED, MULTILINGUAL])
def test_all_that_the_shipped_topics_read_is_known(model):
    known = read_known(model, "fp32")
    assert {text for text in TEXTS if text_key(text) not in known} == set(), WRITE
    assert len(known) == len(TEXTS), WRITE


@pytest.mark.parametrize(("model", "every"), [(EMBEDDED, 3), (MULTILINGUAL, 30)])
def test_known_vectors_are_those_of_the_encoder(model, every):
    known, texts = read_known(model, "fp32"), TEXTS[::every]
    computed = load_encoder(model, "fp32").computed(texts)
    # Other processors round otherwise in the last digits.
    np.testing.assert_allclose([known[text_key(text)] for text in texts], computed, atol=2e-5)


class Spy(Encoder):
    """Notes what it computes."""

    seen = ()

    def computed(self, texts):
        self.seen = list(texts)
        return super().computed(texts)


def spy(**fields):
    usual = load_encoder(EMBEDDED, "fp32")
    made = Spy(usual.files, usual._tokenizer, usual._model, "fp32")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_a_known_text_is_not_computed():
    usual, made = load_encoder(EMBEDDED, "fp32"), spy(known=read_known(EMBEDDED, "fp32"))
    texts = ["Rain fell.", TEXTS[0], "Snow.", TEXTS[5], TEXTS[0]]
    found = made.encode(texts)
    assert made.seen == ["Rain fell.", "Snow."]
    np.testing.assert_array_equal(found, usual.encode(texts))
    assert len(usual.known) == len(TEXTS)
    topic_vectors(TOPICS, made)
    assert made.seen == []


def test_what_all_have_in_common_is_taken_from_known_vectors_too():
    centre = np.full(384, 0.02, np.float32)
    without, known = spy(centre=centre), spy(centre=centre, known=read_known(EMBEDDED, "fp32"))
    np.testing.assert_allclose(
        known.encode(["Rain.", *TEXTS[:4]]), without.encode(["Rain.", *TEXTS[:4]]), atol=2e-5
    )


def test_other_weights_formats_and_encoders_know_nothing(tmp_path):
    assert read_known(EMBEDDED, "bf16") == {}
    assert read_known(PinnedModel("path:/m", hashes=EMBEDDED.hashes), "fp32") == {}
    other = PinnedModel(EMBEDDED.source, hashes=(("w", "0" * 64),), alias=EMBEDDED.alias)
    assert read_known(other, "fp32") == {}
    assert read_known(EMBEDDED, "fp32", tmp_path) == {}


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_file_that_was_cut_off_counts_as_none(tmp_path, size):
    whole = write_known(EMBEDDED, ["Rain.", "Snow."], np.ones((2, 2000), np.float32), tmp_path)
    assert len(read_known(EMBEDDED, "fp32", tmp_path)) == 2
    whole.write_bytes(whole.read_bytes()[:size])
    assert read_known(EMBEDDED, "fp32", tmp_path) == {}


def test_a_byte_that_changed_is_noticed(tmp_path):
    whole = write_known(EMBEDDED, ["Rain.", "Snow."], np.ones((2, 2000), np.float32), tmp_path)
    content = bytearray(whole.read_bytes())
    content[content.index(np.ones(9, "<f4").tobytes()) + 400] ^= 1
    whole.write_bytes(content)
    assert read_known(EMBEDDED, "fp32", tmp_path) == {}


def test_the_files_are_installed():
    packaged = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    (pattern,) = packaged["tool"]["setuptools"]["package-data"]["transforms.models"]
    files = sorted(FOLDER.parent.glob(pattern))
    assert files == sorted(known_file(model) for model in (EMBEDDED, MULTILINGUAL))
