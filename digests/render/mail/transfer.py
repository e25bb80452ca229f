"""Content transfer encodings (RFC 2045): 7bit if the text allows it, else quoted-printable.

Base64 is shorter for text that is mostly not Latin, by two to thirty per cent of a digest. But spam filters count it
against a text part (rspamd and SpamAssassin score it), and people cannot read the raw message. Base64 is therefore used
only if it is shorter and the size matters: from the size at which Gmail may clip the message.
"""

from __future__ import annotations

import base64
import quopri

LINE = 76  # RFC 2045 6.7 (5), 6.8
LARGE = 100_000  # bytes; see `fit`
_PLAIN_LINE = 78  # RFC 5322 2.1.1


def encode(text: str) -> tuple[str, bytes]:
    """Return the encoding's name and the encoded body with CRLF line ends."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    if body.isascii() and all(len(line) <= _PLAIN_LINE and not line.startswith(b"From ") for line in body.split(b"\n")):
        return "7bit", body.replace(b"\n", b"\r\n")
    quoted = _quoted(body)
    if len(quoted) > LARGE:
        based = _based(body)
        if len(based) < len(quoted):
            return "base64", based
    return "quoted-printable", quoted


def encoded_size(text: str) -> int:
    """Return the number of bytes of the encoded body."""
    return len(encode(text)[1])


def _quoted(body: bytes) -> bytes:
    # quopri escapes neither `From `, which mboxes change, nor a single dot, which some relays take for the end.
    lines = quopri.encodestring(body).split(b"\n")
    return b"\r\n".join(_guarded(line) for line in lines)


def _guarded(line: bytes) -> bytes:
    if line.startswith(b"From "):
        return b"=46rom " + line[5:] if len(line) <= LINE - 2 else b"=46rom=\r\n" + line[4:]
    if line == b".":
        return b"=2E"
    return line


def _based(body: bytes) -> bytes:
    canonical = body.replace(b"\n", b"\r\n")  # RFC 2045 6.8: line breaks of text are CRLF before encoding
    return base64.encodebytes(canonical).replace(b"\n", b"\r\n")
