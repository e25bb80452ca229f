"""Several processes on one database: nobody gets what another has, and a copy is whole while others write."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.store import Database, meta
from aggregator.store.backup.sqlite import backup
from aggregator.store.editions import digests, editions
from aggregator.store.errors import BackupRefused
from aggregator.store.intake import feeds
from aggregator.store.outgoing import deliveries, recovery
from aggregator.store.records import DigestConfigRow
from aggregator.store.schema.tables import HEAD
from digests.outbox import State
from tests.support.outbox import fill
from tests.support.smtp import SmtpServer
from tests.support.stored import DAY, NOW, edition, entry, item, publish, publish_stories, readers, send, subscribe

_CLAIMER = """
import sys
from aggregator.store import Database
from aggregator.store.editions import digests
from aggregator.store.intake import feeds
from aggregator.store.outgoing import deliveries
from tests.support.stored import LEASE, NOW
db = Database.open(sys.argv[1])
what = {"feeds": feeds.claim_due, "deliveries": deliveries.claim_due}[sys.argv[2]]
print("ready", flush=True)
sys.stdin.readline()
while taken := what(db, NOW, sys.argv[3], LEASE, 7):
    print(*(one.id for one in taken), flush=True)
"""

_DELIVERER = """
import sys
from datetime import timedelta
from aggregator.system.clock import SystemClock
from aggregator.pipeline.deliver import DeliverySettings, deliver_due
from aggregator.store import Database
from digests.channels import SmtpSettings, open_channel
from digests.outbox import Policy
db = Database.open(sys.argv[1])
smtp = SmtpSettings("127.0.0.1", int(sys.argv[2]), "none")
print("ready", flush=True)
sys.stdin.readline()
settings = DeliverySettings(lease=timedelta(minutes=2), batch=3)
sent = lost = 0
while True:
    report = deliver_due(db, lambda _: open_channel("smtp", smtp), SystemClock(), Policy(), sys.argv[3], \
settings=settings)
    sent, lost = sent + report.sent, lost + report.counts.get("lost", 0)
    if not report.sent:
        break
print(sent, lost, flush=True)
"""

_RELAXED = """
import os, signal, sys
from aggregator.store import Database, meta
from aggregator.store.schema.tables import meta as table
db = Database.open(sys.argv[1])
meta.put(db, "first", "durable")
print("ready", flush=True)
sys.stdin.readline()
with db.write(durable=False) as connection:
    connection.execute(table.insert().values(key="second", value="relaxed"))
print("done", flush=True)
sys.stdin.readline()
"""

_WRITER = """
import sys
from aggregator.store import Database
from tests.support.stored import entry, publish
db = Database.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(60):
    publish(db, [entry(f"{sys.argv[3]} {turn} {n}") for n in range(5)], url=f"https://{sys.argv[3]}.example/")
    print(turn, flush=True)
"""


def together(script: str, url: str, what: str, count: int) -> list[str]:
    """Run `count` processes that begin at the same moment; return what each printed after."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, url, what, f"p{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(count)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * count
    return outputs


def test_no_two_processes_claim_one_feed(server_or_file_url: str) -> None:
    with_db = Database.open(server_or_file_url)
    subscribe(with_db, *(f"https://f{n}.example/" for n in range(200)))
    outputs = together(_CLAIMER, server_or_file_url, "feeds", 3)
    taken = [int(key) for output in outputs for key in output.split()]
    assert sorted(taken) == sorted(feeds.feeds_by_id(with_db))
    with_db.close()


def test_no_two_processes_claim_one_delivery(server_or_file_url: str) -> None:
    db = Database.open(server_or_file_url)
    people = readers(db, *(f"r{n}@x.example" for n in range(90)))
    keys = send(db, edition([]), people)
    outputs = together(_CLAIMER, server_or_file_url, "deliveries", 3)
    assert sorted(int(key) for output in outputs for key in output.split()) == keys
    assert sum(deliveries.counts(db).values()) == len(keys)
    db.close()


def test_two_processes_deliver_one_outbox_and_never_send_twice(server_or_file_url: str) -> None:
    db = Database.open(server_or_file_url)
    addresses = [f"reader{n}@example.com" for n in range(40)]
    fill(db, [f"mail:{address}" for address in addresses], datetime.now(UTC))
    with SmtpServer() as server:
        outputs = together(_DELIVERER, server_or_file_url, str(server.port), 2)
    counted = [tuple(map(int, output.split())) for output in outputs]
    assert sum(sent for sent, _ in counted) == len(addresses)
    assert sum(lost for _, lost in counted) == 0
    assert sorted(one.recipient for one in server.accepted) == sorted(addresses)
    assert deliveries.counts(db) == {State.SENT: len(addresses)}
    db.close()


def test_what_does_not_wait_for_the_disk_outlives_a_killed_process(server_or_file_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _RELAXED, server_or_file_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        process.kill()
    db = Database.open(server_or_file_url)
    assert meta.get(db, "second") == "relaxed"
    db.close()


def test_only_what_asks_for_it_does_not_wait_for_the_disk(file_url: str) -> None:
    db = Database.open(file_url)

    def waits() -> int:
        with db.read() as connection:
            return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    with db.write(durable=False) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1  # NORMAL
    assert waits() == 2  # FULL
    with suppress(LookupError), db.write(durable=False):
        raise LookupError
    assert waits() == 2
    db.close()


def test_writers_in_several_processes_lose_nothing(server_or_file_url: str) -> None:
    db = Database.open(server_or_file_url)
    subscribe(db, *(f"https://p{n}.example/" for n in range(3)))
    together(_WRITER, server_or_file_url, "write", 3)
    health = feeds.list_feeds(db, NOW)
    assert [one.entries for one in health] == [300, 300, 300]
    db.close()


def test_two_processes_migrate_one_fresh_database(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom aggregator.store import Database\nprint('ready', flush=True)\nsys.stdin.readline()\n"
        "db = Database.open(sys.argv[1]); db.migrate(); print(db.version())"
    )
    assert set(together(script, str(tmp_path / "fresh.db"), "migrate", 3)) == {f"{HEAD}\n"}


# ── backup ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_is_whole_while_another_process_writes(file_url: str, tmp_path: Path) -> None:
    db = Database.open(file_url)
    subscribe(db, "https://w.example/")
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, file_url, "write", "w"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("\n")
    writer.stdin.flush()
    counts = []
    for turn in range(5):
        writer.stdout.readline()  # another transaction is in
        backup(db, tmp_path / f"copy{turn}.db")
        counts.append(entries_of(tmp_path / f"copy{turn}.db"))
    writer.communicate(timeout=60)
    assert counts == sorted(counts)
    assert all(count % 5 == 0 for count in counts)  # whole transactions only
    assert counts[-1] >= 25
    assert list(tmp_path.glob("*.part*")) == []
    db.close()


def entries_of(path: Path) -> int:
    """Open a copy as the program would and count."""
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db = Database.open(str(path))
    assert not db.migrate()
    total = sum(health.entries for health in feeds.list_feeds(db, NOW))
    db.close()
    return total


def test_a_backup_replaces_an_older_one_and_is_for_its_owner_only(file_url: str, tmp_path: Path) -> None:
    db = Database.open(file_url)
    target = tmp_path / "copy.db"
    target.write_text("an older one")
    publish(db, [entry("a")])
    backup(db, target)
    assert entries_of(target) == 1
    assert target.stat().st_mode & 0o077 == 0
    db.close()


def test_the_twin_in_memory_can_be_kept(tmp_path: Path) -> None:
    db = Database.in_memory()
    publish(db, [entry("a")])
    backup(db, tmp_path / "copy.db")
    assert entries_of(tmp_path / "copy.db") == 1
    db.close()


def test_a_backup_never_overwrites_the_database(file_url: str, tmp_path: Path) -> None:
    db = Database.open(file_url)
    with pytest.raises(BackupRefused):
        backup(db, tmp_path / "store.db")
    db.close()


@pytest.mark.postgres
def test_the_copy_of_an_sqlite_database_refuses_postgres(postgres_database: str, tmp_path: Path) -> None:
    db = Database.open(postgres_database)
    with pytest.raises(BackupRefused) as caught:
        backup(db, tmp_path / "copy.db")
    assert "SQLite" in str(caught.value)
    assert not (tmp_path / "copy.db").exists()
    db.close()


# ── a process that dies ──────────────────────────────────────────────────────────────────────────────────────────────

_DIES = """
import os, signal, sys
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import deliveries
from tests.support.stored import LEASE, NOW, edition, item
db = Database.open(sys.argv[1])
(taken,) = deliveries.claim_due(db, NOW, "dies", LEASE, 1)
if sys.argv[2] == "dot":
    deliveries.mark_dot(db, taken.id, "dies", NOW)
with db.write() as connection:
    connection.exec_driver_sql("DELETE FROM ledger")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.crash
@pytest.mark.parametrize("at", ["claim", "dot"])
def test_a_killed_process_leaves_its_marks_and_no_half_work(server_or_file_url: str, at: str) -> None:
    db = Database.open(server_or_file_url)
    (story,) = publish_stories(db, 1)
    people = readers(db, "ann@x.example")
    (key,) = send(db, edition([item(story)]), people)
    died = subprocess.run([sys.executable, "-c", _DIES, server_or_file_url, at], check=False, timeout=60)
    assert died.returncode == -9
    assert deliveries.delivery_by(db, key).state.value == ("dot" if at == "dot" else "sending")
    assert list(editions.reported(db, people, [story])[people[0]]) == [story]
    back = recovery.recover(db, NOW + DAY)
    assert (back.unknown if at == "dot" else back.queued) == (key,)
    db.close()


def test_one_slot_is_composed_by_one_of_two_that_hold_old_leases(server_or_file_url: str) -> None:
    first, second = Database.open(server_or_file_url), Database.open(server_or_file_url)
    digests.sync_digests(first, [DigestConfigRow("morning", "s", NOW)], NOW)
    assert digests.take(first, "morning", NOW, "a", DAY) is not None
    assert digests.take(second, "morning", NOW, "b", DAY) is None
    first.close()
    second.close()
