"""What can go wrong, as exceptions.

- NewsbeamError: base; its message is for the user and names what to do
  - ConfigError: a setting, a model or a path is wrong; found before any work starts
  - Rejected: this one element can never succeed; becomes a dead letter
    - Withdrawn: and what was published of it before is to go
  - FeedsRefusedError: no feed that was asked could be read
  - BalanceError: a run cannot account for every input
  - FaultError: inputs met a fault of newsbeam or a plug-in, and the settings are strict about it
"""

from datetime import datetime

FAULT = "fault"
"""Reason: newsbeam, a library or a plug-in raised an error at a document, or died of it."""


class NewsbeamError(Exception):
    """Base of every error that newsbeam raises on purpose."""


class ConfigError(NewsbeamError):
    """A setting, model or path is wrong; the message names it and the fix.

    Several problems that were found together are an argument each.

    >>> print(ConfigError("input: nothing to read", "output.path: not a folder"))
    input: nothing to read
    output.path: not a folder
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class FeedsRefusedError(NewsbeamError):
    """No feed that was asked could be read; the message names some, and why."""


class BalanceError(NewsbeamError):
    """in != written + unchanged + duplicate + rejected."""


class FaultError(NewsbeamError):
    """Inputs met a fault of newsbeam or a plug-in, in a run with `run.strict`."""


def what_is_wrong(message: str) -> str:
    """Return a message of pydantic without its word for what a validator of ours raised.

    >>> what_is_wrong("Value error, engine mlx needs summary.model")
    'engine mlx needs summary.model'
    """
    return message.removeprefix("Value error, ")


class Rejected(NewsbeamError):  # noqa: N818 (an outcome, not an error)
    """This element can never succeed, however often it is retried.

    Args:
        reason: snake_case code, listed in docs/schema.md.
        detail: one sentence for a person: what was found, what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class Withdrawn(Rejected):
    """The source takes an article back.

    Args:
        reason: see `Rejected`.
        detail: see `Rejected`.
        key: the article's identity key.
        at: when the source said so.
    """

    def __init__(self, reason: str, detail: str, key: str, at: datetime) -> None:
        super().__init__(reason, detail)
        self.key = key
        self.at = at
