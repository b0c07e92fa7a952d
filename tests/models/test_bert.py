"""The encoder's model in torch alone, beside that of transformers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import BertConfig, BertModel

from transforms.models.bert import Bert, BertShape, read_bert
from transforms.models.encoder import Encoder, forward, load_encoder
from transforms.models.pinned import EMBEDDED

SIZES = {
    "vocab_size": 400,
    "hidden_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "max_position_embeddings": 64,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("bert")
    torch.manual_seed(7)
    BertModel(BertConfig(**SIZES, initializer_range=0.3)).save_pretrained(made)
    return made


def texts(lengths, width):
    """Tokens and mask of texts of these lengths, padded with what would change a vector."""
    ids, mask = torch.randint(1, 400, (len(lengths), width)), torch.zeros(len(lengths), width)
    for row, length in enumerate(lengths):
        mask[row, :length] = 1
    return ids, mask.long()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("lengths", "width"),
    [
        ([3], 8),
        ([8], 8),
        ([40], 48),
        ([48, 48], 48),
        ([9, 16, 12], 16),
        ([1, 64, 33, 2], 64),
        ([8] * 31 + [7], 8),
    ],
)
def test_every_bit_is_that_of_transformers(folder, dtype, lengths, width):
    usual = BertModel.from_pretrained(folder, dtype=dtype, add_pooling_layer=False).eval()
    ours = read_bert(folder, dtype)
    ids, mask = texts(lengths, width)
    with torch.inference_mode():
        wanted = usual(input_ids=ids, attention_mask=mask)[0][mask.bool()]
        for ours.packs in (True, False):
            found = ours(ids, mask)[0][mask.bool()]
            # With fewer rows, some processors round otherwise; the self-test at load sees to that.
            assert torch.equal(found, wanted) or ours.packs
            torch.testing.assert_close(found, wanted)


def test_weights_may_be_those_of_a_larger_model(folder, tmp_path):
    weights = {
        f"bert.{name}": tensor for name, tensor in load_file(folder / "model.safetensors").items()
    }
    save_file({**weights, "head.weight": torch.ones(3)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    ids, mask = texts([5, 30], 32)
    alike = [read_bert(place, torch.float32)(ids, mask)[0] for place in (folder, tmp_path)]
    assert torch.equal(*alike)


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"hidden_size": None},
        {"num_hidden_layers": 4},
        {"intermediate_size": 256},
    ],
)
def test_another_kind_is_left_to_transformers(folder, tmp_path, change):
    config = json.loads((folder / "config.json").read_text()) | change
    config = {key: value for key, value in config.items() if value is not None}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").symlink_to(folder / "model.safetensors")
    assert read_bert(tmp_path, torch.float32) is None


class Counting(Bert):
    """Notes how many rows its matrices are multiplied with."""

    def _attended(self, hidden, layer, batch):
        self.rows = len(hidden)
        return super()._attended(hidden, layer, batch)


def made_of(kind):
    """The embedded encoder, with its model as `kind`."""
    usual = load_encoder(EMBEDDED, "fp32")
    model = kind(usual._model.config).load(usual._model.state_dict())
    return Encoder(usual.files, usual._tokenizer, model, "fp32"), model


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("mapped", [True, False])
def test_weights_stay_in_their_file_if_nobody_writes_to_it(folder, mapped):
    model = read_bert(folder, torch.float32, mapped=mapped)
    lines = (line.split() for line in Path("/proc/self/maps").read_text().splitlines())
    there = [
        range(*(int(end, 16) for end in line[0].split("-")))
        for line in lines
        if line[-1] == str(folder / "model.safetensors")
    ]
    places = [weight.data_ptr() for weight in model.parameters()]
    assert [any(place in part for part in there) for place in places] == [mapped] * len(places)


def test_what_fills_rows_up_is_not_computed():
    encoder, model = made_of(Counting)
    encoder.encode(["Rain fell in the north of the country on Monday.", "Snow"] * 4)
    if not model.packs:
        pytest.skip("this processor's kernels round by the number of rows")
    ids, mask = texts([41, 48], 48)
    model(ids, mask)
    assert model.rows == 41 + 48


class Rounds(Bert):
    """Its numbers depend on how many tokens it is given, as with some processors' kernels."""

    def _attended(self, hidden, layer, batch):
        return super()._attended(hidden, layer, batch) * (1 + 1e-3 * len(hidden))


def test_blank_tokens_stay_where_their_number_changes_the_rounding():
    encoder, model = made_of(Rounds)
    assert (model.packs, encoder.fills) == (False, True)
    many = encoder.encode(
        ["Rain fell in the north of the country on Monday, too.", "Hail fell. " * 4]
    )
    alone = encoder.encode(["Rain fell in the north of the country on Monday, too."])
    np.testing.assert_array_equal(many[:1], alone)


def test_all_is_computed_on_the_models_device():
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        model = Bert(BertShape(**SIZES, type_vocab_size=2, layer_norm_eps=1e-12))
        shapes = {name: weight.shape for name, weight in model.named_parameters()}
        model.load({name: torch.empty(shape, device="cuda") for name, shape in shapes.items()})
        for pooling in ("mean", "cls"):
            vectors = forward(model, [[3, 4, 5] * 12, [6]], 4, 48, pooling)
            assert (vectors.device.type, vectors.shape) == ("cuda", (4, 64))


_ENCODE = """
import sys
from transforms.models.encoder import load_encoder
from transforms.models.pinned import EMBEDDED, MULTILINGUAL
for model in (EMBEDDED, MULTILINGUAL):
    load_encoder(model).encode(["Rain fell.", "Snow"])
print(sorted({"transformers", "torch._dynamo", "sympy", "scipy"} & sys.modules.keys()))
"""


def test_what_takes_long_to_import_is_not_imported():
    done = subprocess.run(
        [sys.executable, "-c", _ENCODE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
