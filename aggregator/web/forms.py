"""Parses posted forms, in both encodings that browsers and mail providers use, limited in size."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

from digests.render.mail.parts import MimePart, parameter, walk

MAX_BYTES = 64 * 1024  # bytes of a form; ours have a handful of short fields
_MAX_FIELDS = 100
Fields = dict[str, list[str]]


class FormTooLong(ValueError):
    """The form is larger than any form of this program."""

    def __init__(self) -> None:
        super().__init__("The form is too long.")


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
        try:
            return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise FormTooLong from None
    if kind != "multipart/form-data":
        return {}
    found: Fields = {}
    for part in walk(MimePart((("content-type", content_type),), body), depth=1):
        name = parameter(part.get("content-disposition"), "name")
        if name is not None:
            found.setdefault(name, []).append(part.content.decode("utf-8", "replace"))
    return found


def first(fields: Fields, name: str) -> str:
    """Return the first value of a field without spaces around it; empty if the form has none."""
    return (fields.get(name) or [""])[0].strip()
