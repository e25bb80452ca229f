"""Edits tables such as `[[feed]]` in the configuration file; every other line stays byte for byte.

An edit inserts or removes whole lines, or replaces values, which the layout scan finds. The result is parsed again, and
the edit is refused unless it made exactly the wanted change.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from errno import EACCES
from pathlib import Path
from typing import Any

from aggregator.config.errors import ConfigError, Problem
from aggregator.config.layout import scan
from aggregator.config.load import parse, read_text
from digests.reasons import Phrase, _

Value = str | float | bool | Sequence[str]
TableKeys = Mapping[str, Value | Mapping[str, str]]
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_WIDE = 100  # columns of a list in one line
_NO_TABLE = _("this is not written as a {table} table")


class EditRefused(ConfigError):
    """the file has a form that cannot be edited"""

    code = "edit"
    hint = "write feeds as [[feed]] tables, or make the change by hand"


class ChangedMeanwhile(EditRefused):
    """the file was changed by another program meanwhile"""

    code = "edit-late"
    hint = "look at the new file, and make the change again"


class NotWritable(EditRefused):
    """the file cannot be written"""

    code = "edit-rights"
    hint = "change the file where it is written, or give this program the right to write it"


def quote(text: str) -> str:
    """Return the text as a TOML basic string."""
    return (
        '"'
        + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )


def add_tables(text: str, kind: str, tables: Sequence[TableKeys]) -> str:
    """Return the text with `[[kind]]` tables added after the last one, or at the end. Raises EditRefused.

    `tables` have keys and values in the order to write them; inner tables are written last.
    """
    if not tables:
        return text
    newline = _newline(text)
    written = [newline.join(_table_lines(kind, table)) for table in tables]
    lines = _lines(text)
    last = max((block.last for block in scan(text).blocks if block.path[:1] == (kind,)), default=len(lines))
    head, tail = "".join(lines[:last]), "".join(lines[last:])
    if head and not head.endswith("\n"):
        head += newline
    gap = newline if head.strip() and not head.endswith((newline * 2, "\n\n")) else ""
    edited = head + gap + (newline * 2).join(written) + newline + tail
    _check_result(edited, kind, [*_tables(text, kind), *map(_plain, tables)], text)
    return edited


def remove_table(text: str, kind: str, index: int) -> str:
    """Return the text without `[[kind]]` number `index` (from 0) and the blank lines after it. Raises EditRefused."""
    lines = _lines(text)
    blocks = [block for block in scan(text).blocks if block.path[:2] == (kind, index)]
    if not blocks:
        raise _refusal(kind, _NO_TABLE)
    first, last = blocks[0].first - 1, blocks[-1].last
    while last < len(lines) and not lines[last].strip():
        last += 1
    kept = [table for position, table in enumerate(_tables(text, kind)) if position != index]
    edited = "".join(lines[:first]) + "".join(lines[last:])
    _check_result(edited, kind, kept, text)
    return edited


def change_table(text: str, kind: str, index: int, values: Mapping[str, Value | None]) -> str:
    """Return the text with new values in `[[kind]]` number `index` (from 0); None removes a key. Raises EditRefused."""
    layout = scan(text)
    block = next((block for block in layout.blocks if block.path == (kind, index)), None)
    if block is None:
        raise _refusal(kind, _NO_TABLE)
    ends = [0]
    for line in _lines(text):
        ends.append(ends[-1] + len(line))
    changes: list[tuple[int, int, str]] = []  # from where to where, and the new text
    added = ""
    for key, value in values.items():
        span = layout.spans.get((kind, index, key))
        if span is not None and value is not None:
            changes.append((*span, _written(value)))
        elif span is not None:
            last = text.find("\n", span[1]) + 1 or len(text)
            changes.append((ends[layout.lines[kind, index, key] - 1], last, ""))
        elif value is not None:
            added += f"{key} = {_written(value)}{_newline(text)}"
    end = ends[block.last]
    if added:
        changes.append((end, end, added if text[:end].endswith("\n") else _newline(text) + added))
    edited = text
    for start, after, written in sorted(changes, reverse=True):  # from the end of the file, so that places stay
        edited = edited[:start] + written + edited[after:]
    tables = _tables(text, kind)
    merged = {**dict(tables[index]), **values}
    tables[index] = _plain({key: value for key, value in merged.items() if value is not None})
    _check_result(edited, kind, tables, text)
    return edited


def without_tables(text: str, kind: str) -> str:
    """Return the text without all `[[kind]]` tables and their inner tables."""
    lines = _lines(text)
    for block in scan(text).blocks:
        if block.path[:1] == (kind,):
            lines[block.first - 1 : block.last] = [""] * (block.last - block.first + 1)
    return "".join(lines)


def table_text(kind: str, table: TableKeys) -> str:
    """Return one `[[kind]]` table as the file has it."""
    return "\n".join(_table_lines(kind, table))


def _table_lines(kind: str, table: TableKeys) -> list[str]:
    lines = [f"[[{kind}]]"]
    # A table ends the keys of the one that it is in.
    for key, value in sorted(table.items(), key=lambda pair: isinstance(pair[1], Mapping)):
        if isinstance(value, Mapping):
            lines += [f"[{kind}.{key}]", *(f"{name} = {quote(text)}" for name, text in value.items())]
        else:
            lines.append(f"{key} = {_written(value)}")
    return lines


def save(path: Path, before: str, after: str) -> None:
    """Replace the file atomically, if it still contains `before` and `after` is valid. Raises ConfigError.

    A symbolic link keeps its target, and the file keeps its permissions. Commands and pages that save at one time wait
    for each other.
    """
    parse(after, path)
    with _only_writer(path.resolve().parent):
        if read_text(path) != before:
            raise ChangedMeanwhile(
                [Problem(str(path), 0, "", "was changed by another program meanwhile", "the same command again")]
            )
        try:
            _replace(path.resolve(), after)
        except OSError as error:  # also where a container mounts this one file
            wrong = Phrase(_("cannot be written: {why}"), why=error.strerror or error)
            raise NotWritable([Problem(str(path), 0, "", wrong)]) from error


@contextlib.contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Lock the folder against other processes of this program, if its file system has locks."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _replace(target: Path, text: str) -> None:
    mode = target.stat().st_mode & 0o7777
    if not mode & 0o222:
        raise PermissionError(EACCES, "the file is read-only")
    byte_order_mark = "\ufeff" if target.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write((byte_order_mark + text).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _lines(text: str) -> list[str]:
    """Return the lines with their ends. Only LF ends a line in TOML; `str.splitlines` also splits at U+0085."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int | float):
        return repr(value)
    items = [quote(item) for item in value]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _WIDE else "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _plain(table: Mapping[str, object]) -> dict[str, object]:
    """Return a table as `tomllib` reads it: with lists for tuples."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in table.items()}


def _tables(text: str, kind: str) -> list[Any]:
    found = tomllib.loads(text).get(kind, [])
    return list(found) if isinstance(found, list) else [found]


def _check_result(edited: str, kind: str, tables: Sequence[object], before: str) -> None:
    """Raise EditRefused unless the edited text has these tables and is otherwise unchanged."""
    expected = tomllib.loads(before)
    expected[kind] = list(tables)
    try:
        found = tomllib.loads(edited)
    except tomllib.TOMLDecodeError as error:
        raise _refusal(kind, _NO_TABLE) from error
    found.setdefault(kind, [])
    if found != expected:
        raise _refusal(kind, _("the change cannot be made without touching other lines"))


def _refusal(kind: str, wrong: str) -> EditRefused:
    table = f"[[{kind}]]"
    expected = Phrase(_("{table} tables"), table=table)
    return EditRefused([Problem("config.toml", 0, kind, Phrase(wrong, table=table), expected)])
