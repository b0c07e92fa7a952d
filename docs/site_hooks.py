"""What mkdocs asks for while it builds the site: pages made from code, and links out of docs/."""

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from pipeline.cli import app
from pipeline.config_schema import config_schema

ROOT = Path(__file__).parents[1]
TOP = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages that stand beside docs/ -> where they are in the site."""
_WORDS = {"array": "list", "object": "mapping", "string": "text", "boolean": "true or false"}
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages at the top of the repository, those made from code, and files linked to."""
    texts = {new: (ROOT / old).read_text("utf-8") for old, new in TOP.items()}
    texts = {new: _relinked(text, ROOT, new, files, config) for new, text in texts.items()}
    texts["reference/commands.md"] = "\n".join(_commands())
    texts["reference/settings.md"] = "\n".join(_settings())
    texts["reference/python.md"] = "# From Python\n\n::: pipeline.api\n"
    for name, text in texts.items():
        files.append(File.generated(config, name, content=text))
    for file in files.documentation_pages():
        if file.src_uri not in texts:
            page = Path(config.docs_dir, file.src_uri)
            text = page.read_text("utf-8")
            file.content_string = _relinked(text, page.parent, file.src_uri, files, config)
    return files


def _relinked(text: str, folder: Path, page: str, files: Files, config: MkDocsConfig) -> str:
    """Return the text of `page`, written for `folder`, with links as they are in the site."""
    return _LINK.sub(partial(_link, folder, page, files, config), text)


def _link(folder: Path, page: str, files: Files, config: MkDocsConfig, link: re.Match[str]) -> str:
    """Return a link as it is in the site; only its text where it leads to a folder of code."""
    target = (folder / link["target"]).resolve()
    docs = Path(config.docs_dir)
    if target.is_relative_to(docs):
        name = target.relative_to(docs).as_posix()
        name = f"{name}/README.md" if target.is_dir() else name
    elif (name := target.relative_to(ROOT).as_posix()) in TOP:
        name = TOP[name]
    elif target.is_file():
        name = f"files/{name}.txt"  # browsers show it
        if files.get_file_from_path(name) is None:
            files.append(File.generated(config, name, content=target.read_bytes()))
    else:
        return link["text"]
    return f"[{link['text']}]({os.path.relpath(name, Path(page).parent)}{link['anchor'] or ''})"


def _commands() -> Iterator[str]:
    """Yield the page of all commands."""
    yield "# Commands\n"
    yield "What follows `--` on the line goes to Beam. Every key of a config can be set by "
    yield "`--set key=value`, and by the environment. Exit codes are in [Home](../index.md#use).\n"
    group = typer.main.get_command(app)
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        yield from _command(f"newsbeam {name}", command)


def _command(name: str, command: Any) -> Iterator[str]:
    yield f"## {name}\n\n{_plain(command.help)}\n"
    for more, part in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{name} {more}", part)
    if getattr(command, "commands", None):
        return
    yield "| argument | value | |\n|---|---|---|"
    context = command.make_context(name, [], resilient_parsing=True)
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        is_argument = parameter.param_type_name == "argument"
        names = [parameter.metavar or parameter.name.upper()] if is_argument else parameter.opts
        kind = parameter.display_type(context).strip("<>").replace("|", ", ")
        value = "" if is_argument or parameter.is_flag else parameter.metavar or kind
        shown = ", ".join(f"<code>{_cell(name)}</code>" for name in names)
        yield f"| {shown} | {_cell(value)} | {_cell(_plain(parameter.help))} |"
    if command.epilog:
        examples = _plain(command.epilog).removeprefix("Examples:").split("  |  ")
        yield "\n".join(["\n```", *(example.strip() for example in examples), "```\n"])
    yield ""


def _plain(text: str | None) -> str:
    """Return a help text without the marks that part its paragraphs."""
    return re.sub(r"\[/?[a-z]+\]", "", (text or "").replace("\b", "")).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "&#124;").replace("<", "&lt;")


def _settings() -> Iterator[str]:
    """Yield the page of all settings."""
    yield "# Settings\n"
    yield "Each can stand in a config, in `--set`, and in the environment: `output.path` is "
    yield "`NEWSBEAM_OUTPUT__PATH`. A config that is wrong fails before any work.\n"
    schema = config_schema()
    for name, section in schema["properties"].items():
        yield f"## {name}\n"
        yield from _section(name, section, schema["$defs"])


def _section(name: str, section: dict[str, Any], parts: dict[str, Any]) -> Iterator[str]:
    part = parts[section["$ref"].rpartition("/")[2]]
    yield f"{part['description']}\n\n| key | value | default | |\n|---|---|---|---|"
    inner = []
    for key, value in part["properties"].items():
        inner += [(f"{name}.{key}", v) for v in (value, *value.get("anyOf", ())) if "$ref" in v]
        if "$ref" in value:
            continue
        default = value.get("default")
        shown = "" if default in (None, "") else f"`{_cell(_yaml(default))}`"
        cells = (_kind(value, parts), shown, _cell(value["description"]))
        yield f"| `{key}` | {' | '.join(cells)} |"
    yield ""
    for key, value in inner:
        yield f"### {key}\n"
        yield from _section(key, value, parts)


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return what a key takes, in words."""
    if "$ref" in value:
        return "as below"
    if options := value.get("anyOf"):
        kinds = [_kind(option, parts) for option in options if option.get("type") != "null"]
        return " or ".join(kinds)
    if choices := value.get("enum"):
        return ", ".join(f"`{choice}`" for choice in choices)
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {value[name]:g}" for name, sign in bounds.items() if name in value]
    kind = str(value.get("format", value.get("type", "")))
    return " ".join([_WORDS.get(kind, kind), *limits])
