"""The generated parts of docs/: every key, command and error. Written by `python -m tests.docs.write`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(<!-- begin: (?P<kind>[a-z]+) (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
COMMON = ("--config", "--verbose", "--quiet", "--log-format", "--help")


def written(text: str) -> str:
    """Return a document with every block generated again."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}{MAKERS[match['kind']](match['name'])}{match[5]}"

    return BLOCK.sub(fill, text)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def tables() -> dict[str, type]:
    """Return every table of the configuration by its name in the file."""
    from aggregator.config.model.validation import model
    from aggregator.config.schema import Config
    from aggregator.config.types import model_of

    found = {(info.alias or name): model_of(info.annotation) for name, info in model(Config).model_fields.items()}
    found["page"] = model_of(model(found["feed"]).model_fields["page"].annotation)
    return {name: model(table) for name, table in found.items() if table is not None}


def keys(table: str) -> str:
    """Describe the keys of one table: name, default, meaning."""
    lines = ["| key | default | meaning |", "|---|---|---|"]
    model = tables()[table]
    own = [name for name in model.model_fields if name in model.__annotations__]
    for name in dict.fromkeys([*own, *model.model_fields]):  # what several tables have comes last
        info = model.model_fields[name]
        default = "needed" if info.is_required() else f"`{_default(info.default)}`"
        meaning = (info.description or "").replace("|", "\\|")
        lines.append(f"| `{name}` | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    from aggregator.config.units import format_duration

    if isinstance(value, timedelta):
        return f'"{format_duration(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[]"
    if isinstance(value, dict):
        return "{}"
    if value is None:
        return "none"
    return f'"{value}"' if isinstance(value, str) else str(value)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def command(name: str) -> str:
    """Describe one command: usage, help, its own options, examples."""
    from aggregator.cli.base import root

    context = click.Context(root, info_name="aggregator")
    found = root.get_command(context, name)
    assert found is not None
    return "\n".join(_command(found, click.Context(found, info_name=name, parent=context)))


def _command(found: click.Command, context: click.Context) -> Iterator[str]:
    yield f"`{' '.join([context.command_path, *found.collect_usage_pieces(context)])}`"
    yield ""
    yield _wrapped(" ".join((found.help or "").split()))
    yield ""
    options = [param for param in found.params if isinstance(param, click.Option) and param.opts[-1] not in COMMON]
    for option in options:
        yield _option(option, context)
    if options:
        yield ""
    if isinstance(found, click.Group):
        for name, child in sorted(found.commands.items()):
            yield f"### {context.info_name} {name}"
            yield ""
            yield from _command(child, click.Context(child, info_name=name, parent=context))
    examples = getattr(found, "examples", ())
    if examples and not isinstance(found, click.Group):
        yield from ("```sh", *examples, "```", "")


def _option(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    assert record is not None
    names, text = record
    return _wrapped(f"- `{names}`: {' '.join(text.split())}", indent="  ")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def trees() -> dict[str, type[Exception]]:
    """Return the four error trees."""
    from aggregator.config.errors import ConfigError
    from aggregator.store.errors import StoreError
    from digests.errors import DigestError
    from feeds.errors import FeedError

    import aggregator.config.edit  # isort: skip - its error is part of the tree

    assert aggregator.config.edit
    return {"feeds": FeedError, "digests": DigestError, "store": StoreError, "config": ConfigError}


def every(tree: type[Exception]) -> list[type[Exception]]:
    """Return a tree's classes in the program, in the order of their definition."""
    found = [tree]
    for child in tree.__subclasses__():
        if child.__module__.split(".")[0] in ("feeds", "digests", "aggregator"):
            found += every(child)
    return found


def errors(tree: str) -> str:
    """The errors of one tree: code, what it means, what to do."""
    lines = ["| code | what happened | what to do |", "|---|---|---|"]
    for one in every(trees()[tree]):
        code = "http-NNN" if one.code == "http" else one.code  # type: ignore[attr-defined]
        words = " ".join((one.__doc__ or "").split())
        lines.append(f"| `{code}` | {words} | {one.hint or 'see the message'} |")  # type: ignore[attr-defined]
    return "\n".join(lines) + "\n"


def output(name: str) -> str:
    """The keys of one object that commands print with `--json`."""
    from tests.docs.outputs import table

    return table(name)


MAKERS: dict[str, Callable[[str], str]] = {"keys": keys, "command": command, "errors": errors, "output": output}
