"""Writes the content of a database as JSON lines, and reads it into an empty database of either kind.

The first line is `{"export": 1, "schema": "NNNN", "secrets": false}`. Each other line is one row: `table`, then the
columns of `aggregator.store.schema.tables`. Times are ISO 8601 in UTC, bytes are base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text

from aggregator.store.database import Database
from aggregator.store.errors import BackupRefused, NotABackup
from aggregator.store.schema import tables
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.tables import HEAD, metadata
from digests.channels.recipient import Recipient
from digests.outbox import OPEN, State

FORMAT = 1
# Caches and marks, which the program makes again.
LEFT_OUT = {
    "comparison",
    "delivery_stop",
    "delivery_turn",
    "feed_host",
    "page_failure",
    "read_ahead",
    "reading",
    "summary_cache",
}
_LEASES = {"lease_owner", "lease_until", "queued_until"}
_SECRET_TABLES = {"push"}  # tokens and secrets of hubs; the daemon subscribes again
_SECRET_VALUES = {"link-key", "web-sessions"}  # in `meta`: the key of signed links, and the sign-ins
_LISTS = "opml:"  # in `meta`: what was read of OPML files, whose URLs may have passwords; they are read again
_ROWS = 500


def exported_lines(db: Database, public: Callable[[str], str] | None = None) -> Iterator[str]:
    """Yield the lines of a consistent export, each without its line end.

    With `public`, which removes the secrets of a URL, there are no keys, no tokens, no passwords in URLs of feeds, of
    webhooks only the hosts, of other services only their names, and no bodies of mails, which have signed links; open
    deliveries are expired, because without bodies they cannot be sent.
    """
    with db.read(one_moment=True) as connection:
        yield _line({"export": FORMAT, "schema": HEAD, "secrets": public is None})
        for table in metadata.sorted_tables:
            if table.name in LEFT_OUT or (table.name in _SECRET_TABLES and public is not None):
                continue
            for row in _rows(connection, table):
                values = {name: None if name in _LEASES else value for name, value in row.items()}
                if public is None or _made_public(table.name, values, public):
                    yield _line({"table": table.name, **values})


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    found = connection.execution_options(yield_per=_ROWS).execute(select(table).order_by(*table.primary_key.columns))
    for row in found.mappings():
        if table.name != "meta" or row["until"] is None:  # others are leases
            yield dict(row)


def _made_public(table: str, values: dict[str, Any], public: Callable[[str], str]) -> bool:
    """Remove the secrets of a row; return whether the row is written at all."""
    if table == "meta":
        return values["key"] not in _SECRET_VALUES and not values["key"].startswith(_LISTS)
    if table == "feed":
        for key in ("url", "configured", "redirect_to", "hub_topic"):
            values[key] = values[key] and public(values[key])
        values["options"] = {}
        values["aliases"] = []
    if table == "fetch":
        values["final_url"] = public(values["final_url"])
    if table == "recipient":
        _hide_address(values)
    if table == "delivery":
        values["body"] = b""
        if values["state"] in OPEN:
            values.update(state=State.EXPIRED.value, next_try=None, detail="not sent before the export")
    return True


def _hide_address(values: dict[str, Any]) -> None:
    """Leave of an address that is a secret, such as a webhook's, what may be shown; the id keeps two of them apart."""
    recipient = Recipient(values["channel"], values["address"])
    if recipient.shown != f"{recipient.channel}:{recipient.address}":
        hidden = f"{recipient.shown}{values['id']}"
        values.update(key=hidden, address=Recipient.from_key(hidden).address)


def import_lines(
    db: Database, lines: Iterable[str], now: datetime, has_ended: Callable[[str], bool] = lambda _: False
) -> dict[str, int]:
    """Read an export into a database without entries and editions; return how many rows each table got.

    All or nothing. Raises `NotABackup` for other lines, and `BackupRefused` for a database that has content or that a
    daemon uses, and for an export of another schema. `has_ended` returns whether the process of a lease holder is known
    to be gone.
    """
    numbered = enumerate(lines, 1)
    _check_head(_parsed(*next(numbered, (1, ""))))
    counts: dict[str, int] = {}
    rows = (_parsed(number, line) for number, line in numbered if line.strip())
    urls = set[str]()
    with db.write() as connection:
        _require_unused(connection, now, has_ended)
        _make_empty(connection)
        for name, part in groupby(rows, key=lambda row: str(row.pop("table", ""))):
            table = metadata.tables.get(name)
            if table is None:
                raise _not_an_export(f"it has rows of a table {name!r}")
            stored = (_stored(table, row) for row in part)
            if table is tables.feed:
                stored = (_distinct(row, urls) for row in stored)
            for batch in chunks(stored, _ROWS):
                connection.execute(table.insert(), batch)
                counts[name] = counts.get(name, 0) + len(batch)
        _continue_ids(connection)
    return counts


def _not_an_export(why: str) -> NotABackup:
    return NotABackup(f"{NotABackup.__doc__} ({why})", hint="name a file that `aggregator export --all` wrote")


def _check_head(head: dict[str, Any]) -> None:
    if head.get("export") != FORMAT:
        raise _not_an_export(f"the first line names no export of format {FORMAT}")
    if head.get("schema") != HEAD:
        raise BackupRefused(
            f"the export is of schema {head.get('schema')}, this version has {HEAD}",
            hint="export with the same version that imports: upgrade the older installation first",
        )


def _require_unused(connection: Connection, now: datetime, has_ended: Callable[[str], bool]) -> None:
    """Refuse a database on which another process works: a daemon, a worker of a cluster, or a command that groups."""
    holders = connection.execute(select(tables.meta.c.value).where(tables.meta.c.until > now)).scalars()
    if used_by := next((holder for holder in holders if not has_ended(holder)), None):
        raise BackupRefused(
            f"another process uses the database: {used_by}", hint="stop the daemon and other commands, then import"
        )


def _distinct(feed: dict[str, Any], urls: set[str]) -> dict[str, Any]:
    """Return a feed with a URL of its own: without their tokens, two feeds may have the same."""
    if feed.get("url") in urls:
        feed["url"] = f"{feed['url']}#{feed['id']}"
    urls.add(feed["url"])
    return feed


def _make_empty(connection: Connection) -> None:
    """Delete what opening the database and reading the configuration have written."""
    for table in (tables.entry, tables.edition, tables.delivery, tables.ledger):
        if connection.execute(select(func.count()).select_from(table)).scalar():
            raise BackupRefused(
                "the database has content already", hint="import into a new database: see `[storage] url`"
            )
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def _parsed(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise _not_an_export(f"line {number} is not JSON") from error
    if not isinstance(found, dict):
        raise _not_an_export(f"line {number} is no object")
    return found


def _stored(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Convert one row to values for the database; the full-text index is made again."""
    unknown = row.keys() - table.columns.keys()
    if unknown:
        raise _not_an_export(f"there is no column {min(unknown)!r} in {table.name!r}")
    try:
        values = {name: _value(table, name, value) for name, value in row.items()}
    except (TypeError, ValueError) as error:
        raise _not_an_export(f"a value in {table.name!r}: {error}") from error
    if table is tables.entry:
        values["indexed"] = False
    return values


def _value(table: Table, name: str, value: Any) -> Any:
    kind = type(table.columns[name].type).__name__
    if value is None:
        return None
    if kind == "Instant":
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if kind == "LargeBinary" else value


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=_jsonable)


def _jsonable(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    assert isinstance(value, bytes | memoryview), type(value)
    return base64.b64encode(bytes(value)).decode()


def _continue_ids(connection: Connection) -> None:
    """Let PostgreSQL continue after the highest id; SQLite does so itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        sequence = connection.execute(
            text(
                "SELECT pg_get_serial_sequence(:table, 'id') FROM information_schema.columns "
                "WHERE table_name = :table AND column_name = 'id' AND table_schema = current_schema()"
            ),
            {"table": table.name},
        ).scalar()
        if sequence:
            highest = connection.execute(select(func.max(table.c.id))).scalar()
            connection.execute(
                text("SELECT setval(:sequence, :value, :used)"),
                {"sequence": sequence, "value": highest or 1, "used": highest is not None},
            )
