"""Finds the line of each key of a TOML file, and the lines of each table.

Error messages need the lines of keys, and edits need the lines of tables, but `tomllib` gives neither. This scanner
reads only files that `tomllib` has accepted, so it does not check the syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aggregator.config.errors import Place

Path = Place

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One `[table]` or `[[table]]`: its path, and its first and last line with content, from 1."""

    path: Path
    first: int
    last: int


@dataclass(slots=True)
class Layout:
    """The lines of one file. A path is a tuple of names and, in arrays, indexes from 0: `("feed", 2, "url")`.

    `spans` are the first character of each key's value and the one after it.
    """

    lines: dict[Path, int] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of a key, or of the nearest table or array that contains it; 0 if there is none."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0


def scan(text: str) -> Layout:
    """Find every key and table of a valid TOML text."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted_to = 0
        self.counted = 1
        self.counts: dict[Path, int] = {}
        self.table: Path = ()
        self.layout = Layout()

    def run(self) -> Layout:
        self.skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self.header()
            else:
                self.pair(self.table)
                self.extend()
            self.skip(_SPACE)
        return self.layout

    def line(self) -> int:
        """Return the current line, counted on from the last call, so that the scan stays linear."""
        self.counted += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        return self.counted

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def header(self) -> None:
        line = self.line()
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        names = self.keys()
        self.at += brackets
        self.table = self.place(names, many=brackets == 2)
        self.layout.lines.setdefault(self.table, line)
        for end in range(1, len(self.table)):
            self.layout.lines.setdefault(self.table[:end], line)
        self.layout.blocks.append(Block(self.table, line, line))

    def place(self, names: tuple[str, ...], *, many: bool) -> Path:
        """Return the full path of a header; an array of tables in it means its last element (TOML 1.0)."""
        path: Path = ()
        for depth, name in enumerate(names, start=1):
            path = (*path, name)
            if many and depth == len(names):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def extend(self) -> None:
        """Extend the current block to the current line."""
        if self.layout.blocks:
            open_block = self.layout.blocks[-1]
            self.layout.blocks[-1] = Block(open_block.path, open_block.first, self.line())

    def keys(self) -> tuple[str, ...]:
        names = [self.key()]
        self.skip(_BLANK)
        while self.text.startswith(".", self.at):
            self.at += 1
            names.append(self.key())
            self.skip(_BLANK)
        return tuple(names)

    def key(self) -> str:
        self.skip(_BLANK)
        start = self.at
        match = _BARE.match(self.text, self.at)
        if match:
            self.at = match.end()
            return match.group()
        self.string()
        return self.text[start + 1 : self.at - 1]

    def pair(self, path: Path) -> None:
        line = self.line()
        names = self.keys()
        self.skip(_BLANK)
        self.at += 1  # the equals sign
        self.skip(_BLANK)
        for end in range(1, len(names) + 1):
            self.layout.lines.setdefault((*path, *names[:end]), line)
        start = self.at
        self.value((*path, *names))
        self.layout.spans.setdefault((*path, *names), (start, start + len(self.text[start : self.at].rstrip())))

    def value(self, path: Path) -> None:
        char = self.text[self.at]
        if char == "[":
            self.array(path)
        elif char == "{":
            self.inline(path)
        elif char in "\"'":
            self.string()
        else:
            self.skip(_SCALAR)

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        self.skip(_SPACE)
        while self.text[self.at] != "]":
            self.layout.lines[*path, index] = self.line()
            self.value((*path, index))
            index += 1
            self.skip(_SPACE)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_SPACE)
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        self.skip(_SPACE)
        while self.text[self.at] != "}":
            self.pair(path)
            self.skip(_SPACE)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_SPACE)
        self.at += 1

    def string(self) -> None:
        for pattern in _STRINGS:
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                return
