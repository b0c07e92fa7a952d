"""Why an article has its topics: what its vector is near to, computed again from its row."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.config_files import load_config
from pipeline.explain.trail import Reason
from pipeline.manifest import newest_manifest
from pipeline.settings import Plan, make_plan
from transforms.classify.phrases import article_vector, topic_probabilities, topic_vectors
from transforms.classify.scores import knows
from transforms.classify.topics import TopicSet
from transforms.output.merge import Row
from transforms.output.storage import require_output
from transforms.text.sentences import split_sentences

if TYPE_CHECKING:
    from transforms.models.encoder import Encoder

TOPICS = 3
"""Topics that are explained, the best ones."""
SENTENCES = 2
"""Sentences named of each: those nearest to its phrase."""


def plan_of(root: str, topics: str | None = None) -> Plan:
    """Return the plan by which topics are explained.

    Args:
        root: the output.
        topics: file of topics; by default the one that the newest run used, if it is still there.

    Raises:
        ConfigError: a file or a model is missing or wrong.
    """
    changes: dict[str, Any] = {"input.paths": [], "input.feeds": [], "output.path": root}
    file = topics or _topics_of(root)
    return make_plan(load_config(None, changes | ({"topics.file": file} if file else {})))


def _topics_of(root: str) -> str | None:
    require_output(root)
    newest = newest_manifest(root, "config")
    file = newest[1]["config"].get("topics", {}).get("file") if newest else None
    return str(file) if file and Path(file).exists() else None


def topic_reasons(row: Row, plan: Plan) -> list[Reason]:
    """Return the best topics of a row and why they fit; none where phrases do not choose them.

    Nor where the row has no text any more, or no encoder knows its language.
    """
    is_known = knows(plan.encoders.languages, row["language"])
    if not isinstance(plan.topics, TopicSet) or not row["text"] or not is_known:
        return []
    encoder = plan.encoders.of(row["language"])()
    return _reasons(row, plan.topics, encoder, plan.config.encoder.max_sentences)


def _reasons(row: Row, topics: TopicSet, encoder: "Encoder", most: int) -> list[Reason]:
    sentences = split_sentences(row["text"], row["language"])[:most]
    vectors = encoder.encode([row["title"] or "", *sentences])
    if not row["title"]:
        vectors[0] = 0.0
    own, known = article_vector(vectors), topic_vectors(topics, encoder)
    scores = topic_probabilities(own, known)[:-1]
    found = []
    for number in np.argsort(-scores)[:TOPICS].tolist():
        nearness = known.phrases[number] @ own
        best = int(nearness.argmax())
        cosines = vectors[1:] @ known.phrases[number][best]
        found.append(
            Reason(
                known.labels[number],
                float(scores[number]),
                topics.topics[number].phrases[best],
                float(nearness[best]),
                [(sentences[n], float(cosines[n])) for n in np.argsort(-cosines)[:SENTENCES]],
            )
        )
    return found
