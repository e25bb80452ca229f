"""The export of everything as JSON lines, and back into an empty database of either kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from aggregator.observe.redact import url_without_secrets
from aggregator.store import Database, meta, open_database
from aggregator.store.backup.lines import LEFT_OUT, exported_lines, import_lines
from aggregator.store.errors import BackupRefused, NotABackup
from aggregator.store.schema import tables

AT = datetime(2026, 5, 4, 7, 0, 0, 123456, tzinfo=UTC)
SECRET = "a-secret-key-of-links"
TOKEN = "token=of-a-private-feed"
HOOK = "https://hooks.example/services/T000-of-a-webhook"


def filled(db: Database) -> Database:
    """A database with a feed, an entry, a story, an edition, a recipient, two deliveries and the ledger."""
    with db.write() as connection:
        url = "https://ann:password@north.example/feed"
        feed = {"id": 7, "url": url, "configured": url, "options": {"a": [1]}, "added": AT, "aliases": [], "hints": {}}
        connection.execute(insert(tables.feed), {**feed, "lease_owner": "one", "lease_until": AT})
        texts = dict.fromkeys(("text", "summary_html", "content_html"), "Storm “Ada”\u2028cuts 東京 🌩")
        lists: dict[str, object] = {"authors": ["Ann"], "categories": [], "enclosures": [], "links": []}
        entry = {"id": 41, "feed_id": 7, "guid": "g", "guid_origin": "id", "arrived": AT, "content_hash": "h"}
        connection.execute(insert(tables.entry), {**entry, **texts, **lists, "title": "Storm", "indexed": True})
        edition = {"id": "e1", "digest": "morning", "slot": AT, "composed": AT, "period_start": AT, "period_end": AT}
        connection.execute(insert(tables.edition), {**edition, "document": "{}"})
        recipient = {
            "id": 3,
            "key": "mail:ann@example.org",
            "channel": "mail",
            "address": "ann@example.org",
            "added": AT,
        }
        connection.execute(insert(tables.recipient), recipient)
        for number in (4, 5):
            hook = {"id": number, "key": f"webhook:{HOOK}{number}", "channel": "webhook", "address": f"{HOOK}{number}"}
            connection.execute(insert(tables.recipient), {**hook, "added": AT})
        poll = {"feed_id": 7, "at": AT, "final_url": f"https://north.example/feed?{TOKEN}", "notes": []}
        connection.execute(insert(tables.fetch), poll)
        for number, state in ((1, "sent"), (2, "queued")):
            delivery = {"id": number, "edition_id": "e1", "recipient_id": 3, "copy": number, "state": state}
            rest = {"created": AT, "updated": AT, "message_id": f"<{number}>", "media_type": "m", "body": b"\x00\xff"}
            connection.execute(insert(tables.delivery), {**delivery, **rest, "next_try": AT})
        told = {"recipient_id": 3, "story_id": "s1", "edition_id": "e1", "kind": "new", "at": AT}
        connection.execute(insert(tables.ledger), told)
    meta.put(db, "link-key", SECRET)
    meta.put(db, "some", "value")
    return db


@pytest.fixture
def source() -> Iterator[Database]:
    db = filled(Database.in_memory())
    yield db
    db.close()


def test_an_export_shows_one_moment(server_or_file_url: str) -> None:
    db = filled(Database.open(server_or_file_url))
    before = list(exported_lines(db))
    lines = exported_lines(db)
    seen = [next(lines), next(lines)]
    with db.write() as connection:
        for table in tables.metadata.sorted_tables[::-1]:
            connection.execute(table.delete())
    assert [*seen, *lines] == before
    assert len(list(exported_lines(db))) == 1
    db.close()


def test_everything_comes_back_in_a_database_of_any_kind(source: Database, db: Database) -> None:
    lines = list(exported_lines(source))
    counts = import_lines(db, lines, AT)
    assert sum(counts.values()) == len(lines) - 1
    assert {"feed", "entry", "edition", "recipient", "delivery", "ledger", "meta"} <= counts.keys()
    assert sorted(exported_lines(db)) == sorted(line.replace('"indexed": true', '"indexed": false') for line in lines)
    with db.write() as connection:  # ids continue after the imported ones
        url = "https://south.example/"
        fresh = {"url": url, "configured": url, "options": {}, "added": AT, "aliases": [], "hints": {}}
        connection.execute(insert(tables.feed), fresh)
        assert connection.execute(select(tables.feed.c.id).where(tables.feed.c.url == url)).scalar() == 8


def test_without_secrets_none_is_written_and_nothing_is_sent_again(source: Database) -> None:
    lines = list(exported_lines(source, url_without_secrets))
    text = "\n".join(lines)
    for secret in (SECRET, "password@", "AP8=", TOKEN, HOOK):
        assert secret in "\n".join(exported_lines(source))
        assert secret not in text
    states = [row["state"] for row in map(json.loads, lines) if row.get("table") == "delivery"]
    assert states == ["sent", "expired"]
    counts = import_lines(Database.in_memory(), lines, AT)
    assert (counts["ledger"], counts["recipient"]) == (1, 3)


def test_what_was_read_of_opml_files_is_no_way_around(source: Database) -> None:
    meta.put(source, "opml:/feeds.opml", '0\n[["https://ann:opml-password@north.example/feed", "North", []]]')
    assert "opml-password" in "\n".join(exported_lines(source))
    assert "opml-password" not in "\n".join(exported_lines(source, url_without_secrets))


def test_no_lease_goes_with_the_rows(source: Database) -> None:
    rows = [json.loads(line) for line in exported_lines(source)]
    assert [row["lease_owner"] for row in rows if row.get("table") == "feed"] == [None]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["{}"],
        ["not json"],
        ['{"export": 2}'],
        ["[]"],
        [f'{{"export": 1, "schema": "{tables.HEAD}"}}', '{"table": "feed", "no_column": 1}'],
        [f'{{"export": 1, "schema": "{tables.HEAD}"}}', '{"table": "no_table"}'],
        [f'{{"export": 1, "schema": "{tables.HEAD}"}}', "[1]"],
        [f'{{"export": 1, "schema": "{tables.HEAD}"}}', '{"table": "edition", "slot": "yesterday"}'],
    ],
)
def test_other_files_are_refused_in_words(lines: list[str]) -> None:
    with pytest.raises(NotABackup):
        import_lines(Database.in_memory(), lines, AT)


def test_an_export_of_another_schema_and_a_database_with_content_are_refused(source: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="schema 0001"):
        import_lines(Database.in_memory(), ['{"export": 1, "schema": "0001"}'], AT)
    lines = list(exported_lines(source))
    target = filled(open_database(f"sqlite:///{tmp_path / 'other.db'}"))
    before = list(exported_lines(target))
    with pytest.raises(BackupRefused, match="content"):
        import_lines(target, lines, AT)
    assert list(exported_lines(target)) == before
    target.close()


def test_a_torn_file_changes_nothing(source: Database, tmp_path: Path) -> None:
    lines = list(exported_lines(source))
    lines[-1] = lines[-1][:20]
    target = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    before = list(exported_lines(target))
    with pytest.raises(NotABackup, match="not JSON"):
        import_lines(target, lines, AT)
    assert list(exported_lines(target)) == before
    target.close()


def test_feeds_that_differ_by_a_secret_only_stay_two(source: Database) -> None:
    with source.write() as connection:
        for number in (8, 9):
            url = f"https://south.example/feed?token={number:032}"
            row = {"id": number, "url": url, "configured": url, "options": {}, "added": AT, "aliases": [], "hints": {}}
            connection.execute(insert(tables.feed), row)
    target = Database.in_memory()
    counts = import_lines(target, exported_lines(source, url_without_secrets), AT)
    assert counts["feed"] == 3
    with target.read() as connection:
        urls = connection.execute(select(tables.feed.c.url).order_by(tables.feed.c.id)).scalars().all()
    assert urls[1:] == ["https://south.example/feed", "https://south.example/feed#9"]


def test_while_another_process_works_on_the_database_nothing_is_imported(source: Database) -> None:
    lines, target = list(exported_lines(source)), Database.in_memory()
    meta.acquire_instance(target, "other:1:ab", AT, timedelta(minutes=1))
    with pytest.raises(BackupRefused, match="another process uses the database: other:1:ab"):
        import_lines(target, lines, AT)
    assert import_lines(target, lines, AT, has_ended=lambda holder: holder == "other:1:ab")


def test_every_table_is_exported_and_documented_or_left_out_as_a_cache() -> None:
    text = (Path(__file__).parents[3] / "docs" / "upgrading.md").read_text("utf-8")
    missing = [name for name in tables.metadata.tables if name not in LEFT_OUT and f"`{name}`" not in text]
    assert missing == []
