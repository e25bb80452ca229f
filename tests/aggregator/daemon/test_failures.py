"""Work that fails: the log has it at once, the owner when it does not pass, and once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.daemon.failures import Failures
from aggregator.observe.metrics import Metrics
from aggregator.services.program import opened_program
from aggregator.store.database import Database
from aggregator.store.errors import DiskFull
from aggregator.store.figures import Figures
from aggregator.store.outgoing import deliveries
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.anyio


def configure(folder: Path, port: int) -> Path:
    file = folder / "config.toml"
    file.write_text(
        '[mail]\nsender = "digest@example.org"\nowner = "owner@example.org"\nhost = "127.0.0.1"\nsecurity = "none"\n'
        f"port = {port}\n"
    )
    return file


async def test_the_operator_hears_of_it_at_the_third_time_and_then_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with SmtpServer() as smtp:
        async with opened_program(load(configure(tmp_path, smtp.port))) as program:
            metrics = Metrics()
            failures = Failures(program.operator, metrics)
            for count in range(1, 6):
                await failures.record("task", "compose", DiskFull(), digest="morning")
                program.delivery.deliver()
                assert len(smtp.accepted) == (count >= 3)
        mail = smtp.accepted[0]
    assert mail.recipient == "owner@example.org"
    assert b"left on the disk [disk-full]" in mail.body
    assert b"hint: free" in mail.body
    assert b'aggregator_failures_total{kind="task",name="compose"} 5.0' in metrics.text(
        Figures(), datetime(2026, 3, 1, tzinfo=UTC)
    )
    records = [r for r in caplog.records if r.getMessage() == "task failed"]
    assert [r.levelno for r in records] == [logging.ERROR] * 5
    assert records[0].fields["digest"] == "morning"  # type: ignore[attr-defined]
    assert all(r.exc_info is None for r in records), "an error of our own needs no traceback"


async def test_an_error_that_nobody_expected_keeps_its_traceback_and_a_success_ends_the_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with SmtpServer() as smtp:
        async with opened_program(load(configure(tmp_path, smtp.port))) as program:
            failures = Failures(program.operator, Metrics())
            for _ in range(4):
                await failures.record("task", "group", ZeroDivisionError("no"))
                await failures.record("task", "group")
            await failures.record("task", "group", ZeroDivisionError("no"))
            assert deliveries.list_deliveries(program.db) == []
        assert smtp.accepted == []
    assert all(r.exc_info for r in caplog.records if r.getMessage() == "task failed")


def spoil(db: Database) -> None:
    """Write over the file of a database."""
    db.close()
    assert db.sqlite_path
    db.sqlite_path.write_bytes(b"no database any more" * 1000)
    for suffix in ("-wal", "-shm"):
        db.sqlite_path.with_name(db.sqlite_path.name + suffix).unlink(missing_ok=True)


async def test_a_database_that_fails_keeps_nobody_from_telling(tmp_path: Path) -> None:
    with SmtpServer() as smtp:
        async with opened_program(load(configure(tmp_path, smtp.port))) as program:
            failures = Failures(program.operator, Metrics())
            spoil(program.db)
            for _ in range(3):
                await failures.record("task", "group", DiskFull())
        assert len(smtp.accepted) == 1
