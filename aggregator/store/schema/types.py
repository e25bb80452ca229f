"""The column types: instants as microseconds, lists and maps as JSON text, and texts that both databases accept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant as microseconds since 1970 in UTC, which compares and sorts the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Convert an instant to microseconds. Raises ValueError for a naive one."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Convert microseconds to an aware instant in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A list or a map as compact JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Convert a value to JSON text; tuples become lists."""
        return pack(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Convert JSON text to a value; empty lists, the usual case, are not parsed."""
        return [] if value == "[]" else json.loads(value)


class Words(TypeDecorator[str]):
    """Text without NUL, which PostgreSQL rejects, and without lone surrogates, which cannot be encoded."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Remove or replace the characters that a database rejects."""
        return None if value is None else storable(value)


def micros(instant: datetime) -> int:
    """Return the microseconds since 1970. Raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a zone: {instant!r}")
    return (instant - EPOCH) // _MICROSECOND


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def pack(value: Any) -> str:
    """Return a list or a map as JSON text."""
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return storable(_encode(value))


def pack_words(words: tuple[str, ...]) -> str:
    """Return texts as a JSON list, five times as fast as `pack`; the caller must make the result storable."""
    return "[" + ",".join(map(encode_basestring, words)) + "]"


def storable(text: str) -> str:
    """Return `text` without characters that a database rejects."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
