"""Articles per second: the whole pipeline, the bare encoder, and the script one writes first.

    python benchmarks/speed.py [--articles 1000] [--rounds 3]

All in one process and in turns, so that a slow moment of the machine hits all alike; the ratio of
each round is printed, and their median.

- pipeline: JSONL to Parquet by `run`, its second and later rounds, so the model is warm;
- unlinked: the same without near-duplicates and stories;
- encoder: the same sentences through the same model in the same batches, already tokenised, one
  after the other with torch's default threads;
- parallel: our encoder alone, tokenising included, with one core for each batch;
- script: a transformers loop with default settings, article by article, one call for the summary's
  sentence vectors and another for the topics.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import torch
from articles import generate, write_jsonl
from torch.nn.functional import normalize
from transformers import AutoModel, AutoTokenizer

from pipeline.batches import FIRST_BATCH
from pipeline.config import Config
from pipeline.config_files import load_config
from pipeline.progress import Progress
from pipeline.run import run
from pipeline.settings import make_plan
from transforms.classify.topics import load_topics
from transforms.clean import CleanOptions, clean_article
from transforms.encode import with_sentences
from transforms.formats.base import ParseOptions
from transforms.input_files import match_files
from transforms.models.encoder import TOKENS_PER_BATCH, Encoder, load_encoder, micro_batches
from transforms.models.pinned import EMBEDDED, find_model
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.records import RawDocument
from transforms.text.sentences import split_sentences


def pipeline_seconds(config: Config, folder: Path, name: str) -> float:
    """Return the seconds of a run into a new output."""
    output = {"path": str(folder / f"out-{name}")}
    settings = config.model_copy(update={"output": config.output.model_copy(update=output)})
    started = time.perf_counter()
    run(make_plan(settings), [], Progress())
    return time.perf_counter() - started


def article_texts(config: Config, source: Path) -> list[list[str]]:
    """Return what the pipeline encodes of each article: its title and first sentences."""
    texts = []
    (file,) = match_files([str(source)], lambda: datetime.now(UTC))
    for document in read_documents(file):
        assert isinstance(document, RawDocument)
        article = clean_article(parse_document(document, ParseOptions()), CleanOptions())
        split = with_sentences(article, config.encoder.max_sentences)
        texts.append([split.title, *split.sentences])
    return texts


Batches = list[tuple[list[list[int]], int, int]]
"""Token ids, rows and padded length of each pass through the model."""


def encoder_batches(encoder: Encoder, articles: list[list[str]], config: Config) -> Batches:
    """Return the passes in which a run encodes `articles`."""
    passes: Batches = []
    at_once, most = config.encoder.batch_articles, config.run.batch_documents
    batches = [articles[:FIRST_BATCH]]
    batches += [articles[n : n + most] for n in range(FIRST_BATCH, len(articles), most)]
    groups = [batch[n : n + at_once] for batch in batches for n in range(0, len(batch), at_once)]
    for group in groups:
        texts = [text for article in group for text in article]
        ids = [encoding.ids for encoding in encoder._tokenizer.encode_batch(texts)]
        lengths = [len(row) for row in ids]
        passes += [
            ([ids[index] for index in batch], rows, width)
            for rows, width, batch in micro_batches(
                lengths, TOKENS_PER_BATCH, encoder.files.max_tokens
            )
        ]
    return passes


def encoder_seconds(encoder: Encoder, batches: Batches) -> float:
    """Return the seconds of the model alone on `batches`, one after the other, on all cores."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    started = time.perf_counter()
    with torch.inference_mode():
        for ids, rows, width in batches:
            encoder._forward(ids, rows, width)
    seconds = time.perf_counter() - started
    torch.set_num_threads(1)
    return seconds


def parallel_seconds(encoder: Encoder, texts: list[str]) -> float:
    """Return the seconds of our encoder alone, which runs its batches beside each other."""
    started = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - started


class Script:
    """What one writes first."""

    def __init__(self, config: Config) -> None:
        folder = str(find_model(EMBEDDED))
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder)
        self.topics = load_topics(config.topics.file).topics
        phrases = [phrase for topic in self.topics for phrase in topic.phrases]
        self.phrases = self.embed(phrases)

    def embed(self, texts: list[str]) -> torch.Tensor:
        """Return mean-pooled unit vectors, as the model's own page shows it."""
        inputs = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            hidden = self.model(**inputs)[0]
        mask = inputs["attention_mask"].unsqueeze(-1).float()
        return normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)

    def article(self, title: str, text: str, max_sentences: int) -> tuple[str, int]:
        """Return a summary of three central sentences and the index of the nearest phrase."""
        sentences = list(split_sentences(text, "en"))[:max_sentences]
        vectors = self.embed(sentences)
        central = (vectors @ vectors.mean(0)).topk(min(3, len(sentences))).indices
        summary = " ".join(sentences[index] for index in sorted(central.tolist()))
        topic = self.embed([title, *sentences]).mean(0)
        return summary, int((self.phrases @ topic).argmax())

    def seconds(self, records: list[dict[str, str]], max_sentences: int) -> float:
        """Return the seconds for `records`, article by article."""
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        started = time.perf_counter()
        for record in records:
            self.article(record["title"], record["text"], max_sentences)
        seconds = time.perf_counter() - started
        torch.set_num_threads(1)
        return seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--script-articles", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_jsonl(folder / "articles.jsonl", options.articles)
        config = load_config(None, {"input.paths": [str(source)]})
        pipeline_seconds(config, folder, "0")  # loads the model
        off = {"near.policy": "keep", "stories.enabled": False}
        unlinked = load_config(None, {"input.paths": [str(source)], **off})
        encoder = load_encoder(EMBEDDED, config.encoder.number_format)
        articles = article_texts(config, source)
        batches = encoder_batches(encoder, articles, config)
        texts = [text for article in articles for text in article]
        script, records = Script(config), list(generate(options.script_articles))
        script.seconds(records[:5], config.encoder.max_sentences)
        measures: dict[str, Callable[[int], float]] = {
            "pipeline": lambda n: options.articles / pipeline_seconds(config, folder, f"{n}"),
            "unlinked": lambda n: options.articles / pipeline_seconds(unlinked, folder, f"{n}u"),
            "encoder": lambda n: options.articles / encoder_seconds(encoder, batches),
            "parallel": lambda n: options.articles / parallel_seconds(encoder, texts),
            "script": lambda n: (
                len(records) / script.seconds(records, config.encoder.max_sentences)
            ),
        }
        rounds = [
            {name: measure(number) for name, measure in measures.items()}
            for number in range(1, options.rounds + 1)
        ]
    report(rounds, encoder.number_format)


def report(rounds: list[dict[str, float]], number_format: str) -> None:
    """Print articles per second of each round, and the ratios."""
    print(f"articles/s; number format {number_format}")
    names = ("pipeline", "unlinked", "encoder", "parallel", "script")
    print(" round " + " ".join(f"{name:>10}" for name in (*names, "of encoder", "x script")))
    ratios = []
    for number, speeds in enumerate(rounds, 1):
        ratio = speeds["pipeline"] / speeds["encoder"], speeds["pipeline"] / speeds["script"]
        ratios.append(ratio)
        speed = " ".join(f"{speeds[name]:10.1f}" for name in names)
        print(f"{number:>6} {speed} {ratio[0]:10.2f} {ratio[1]:10.2f}")
    of_encoder, of_script = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"median: {of_encoder:.2f} of the bare encoder, to be at least 0.80")
    cost = statistics.median(speeds["unlinked"] / speeds["pipeline"] - 1 for speeds in rounds)
    print(f"median: near-duplicates and stories cost {cost:.1%} of a run without them")
    print(f"median: {of_script:.2f} times the script, to be at least 2.50")


if __name__ == "__main__":
    main()
