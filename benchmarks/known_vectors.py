"""The vectors that come with newsbeam: are they what its encoders give, and what do they save.

    PYTHONPATH=. python benchmarks/known_vectors.py [--write]

For each encoder: how many texts are read for the topics that are shipped, how many of them are
known, processor seconds to compute all, and the largest difference of a number from the known
vectors, which is 0 on a processor that rounds as the one they were made on. With `--write` they are
written anew: after a change of phrases, of the lines of news or of a pinned encoder.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import configs
from transforms.classify.phrases import texts_read
from transforms.classify.topics import load_topics
from transforms.models.encoder import load_encoder
from transforms.models.known import read_known, text_key, write_known
from transforms.models.pinned import EMBEDDED, MULTILINGUAL


def main() -> None:
    """Print the table, or write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    topics = load_topics(Path(configs.__file__).parent / "topics/iptc.yaml")
    texts = list(dict.fromkeys(text for group in texts_read(topics) for text in group))
    print(f"{'encoder':<24}{'texts':>7}{'known':>7}{'seconds':>9}{'differ by':>11}")
    for model in (EMBEDDED, MULTILINGUAL):
        known = read_known(model, "fp32")
        encoder = load_encoder(model, "fp32")
        started = time.process_time()
        vectors = encoder.computed(texts)
        seconds = time.process_time() - started
        pairs = [(known[key], row) for text, row in zip(texts, vectors, strict=True)
                 if (key := text_key(text)) in known]  # fmt: skip
        worst = max((float(np.abs(a - b).max()) for a, b in pairs), default=float("nan"))
        print(f"{model.alias:<24}{len(texts):>7}{len(pairs):>7}{seconds:>9.1f}{worst:>11.1e}")
        if options.write:
            print(f"written: {write_known(model, texts, vectors)}")


if __name__ == "__main__":
    main()
