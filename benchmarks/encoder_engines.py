"""The embedded encoder in torch beside OpenVINO: speed and quality on the same texts, in one run.

Run: PYTHONPATH=.:DIR python benchmarks/encoder_engines.py [--data EVAL_DIR] [--turns 3]
    [--sentences 1500] [--articles 100], after pip install --target DIR openvino

torch runs as newsbeam does, in the number format of this processor, without blank rows; OpenVINO in
the same format, and with weights in int8, one scale for each output, where activations are
quantised for each token as it goes. One thread each. Times are processor seconds, the least of some
turns that the engines take in turn; beside them what is lost: cosine to torch, whether a vector
depends on what is encoded with it, macro-F1 of topics, ROUGE of summaries.
"""

import argparse
import copy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from precision import read_items, sample_sentences
from quality import article, macro_f1
from rouge_score import rouge_scorer

from transforms.classify.phrases import article_vector, topic_probabilities, topic_vectors
from transforms.classify.topics import load_topics
from transforms.clean import CleanOptions, clean_article
from transforms.encode import MAX_SENTENCES, encode_articles
from transforms.models.encoder import Encoder, load_encoder, pooled
from transforms.models.pinned import EMBEDDED
from transforms.records import Article
from transforms.summarize.extractive import SummaryOptions, summarize_article

openvino: Any = __import__("openvino")
TOPICS, SUMMARIES = ("bbc", "agnews"), ("inshorts", "cnndm")


class OpenVinoEncoder(Encoder):
    """The encoder with OpenVINO in the place of torch's model.

    Args:
        encoder: whose weights it has.
        number_format: `fp32`, `bf16` or `int8`.
    """

    def __init__(self, encoder: Encoder, number_format: str) -> None:
        made = converted(encoder._model)
        if number_format == "int8":
            quantise(made)
        config = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "bf16" if number_format == "bf16" else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 2**32 if number_format == "int8" else 0,
        }
        self._request = openvino.Core().compile_model(made, "CPU", config).create_infer_request()
        super().__init__(encoder.files, encoder._tokenizer, encoder._model, number_format)

    def _forward(self, ids: Sequence[Sequence[int]], rows: int, width: int) -> torch.Tensor:
        tokens, mask = np.zeros((rows, width), np.int64), np.zeros((rows, width), np.int64)
        mask[:, 0] = 1
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        hidden = self._request.infer([tokens, mask], share_inputs=True)[0]
        return pooled(torch.from_numpy(hidden), torch.from_numpy(mask), self.files.pooling)

    def _lanes(self) -> int:
        return 1  # of one request


class _Bare(torch.nn.Module):
    """The model with its inputs in order, and its last layer as what it returns."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the last layer."""
        hidden: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
        return hidden


def converted(model: Any) -> Any:
    """Return `model` as OpenVINO has it, in fp32."""
    example = (torch.ones((2, 8), dtype=torch.int64), torch.ones((2, 8), dtype=torch.int64))
    bare = _Bare(copy.deepcopy(model).float())
    bare.model.packs = False  # which tokens fill up differs from batch to batch
    with torch.inference_mode():
        made = openvino.convert_model(bare, example_input=example)
    for value in made.inputs:
        value.get_node().set_partial_shape(openvino.PartialShape([-1, -1]))
    made.validate_nodes_and_infer_types()
    return made


def quantise(made: Any) -> None:
    """Give the weights of all linear layers in int8, with a scale for each output."""
    ops = openvino.opset13
    for node in made.get_ordered_ops():
        if node.get_type_name() != "MatMul":
            continue
        source = node.input(1).get_source_output()
        weights = source.get_node()
        if weights.get_type_name() != "Constant":
            continue
        values = np.asarray(weights.data, np.float32)
        is_transposed = node.get_attributes()["transpose_b"]
        scale = np.abs(values).max(axis=1 if is_transposed else 0, keepdims=True) / 127
        small = ops.constant(np.rint(values / scale).astype(np.int8))
        product = ops.multiply(ops.convert(small, "f32"), ops.constant(scale))
        node.input(1).replace_source_output(product.output(0))


def seconds(encoder: Encoder, texts: Sequence[str]) -> float:
    """Return the processor seconds of one pass over `texts`."""
    started = time.process_time()
    encoder.encode(texts)
    return time.process_time() - started


def topic_f1(folder: Path, name: str, encoder: Encoder, most: int) -> float:
    """Return macro-F1 of the best topics of every n-th article of one set, `most` of them."""
    made = topic_vectors(load_topics(folder / "topics" / f"{name}.yaml"), encoder)
    items = read_items(folder / "topics" / f"{name}.jsonl")
    items = items[:: -(-len(items) // most)]
    done = encode_articles(
        [article(item, item["text"], item["id"]) for item in items], encoder, MAX_SENTENCES
    )
    vectors = [one.vectors for one in done if isinstance(one, Article) and one.vectors is not None]
    found = [topic_probabilities(article_vector(one), made)[:-1].argmax() for one in vectors]
    gold = [made.labels.index(item["label"]) for item in items]
    return macro_f1(np.array(gold), np.array(found))


def rouge(folder: Path, name: str, encoder: Encoder, most: int) -> float:
    """Return the mean ROUGE-1 F of the summaries of the first articles of one set."""
    scorer = rouge_scorer.RougeScorer(["rouge1"], use_stemmer=True)
    items = read_items(folder / "summaries" / f"{name}.jsonl")[:most]
    cleaned = [clean_article(article(i, i["text"], i["id"]), CleanOptions()) for i in items]
    found = encode_articles(cleaned, encoder, MAX_SENTENCES)
    options = SummaryOptions()
    return float(
        np.mean(
            [
                scorer.score(item["reference"], summarize_article(one, options).summary)[
                    "rouge1"
                ].fmeasure
                for item, one in zip(items, found, strict=True)
                if isinstance(one, Article)
            ]
        )
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = Path(__file__).parents[2] / "shared" / "eval"
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=1500)
    parser.add_argument("--articles", type=int, default=100, help="of each set, for the quality")
    given = parser.parse_args()
    texts = sample_sentences(given.data)[: given.sentences]
    torch.set_num_threads(1)
    own = load_encoder(EMBEDDED)
    others = [OpenVinoEncoder(own, name) for name in dict.fromkeys([own.number_format, "int8"])]
    engines = {f"torch {own.number_format}": own}
    engines |= {f"OpenVINO {one.number_format}": one for one in others}
    vectors = {name: engine.encode(texts) for name, engine in engines.items()}
    took = dict.fromkeys(engines, float("inf"))
    for _ in range(given.turns):
        for name, engine in engines.items():
            took[name] = min(took[name], seconds(engine, texts))
    first = next(iter(engines))
    known = [name for name, has in torch.cpu.get_capabilities().items() if has is True]
    print(f"{len(texts)} sentences, one thread, least of {given.turns}, OpenVINO "
          f"{openvino.__version__}, processor with {', '.join(known)}",
          file=sys.stderr)  # fmt: skip
    print("engine          ms/sentence   faster  cosine mean/min  same alone  macro-F1     ROUGE-1")
    for name, engine in engines.items():
        cosine = (vectors[name] * vectors[first]).sum(axis=1)
        alone = np.concatenate([engine.encode([text]) for text in texts[:50]])
        same = (alone == vectors[name][:50]).all(axis=1).mean()
        f1 = "/".join(
            f"{topic_f1(given.data, one, engine, given.articles):.4f}" for one in ("bbc", "agnews")
        )
        words = "/".join(
            f"{100 * rouge(given.data, one, engine, given.articles):.2f}" for one in SUMMARIES
        )
        print(
            f"{name:15} {1000 * took[name] / len(texts):12.2f} {took[first] / took[name]:7.2f}x"
            f"  {cosine.mean():.5f}/{cosine.min():.4f} {same:10.0%}  {f1}  {words}"
        )


if __name__ == "__main__":
    main()
