"""Stores who leads each article, and how it is known who wrote its text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.tables import article
from aggregator.stories.copies.origin import Origin, OriginCode, OriginReason


def origin_reasons(db: Database, article_ids: Iterable[int]) -> dict[int, OriginReason]:
    """Return how it is known who wrote the texts of these articles; an article without a reason is left out."""
    found: dict[int, OriginReason] = {}
    with db.read() as connection:
        for part in chunks(article_ids):
            query = select(article.c.id, article.c.origin).where(article.c.id.in_(part), article.c.origin != "")
            found.update((row.id, _from_stored(row.origin)) for row in connection.execute(query))
    return found


def write_origins(connection: Connection, origins: Sequence[Origin]) -> None:
    """Write the origins of articles."""
    rows = [{"key": o.article, "lead": o.lead, "of": o.copy_of, "why": _to_stored(o.reason)} for o in origins]
    if rows:
        where = update(article).where(article.c.id == bindparam("key"))
        values: dict[str, Any] = {"lead_id": bindparam("lead"), "copy_of": bindparam("of"), "origin": bindparam("why")}
        connection.execute(where.values(values), rows)


def _to_stored(reason: OriginReason | None) -> str:
    return json.dumps(asdict(reason), ensure_ascii=False) if reason else ""


def _from_stored(stored: str) -> OriginReason:
    """Read a stored reason. Earlier versions stored a sentence."""
    if not stored.startswith("{"):
        return OriginReason(OriginCode.TEXT, name=stored)
    values = json.loads(stored)
    return OriginReason(**{**values, "code": OriginCode(values["code"])})
