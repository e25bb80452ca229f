"""Parses posted forms, in both encodings that browsers and mail providers use, limited in size."""

from __future__ import annotations

import email
import email.policy
from urllib.parse import parse_qs

from starlette.requests import Request

MAX_BYTES = 64 * 1024  # bytes of a form; ours have a handful of short fields
Fields = dict[str, list[str]]


class FormTooLong(ValueError):
    """The form is larger than any form of this program."""


async def form_fields(request: Request) -> Fields:
    """The fields of a posted form; none for another kind of body. Raises FormTooLong."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise FormTooLong
    return parse_form(bytes(body), request.headers.get("content-type", ""))


def parse_form(body: bytes, content_type: str) -> Fields:
    """The fields of a body: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    if kind != "multipart/form-data" or not content_type.isprintable():
        return {}
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    found: Fields = {}
    for part in email.message_from_bytes(head + body, policy=email.policy.compat32).walk():
        name = part.get_param("name", header="Content-Disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found.setdefault(name, []).append(payload.decode("utf-8", "replace"))
    return found
