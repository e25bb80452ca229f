"""The tables of procrastinate's jobs, beside ours in the PostgreSQL database: creating them, and figures by queue.

The package brings its tables as one script and its migrations as further scripts. The last script that ran is noted
under `jobs-schema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip, one_at_a_time
from aggregator.store.schema.tables import meta

QUEUES = ("poll", "group", "compose", "deliver", "bounces", "maintain")
SPAN = timedelta(minutes=5)  # over which ended and failed jobs are counted
ALIVE = timedelta(seconds=30)  # since the last sign of life of a worker
_VERSION = "jobs-schema"
_WORKER = "jobs-worker:"
_LOCK = 4_711_202_412  # an arbitrary constant; it stops two workers from creating the tables at once


@dataclass(frozen=True, slots=True)
class JobScripts:
    """The SQL of the installed procrastinate: the whole schema, and the migrations by name in their order."""

    schema: str
    migrations: Mapping[str, str]

    @property
    def version(self) -> str:
        """The name of the last migration."""
        return max(self.migrations)


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """The state of a queue. `oldest` is how long its first job that is due waits; the rest counts the last minutes."""

    name: str
    waiting: int
    running: int
    oldest: timedelta
    done: int
    failed: int
    since: timedelta

    @property
    def per_second(self) -> float:
        """How many jobs ended a second."""
        return self.done / self.since.total_seconds()


def install(db: Database, scripts: JobScripts) -> None:
    """Create the job tables, or run the migrations that are missing. Several workers may call it at once."""
    if installed_version(db) == scripts.version:
        return
    with db.write() as connection:
        one_at_a_time(connection, _LOCK)
        present = _version(connection)
        if present is None:
            _run(connection, scripts.schema)
        else:
            for name in sorted(scripts.migrations):
                if name > present:
                    _run(connection, scripts.migrations[name])
        merging = insert_or_replace(connection, meta, ["key"], ["value"])
        connection.execute(merging, {"key": _VERSION, "value": scripts.version, "until": None})


def installed_version(db: Database) -> str | None:
    """Return the name of the last script that ran; None if there are no job tables."""
    with db.read() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    found: str | None = connection.execute(select(meta.c.value).where(meta.c.key == _VERSION)).scalar()
    return found


def _run(connection: Connection, script: str) -> None:
    driver: Any = connection.connection.driver_connection  # SQLAlchemy runs one statement at a time
    driver.execute(script)


_FIGURES = text("""
WITH recent AS (
    SELECT job.queue_name, event.type, count(*) AS number
    FROM procrastinate_events event JOIN procrastinate_jobs job ON job.id = event.job_id
    WHERE event.at > now() - make_interval(secs => :seconds)
        AND event.type IN ('succeeded', 'failed', 'deferred_for_retry')
    GROUP BY 1, 2
), open AS (
    SELECT queue_name,
        count(*) FILTER (WHERE status = 'todo') AS waiting,
        count(*) FILTER (WHERE status = 'doing') AS running,
        min(coalesce(scheduled_at, (SELECT min(at) FROM procrastinate_events e WHERE e.job_id = job.id)))
            FILTER (WHERE status = 'todo') AS oldest
    FROM procrastinate_jobs job WHERE status IN ('todo', 'doing') GROUP BY 1
)
SELECT q.name, coalesce(open.waiting, 0) AS waiting, coalesce(open.running, 0) AS running,
    greatest(0, coalesce(extract(epoch FROM now() - open.oldest), 0)) AS oldest,
    coalesce((SELECT sum(number) FROM recent WHERE queue_name = q.name AND type = 'succeeded'), 0) AS done,
    coalesce((SELECT sum(number) FROM recent WHERE queue_name = q.name AND type <> 'succeeded'), 0) AS failed
FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS q (name, place)
LEFT JOIN open ON open.queue_name = q.name ORDER BY q.place
""")


def queue_figures(db: Database, names: Sequence[str] = QUEUES, since: timedelta = SPAN) -> list[QueueFigures]:
    """Return the figures of these queues; what is counted over time is counted for `since`.

    Grouping is no job: of `group` the entries that wait are counted.
    """
    with db.read() as connection:
        rows = connection.execute(_FIGURES, {"names": list(names), "seconds": since.total_seconds()}).all()
        entries = connection.execute(_UNGROUPED).one()
    return [
        replace(one, waiting=entries.waiting, oldest=timedelta(seconds=float(entries.oldest)))
        if one.name == "group"
        else one
        for one in (
            QueueFigures(
                r.name, r.waiting, r.running, timedelta(seconds=float(r.oldest)), int(r.done), int(r.failed), since
            )
            for r in rows
        )
    ]


_UNGROUPED = text("""SELECT count(*) AS waiting,
    greatest(0, coalesce(extract(epoch FROM now()) - min(arrived) / 1e6, 0)) AS oldest
    FROM entry WHERE NOT grouped""")


def unfinished(db: Database) -> int:
    """Return how many jobs run or could run now."""
    query = text("""SELECT count(*) FROM procrastinate_jobs
        WHERE status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now())""")
    with db.read() as connection:
        return int(connection.execute(query).scalar_one())


def forget_ended(db: Database, keep: timedelta) -> int:
    """Delete jobs that ended before `keep`; return how many."""
    query = text("""DELETE FROM procrastinate_jobs job
        WHERE status NOT IN ('todo', 'doing') AND NOT EXISTS (
            SELECT 1 FROM procrastinate_events event
            WHERE event.job_id = job.id AND event.at > now() - make_interval(secs => :seconds))""")
    with db.write() as connection:
        return connection.execute(query, {"seconds": keep.total_seconds()}).rowcount


def live_workers(db: Database, within: timedelta = ALIVE) -> int:
    """Return how many workers showed a sign of life within a time."""
    query = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :s)")
    with db.read() as connection:
        return int(connection.execute(query, {"s": within.total_seconds()}).scalar_one())


def note_worker(connection: Connection, number: int, holder: str, now: datetime) -> None:
    """Note which worker has this number in the job tables. One that connects again gets another number."""
    connection.execute(insert_or_skip(connection, meta), {"key": f"{_WORKER}{number}", "value": holder, "until": now})


_FORGET_WORKERS = text("DELETE FROM procrastinate_workers WHERE id IN :numbers").bindparams(
    bindparam("numbers", expanding=True)
)


def forget_worker(connection: Connection, holder: str) -> None:
    """Delete a dead worker from the job tables: the leader then hands its jobs back at once."""
    noted = select(meta.c.key).where(meta.c.key.startswith(_WORKER), meta.c.value == holder)
    if numbers := [int(key.removeprefix(_WORKER)) for key in connection.execute(noted).scalars()]:
        connection.execute(_FORGET_WORKERS, {"numbers": numbers})
