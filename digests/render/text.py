"""Lays out plain text by display width, as terminals and mail clients show it.

East Asian wide characters take two columns (UAX 11). Scripts written without spaces break anywhere, but not before
closing punctuation (a small part of JIS X 4051) and not inside a combined character. URLs are never broken.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

WIDTH = 72
_WIDE = frozenset("WF")
_NO_START = frozenset("、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】,.!?:;)]}…ะาำๅๆฯ")
# A joiner, and a vowel that is written before its consonant, belong to the next character.
_NO_END = frozenset("「『（〈《【〔［｛“‘(\u200dเแโใไ")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer: narrow, without blanks


def columns(text: str) -> int:
    """Return how many columns `text` takes on a terminal."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def wrap(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> str:
    """Return `text` in lines of at most `width` columns; `first` and `rest` are the prefixes of the lines."""
    later = " " * columns(first) if rest is None else rest
    lines: list[str] = []
    line, fresh = first, True
    for atom in _atoms(text):
        if not fresh and _fills(line + atom, width):
            lines.append(line.rstrip())
            line, fresh = later, True
        line += atom.lstrip(" ") if fresh else atom
        fresh = False
    return "\n".join([*lines, line.rstrip()])


def _fills(line: str, width: int) -> bool:
    """Whether a line is too wide, or has too many characters, because some have no width (RFC 5322 2.1.1)."""
    return columns(line) > width or len(line) > width + 6


def _atoms(text: str) -> list[str]:
    """Return the pieces between which a line may break; each piece includes the blank before it."""
    atoms: list[str] = []
    for word in text.split():
        pieces = _pieces(word)
        atoms.append(f" {pieces[0]}" if atoms else pieces[0])
        atoms.extend(pieces[1:])
    return atoms


def _pieces(word: str) -> list[str]:
    """Return one word, split where text without blanks may break."""
    if "://" in word or not any(map(_breaks, word)):
        return [word]
    pieces = [word[0]]
    for before, char in pairwise(word):
        if before not in _NO_END and char not in _NO_START and _columns(char) and (_breaks(before) or _breaks(char)):
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces


def _breaks(char: str) -> bool:
    """Whether a line may break next to this character."""
    return _columns(char) == 2 or bool(_UNSPACED.match(char))


def underline(text: str, char: str = "-", width: int = WIDTH) -> str:
    """Return a line of `char` as wide as `text`."""
    return char * min(width, max(map(columns, text.split("\n"))))


def indent(text: str, by: str = "  ") -> str:
    """Return `text` with every line indented that is not empty."""
    return "\n".join(by + line if line else line for line in text.split("\n"))


def trimmed(text: str) -> str:
    """Return `text` without blanks at line ends, with single empty lines and one newline at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
