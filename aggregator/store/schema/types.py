"""How values are kept in columns: instants as whole microseconds, lists and maps as JSON text, texts that both databases take."""

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
    """An aware instant as microseconds since 1970 in UTC: it compares and sorts alike in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Refuse a naive instant: nobody would know when it is."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Back to an aware instant in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A list or a map as compact JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Tuples become lists."""
        return pack(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Empty lists, the usual case, cost nothing."""
        return [] if value == "[]" else json.loads(value)


class Words(TypeDecorator[str]):
    """Text from outside: without NUL, which PostgreSQL refuses, and without lone surrogates, which are no Unicode text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """One bad character never costs the entry."""
        return None if value is None else storable(value)


def micros(instant: datetime) -> int:
    """Return the whole microseconds since 1970. Raises ValueError for an instant without a zone."""
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
    """Return what `pack` does for texts alone, five times as fast; whether it is storable is for the caller to see."""
    return "[" + ",".join(map(encode_basestring, words)) + "]"


def storable(text: str) -> str:
    """Return `text` as every database can keep it."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
