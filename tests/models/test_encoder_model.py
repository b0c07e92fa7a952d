"""Another sentence encoder than the embedded one, from its files to a whole run."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from sentence_transformers import SentenceTransformer
from tiny_models import MEAN, STEPS, save_encoder

from pipeline.check import problems
from pipeline.config_files import load_config
from pipeline.model_pins import encoder_loader
from transforms.errors import ConfigError
from transforms.models.contract import unit
from transforms.models.encoder_files import read_encoder_files
from transforms.text.news_lines import news_lines

ROOT = Path(__file__).parents[2]
CLS = {"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": True}
TEXTS = ["two bridges", "", "Der Rat stimmt ab.", "the council voted to close two bridges " * 9]


def config_file(tmp_path, digest, languages=("en", "de"), **sections):
    path = tmp_path / "c.yaml"
    model = {
        "source": f"path:{tmp_path / 'encoder'}", "sha256": digest, "languages": list(languages),
    }  # fmt: skip
    base = {
        "input": {"paths": [str(ROOT / "seeds")]},
        "output": {"path": str(tmp_path / "out")},
        "topics": {"file": str(ROOT / "configs/topics/iptc.yaml")},
        "encoder": {"model": model, "number_format": "fp32"},
    }
    path.write_text(yaml.safe_dump(base | sections))
    return path


def rows_of(output):
    return [
        row
        for path in sorted(output.glob("date=*/*.parquet"))
        for row in pq.read_table(path, partitioning=None).to_pylist()
    ]


@pytest.mark.parametrize("pooling", [MEAN, CLS])
def test_vectors_are_those_of_sentence_transformers(tmp_path, pooling):
    folder = tmp_path / "encoder"
    config = load_config(str(config_file(tmp_path, save_encoder(folder, pooling))))
    ours = encoder_loader(config)().encode(TEXTS)
    transformer = SentenceTransformer(str(folder), device="cpu")
    theirs, lines = (
        transformer.encode(texts, normalize_embeddings=True)
        for texts in (TEXTS, list(news_lines()))
    )
    # With random weights all texts are much alike, so what is common to news is taken.
    np.testing.assert_allclose(ours, unit(theirs - lines.mean(axis=0)), atol=1e-3)


def test_everything_is_read_from_the_files(tmp_path):
    save_encoder(tmp_path / "encoder", CLS, max_tokens=900)
    files = read_encoder_files(tmp_path / "encoder")
    # 130 positions, of which XLM-RoBERTa uses all but the first two; the tokenizer says 128 too.
    assert files == ("cls", 128, 32, "query: ", False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pooling": {**MEAN, "pooling_mode_max_tokens": True}}, "pooling mean, max_tokens"),
        ({"pooling": {**CLS, "pooling_mode": "lasttoken"}}, "pooling lasttoken, not mean or cls"),
        ({"pooling": {**CLS, "include_prompt": False}}, "leaves its prompt out"),
        ({"pooling": {**MEAN, "word_embedding_dimension": 64}}, "pooling makes 64 numbers of 32"),
        ({"steps": [*STEPS, {"path": "2_Dense", "type": "x.Dense"}]}, "Dense in 2_Dense"),
        ({"steps": [{"path": ""}]}, "does not list its steps"),
    ],
)
def test_encoder_that_is_not_computed_here_is_refused(tmp_path, change, message):
    digest = save_encoder(tmp_path / "encoder", **change)
    [found] = problems(load_config(str(config_file(tmp_path, digest))))
    assert message in found
    assert found.endswith("choose another model")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("modules.json", None, "has no modules.json; name a model in the layout of sentence-tr"),
        ("tokenizer.json", None, "has no tokenizer.json"),
        ("config.json", {"auto_map": {}}, "needs its own code"),
        ("config.json", {"is_encoder_decoder": True}, "writes text as well"),
        ("config.json", "{", "config.json cannot be read"),
    ],
)
def test_files_that_are_missing_or_broken(tmp_path, name, content, message):
    save_encoder(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_text(content if content == "{" else json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        read_encoder_files(tmp_path)


@pytest.mark.parametrize(
    ("languages", "message"),
    [([], "name those that the encoder knows"), (["de"], "lacks en, but topic phrases")],
)
def test_languages_are_named_and_english_is_among_them(tmp_path, languages, message):
    with pytest.raises(ConfigError, match=message):
        load_config(str(config_file(tmp_path, "0" * 64, languages)))


def test_other_weights_are_other_vectors(tmp_path):
    digest = save_encoder(tmp_path / "encoder")
    known = encoder_loader(load_config(str(config_file(tmp_path, digest))))
    assert known.model.digest == digest
    (tmp_path / "encoder" / "model.safetensors").write_bytes(b"other")
    [found] = problems(load_config(str(config_file(tmp_path, digest))))
    assert found.startswith("vectors: model path:")
    assert "restore the original file" in found


def test_run_over_an_output_that_the_embedded_encoder_began(tmp_path, newsbeam):
    output = tmp_path / "out"
    assert newsbeam("run", "local", "-i", ROOT / "seeds" / "notes", "-o", output).code == 0
    [began] = {row["run_id"] for row in rows_of(output)}
    digest = save_encoder(tmp_path / "encoder")
    config = config_file(tmp_path, digest)
    done = newsbeam("run", config, "--json")
    assert done.code == 0, done.err
    assert done.json["models"] == {
        "vectors": {
            "name": "encoder", "sha256": digest, "device": "cpu", "number_format": "fp32"
        }
    }  # fmt: skip
    rows = rows_of(output)
    # Nothing is done again: vectors of both encoders stand side by side, told apart by length.
    assert {len(row["story_vector"]) for row in rows if row["run_id"] == began} == {384}
    new = [row for row in rows if row["run_id"] != began]
    assert {len(row["story_vector"]) for row in new} == {32}
    assert {row["summary_model"] for row in new} == {"encoder"}
    by_language = {}
    for row in new:
        flagged = "language_not_supported" in row["flags"]
        by_language.setdefault(row["language"], set()).add(flagged)
        assert row["summary"]
        assert not (flagged and row["topics"])
    assert by_language.pop("en") == by_language.pop("de") == {False}
    assert set().union(*by_language.values()) == {True}
    listed = newsbeam("models", "list", config, "--json")
    assert [(row["name"], row["use"], row["languages"]) for row in listed.json] == [
        ("encoder", "vectors", ["en", "de"])
    ]


def test_head_is_trained_on_the_vectors_of_the_configured_encoder(tmp_path, newsbeam):
    labelled, head = tmp_path / "l.jsonl", tmp_path / "h.safetensors"
    lines = [{"label": label, "text": f"{label} is the word."} for label in ("sport", "money") * 2]
    labelled.write_text("\n".join(map(json.dumps, lines)))
    config = config_file(tmp_path, save_encoder(tmp_path / "encoder"))
    with_head = {"topics.engine": "linear", "topics.head": str(head)}
    assert newsbeam("train-topics", labelled, "-o", head).code == 0
    assert "vectors of another encoder" in problems(load_config(str(config), with_head))[0]
    assert newsbeam("train-topics", labelled, "-o", head, "--config", config).code == 0
    assert problems(load_config(str(config), with_head)) == []
