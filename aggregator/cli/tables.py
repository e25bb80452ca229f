"""Tables: aligned columns that fit the terminal, in any script.

Not by `rich`: its tables cut or wrap within cells at 80 columns too, and it would be one more dependency to install.
"""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_GAP = 2  # columns between two columns
_NARROWEST = 12  # columns that a long column keeps
_LAST = 24  # columns that the last column needs beside the others
_INDENT = 4  # of a last column below its row
_EMOJI_STYLE = "\ufe0f"  # makes the character before it wide


def printable(text: str) -> str:
    """Return one line without control characters, so that a title cannot send escape sequences (ECMA-48)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def display_width(text: str) -> int:
    """Return a text's columns on a terminal: wide characters take two, combining and format characters none (UAX 11).

    A character before U+FE0F is drawn as an emoji and takes two.
    """
    width = before = 0
    for char in text:
        if char == _EMOJI_STYLE:
            width += before == 1
            before = 0
        elif unicodedata.category(char) not in {"Mn", "Me", "Cf"}:
            before = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            width += before
    return width


def shorten(text: str, columns: int) -> str:
    """Truncate a text to a number of columns."""
    text = printable(text)
    return text if display_width(text) <= columns else _start(text, columns - 1).rstrip() + "…"


def _start(text: str, columns: int) -> str:
    """Return the longest start of a text that fits."""
    if text.isascii():
        return text[:columns]
    end = 0
    for end in range(len(text)):
        if display_width(text[: end + 1]) > columns:
            return text[:end]
    return text[: end + 1]


def terminal_columns() -> int | None:
    """Return the width of the terminal; None if the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table_lines(head: Sequence[str], rows: Iterable[Sequence[object]], columns: int | None) -> Iterator[str]:
    """Return the lines of a table, columns two spaces apart.

    Where the table is wider than `columns`, the last column, which has what only text can say, continues on further
    lines, below its row if a URL or a path is longer than the column; of the others the widest are shortened. Without
    `columns` each row is one line.
    """
    cells = [list(head), *([printable(str(cell)) if cell is not None else "" for cell in row] for row in rows)]
    widths = [max(display_width(row[place]) for row in cells) for place in range(len(head) - 1)]
    last = max(display_width(row[-1]) for row in cells)
    below = False
    if columns is not None:
        below = _fit(widths, min(last, _LAST), columns) and last > 0
    for row in cells:
        others = [shorten(cell, width) for cell, width in zip(row, widths, strict=False)]
        start = "".join(
            cell + " " * (width - display_width(cell) + _GAP) for cell, width in zip(others, widths, strict=True)
        )
        if columns is None:
            yield (start + row[-1]).rstrip()
            continue
        beside = sum(widths) + _GAP * len(widths)
        if below or _longest(row[-1]) > columns - beside:
            yield start.rstrip()
            yield from (" " * _INDENT + line for line in _wrapped(row[-1], columns - _INDENT))
        else:
            first, *more = _wrapped(row[-1], columns - beside) or [""]
            yield (start + first).rstrip()
            yield from (" " * beside + line for line in more)


def _longest(text: str) -> int:
    """Return the columns of the longest URL, path or the like, which cannot be copied once it is broken.

    Other scripts write sentences without spaces, so only words in ASCII count.
    """
    return max((len(word) for word in text.split() if word.isascii()), default=0)


def _fit(widths: list[int], last: int, columns: int) -> bool:
    """Shorten the widest columns until the table fits; return whether the last column has to go below its row."""

    def excess(last: int) -> int:
        return sum(widths) + _GAP * len(widths) + last - columns

    below = excess(last) > sum(max(width - _NARROWEST, 0) for width in widths if width > 2 * _NARROWEST)
    while excess(0 if below else last) > 0 and max(widths, default=0) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return below


def _wrapped(text: str, columns: int) -> list[str]:
    """Break a text into lines, between words where that is possible."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if display_width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while display_width(line) > columns and (part := _start(line, columns)):
            lines.append(part)
            line = line[len(part) :]
    return [*lines, line] if line else lines
