"""A PostgreSQL database with the tables of a cluster's jobs, and waiting until its jobs have ended."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.daemon.engine.job_scripts import job_scripts
from aggregator.store import Database
from aggregator.store.cluster import jobs

__all__ = ["jobs_database", "until_ended"]


@pytest.fixture
def jobs_database(postgres_database: str) -> str:
    """The URL of a PostgreSQL database without jobs."""
    db = Database.open(postgres_database)
    jobs.install(db, job_scripts())
    with db.write() as connection:
        connection.exec_driver_sql("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    db.close()
    return postgres_database


async def until_ended(url: str) -> None:
    """Return when no job runs or could run now."""
    db = Database.open(url)
    try:
        async with asyncio.timeout(30):
            while await asyncio.to_thread(jobs.unfinished, db):  # noqa: ASYNC110 - other processes end them
                await asyncio.sleep(0.02)
    finally:
        db.close()
