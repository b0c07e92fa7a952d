"""A format that others wrote: what its code raises is called its own fault."""

from collections.abc import Iterator
from functools import partial
from typing import IO, Any

from transforms.formats.base import FileInfo, Format, ParseOptions
from transforms.isolation import of_plugin
from transforms.records import Article, DeadLetter, RawDocument


def guarded(name: str, form: Format) -> Format:
    """Return `form`, which the settings call `name`, raising `PluginError` for its own faults."""
    return form._replace(
        split=partial(_split, name=name, form=form), parse=partial(_parse, name=name, form=form)
    )


def _split(
    file: FileInfo, stream: IO[bytes], max_bytes: int, *, name: str, form: Format
) -> Iterator[RawDocument | DeadLetter]:
    parts = of_plugin(name, lambda: iter(form.split(file, stream, max_bytes)))
    while (part := of_plugin(name, lambda: _next(parts))) is not None:
        yield part


def _next(parts: Iterator[RawDocument | DeadLetter]) -> RawDocument | DeadLetter | None:
    for part in parts:
        _check_kind("split", part, RawDocument, DeadLetter)
        return part
    return None


def _parse(document: RawDocument, options: ParseOptions, *, name: str, form: Format) -> Article:
    return of_plugin(name, lambda: _parsed(form, document, options))


def _parsed(form: Format, document: RawDocument, options: ParseOptions) -> Article:
    article = form.parse(document, options)
    _check_kind("parse", article, Article)
    return article


def _check_kind(function: str, found: Any, *kinds: type) -> None:
    if not isinstance(found, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{function} gave {type(found).__name__} in place of {wanted}")
