from dataclasses import dataclass
from datetime import UTC, datetime

import apache_beam as beam
import numpy as np
import pytest
import torch
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from transforms.encode import EncodeArticles, encode_articles
from transforms.errors import ConfigError
from transforms.models.device import choose_format
from transforms.models.encoder import Encoder, forward, load_encoder, micro_batches
from transforms.models.loaders import Encoders
from transforms.models.pinned import EMBEDDED, find_model
from transforms.records import Article

TEXTS = [
    "The minister resigned on Monday.",
    "",
    "Rain.",
    "A very long sentence " * 120,
    "Köln, naïve café — and ¥ 5,000 “quoted”.",
]


def article(name="a", title="A title", text="First sentence. Second one.", **fields):
    return Article(
        id=name, uri=f"{name}.txt", fetched_at=datetime(2024, 5, 1, tzinfo=UTC), title=title,
        text=text, language="en", **fields,
    )  # fmt: skip


def plain_reference(texts):
    """One text at a time, no batching, as the model card shows."""
    folder = str(find_model(EMBEDDED))
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    vectors = []
    for text in texts:
        inputs = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        with torch.no_grad():
            mean = model(**inputs)[0].mean(1)
        vectors.append(torch.nn.functional.normalize(mean, dim=1)[0].numpy())
    return np.stack(vectors)


@dataclass(frozen=True)
class FakeEncoder:
    """Vectors of ones, and of NaN for texts that say so."""

    def encode(self, texts):
        rows = [[np.nan if "NaN" in text else 1.0, 0.0] for text in texts]
        return np.array(rows, np.float32)


@pytest.mark.parametrize(
    ("lengths", "tokens", "expected"),
    [
        ([], 10, []),
        ([3, 8, 3], 16, [(2, 8, [0, 1]), (2, 8, [2])]),
        ([30, 1, 30], 20, [(2, 8, [1]), (1, 32, [0]), (1, 32, [2])]),
        ([256, 200], 512, [(2, 224, [1]), (2, 256, [0])]),
    ],
)
def test_micro_batches(lengths, tokens, expected):
    assert list(micro_batches(lengths, tokens, 256)) == expected


@pytest.mark.parametrize("number_format", ["fp32", "auto"])
def test_vector_does_not_depend_on_the_other_texts(number_format):
    encoder = load_encoder(EMBEDDED, number_format)
    many = encoder.encode([*TEXTS, *(f"Filler number {n}." for n in range(70))])
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(many[: len(TEXTS)], alone)


class RoundsByShape:
    """A model whose numbers depend on the number of rows, as some processors' kernels do."""

    def __init__(self, model):
        self.model, self.config, self.device, self.tokens = model, model.config, model.device, 0

    def __call__(self, input_ids, attention_mask):
        self.tokens += input_ids.numel()
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
        return (hidden * (1 + 1e-3 * len(input_ids)),)


class Exact(RoundsByShape):
    """Counts tokens, and rounds by nothing."""

    def __call__(self, input_ids, attention_mask):
        self.tokens += input_ids.numel()
        return (torch.nn.functional.one_hot(input_ids % 384, 384).float(),)


def rewrapped(kind):
    encoder = load_encoder(EMBEDDED, "fp32")
    model = kind(encoder._model)
    made = Encoder(encoder.files, encoder._tokenizer, model, "fp32")
    model.tokens = 0
    return made, model


def test_batches_are_filled_where_the_number_of_rows_changes_the_rounding():
    encoder, model = rewrapped(RoundsByShape)
    assert encoder.fills
    many = encoder.encode(["Rain.", "Snow falls.", "Hail."])
    assert model.tokens == 1024
    np.testing.assert_array_equal(many[:1], encoder.encode(["Rain."]))


def test_nothing_blank_is_computed_where_it_does_not():
    encoder, model = rewrapped(Exact)
    assert not encoder.fills
    encoder.encode(["Rain.", "Snow falls.", "Hail."])
    assert model.tokens == 3 * 8


def test_a_text_given_twice_is_computed_once():
    encoder, model = rewrapped(Exact)
    texts = ["Snow falls.", "Rain.", "Snow falls.", "Rain.", "Rain."]
    found = encoder.encode(texts)
    assert model.tokens == 2 * 8
    np.testing.assert_array_equal(found, encoder.encode(texts[:2])[[0, 1, 0, 1, 1]])


class Reads:
    """A tokenizer that notes how much it is given."""

    def __init__(self, tokenizer):
        self.tokenizer, self.calls = tokenizer, []

    def encode_batch(self, texts):
        self.calls.append((len(texts), max(map(len, texts))))
        return self.tokenizer.encode_batch(texts)


def test_a_tokenizer_is_given_some_texts_and_no_more_of_them_than_is_read():
    usual = load_encoder(EMBEDDED, "fp32")
    made = Encoder(usual.files, usual._tokenizer, usual._model, "fp32")
    made._tokenizer = Reads(usual._tokenizer)
    long = "The council of the town met again. " * 30_000
    texts = [*(f"Number {number}." for number in range(300)), long]
    found = made.encode(texts)
    assert [count for count, _ in made._tokenizer.calls] == [256, 45]
    assert max(size for _, size in made._tokenizer.calls) <= 256 * 128
    np.testing.assert_array_equal(found[-1:], usual.encode([long[:5000]]))


class Scarce(RoundsByShape):
    """A model on a device without memory for more than two rows, and for one row of some texts."""

    def __call__(self, input_ids, attention_mask):
        if len(input_ids) > 2 or (self.tokens < 0 and input_ids.shape[1] > 64):
            raise torch.OutOfMemoryError
        return self.model(input_ids=input_ids, attention_mask=attention_mask)


def test_short_memory_cuts_batches_in_halves():
    usual = load_encoder(EMBEDDED, "fp32")
    scarce = Encoder(usual.files, usual._tokenizer, usual._model, "fp32")
    scarce._model = Scarce(usual._model)
    texts = [*TEXTS, *(f"Filler number {n}." for n in range(7))]
    np.testing.assert_array_equal(scarce.encode(texts), usual.encode(texts))
    scarce._model.tokens = -1
    bad = scarce.encode(texts)
    assert np.isnan(bad[3]).all()
    np.testing.assert_array_equal(np.delete(bad, 3, 0), np.delete(usual.encode(texts), 3, 0))


def test_the_way_of_a_gpu_gives_the_same_vectors():
    usual = load_encoder(EMBEDDED, "fp32")
    made = Encoder(usual.files, usual._tokenizer, usual._model, "fp32")
    # One batch after the other, of more tokens, as on a GPU, but computed here.
    made.device, made.tokens = torch.device("cuda"), 16_384
    assert made._lanes() == 1
    texts = [*TEXTS, *(f"Filler number {n}." for n in range(200))]
    np.testing.assert_array_equal(made.encode(texts), usual.encode(texts))


def test_all_is_computed_on_the_models_device():
    # Fake tensors hold no numbers, but know where they are, and refuse to meet those elsewhere.
    config = BertConfig(
        vocab_size=400, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64,
    )  # fmt: skip
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        with torch.device("cuda"):
            model = BertModel(config).eval()
        for pooling in ("mean", "cls"):
            vectors = forward(model, [[3, 4, 5], [6]], 4, 8, pooling)
            assert (vectors.device.type, vectors.shape) == ("cuda", (4, 32))
        with pytest.raises(RuntimeError, match="same device"):
            model(input_ids=torch.zeros((2, 4), dtype=torch.long))


def test_fp32_equals_the_plain_reference():
    np.testing.assert_allclose(
        load_encoder(EMBEDDED, "fp32").encode(TEXTS), plain_reference(TEXTS), atol=1e-5
    )


def test_chosen_format_is_near_the_plain_reference():
    vectors = load_encoder(EMBEDDED).encode(TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert (vectors * plain_reference(TEXTS)).sum(axis=1).min() > 0.999


def test_no_texts():
    assert load_encoder(EMBEDDED, "fp32").encode([]).shape == (0, 384)


def test_unknown_format():
    with pytest.raises(ConfigError, match="int3"):
        choose_format("int3", "cpu")


def test_articles_get_sentences_and_vectors():
    whole, untitled, cut = encode_articles(
        [article(), article(title=""), article(text="One. Two. Three. Four. Five.", flags=("x",))],
        FakeEncoder(),
        max_sentences=4,
    )
    assert whole.sentences == ("First sentence.", "Second one.")
    assert whole.vectors.tolist() == [[1, 0]] * 3
    assert untitled.vectors.tolist() == [[0, 0], [1, 0], [1, 0]]
    assert (len(cut.sentences), cut.vectors.shape, cut.flags) == (4, (5, 2), ("long", "x"))


def test_vectors_do_not_keep_the_batch_alive():
    (one,) = encode_articles([article()], FakeEncoder(), max_sentences=4)
    assert one.vectors.base is None


def test_bad_vector_does_not_harm_the_other_articles():
    good, bad = encode_articles([article(), article(text="NaN.")], FakeEncoder(), 9)
    assert good.vectors is not None
    assert (bad.step, bad.reason) == ("encode", "bad_vector")


def test_model_is_not_loaded_where_nothing_is_encoded():
    with beam.Pipeline(runner=fn_runner.FnApiRunner()) as p, ErrorHandler(Ignore()) as errors:
        _ = p | beam.Create([]) | EncodeArticles(errors, Encoders(_no_encoder))


def _no_encoder():
    raise AssertionError("loaded")


class Ignore(beam.PTransform):
    def expand(self, letters):
        return letters


class Collect(beam.PTransform):
    def expand(self, letters):
        reasons = letters | beam.Map(lambda letter: letter.reason)
        assert_that(reasons, equal_to(["bad_vector"]), label="letters")
        return reasons


def test_pipeline():
    inputs = [article(f"a{n}", text="NaN." if n == 1 else "Fine. Good.") for n in range(5)]
    with beam.Pipeline(runner=fn_runner.FnApiRunner()) as p, ErrorHandler(Collect()) as errors:
        encoded = (
            p
            | beam.Create(inputs)
            | EncodeArticles(errors, Encoders(FakeEncoder), batch_size=2)
            | beam.Map(lambda a: (a.id, a.vectors.shape))
        )
        assert_that(encoded, equal_to([(f"a{n}", (3, 2)) for n in (0, 2, 3, 4)]))
