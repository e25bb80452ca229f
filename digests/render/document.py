"""An edition as JSON, for other programs: the model's own names, instants in ISO 8601, keys sorted."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from digests.model import Edition


def dump(edition: Edition) -> str:
    """One JSON object, indented, ended by a newline."""
    return json.dumps(asdict(edition), ensure_ascii=False, sort_keys=True, indent=1, default=_plain) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in an edition")
