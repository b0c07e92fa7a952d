"""Topics by a head that `newsbeam train-topics` trained on a user's file."""

import numpy as np

from transforms.classify.phrases import article_vector
from transforms.classify.scores import knows, softmax, with_topics, without_topics
from transforms.models.linear import Head, read_head
from transforms.models.loaders import cached_model
from transforms.records import Article


def head_topics(
    article: Article, head: Head, threshold: float, languages: tuple[str, ...]
) -> Article:
    """Return `article` with its topics by a trained head, from the vectors that `encode` set."""
    if not knows(languages, article.language):
        return without_topics(article)
    assert article.vectors is not None
    logits = head.weight @ article_vector(article.vectors) + head.bias
    scores = softmax(logits.astype(np.float64))
    return with_topics(article, head.labels, scores.tolist(), threshold)


def head_topics_of(
    article: Article, path: str, sha256: str, threshold: float, languages: tuple[str, ...]
) -> Article:
    """`head_topics`, with the head read when the first article needs it."""
    head = cached_model(("head", path, sha256), lambda: read_head(path))
    return head_topics(article, head, threshold, languages)
