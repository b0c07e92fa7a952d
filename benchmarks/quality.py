"""Quality of topics, summaries and the check of summaries, with published figures beside ours.

    python benchmarks/quality.py [--data DIR] [topics] [accepted] [summaries] [support]
        [languages]

DIR (default: ../shared/eval beside the repository) holds `score.py` and the folders `topics`,
`summaries` and `faithfulness`, as described in its README. What `score.py` prints is what the whole
command published; the rest is measured on the same vectors in this process. What was chosen on
which data: the templates and how far a phrase moves, on both topic sets together, so the last lines
of `topics` choose on one set and measure on the other; the summaries' constants, on Inshorts and
CNN/DailyMail together; the threshold of support, on the judged sentences, so it is also chosen by
cross-validation.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import languages
import numpy as np
import pyarrow.dataset as ds
import standalone
from numpy.typing import NDArray

from transforms.classify import phrases
from transforms.classify.phrases import (
    TopicVectors,
    article_vector,
    topic_probabilities,
    topic_vectors,
)
from transforms.classify.topics import TopicSet, load_topics
from transforms.clean import CleanOptions, clean_article
from transforms.encode import MAX_SENTENCES, encode_articles
from transforms.errors import Rejected
from transforms.models.contract import Vectors
from transforms.models.encoder import load_encoder
from transforms.models.pinned import EMBEDDED
from transforms.records import Article, DeadLetter
from transforms.summarize.support import SUPPORTED, support

ROOT = Path(__file__).parents[1]
Items = list[dict[str, Any]]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Bools = NDArray[np.bool_]

TOPIC_PEERS = {
    "agnews": "published, zero-shot: bart-large-mnli .71, an 8-billion-parameter model .852",
    "bbc": "published, zero-shot: none found",
}
SUMMARY_PEERS = {
    "cnndm": """published, on all 100 of these articles: lead-3 41.3/17.5/37.4 (84 words), NeuSumm
42.6/19.1/39.3 (81), PreSumm 42.8/19.2/39.5 (65), T5-small 42.8/19.7/39.7 (52), BART-large-cnn
46.2/22.1/42.8 (72)""",
    "inshorts": "published: none found",
}
SUPPORT_PEERS = "published, on AggreFact-CNN, other sentences: MiniCheck-7B .655"
MOVES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
SURE = 0.8
MIN_ITEMS = 10
"""A language with fewer articles is not measured."""


def read_items(path: Path) -> Items:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def published(data: Path, kind: str, gold: Path, output: Path, *arguments: str) -> str:
    """Run the whole command on `gold`, if `output` is empty, and return what score.py prints."""
    if not output.exists():
        command = [sys.executable, "-m", "pipeline", "run", "-i", gold, "-o", output, *arguments]
        run = subprocess.run(
            [str(p) for p in command], check=False, capture_output=True, text=True, cwd=ROOT
        )
        if run.returncode:
            sys.exit(run.stderr)
    score = [sys.executable, data / "score.py", kind, gold, output]
    done = subprocess.run([str(p) for p in score], check=True, capture_output=True, text=True)
    return done.stdout.rstrip()


def article(item: dict[str, Any], text: str, name: str) -> Article:
    """Return the item as an article that is not cleaned yet."""
    return Article(
        id=name, uri=name, fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        title=item.get("title") or "", text=text, language=item.get("lang") or "en",
    )  # fmt: skip


def encoded(items: Items, field: str = "text") -> Iterator[tuple[dict[str, Any], Article]]:
    """Yield each item with its article, cleaned and encoded; those refused are left out."""
    kept = []
    for item in items:
        try:
            one = clean_article(article(item, item[field], item["id"]), CleanOptions())
        except Rejected:
            continue
        kept.append((item, one))
    done = encode_articles([one for _, one in kept], load_encoder(EMBEDDED), MAX_SENTENCES)
    for (item, _), encoded in zip(kept, done, strict=True):
        assert not isinstance(encoded, DeadLetter)
        yield item, encoded


# Topics ------------------------------------------------------------------------------------------


def macro_f1(gold: Numbers, found: Numbers) -> float:
    """Return the mean F1 over the labels in `gold`."""
    labels = np.unique(gold)
    hits = [((gold == label) & (found == label)).sum() for label in labels]
    both = [(gold == label).sum() + (found == label).sum() for label in labels]
    return float(np.mean([2 * hit / most for hit, most in zip(hits, both, strict=True)]))


def bare_vectors(topics: TopicSet) -> TopicVectors:
    """Return the topics by their bare phrases."""
    encoder = load_encoder(EMBEDDED)
    phrases = [encoder.encode(topic.phrases) for topic in topics.topics]
    made = topic_vectors(topics, encoder)
    return TopicVectors(made.labels, (*phrases, made.phrases[-1]), made.threshold)


def probabilities(vectors: Vectors, topics: TopicVectors) -> Floats:
    """Return the scores of each article: shape (articles, topics), `no topic` left out."""
    return np.stack([topic_probabilities(vector, topics)[:-1] for vector in vectors])


def interval(gold: Numbers, found: Numbers) -> tuple[float, float]:
    """Return the 95% bootstrap interval of macro-F1 over items."""
    chance = np.random.default_rng(1)
    draws = [chance.integers(0, len(gold), len(gold)) for _ in range(1000)]
    low, high = np.percentile([macro_f1(gold[draw], found[draw]) for draw in draws], [2.5, 97.5])
    return float(low), float(high)


def batches(gold: Numbers) -> dict[str, list[Numbers]]:
    """Return 200 batches of each kind, as indices."""
    chance = np.random.default_rng(1)
    every = np.arange(len(gold))
    labels = np.unique(gold)

    def skewed() -> Numbers:
        most = chance.choice(labels)
        of, other = every[gold == most], every[gold != most]
        return np.concatenate([chance.choice(of, 45, False), chance.choice(other, 5, False)])

    kinds: dict[str, Callable[[], Numbers]] = {
        "1 article": lambda: chance.choice(every, 1),
        "10 articles": lambda: chance.choice(every, 10, replace=False),
        "50, one topic": lambda: chance.choice(every[gold == chance.choice(labels)], 50, False),
        "50, 90:10": skewed,
    }
    return {name: [draw() for _ in range(200)] for name, draw in kinds.items()}


def calibration_error(sure: Floats, right: Bools) -> float:
    """Return the expected calibration error over ten bins of confidence."""
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs(right[bins == one].mean() - sure[bins == one].mean()) * (bins == one).mean()
        for one in np.unique(bins)
    ]
    return float(sum(gaps))


def print_abstaining(gold: Numbers, scores: Floats) -> None:
    """Print what abstaining below a threshold costs and gains."""
    sure, right = scores.max(axis=1), scores.argmax(axis=1) == gold
    print(f"  expected calibration error {calibration_error(sure, right):.3f}")
    for threshold in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = sure >= threshold
        print(
            f"  topics that score {threshold:.1f} or more: {kept.mean():4.0%} of articles, "
            f"right in {right[kept].mean():.3f}"
        )


class Labelled:
    """One topic set with its items, encoded.

    Attributes:
        name: of the file.
        topics: its topic file.
        gold: index of each item's topic.
        vectors: of the articles, shape (items, dim).
    """

    def __init__(self, data: Path, name: str) -> None:
        self.name = name
        self.topics = load_topics(data / "topics" / f"{name}.yaml")
        labels = [topic.label for topic in self.topics.topics]
        pairs = list(encoded(read_items(data / "topics" / f"{name}.jsonl")))
        self.gold = np.array([labels.index(item["label"]) for item, _ in pairs])
        found = [one.vectors for _, one in pairs if one.vectors is not None]
        self.vectors = np.stack([article_vector(vectors) for vectors in found])

    def scores(self, moved: float = phrases.MOVED) -> Floats:
        """Return the scores of each item, its phrases moved so far towards lines of news."""
        return probabilities(
            self.vectors, topic_vectors(self.topics, load_encoder(EMBEDDED), moved)
        )


def print_set(one: Labelled) -> None:
    """Print all about one topic set that needs no second one."""
    scores = one.scores()
    bare = probabilities(one.vectors, bare_vectors(one.topics)).argmax(axis=1)
    found, plain = scores.argmax(axis=1), one.scores(0.0).argmax(axis=1)
    low, high = interval(one.gold, found)
    print(f"  macro-F1 {macro_f1(one.gold, found):.4f}, 95% of resamples {low:.3f} to {high:.3f}")
    print(f"  phrases not moved (plain): {macro_f1(one.gold, plain):.4f}")
    print(f"  bare phrases: {macro_f1(one.gold, bare):.4f}")
    print(f"  {'recall of':20} ours  plain")
    for index, topic in enumerate(one.topics.topics):
        of = one.gold == index
        ours, less = ((who[of] == index).mean() for who in (found, plain))
        print(f"  {topic.label:20} {ours:.3f} {less:.3f}")
    print(f"  {'200 batches of':20} ours  plain  (mean share right; no article depends on another)")
    for kind, drawn in batches(one.gold).items():
        ours, less = (
            np.mean([(who[b] == one.gold[b]).mean() for b in drawn]) for who in (found, plain)
        )
        print(f"  {kind:20} {ours:.3f} {less:.3f}")
    print_abstaining(one.gold, scores)


def print_topics(data: Path, work: Path) -> None:
    """Print macro-F1 through the whole command, and what is behind it."""
    sets = [Labelled(data, path.stem) for path in sorted((data / "topics").glob("*.yaml"))]
    for one in sets:
        folder = data / "topics"
        options = ("--topics", str(folder / f"{one.name}.yaml"))
        gold = folder / f"{one.name}.jsonl"
        print(f"\nTopics: {one.name}, {len(one.gold)} articles")
        print("  whole command:", published(data, "topics", gold, work / one.name, *options))
        print("  " + TOPIC_PEERS.get(one.name, ""))
        print_set(one)
    print("\nTopics: how far phrases move, chosen on one set and measured on another (macro-F1)")
    table = {
        one.name: [macro_f1(one.gold, one.scores(move).argmax(axis=1)) for move in MOVES]
        for one in sets
    }
    print("  moved       " + " ".join(f"{move:6.1f}" for move in MOVES))
    for name, figures in table.items():
        print(f"  {name:11} " + " ".join(f"{figure:6.4f}" for figure in figures))
    for name, figures in table.items():
        best = int(np.argmax(figures))
        for other in table.keys() - {name}:
            print(f"  best on {name} is {MOVES[best]}: {table[other][best]:.4f} on {other}")


def print_accepted(data: Path, _work: Path) -> None:
    """Print how often readers accept the IPTC topic, on the half seen in writing and the other."""
    topics = load_topics(ROOT / "configs" / "topics" / "iptc.yaml")
    made = topic_vectors(topics, load_encoder(EMBEDDED))
    halves: dict[int, list[tuple[bool, float]]] = defaultdict(list)
    for item, one in encoded(read_items(data / "topics" / "iptc.jsonl")):
        assert one.vectors is not None
        *scores, none = topic_probabilities(article_vector(one.vectors), made).tolist()
        best = int(np.argmax(scores))
        given = scores[best] >= max(made.threshold, none)
        right = given and made.labels[best] in item["accepted"]
        halves[crc32(item["id"].encode()) % 2].append((right, scores[best] if given else 0.0))
    print("\nTopics: iptc.jsonl, accepted by two readers")
    for half, name in ((0, "seen"), (1, "held out")):
        found = halves[half]
        share = np.mean([right for right, _ in found])
        sure = sum(not right and score > SURE for right, score in found)
        none = sum(score == 0 for _, score in found)
        print(
            f"  {name:8} {len(found)} articles: {share:.3f} accepted, {none} without topic, "
            f"{sure} wrong above {SURE}"
        )


# Summaries ---------------------------------------------------------------------------------------


def by_language(items: Items) -> dict[str, Items]:
    """Return the items that have a reference, by language, with the commonest first."""
    groups: dict[str, Items] = defaultdict(list)
    for item in items:
        if item["reference"]:
            groups[re.split("[-_]", item.get("lang") or "none")[0]].append(item)
    many = [pair for pair in groups.items() if len(pair[1]) >= MIN_ITEMS]
    return dict(sorted(many, key=lambda pair: -len(pair[1])))


def print_standing_alone(output: Path) -> None:
    """Print how many published summaries the independent check finds fault with."""
    files = [str(path) for path in output.glob("date=*/**/*.parquet")]
    rows = ds.dataset(files).to_table(columns=["title", "text", "summary"]).to_pylist()
    cases = [standalone.Case(row["title"] or "", row["text"], row["summary"]) for row in rows]
    ours = standalone.rates(cases)
    firsts = [case._replace(summary=standalone.lead(case, 3)) for case in cases]
    leads = standalone.rates(firsts)
    for kind, share in ours.items():
        print(f"  Inshorts, {kind}: {share:.1%} (the first three sentences: {leads[kind]:.1%})")


def print_summaries(data: Path, work: Path) -> None:
    """Print ROUGE of the whole command's summaries, beside leads and the systems in the file."""
    folder = data / "summaries"
    for name, peers in SUMMARY_PEERS.items():
        print(f"\nSummaries: {name}.jsonl (ROUGE F, stemmed)")
        print(published(data, "summaries", folder / f"{name}.jsonl", work / name))
        print(peers)
    standalone.main()
    print_standing_alone(work / "inshorts")
    gold = folder / "standfirst.jsonl"
    published(data, "summaries", gold, work / "standfirst")
    for language, items in by_language(read_items(gold)).items():
        part = work / f"standfirst-{language}.jsonl"
        part.write_text("\n".join(json.dumps(item) for item in items), encoding="utf-8")
        print(
            f"\nSummaries: standfirst.jsonl, language {language} (the publisher's own standfirst)"
        )
        print(published(data, "summaries", part, work / "standfirst"))


# Support -----------------------------------------------------------------------------------------


def supports(items: Items) -> Floats:
    """Return the support of each item's sentence by its article."""
    first = {item["article"]: item for item in reversed(items)}
    articles = {
        item["article"]: one
        for item, one in zip(
            first.values(),
            encode_articles(
                [article({}, item["article"], item["id"]) for item in first.values()],
                load_encoder(EMBEDDED),
                MAX_SENTENCES,
            ),
            strict=True,
        )
        if not isinstance(one, DeadLetter)
    }
    sentences = [item["sentence"] for item in items]
    vectors = load_encoder(EMBEDDED).encode(sentences)
    return np.array(
        [
            support([item["sentence"]], vectors[n : n + 1], articles[item["article"]])[0]
            for n, item in enumerate(items)
        ]
    )


def balanced_accuracy(accepted: Bools, faithful: Bools) -> float:
    """Return the mean of the shares of faithful and of unfaithful sentences judged rightly."""
    return float((accepted[faithful].mean() + (~accepted[~faithful]).mean()) / 2)


def cross_validated(
    scores: Floats, faithful: Bools, groups: Sequence[str], folds: int, seed: int
) -> float:
    """Return balanced accuracy, the threshold for each fold of articles chosen on the others."""
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    fold = {name: number % folds for number, name in enumerate(names.tolist())}
    folded = np.array([fold[group] for group in groups])
    accepted = np.zeros(len(scores), bool)
    for number in range(folds):
        rest, held = folded != number, folded == number
        known = np.unique(scores[rest])
        found = [balanced_accuracy(scores[rest] >= level, faithful[rest]) for level in known]
        accepted[held] = scores[held] >= known[int(np.argmax(found))]
    return balanced_accuracy(accepted, faithful)


def print_support(data: Path, _work: Path) -> None:
    """Print how often the check of a summary's sentence agrees with three people."""
    items = read_items(data / "faithfulness" / "cnndm.jsonl")
    faithful = np.array([bool(item["faithful"]) for item in items])
    scores = supports(items)
    groups = [item["article"] for item in items]
    runs = [cross_validated(scores, faithful, groups, 10, seed) for seed in range(5)]
    true = Counter(faithful.tolist())[True]
    print(f"\nSupport: {len(items)} machine-written sentences, {true} of them true")
    print(f"  balanced accuracy, threshold by ten-fold cross-validation: {np.mean(runs):.3f}")
    print(f"  (five divisions into folds: {min(runs):.3f} to {max(runs):.3f})")
    accepted = scores >= SUPPORTED
    print(f"  at the threshold in use, {SUPPORTED}: {balanced_accuracy(accepted, faithful):.3f}")
    print(f"    true sentences kept {accepted[faithful].mean():.3f}")
    print(f"    false sentences found {(~accepted[~faithful]).mean():.3f}")
    print(f"  {SUPPORT_PEERS}")


# Other languages ---------------------------------------------------------------------------------


def print_languages(_data: Path, _work: Path) -> None:
    """Print topics and stories of articles in ten languages, which stand beside this file."""
    languages.main()


PARTS = {
    "topics": print_topics,
    "accepted": print_accepted,
    "summaries": print_summaries,
    "support": print_support,
    "languages": print_languages,
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "eval")
    options = parser.parse_args()
    if not (options.data / "score.py").exists():
        sys.exit(f"{options.data} has no score.py: name a folder of evaluation data with --data")
    with tempfile.TemporaryDirectory() as work:
        for part in options.parts or PARTS:
            PARTS[part](options.data, Path(work))


if __name__ == "__main__":
    main()
