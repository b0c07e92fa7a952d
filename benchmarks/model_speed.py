"""How fast summarisers and judges are, against the usual way to run the same models, in one run.

    python benchmarks/model_speed.py [--articles N] [--size full|small]
                                 [--only embedded|seq2seq|nli|equality]

Weights are random, at the size of the real architectures, so nothing is fetched: distilBART 6-6
for summaries (512 tokens in, exactly 60 out, 4 beams), DeBERTa-v3-base for topics (17 labels). The
usual way is one text at a time in fp32: `generate` for summaries, the zero-shot pipeline for
topics. A small model, trained here to copy, shows that batches and bf16 leave outputs as they are.
`embedded` is the default, a whole run from JSONL to Parquet, in the number format that it chooses
and in fp32, in turns; benchmarks/precision.py prints the quality of both.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import torch
from articles import write_jsonl
from speed import pipeline_seconds
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BartConfig,
    BartForConditionalGeneration,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from pipeline.config_files import load_config
from transforms.models.contract import Compute, Instruction
from transforms.models.device import choose_format
from transforms.models.local import Generation
from transforms.models.nli import load_nli
from transforms.models.seq2seq import load_seq2seq

LABELS = 17
CANDIDATES = 5
TOKENS_IN = 512
TOKENS_OUT = 60
BEAMS = 4
ROUNDS = 2
WORDS = Instruction("plain", 26)  # output_tokens(26) is 60


def word_tokenizer(words: int, limit: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer that knows `words` words, w4 w5 ..., one token each."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    names = [*specials, *(f"w{i}" for i in range(len(specials), words))]
    core = Tokenizer(
        models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<unk>")  # noqa: S106
    )
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    marks = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        model_max_length=limit,
        **{f"{name}_token": mark for name, mark in marks.items()},
    )


def texts(count: int, tokens: int, words: int) -> list[str]:
    """Return texts of so many tokens, the special ones included."""
    draw = np.random.default_rng(0)
    return [" ".join(f"w{i}" for i in draw.integers(4, words, tokens - 2)) for _ in range(count)]


def bart(folder: Path, size: str) -> None:
    """Save distilBART 6-6, or for a quick look a quarter of it, with random weights."""
    width, layers = (1024, 6) if size == "full" else (512, 3)
    config = BartConfig(
        vocab_size=50264, d_model=width, encoder_layers=layers, decoder_layers=layers,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None,
    )  # fmt: skip
    torch.manual_seed(0)
    model = BartForConditionalGeneration(config)
    model.final_logits_bias[0, 2] = -1e4  # never ends early: all write the same number of tokens
    model.save_pretrained(folder)
    word_tokenizer(50264, 1024).save_pretrained(folder)


def deberta(folder: Path, size: str) -> None:
    """Save DeBERTa-v3-base with three labels, or a quarter of it, with random weights."""
    width, layers = (768, 12) if size == "full" else (384, 6)
    config = DebertaV2Config(
        vocab_size=8000, hidden_size=width, num_hidden_layers=layers, num_attention_heads=12,
        intermediate_size=4 * width, max_position_embeddings=512, relative_attention=True,
        position_buckets=256, norm_rel_ebd="layer_norm", share_att_key=True,
        pos_att_type=["p2c", "c2p"], position_biased_input=False, pad_token_id=1, type_vocab_size=0,
        id2label={0: "entailment", 1: "neutral", 2: "contradiction"},
        label2id={"entailment": 0, "neutral": 1, "contradiction": 2},
    )  # fmt: skip
    torch.manual_seed(0)
    DebertaV2ForSequenceClassification(config).save_pretrained(folder)
    word_tokenizer(8000, 512).save_pretrained(folder)


class Cost(NamedTuple):
    """What one article took: seconds on the clock, and of all cores together."""

    clock: float
    processor: float


def cost(run: Callable[[], object], articles: int) -> Cost:
    """Return what `run` takes for each of so many articles."""
    clock, processor = time.perf_counter(), time.process_time()
    run()
    ended = time.perf_counter() - clock, time.process_time() - processor
    return Cost(ended[0] / articles, ended[1] / articles)


def line(name: str, one: Cost, base: Cost) -> str:
    """Return a line of the table. On a busy machine trust the processor's seconds."""
    return (
        f"  {name:24} {one.clock:8.2f} s x {base.clock / one.clock:5.1f}"
        f"   processor {one.processor:8.2f} s x {base.processor / one.processor:5.1f}   an article"
    )


def use_all_cores() -> None:
    """Let the usual way use all cores for each operation, as torch does unless told otherwise."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def one_by_one(folder: str, articles: list[str], new_tokens: int) -> list[str]:
    """Return what the plain fp32 `generate` loop writes."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
    use_all_cores()
    written = []
    for article in articles:
        inputs = tokenizer(article, return_tensors="pt", truncation=True)
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            output = model.generate(
                **inputs,
                num_beams=BEAMS,
                do_sample=False,
                max_length=None,
                max_new_tokens=new_tokens,
            )
        written.append(tokenizer.decode(output[0], skip_special_tokens=True))
    return written


def seq2seq(folder: Path, count: int, size: str) -> None:
    """Print articles per second of the loop and of the engine."""
    bart(folder, size)
    articles = texts(count, TOKENS_IN, 50264)
    few = articles[: max(1, count // 8)]
    base = cost(lambda: one_by_one(str(folder), few, TOKENS_OUT), len(few))
    print(f"summaries, {size} size, {TOKENS_IN} tokens in, {TOKENS_OUT} out, {BEAMS} beams")
    print(line("one by one, fp32", base, base))
    for number_format in ("bf16", "fp32"):
        compute = Compute("cpu", number_format)
        writer = load_seq2seq(str(folder), compute, Generation(BEAMS))
        one = cost(partial(writer.write, articles, WORDS), count)
        print(line(f"newsbeam, {number_format}", one, base))


def nli(folder: Path, count: int, size: str) -> None:
    """Print articles per second of the stock pipeline and of the engine, all labels and a few."""
    deberta(folder, size)
    lengths = np.linspace(60, 300, count)
    articles = [texts(1, int(n), 8000)[0] for n in lengths]
    labels = [f"w{i}" for i in range(10, 10 + LABELS)]
    template = "w4 w5 w6 {}"
    stock = pipeline("zero-shot-classification", model=str(folder), device="cpu", dtype="float32")
    use_all_cores()
    base = cost(lambda: [stock(a, labels, hypothesis_template=template) for a in articles], count)
    print(f"topics by entailment, {size} size, {LABELS} labels")
    print(line("stock pipeline, fp32", base, base))
    for number_format in ("fp32", "bf16"):
        judge = load_nli(str(folder), Compute("cpu", number_format))
        for asked in (LABELS, CANDIDATES):
            pairs = [(a, template.format(label)) for a in articles for label in labels[:asked]]
            one = cost(partial(judge.entailment, pairs), count)
            print(line(f"newsbeam, {number_format}, {asked} labels", one, base))


def embedded(folder: Path, count: int) -> None:
    """Print articles per second of whole runs in both formats, and how far the rows agree."""
    source = str(write_jsonl(folder / "articles.jsonl", count))
    names = ("fp32", choose_format("auto", "cpu"))
    configs = [
        load_config(None, {"input.paths": [source], "encoder.number_format": name})
        for name in names
    ]
    rounds = [
        [pipeline_seconds(one, folder, f"{number}-{n}") for n, one in enumerate(configs)]
        for number in range(ROUNDS + 1)  # the first one loads the models
    ]
    best = [min(seconds) for seconds in zip(*rounds[1:], strict=True)]
    print(f"embedded default, {count} articles, whole runs, best of {ROUNDS}")
    for name, seconds in zip(names, best, strict=True):
        print(f"  {name:24} {count / seconds:8.1f} articles/s x {best[0] / seconds:5.2f}")
    fp32, chosen = (read_rows(folder / f"out-0-{n}") for n in range(2))
    for column in ("summary", "topic"):
        same = sum(chosen[id_][column] == row[column] for id_, row in fp32.items())
        print(f"  same {column}: {same / len(fp32):.1%}")


def read_rows(output: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of an output by id."""
    tables = [pq.read_table(path, partitioning=None) for path in output.glob("date=*/*.parquet")]
    return {row["id"]: row for table in tables for row in table.to_pylist()}


def train_copier(folder: Path) -> None:
    """Save a small BART that learned to write the first six words of a text."""
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=64, d_model=64, encoder_layers=1, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=128, decoder_ffn_dim=128, dropout=0.0,
        max_position_embeddings=64, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        decoder_start_token_id=2, forced_eos_token_id=None,
    )  # fmt: skip
    model = BartForConditionalGeneration(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(4000):
        words = torch.randint(4, 64, (32, int(torch.randint(6, 31, ()))))
        edge = torch.ones(32, 1, dtype=torch.long)
        source = torch.cat([0 * edge, words, 2 * edge], 1)
        target = torch.cat([words[:, :6], 2 * edge], 1)
        loss = model(input_ids=source, labels=target).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < 0.002:
            break
    model.eval().save_pretrained(folder)
    word_tokenizer(64, 64).save_pretrained(folder)


def equality(folder: Path) -> None:
    """Print how many outputs of a trained model stay what the plain loop writes."""
    torch.set_num_threads(1)
    train_copier(folder)
    articles = [text for n in (8, 14, 20, 32) for text in texts(16, n, 64)]
    plain = one_by_one(str(folder), articles, TOKENS_OUT)
    copied = sum(a.split()[:6] == b.split() for a, b in zip(articles, plain, strict=True))
    print(f"a small trained model: copies {copied} of {len(articles)} texts rightly; same outputs")
    for number_format in ("fp32", "bf16"):
        writer = load_seq2seq(str(folder), Compute("cpu", number_format), Generation(BEAMS))
        ours = [one.text for one in writer.write(articles, WORDS)]
        same = sum(a == b for a, b in zip(plain, ours, strict=True))
        print(f"  newsbeam, {number_format}        {same} of {len(articles)}")


def main() -> None:
    """Run all comparisons."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=32)
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--only", choices=("embedded", "seq2seq", "nli", "equality"))
    options = parser.parse_args()
    parts = {
        "equality": equality,
        "embedded": lambda folder: embedded(folder, 10 * options.articles),
        "nli": lambda folder: nli(folder, max(2, options.articles // 4), options.size),
        "seq2seq": lambda folder: seq2seq(folder, options.articles, options.size),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                part(Path(folder))


if __name__ == "__main__":
    main()
