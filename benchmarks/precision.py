"""Which number format for the encoder: speed, and what is lost, side by side in one run.

Run: python benchmarks/precision.py [EVAL_DIR]

Times the same sentences in every format, in turns so that a busy machine harms all alike, and
measures cosine to fp32, whether a text's vector depends on its neighbours, and macro-F1 on AG News
and BBC News where the evaluation data is present (default: ../shared/eval beside the repository).
Then times budgets of tokens per batch. int8 is torch's dynamic quantisation, weights per channel:
the pipeline does not offer it, and this table says why.
"""

import copy
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from transforms.classify.phrases import article_vector, topic_probabilities, topic_vectors
from transforms.classify.topics import load_topics
from transforms.models.contract import Vectors
from transforms.models.device import candidate_formats
from transforms.models.encoder import TOKENS_PER_BATCH, Encoder, load_encoder
from transforms.models.pinned import EMBEDDED
from transforms.text.sentences import split_sentences

ROOT = Path(__file__).parents[1]
TURNS = 3
BUDGETS = (256, 512, 1024, 2048, 4096)
SENTENCES = 1500


def int8_encoder() -> Encoder:
    """Return the encoder with dynamic int8 linear layers."""
    encoder = load_encoder(EMBEDDED, "fp32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.ao is deprecated in favour of another package.
        model = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            copy.deepcopy(encoder._model),
            {torch.nn.Linear: torch.ao.quantization.per_channel_dynamic_qconfig},
        )
    return Encoder(encoder.files, encoder._tokenizer, model, "int8")


def read_items(path: Path) -> list[dict[str, str]]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sample_sentences(folder: Path) -> list[str]:
    """Return sentences of real news, or of the seeds where the evaluation data is absent."""
    bbc = folder / "topics" / "bbc.jsonl"
    if bbc.exists():
        texts = [item["text"] for item in read_items(bbc)]
    else:
        texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("seeds/**/*.md"))]
    sentences = [sentence for text in texts for sentence in split_sentences(text, "en")]
    return (sentences * (1 + SENTENCES // len(sentences)))[:SENTENCES]


def pass_seconds(encoder: Encoder, texts: list[str], tokens: int = TOKENS_PER_BATCH) -> float:
    """Return the seconds that one pass over `texts` takes."""
    encoder.tokens = tokens
    start = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - start


def macro_f1(folder: Path, name: str, encoder: Encoder) -> float:
    """Return macro-F1 of the best topic on one set."""
    topics = topic_vectors(load_topics(folder / "topics" / f"{name}.yaml"), encoder)
    items = read_items(folder / "topics" / f"{name}.jsonl")
    split = [[item["title"], *split_sentences(item["text"], "en")[:30]] for item in items]
    vectors = encoder.encode([text for texts in split for text in texts])
    ends = np.cumsum([len(texts) for texts in split])[:-1]
    found = [
        topics.labels[int(topic_probabilities(article_vector(part), topics)[:-1].argmax())]
        for part in np.split(vectors, ends)
    ]
    gold = [item["label"] for item in items]
    scores = []
    for label in topics.labels:
        hits = sum(g == f == label for g, f in zip(gold, found, strict=True))
        scores.append(2 * hits / (gold.count(label) + found.count(label)))
    return sum(scores) / len(scores)


def main() -> None:
    """Print both tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "eval"
    texts = sample_sentences(folder)
    encoders = {name: load_encoder(EMBEDDED, name) for name in candidate_formats()}
    encoders["int8"] = int8_encoder()
    seconds = dict.fromkeys(encoders, float("inf"))
    vectors: dict[str, Vectors] = {name: e.encode(texts) for name, e in encoders.items()}
    for _ in range(TURNS):
        for name, encoder in encoders.items():
            seconds[name] = min(seconds[name], pass_seconds(encoder, texts))
    print(f"{len(texts)} sentences, {torch.get_num_threads()} threads, best of {TURNS}")
    print("format  sentences/s  to fp32  cosine mean/min  same alone  BBC F1  AG F1")
    for name, encoder in encoders.items():
        cosine = (vectors[name] * vectors["fp32"]).sum(axis=1)
        alone = np.concatenate([encoder.encode([text]) for text in texts[:50]])
        same = (alone == vectors[name][:50]).all(axis=1).mean()
        sets = ("bbc", "agnews") if (folder / "topics").exists() else ()
        f1 = "  ".join(f"{macro_f1(folder, one, encoder):.4f}" for one in sets) or "no data"
        print(
            f"{name:6}  {len(texts) / seconds[name]:11.0f}  {seconds['fp32'] / seconds[name]:6.2f}x"
            f"  {cosine.mean():.5f}/{cosine.min():.4f}  {same:10.0%}  {f1}"
        )
    chosen = load_encoder(EMBEDDED)
    print(f"\ntokens per batch  sentences/s ({chosen.number_format})")
    for budget in BUDGETS:
        best = min(pass_seconds(chosen, texts, budget) for _ in range(TURNS))
        print(f"{budget:16}  {len(texts) / best:11.0f}")


if __name__ == "__main__":
    main()
