"""Parses posted forms, in both encodings that browsers and mail providers use, limited in size."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from digests.reasons import _
from digests.render.mail.parts import MimePart, parameter, walk

MAX_BYTES = 64 * 1024  # bytes of a form; ours have a handful of short fields
_MAX_FIELDS = 100
_FIELD_BYTES = 16  # of a form that may be longer: it may have as many more fields
_BYTES = "\0"  # after the name of a field: the bytes of its file, each as one character
Fields = dict[str, list[str]]


class FormTooLong(ValueError):
    """The form is larger than any form of this program."""

    def __init__(self) -> None:
        super().__init__(_("The form is too long."))


async def form_fields(request: Request, most: int = MAX_BYTES) -> Fields:
    """Return the fields of a posted form of at most `most` bytes; none for another kind of body. Raises FormTooLong."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise FormTooLong
    fields = _MAX_FIELDS if most <= MAX_BYTES else most // _FIELD_BYTES
    kind = request.headers.get("content-type", "")
    if most <= MAX_BYTES:
        return parse_form(bytes(body), kind, fields)
    return await run_in_threadpool(parse_form, bytes(body), kind, fields)


def parse_form(body: bytes, content_type: str, most: int = _MAX_FIELDS) -> Fields:
    """Return the fields of a body: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        try:
            return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most)
        except ValueError:
            raise FormTooLong from None
    if kind != "multipart/form-data":
        return {}
    found: Fields = {}
    for part in walk(MimePart((("content-type", content_type),), body), depth=1):
        name = parameter(part.get("content-disposition"), "name")
        if name is not None:
            found.setdefault(name, []).append(part.content.decode("utf-8", "replace"))
            if parameter(part.get("content-disposition"), "filename") is not None:
                found.setdefault(name + _BYTES, []).append(part.content.decode("latin-1"))
    return found


def first(fields: Fields, name: str) -> str:
    """Return the first value of a field without spaces around it; empty if the form has none."""
    return (fields.get(name) or [""])[0].strip()


def positive(text: str, digits: int = 15) -> int | None:
    """Return an id that a form or a URL gave; None if it is no positive number, or has more than so many digits."""
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) <= digits else None


def page_number(text: str) -> int:
    """Return the page of a list that a URL gave; the first if it is no such number."""
    return positive(text, digits=7) or 1


def uploaded(fields: Fields, name: str) -> bytes:
    """Return the bytes of an uploaded file; none if the form has no such file."""
    return (fields.get(name + _BYTES) or [""])[0].encode("latin-1", "replace")


def local_path(path: str) -> str:
    """Return a path of these pages; the front page for a URL of another site."""
    fine = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if fine else "/"


def lines(fields: Fields, name: str) -> tuple[str, ...]:
    """Return the lines of all values of a field, without empty ones and each once."""
    found = [line.strip() for value in fields.get(name, ()) for line in value.splitlines()]
    return tuple(dict.fromkeys(filter(None, found)))
