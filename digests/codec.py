"""Writes an edition as JSON and reads it back. The same edition always gives the same bytes."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin

from digests.model import Edition
from digests.reasons import Reason, from_plain, to_plain

FORMAT = 2
_READABLE = (1, FORMAT)  # format 1 has each reason as a sentence


def edition_to_json(edition: Edition) -> str:
    """Return an edition as JSON, with keys and sets sorted and times in UTC. Every process gives the same bytes."""
    plain = {"format": FORMAT, **_plain(edition)}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair from a feed's text: only its escaped form can be stored
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text


def edition_from_json(text: str) -> Edition:
    """Return the edition that `edition_to_json` wrote. Missing fields get their defaults, unknown fields are ignored.

    Raises ValueError if the text is not an edition.
    """
    plain = json.loads(text)
    if not isinstance(plain, dict) or plain.get("format") not in _READABLE:
        raise ValueError("this is not an edition, or one of a later version")
    try:
        edition = _value(plain, Edition)
    except (TypeError, KeyError) as error:
        raise ValueError(f"the stored edition is damaged: {error}") from error
    assert isinstance(edition, Edition)
    return edition


def _plain(value: Any) -> Any:
    if isinstance(value, Reason):
        return to_plain(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant in an edition needs a zone")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_plain(v) for v in value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _value(plain: Any, kind: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if plain is None else _value(plain, next(a for a in args if a is not type(None)))
    if origin is tuple:
        return tuple(_value(v, args[0]) for v in plain)
    if origin is frozenset:
        return frozenset(_value(v, args[0]) for v in plain)
    if kind is Reason:
        return from_plain(plain)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _value(plain[name], hints[name]) for name in hints if name in plain})
    if kind is datetime:
        return datetime.fromisoformat(plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    return float(plain) if kind is float else plain
