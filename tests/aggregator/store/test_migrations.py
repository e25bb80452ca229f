"""The migrations give exactly the tables that the program works with, quickly, and say so."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    create_engine,
    insert,
    inspect,
    text,
)

from aggregator.store import Database
from aggregator.store.intake import entries, feeds
from aggregator.store.outgoing import deliveries, letters, recipients, subscriptions
from aggregator.store.records import DeliveryStop, NewLetter, Purpose
from aggregator.store.schema.migrate import config, upgrade
from aggregator.store.schema.tables import HEAD, metadata
from aggregator.store.schema.types import micros
from aggregator.store.stories import page_texts, stories
from digests.channels.recipient import Recipient
from digests.outbox import State
from tests.support.postgres import fresh_database
from tests.support.stored import DAY, HOUR, NOW


def differences(db: Database) -> list[Any]:
    """What Alembic would change to bring the database to `tables`; FTS5's own tables are no business of it."""

    def ours(_thing: Any, name: str | None, kind: str, reflected: bool, _to: Any) -> bool:
        return not (kind == "table" and reflected and (name or "").startswith(("entry_search", "alembic")))

    with db.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"include_object": ours}), metadata))


def migrated(url: str) -> None:
    """Bring an empty database to the newest schema by all migrations."""
    engine = create_engine(url)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()


def shape(url: str) -> dict[tuple[str, str], list[str]]:
    """All that a schema has, in no order: columns with their types and defaults, keys, constraints and indexes."""
    engine = create_engine(url)
    found: dict[tuple[str, str], list[str]] = {}
    with engine.connect() as connection:
        look = inspect(connection)
        for table in look.get_table_names():
            parts: dict[str, Any] = {
                "columns": look.get_columns(table),
                "key": [look.get_pk_constraint(table)],
                "foreign keys": look.get_foreign_keys(table),
                "unique": look.get_unique_constraints(table),
                "indexes": look.get_indexes(table),
            }
            for kind, of_kind in parts.items():
                found[table, kind] = sorted(json.dumps(part, default=str, sort_keys=True) for part in of_kind)
        if engine.dialect.name == "sqlite":  # of these it keeps the statements
            query = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger', 'view')"
            for name, sql in connection.execute(text(query)).all():
                found[name, "statement"] = ["".join((sql or "").split()).replace('"', "")]
        found["alembic_version", "rows"] = [
            *connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        ]
    engine.dispose()
    return found


def test_a_new_file_has_the_tables_that_the_migrations_give(tmp_path: Path) -> None:
    made, upgraded = (f"sqlite:///{tmp_path / name}.db" for name in ("made", "upgraded"))
    migrated(upgraded)
    db = Database.open(made)
    assert db.migrate()
    db.close()
    assert shape(made) == shape(upgraded)


@pytest.mark.postgres
def test_a_new_server_has_the_tables_that_the_migrations_give(postgres_server: str) -> None:
    with fresh_database(postgres_server) as made, fresh_database(postgres_server) as upgraded:
        migrated(upgraded)
        db = Database.open(made)
        assert db.migrate()
        db.close()
        assert shape(made) == shape(upgraded)


def test_a_new_database_runs_no_migration(tmp_path: Path) -> None:
    code = (
        "import sys; from aggregator.store.database import open_database; "
        "open_database(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    words = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'new.db'}"]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip() == "False"


def test_several_processes_may_create_one_database(tmp_path: Path) -> None:
    stores = [Database.open(str(tmp_path / "new.db")) for _ in range(8)]
    with ThreadPoolExecutor(len(stores)) as pool:
        assert sum(pool.map(Database.migrate, stores)) == 1
    assert {db.version() for db in stores} == {HEAD}
    for db in stores:
        db.close()


def test_a_migrated_file_has_the_tables_of_the_program(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    migrated(url)
    db = Database.open(url)
    assert differences(db) == []
    assert db.version() == HEAD
    db.close()


@pytest.mark.postgres
def test_a_migrated_server_has_the_tables_of_the_program(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        migrated(url)
        db = Database.open(url)
        assert differences(db) == []
        db.close()


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_migrating_twice_does_nothing_the_second_time(tmp_path: Path) -> None:
    db = Database.open(str(tmp_path / "new.db"))
    assert db.version() is None
    assert db.migrate()
    assert not db.migrate()
    db.close()


def test_a_file_keeps_what_is_committed(file_url: str) -> None:
    db = Database.open(file_url)
    with db.read() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2: FULL, each commit is on the disk
    db.close()


# ── a database of an earlier version, with data ──────────────────────────────────────────────────────────────────────

_OUTBOX = """
INSERT INTO edition (id, digest, slot, audience, composed, period_start, period_end, title, subject, document)
    VALUES ('e1', 'daily', 0, '', 0, 0, 0, 'Daily', 'News', '{}');
INSERT INTO recipient (key, channel, address, added) VALUES ('mail:ann@x.example', 'mail', 'ann@x.example', 0);
INSERT INTO delivery (id, edition_id, recipient_id, state, next_try, created, updated, message_id, media_type, body)
    VALUES (7, 'e1', 1, 'queued', 0, 0, 0, '<7@x.example>', 'message/rfc822', :seven);
INSERT INTO delivery (id, edition_id, recipient_id, copy, state, created, updated, sent_at, message_id, media_type, \
body)
    VALUES (9, 'e1', 1, 1, 'sent', 0, 0, 5, '<9@x.example>', 'message/rfc822', :nine);
"""
_NOTES = {
    "link-key": ("secret", None),
    "delivery-stop smtp://a:25": (f"{(NOW + HOUR).isoformat()} 421 please wait", None),
    "delivery-doubts 7": ("2", None),
    "alert Daily: it failed": ("alert then", NOW + 4 * DAY),
    "example https://a.example/?q=1 2": ("The text.", None),
    "confirm daily mail:ann@x.example": ("abc", NOW + HOUR),
}


def _old(url: str) -> None:
    """Make a database as version 0006 left it, with deliveries and with facts in `meta`."""
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0006")
        for statement in filter(str.strip, _OUTBOX.split(";")):
            bodies = {name: name.encode() for name in ("seven", "nine") if f":{name}" in statement}
            connection.execute(text(statement), bodies)
        for key, (value, until) in _NOTES.items():
            row = {"key": key, "value": value, "until": micros(until) if until else None}
            connection.execute(text("INSERT INTO meta (key, value, until) VALUES (:key, :value, :until)"), row)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('delivery', 'id'), 9)"))
    engine.dispose()


def _check_upgraded(url: str) -> None:
    db = Database.open(url)
    db.migrate()
    assert differences(db) == []
    sent, queued = deliveries.list_deliveries(db)
    assert (queued.id, queued.digest, queued.purpose, queued.doubts) == (7, "daily", Purpose.EDITION, 2)
    assert (sent.id, sent.copy, sent.state, sent.doubts) == (9, 1, State.SENT, 0)
    assert deliveries.delivery_by(db, 9).body == b"nine"
    assert deliveries.stops(db, NOW) == {"smtp://a:25": DeliveryStop(NOW + HOUR, "421 please wait")}
    assert letters.unreported(db, ["Daily: it failed", "new"], NOW - 4 * DAY) == ["new"]
    assert letters.unreported(db, ["Daily: it failed"], NOW - 3 * DAY) == ["Daily: it failed"]
    assert page_texts.get(db, "https://a.example/?q=1 2") == "The text."
    with db.read() as connection:
        assert connection.execute(text("SELECT key, value FROM meta")).all() == [("link-key", "secret")]
    letter = NewLetter(
        Recipient("mail", "b@x.example"), Purpose.OPERATOR, "S", "<10@x.example>", b"ten", "n@x.example", NOW + DAY
    )
    assert letters.report(db, ["new"], letter, NOW - DAY, NOW)
    assert next(one.id for one in deliveries.list_deliveries(db)) > 9
    assert next(one.id for one in deliveries.claim_due(db, NOW, "me", HOUR, 9)) == 7
    db.close()


def test_an_old_file_keeps_its_deliveries_and_its_facts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    _old(url)
    _check_upgraded(url)


@pytest.mark.postgres
def test_an_old_server_keeps_its_deliveries_and_its_facts(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        _old(url)
        _check_upgraded(url)


_TEXTS = {"language": "en", "what": "opened", "state": "queued", "key": "mail:ann@x.example", "channel": "mail"}


def _needed(table: Table) -> dict[str, Any]:
    """A value for each column that needs one."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable or column.server_default is not None or (column.primary_key and column.name == "id"):
            continue
        if isinstance(column.type, (Integer, Float, Boolean, Numeric)):
            values[column.name] = 1
        elif isinstance(column.type, LargeBinary):
            values[column.name] = b"body"
        else:
            values[column.name] = _TEXTS.get(column.name, "[]")  # a text, and an empty list where one is stored
    return values


@pytest.mark.parametrize(
    "revision", [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()]
)
def test_a_database_of_each_earlier_version_opens_with_its_data(tmp_path: Path, revision: str) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(config(connection), revision)
        old = MetaData()
        old.reflect(connection)
        names = ("feed", "story", "article", "entry", "recipient", "edition", "delivery")
        more: dict[str, dict[str, Any]] = {
            "feed": {"url": "https://a.example/feed"},
            "story": {"id": "s1"},
            "article": {"id": 1, "story_id": "s1", "entry_id": 1},
            "entry": {"id": 1, "article_id": 1, "title": "A title", "text": "A text."},
            "recipient": {"address": "ann@x.example"},
            "edition": {"id": "e1", "digest": "daily", "document": "{}"},
            "delivery": {"edition_id": "e1", "recipient_id": 1, "message_id": "<1@x.example>"},
        }
        for name in names:
            table = old.tables[name]
            known = {key: value for key, value in more[name].items() if key in table.columns}
            connection.execute(insert(table).values({**_needed(table), **known}))
    engine.dispose()
    db = Database.open(url)
    db.migrate()
    assert differences(db) == []
    assert [(one.title, one.text) for one in entries.entries(db, [1])] == [("A title", "A text.")]
    assert [one.id for one in stories.stories(db)] == ["s1"]
    assert [one.message_id for one in deliveries.list_deliveries(db)] == ["<1@x.example>"]
    assert [one.url for one in feeds.feeds_by_id(db).values()] == ["https://a.example/feed"]
    db.close()


def test_recipients_whose_addresses_differ_in_case_become_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(config(connection), "0010")
        for key in ("mail:Ann@x.example", "mail:ann@x.example", "mail:Bob@x.example", "folder:/Out", "folder:/out"):
            channel, _, address = key.partition(":")
            values = {"key": key, "channel": channel, "address": address}
            connection.execute(
                text("INSERT INTO recipient (key, channel, address, added) VALUES (:key, :channel, :address, 0)"),
                values,
            )
        for statement in (
            (
                "INSERT INTO subscription VALUES (1, 'daily', 'active', 0), (2, 'daily', 'left', 5), (2, "
                "'week', 'active', 6)"
            ),
            "INSERT INTO feedback VALUES (1, 's1', 1, 0), (2, 's1', 1, 0), (2, 's2', -1, 0)",
            _OUTBOX.split(";", maxsplit=1)[0],
            "INSERT INTO ledger VALUES (1, 's1', 'e1', 'new', 0), (2, 's1', 'e1', 'new', 0), (2, 's2', 'e1', 'new', 0)",
            "UPDATE recipient SET paused = 1, reason = 'returned' WHERE id = 2",
        ):
            connection.execute(text(statement))
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO delivery (edition_id, recipient_id, state, created, updated, "
                    "message_id, media_type, body)"
                    f" VALUES ('e1', {number}, 'sent', 0, 0, '<{number}@x.example>', 'message/rfc822', :body)"
                ),
                {"body": b"x"},
            )
    engine.dispose()
    db = Database.open(url)
    db.migrate()
    stored = recipients.list_recipients(db)
    assert [one.recipient.key for one in stored] == [
        "folder:/Out", "folder:/out", "mail:ann@x.example", "mail:bob@x.example"
    ]  # fmt: skip
    ann = stored[2]
    assert (ann.id, ann.address, ann.paused, ann.reason) == (1, "Ann@x.example", True, "returned")
    states = {(row.recipient.key, row.digest): row.state for row in subscriptions.list_subscriptions(db)}
    assert states == {("mail:ann@x.example", "daily"): "left", ("mail:ann@x.example", "week"): "active"}
    assert {one.recipient_id for one in deliveries.list_deliveries(db)} == {1}
    assert {one.story: one.value for one in recipients.marks_of(db, [1])} == {"s1": 1, "s2": -1}
    with db.read() as connection:
        assert connection.execute(text("SELECT recipient_id, story_id FROM ledger ORDER BY 2")).all() == [
            (1, "s1"), (1, "s2")
        ]  # fmt: skip
    db.close()


FIRST_OF_CLUSTERS = "0013"  # no worker of an older version can run beside others
BREAKING: set[str] = set()  # migrations that no worker of the version before survives; release notes say so


@pytest.mark.postgres
def test_running_workers_of_the_version_before_survive_each_migration(postgres_server: str) -> None:
    """Workers are updated one by one, so what an older one reads and writes must stay possible."""
    revisions = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
    with fresh_database(postgres_server) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            command.upgrade(config(connection), FIRST_OF_CLUSTERS)
            before = reflected(connection)
            for revision in revisions[revisions.index(FIRST_OF_CLUSTERS) + 1 :]:
                command.upgrade(config(connection), revision)
                after = reflected(connection)
                if revision not in BREAKING:
                    assert incompatible(before, after) == [], revision
                before = after
        engine.dispose()


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def incompatible(before: MetaData, after: MetaData) -> list[str]:
    """What a program that knows the tables of `before` could not read or write any more."""
    problems = [name for name in before.tables if name not in after.tables]
    for name in before.tables.keys() & after.tables.keys():
        old, new = dict(before.tables[name].columns), dict(after.tables[name].columns)
        problems += [f"{name}.{key} is gone" for key in old.keys() - new.keys()]
        problems += [
            f"{name}.{key} changed"
            for key in old.keys() & new.keys()
            if str(old[key].type) != str(new[key].type) or (old[key].nullable and not new[key].nullable)
        ]
        problems += [
            f"{name}.{key} must be given"
            for key in new.keys() - old.keys()
            if not new[key].nullable and new[key].server_default is None
        ]
        unique = {index.name for index in after.tables[name].indexes if index.unique}
        problems += sorted(unique - {index.name for index in before.tables[name].indexes})
    return problems


def test_a_migration_that_older_workers_do_not_survive_is_noticed() -> None:
    def tables(*columns: Column[Any]) -> MetaData:
        made = MetaData()
        Table("one", made, *columns)
        return made

    old = tables(Column("kept", Integer), Column("name", Text))
    assert incompatible(old, tables(Column("kept", Integer), Column("name", Text), Column("new", Integer))) == []
    assert incompatible(old, tables(Column("kept", Integer))) == ["one.name is gone"]
    assert incompatible(old, tables(Column("kept", Integer), Column("name", Integer))) == ["one.name changed"]
    given = tables(Column("kept", Integer), Column("name", Text), Column("new", Integer, nullable=False))
    assert incompatible(old, given) == ["one.new must be given"]
    assert incompatible(old, MetaData()) == ["one"]
