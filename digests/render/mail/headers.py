"""Writes header fields, so that no text of a feed can become a field of its own.

Python's email package decodes encoded-words inside a value and folds the result: in 3.11.7 a title with
`=?utf-8?b?DQpCY2M6…?=` becomes a Bcc line. Here a value is encoded once and never parsed again.
Limits: RFC 5322 2.1.1 (998 octets a line, 78 preferred), RFC 2047 2 (75 a word, 76 a line).
"""

from __future__ import annotations

import base64
import re

from digests.errors import BadMessage
from digests.render.view.clean import tidy

_LINE = 76
_WORD = 75
_HARD = 998
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


def unfolded_field(name: str, value: str) -> bytes:
    """Return a field on one line (List-*, Message-ID), because some receivers do not unfold these."""
    line = f"{name}: {value}".encode("ascii", "strict")
    if len(line) > _HARD or re.search(rb"[^\x20-\x7e]", line):
        raise BadMessage(f"the value of {name} cannot be sent")
    return line + b"\r\n"


def text_field(name: str, value: str) -> bytes:
    """Return an unstructured field: plain if possible, else as encoded-words (RFC 2047)."""
    clean = tidy(value)
    if _is_plain(clean):
        folded = _folded(f"{name}: {clean}")
        if folded is not None:
            return folded
    return _encoded(f"{name}: ", clean) + b"\r\n"


def mailbox_field(name: str, display: str, address: str) -> bytes:
    """Return a field with one mailbox. `address` is checked already; it is in UTF-8 only if it needs SMTPUTF8."""
    if not tidy(display):
        return f"{name}: {address}\r\n".encode()
    return labelled_field(name, display, address)


def labelled_field(name: str, display: str, identifier: str) -> bytes:
    """Return a field with a phrase and an identifier in angle brackets, which is never encoded."""
    shown = tidy(display)
    spec = f"<{identifier}>".encode()
    start = f"{name}: "
    if not shown:
        return start.encode() + spec + b"\r\n"
    if _is_plain(shown) and len(shown) <= _LINE - len(start):
        phrase = shown if _PHRASE.fullmatch(shown) else '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
        head = (start + phrase).encode()
    else:
        head = _encoded(start, shown)
    last = head.rsplit(b"\r\n", 1)[-1]
    return head + (b" " if len(last) + 1 + len(spec) <= _LINE else b"\r\n ") + spec + b"\r\n"


def _is_plain(value: str) -> bool:
    """Whether the value is ASCII and cannot be taken for an encoded-word."""
    return value.isascii() and "=?" not in value


def _folded(line: str) -> bytes | None:
    """Return `line` folded at blanks; None if a word is too long."""
    if len(line) <= 78:
        return line.encode() + b"\r\n"
    lines, words = [], line.split(" ")
    current = f"{words[0]} {words[1]}" if len(words) > 1 else words[0]
    for word in words[2:]:
        if len(current) + 1 + len(word) > _LINE:
            lines.append(current)
            current = f" {word}"
        else:
            current += f" {word}"
    lines.append(current)
    return None if max(map(len, lines)) > 78 else "\r\n".join(lines).encode() + b"\r\n"


def _encoded(start: str, value: str) -> bytes:
    """Return `start` and `value` as encoded-words, one a line, without splitting a character."""
    words = _words(value, first=_LINE - len(start), other=_LINE - 1)
    return start.encode() + b"\r\n ".join(words)


def _words(value: str, first: int, other: int) -> list[bytes]:
    """Return the encoded-words: Q if it is shorter for the whole value, else B."""
    quoted = sum(len(_q(c)) for c in value)
    use_q = quoted <= len(value.encode()) * 4 // 3
    words: list[bytes] = []
    chunk = ""
    for char in value:
        limit = min(_WORD, other if words else first)
        if chunk and len(_word(chunk + char, use_q=use_q)) > limit:
            words.append(_word(chunk, use_q=use_q))
            chunk = ""
        chunk += char
    return [*words, _word(chunk, use_q=use_q)]


def _word(chunk: str, *, use_q: bool) -> bytes:
    if use_q:
        return b"=?utf-8?q?" + "".join(map(_q, chunk)).encode() + b"?="
    return b"=?utf-8?b?" + base64.b64encode(chunk.encode()) + b"?="


def _q(char: str) -> str:
    """Return one character in the Q encoding, in the form that is valid in a phrase too (RFC 2047 5 (3))."""
    if char == " ":
        return "_"
    if char.isascii() and (char.isalnum() or char in "!*+-/"):
        return char
    return "".join(f"={octet:02X}" for octet in char.encode())
