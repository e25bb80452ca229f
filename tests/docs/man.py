"""Writes a manual page for the program and for each command: `python -m tests.docs.man FOLDER`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from aggregator.cli.base import root
from tests.docs.reference import DOCS

_ENVIRONMENT = (
    ".SH ENVIRONMENT",
    *(".TP", ".B AGGREGATOR_CONFIG", "The configuration file, or its folder, if \\-\\-config is not given."),
    *(".TP", ".B AGGREGATOR_LOG_FORMAT", "The format of log lines: text or json."),
    *(".TP", ".B COLUMNS", "The width of tables and help, instead of that of the terminal."),
    ".PP",
    "Passwords and tokens come from the variables that the configuration names with keys such as password_env.",
)
_FILES = (
    ".SH FILES",
    *(".TP", ".I ./config.toml", "The configuration, if neither \\-\\-config nor AGGREGATOR_CONFIG names one."),
    *(".TP", ".I ~/.config/aggregator/config.toml", "The configuration, if the working folder has none."),
    *(".TP", ".I /etc/aggregator/config.toml", "The configuration of the systemd service."),
    ".PP",
    "Relative paths in a configuration, such as that of the database, start at its folder.",
)
_EACH = ("Each command has a page, such as", ".BR aggregator\\-send (1).")
SHARED = ("--config", "--verbose", "--quiet", "--log-format", "--help", "--version")


def pages() -> Iterator[tuple[str, str]]:
    """Return the name of each page, such as `aggregator-send.1`, and its text in the man macros."""
    context = click.Context(root, info_name="aggregator")
    yield "aggregator.1", _page(root, context)
    for name in root.list_commands(context):
        found = root.get_command(context, name)
        assert found is not None
        yield f"aggregator-{name}.1", _page(found, click.Context(found, info_name=name, parent=context))


def _page(command: click.Command, context: click.Context) -> str:
    name = context.command_path.replace(" ", "-")
    first, _, rest = (command.help or "").strip().partition("\n")
    version = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    lines = [
        f'.TH "{name.upper()}" "1" "" "aggregator {version}" "User Commands"',
        ".SH NAME",
        f"{_text(name)} \\- {_text(first.rstrip('.'))}",
        ".SH SYNOPSIS",
        *_synopsis(command, context),
        ".SH DESCRIPTION",
        *_paragraphs(f"{first}\n{rest}"),
    ]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS", *_commands(command, context)]
    lines += [".SH OPTIONS", *_options(command, context)]
    if command is root:
        lines += [*_exit_statuses(), *_ENVIRONMENT, *_FILES]
    examples = getattr(command, "examples", ())
    if examples:
        lines += [".SH EXAMPLES", ".nf", *map(_text, examples), ".fi"]
    lines += [".SH SEE ALSO", *(_EACH if command is root else [".BR aggregator (1)"])]
    return "\n".join(lines) + "\n"


def _commands(command: click.Group, context: click.Context) -> Iterator[str]:
    """List the commands of the program; of another group each with its arguments, its help and its options."""
    for child in command.list_commands(context):
        found = command.get_command(context, child)
        assert found is not None
        own = click.Context(found, info_name=child, parent=context)
        if command is root:
            yield from (".TP", f".B {_text(child)}", _text(" ".join(found.get_short_help_str(300).split())))
            continue
        pieces = [piece for piece in found.collect_usage_pieces(own) if piece != "[OPTIONS]"]
        yield from (".TP", f".B {_text(' '.join([child, *pieces]))}")
        yield from list(_paragraphs(found.help or "", ".IP"))[1:]  # the first one stands beside the name
        yield ".RS"
        for names, text in _records(found, own):
            yield from (".TP", f".B {_text(names)}", _text(text))
        yield ".RE"


def _exit_statuses() -> Iterator[str]:
    """Take the exit statuses from the table in commands.md."""
    yield ".SH EXIT STATUS"
    _, _, table = (DOCS / "commands.md").read_text("utf-8").partition("| exit status | meaning |\n|---|---|\n")
    for line in table.partition("\n\n")[0].splitlines():
        status, meaning = (cell.strip() for cell in line.strip("|").split("|"))
        yield from (".TP", f".B {status}", _text(meaning.replace("`", "")))


def _synopsis(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f".B {_text(context.command_path)}"
    yield _text(" ".join(command.collect_usage_pieces(context)))


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    # click keeps the names of the help option that it used first, so they are given here.
    for names, text in (*_records(command, context, shared=True), ("-h, --help", "Show this message and exit.")):
        yield ".TP"
        yield f".B {_text(names)}"
        yield _text(text)


def _records(command: click.Command, context: click.Context, *, shared: bool = False) -> Iterator[tuple[str, str]]:
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and record[1] and "--help" not in param.opts and (shared or param.opts[-1] not in SHARED):
            yield record[0], " ".join(record[1].split())


def _paragraphs(text: str, macro: str = ".PP") -> Iterator[str]:
    for paragraph in text.strip().split("\n\n"):
        yield macro
        yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """Escape a line for troff: backslashes, hyphens, letters beyond ASCII, and a dot or quote at the beginning."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in escaped)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def write(folder: Path) -> None:
    """Write all pages into the folder, and remove those of commands that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = dict(pages())
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")
    for old in folder.glob("*.1"):
        if old.name not in made:
            old.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
