"""The topic file: which topics there are, and the phrases that describe each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transforms.errors import ConfigError, what_is_wrong
from transforms.strict_yaml import Settings, read_settings, unknown_key


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes:
        label: as published.
        phrases: what such an article is about, a few words each.
        code: its code in the vocabulary it comes from.
    """

    label: str
    phrases: tuple[str, ...]
    code: str | None = None


@dataclass(frozen=True)
class TopicSet:
    """The topics that articles are sorted into.

    Attributes:
        name: of the set.
        topics: in the order of the file.
        threshold: replaces `classify.THRESHOLD` for this set, if given.
        covers: whether the set has a topic for news of every kind; `None`: its phrases tell.
        rivals: topics of other news, for a set that covers only a part: where one of them fits
            an article better, the article gets no topic.
    """

    name: str
    topics: tuple[Topic, ...]
    threshold: float | None = None
    covers: Literal["all", "part"] | None = None
    rivals: tuple[Topic, ...] = ()


class _TopicEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1)
    phrases: list[str] = Field(min_length=1)
    code: str | None = None


class _TopicFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    topics: list[_TopicEntry] = Field(min_length=2)
    threshold: float | None = Field(default=None, ge=0, le=1)
    covers: Literal["all", "part"] | None = None


def load_topics(path: str | Path) -> TopicSet:
    """Return the topics in the YAML file at `path`.

    The file holds `name`, optionally `threshold` and `covers`, and `topics`: a list of entries with
    `label`, `phrases` and optionally `code`.

    Raises:
        ConfigError: the file cannot be read, is no YAML, lacks a field, has an unknown one, or
            gives a key, a label or, within a topic, a phrase twice; the message names file, line,
            entry and field.
    """
    settings = read_settings(Path(path))
    try:
        parsed = _TopicFile.model_validate(settings.content)
    except ValidationError as error:
        raise ConfigError(f"topic file {path}: {_describe(error, settings)}") from error
    topics = tuple(Topic(t.label, tuple(t.phrases), t.code) for t in parsed.topics)
    _check_unique(path, topics)
    return TopicSet(parsed.name, topics, parsed.threshold, parsed.covers)


def _describe(error: ValidationError, settings: Settings) -> str:
    """Return the problems as "line 9, topics entry 3 (Sport), phrases: Field required; ..."."""
    problems = []
    for problem in error.errors():
        message, fields = what_is_wrong(problem["msg"]), list(_TopicFile.model_fields)
        match problem["loc"]:
            case ("topics", int(index), *rest):
                fields = list(_TopicEntry.model_fields)
                entry = settings.content["topics"][index]
                label = entry.get("label") if isinstance(entry, dict) else None
                named = f" ({label})" if label else ""
                where = [f"topics entry {index + 1}{named}", *map(str, rest)]
            case loc:
                where = [str(part) for part in loc]
        if problem["type"] == "extra_forbidden":
            message = unknown_key(where[-1], fields)
        if line := settings.line(problem["loc"]):
            where.insert(0, f"line {line}")
        problems.append(": ".join(filter(None, (", ".join(where), message))))
    return "; ".join(problems)


def _check_unique(path: str | Path, topics: tuple[Topic, ...]) -> None:
    labels = [topic.label for topic in topics]
    for position, topic in enumerate(topics, 1):
        if labels.index(topic.label) < position - 1:
            raise ConfigError(
                f"topic file {path}: topics entry {position}, label: {topic.label!r} is given twice"
            )
        if len(set(topic.phrases)) < len(topic.phrases):
            raise ConfigError(
                f"topic file {path}: topics entry {position} ({topic.label}), phrases: "
                "a phrase is given twice"
            )
