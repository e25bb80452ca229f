"""Pictures inside mails: the formats that every mail client shows, within limits on bytes and pixels.

Nothing is loaded from the web when the mail is read, so that publishers do not learn who reads. A picture over the
limits is left out, and the client scales the others to the width of the column.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAX_BYTES = 250_000  # of one picture
MAX_TOTAL = 750_000  # of all pictures of one mail
COLUMN = 560  # pixels
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 60  # smaller ones are icons and counters
_MOST_PIXELS = 25_000_000  # a phone decodes it whole
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG markers that hold the size (ITU T.81 B.1.1.3)


@dataclass(frozen=True, slots=True)
class MailPicture:
    """A picture for mails. `width` and `height` are in pixels."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int

    @property
    def content_id(self) -> str:
        """The id by which the HTML part names it: the same for the same picture."""
        return f"{hashlib.sha256(self.data).hexdigest()[:32]}@picture.invalid"

    @property
    def shown_width(self) -> int:
        """The width in a mail."""
        return min(self.width, COLUMN)


def read_picture(data: bytes) -> MailPicture | None:
    """Return the picture in `data`, by its own bytes; None if mails cannot have it."""
    if len(data) > MAX_BYTES:
        return None
    for media_type, size in (("image/png", _png(data)), ("image/gif", _gif(data)), ("image/jpeg", _jpeg(data))):
        if size is not None:
            width, height = size
            fits = width >= _LEAST_WIDTH and height >= _LEAST_HEIGHT and width * height <= _MOST_PIXELS
            return MailPicture(data, media_type, width, height) if fits else None
    return None


def within_total(pictures: Iterable[tuple[str, MailPicture]]) -> Iterator[tuple[str, MailPicture]]:
    """Yield the pictures, in order, that are together within the limit of a mail; one that several have counts once."""
    left = MAX_TOTAL
    taken: set[str] = set()
    for url, picture in pictures:
        cost = 0 if picture.content_id in taken else len(picture.data)
        if cost <= left:
            left -= cost
            taken.add(picture.content_id)
            yield url, picture


def named_in(html: str, pictures: Iterable[MailPicture]) -> list[MailPicture]:
    """Return the pictures that the HTML part names, each once."""
    named = set(re.findall(r'src="cid:([^"]+)"', html))
    return [p for p in {p.content_id: p for p in pictures}.values() if p.content_id in named]


def _png(data: bytes) -> tuple[int, int] | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _gif(data: bytes) -> tuple[int, int] | None:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 10:
        return None
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Walk over the segments up to the first frame header."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
