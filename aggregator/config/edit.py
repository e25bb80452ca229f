"""Edits feeds in the configuration file; every other line stays byte for byte.

An edit inserts or removes whole lines, found by the layout scan. The result is parsed again, and the edit is refused
unless it made exactly the wanted change.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from aggregator.config.errors import ConfigError, Problem
from aggregator.config.layout import Block, scan
from aggregator.config.load import parse, read_text

FeedKeys = Mapping[str, str | float | bool | Mapping[str, str]]
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class EditRefused(ConfigError):
    """the file has a form that cannot be edited"""

    code = "edit"
    hint = "write feeds as [[feed]] tables, or make the change by hand"


def quote(text: str) -> str:
    """The text as a TOML basic string."""
    return (
        '"'
        + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )


def add_feeds(text: str, feeds: Sequence[FeedKeys]) -> str:
    """The text with `[[feed]]` tables added after the last one, or at the end. Raises EditRefused.

    `feeds` have keys and values in the order to write them, and must have `url`; tables are written last.
    """
    if not feeds:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    tables = [newline.join(_table_lines(feed)) for feed in feeds]
    lines = _lines(text)
    last = max((block.last for block in _feed_blocks(text)), default=len(lines))
    head, tail = "".join(lines[:last]), "".join(lines[last:])
    if head and not head.endswith("\n"):
        head += newline
    gap = newline if head.strip() and not head.endswith((newline * 2, "\n\n")) else ""
    edited = head + gap + (newline * 2).join(tables) + newline + tail
    _check_result(edited, [*_feeds(text), *(dict(feed) for feed in feeds)], text)
    return edited


def _table_lines(feed: FeedKeys) -> list[str]:
    lines = ["[[feed]]"]
    # A table ends the keys of its feed.
    for key, value in sorted(feed.items(), key=lambda pair: isinstance(pair[1], Mapping)):
        if isinstance(value, Mapping):
            lines += [f"[feed.{key}]", *(f"{name} = {quote(text)}" for name, text in value.items())]
        else:
            lines.append(f"{key} = {_value(value)}")
    return lines


def remove_feed(text: str, index: int) -> str:
    """The text without `[[feed]]` number `index` (from 0) and the blank lines after it. Raises EditRefused."""
    lines = _lines(text)
    blocks = [block for block in scan(text).blocks if block.path[:2] == ("feed", index)]
    if not blocks:
        raise _refusal("this feed is not written as a [[feed]] table")
    first, last = blocks[0].first - 1, blocks[-1].last
    while last < len(lines) and not lines[last].strip():
        last += 1
    kept = [feed for position, feed in enumerate(_feeds(text)) if position != index]
    edited = "".join(lines[:first]) + "".join(lines[last:])
    _check_result(edited, kept, text)
    return edited


def save(path: Path, before: str, after: str) -> None:
    """Replace the file atomically, if it still contains `before` and `after` is valid. Raises ConfigError.

    A symbolic link keeps its target, and the file keeps its permissions.
    """
    parse(after, path)
    if read_text(path) != before:
        raise EditRefused(
            [Problem(str(path), 0, "", "was changed by another program meanwhile", "the same command again")]
        )
    target = path.resolve()
    byte_order_mark = "\ufeff" if target.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write((byte_order_mark + after).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _lines(text: str) -> list[str]:
    """The lines with their ends. TOML ends lines at LF only; `str.splitlines` also splits at U+0085 in a name."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _value(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else repr(value)


def _feed_blocks(text: str) -> list[Block]:
    return [block for block in scan(text).blocks if block.path[:1] == ("feed",)]


def _feeds(text: str) -> list[object]:
    found = tomllib.loads(text).get("feed", [])
    return list(found) if isinstance(found, list) else [found]


def _check_result(edited: str, feeds: Sequence[object], before: str) -> None:
    """Raise EditRefused unless the edited text has these feeds and is otherwise unchanged."""
    expected = tomllib.loads(before)
    expected["feed"] = list(feeds)
    try:
        found = tomllib.loads(edited)
    except tomllib.TOMLDecodeError as error:
        raise _refusal("feeds are not written as [[feed]] tables") from error
    found.setdefault("feed", [])
    if found != expected:
        raise _refusal("the change cannot be made without touching other lines")


def _refusal(wrong: str) -> EditRefused:
    return EditRefused([Problem("config.toml", 0, "feed", wrong, "feeds written as [[feed]] tables")])
