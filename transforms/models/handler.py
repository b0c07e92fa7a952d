"""What every model handler of ours has in common."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from apache_beam.ml.inference.base import ModelHandler

from transforms.records import Article

_Out = TypeVar("_Out")
_Model = TypeVar("_Model")


class ArticleHandler(ModelHandler[Article, _Out, _Model]):
    """Takes articles in batches of one size.

    Args:
        step: whose metrics it counts.
        batch_size: articles per batch.
    """

    def __init__(self, step: str, batch_size: int) -> None:
        super().__init__()
        self._step, self._batch_size = step, batch_size

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """Return a fixed size: Beam's adaptive one depends on timing, so runs would differ."""
        return {"min_batch_size": self._batch_size, "max_batch_size": self._batch_size}

    def get_num_bytes(self, batch: Sequence[Article]) -> int:
        """Return the characters of text; Beam's default pickles the whole batch to count it."""
        return sum(len(article.text) for article in batch)

    def get_metrics_namespace(self) -> str:
        """Return the step's name, as all our metrics are named."""
        return self._step
