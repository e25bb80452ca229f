"""Reads untrusted MIME bodies in linear time, with limits on parts, nesting and headers.

Python's email package follows any nesting (a mail of 100 kB ends it with RecursionError) and compares each line with
every boundary around it. The messages read here are simple: a report, a posted form.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_MAX_HEAD = 64 * 1024  # bytes; what follows is read as body
_MAX_FIELDS = 200
_MAX_VALUE = 2000  # characters of one field
_MAX_PARTS = 64  # of one message
_MAX_DEPTH = 3
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_PARAMETER = re.compile(r';\s*([\w*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^\s;"]{1,1000}))')


@dataclass(frozen=True, slots=True)
class MimePart:
    """Header fields in order, their names in lower case, and the body as it was sent."""

    fields: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str:
        """Return the value of the first field with this name, given in lower case; empty if there is none."""
        return next((value for field, value in self.fields if field == name), "")

    @property
    def kind(self) -> str:
        """The media type in lower case, without parameters."""
        return self.get("content-type").partition(";")[0].strip().lower()

    @property
    def content(self) -> bytes:
        """The body without its transfer encoding; unchanged if it cannot be decoded."""
        encoding = self.get("content-transfer-encoding").strip().lower()
        try:
            if encoding == "base64":
                return base64.b64decode(self.body)
        except (binascii.Error, ValueError):
            return self.body
        return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body


def read_part(message: bytes) -> MimePart:
    """Return a message's fields and body."""
    end = _HEAD_END.search(message, 0, _MAX_HEAD)
    head, body = (message[: end.start()], message[end.end() :]) if end else (message[:_MAX_HEAD], b"")
    return MimePart(tuple(read_fields(head)), body)


def read_fields(head: bytes) -> Iterator[tuple[str, str]]:
    """Yield header fields with folded lines joined; other lines are skipped."""
    unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", head[:_MAX_HEAD])
    for line in unfolded.split(b"\n", _MAX_FIELDS)[:_MAX_FIELDS]:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon and name.strip():
            yield name.strip().lower(), value.strip()[:_MAX_VALUE]


def parameter(value: str, name: str) -> str | None:
    """Return a parameter of a field's value, such as `boundary` of a Content-Type; None if it is missing."""
    for found in _PARAMETER.finditer(value):
        if found[1].lower() == name:
            return re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
    return None


def walk(part: MimePart, depth: int = _MAX_DEPTH) -> Iterator[MimePart]:
    """Yield the part and the parts of its multipart bodies, within the limits. Attached messages are not opened."""
    return islice(_walk(part, depth), _MAX_PARTS + 1)


def _walk(part: MimePart, depth: int) -> Iterator[MimePart]:
    yield part
    if depth and part.kind.startswith("multipart/"):
        for inner in _split(part):
            yield from _walk(inner, depth - 1)


def _split(part: MimePart) -> Iterator[MimePart]:
    boundary = parameter(part.get("content-type"), "boundary")
    if not boundary or len(boundary) > 200:
        return
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    start = None
    for found in mark.finditer(part.body):
        if start is not None:
            yield read_part(_after_line_end(part.body[start : found.start()]))
        if found[1]:
            return
        start = found.end()
    if start is not None:  # the end of the body was cut off
        yield read_part(_after_line_end(part.body[start:]))


def _after_line_end(data: bytes) -> bytes:
    return data.removeprefix(b"\r").removeprefix(b"\n")
