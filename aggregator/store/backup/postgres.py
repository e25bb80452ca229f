"""Backs up and restores a PostgreSQL database with PostgreSQL's own `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from aggregator.store import meta
from aggregator.store.database import Database
from aggregator.store.errors import BackupRefused, NotABackup
from aggregator.store.schema import migrate
from aggregator.system.files import make_private

_OTHERS = text(  # workers of autovacuum have no user
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND usesysid IS NOT NULL"
)


def backup(url: str, path: Path) -> None:
    """Write a consistent archive of the database to `path`. Raises `BackupRefused` if `pg_dump` is missing or fails."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    make_private(unfinished, create=True)
    try:
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={unfinished}")
        _version(unfinished, url)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(copy: Path, url: str, now: datetime) -> Path:
    """Replace the content of the database by that of an archive; return an archive of the replaced content.

    It is one transaction. Raises `NotABackup`, `SchemaTooNew`, and `BackupRefused` while others use the database.
    """
    migrate.check(_version(copy, url))
    db = Database.open(url)
    try:
        _check_unused(db, now)
    finally:
        db.close()
    replaced = copy.with_name(f"{copy.name}.replaced-{now:%Y%m%d-%H%M%S}")
    backup(url, replaced)
    options = ("--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error")
    _run("pg_restore", url, *options, str(copy))
    return replaced


def _check_unused(db: Database, now: datetime) -> None:
    with db.read() as connection:
        others = int(connection.execute(_OTHERS).scalar() or 0)
        migrated = bool(connection.execute(text("SELECT to_regclass('meta')")).scalar())
    holder = meta.instance_holder(db, now) if migrated else None
    if others or holder:
        raise BackupRefused(
            f"{holder or f'{others} other connections'} use the database",
            hint="stop the daemon, the workers and other commands, then restore",
        )


def _version(archive: Path, url: str) -> str:
    """Return the migration that an archive is at. Raises `NotABackup`."""
    try:
        out = _run("pg_restore", url, "--data-only", "--table=alembic_version", "--file=-", str(archive), connect=False)
    except BackupRefused as error:
        if error.hint == _INSTALL:
            raise
        raise NotABackup(f"{archive}: {NotABackup.__doc__} ({error})") from error
    lines = out.splitlines()
    found = [after for line, after in pairwise(lines) if line.startswith("COPY ")]
    if not found:
        raise NotABackup(f"{archive}: {NotABackup.__doc__} (it has no version)")
    return found[0]


_INSTALL = "install PostgreSQL's client programs (Debian: apt install postgresql-client), of the server's version"


def _run(program: str, url: str, *arguments: str, connect: bool = True) -> str:
    """Run a program of PostgreSQL; the password goes through the environment, which other users cannot read."""
    found = shutil.which(program)
    if found is None:
        raise BackupRefused(f"{program} is not installed", hint=_INSTALL)
    parsed = make_url(url)
    environment = dict(os.environ)
    if parsed.password:
        environment["PGPASSWORD"] = str(parsed.password)
    where = [f"--dbname={_without_password(parsed)}"] if connect else []
    done = subprocess.run(  # noqa: S603  the program is PostgreSQL's, the arguments are no shell's
        [found, *where, *arguments], env=environment, capture_output=True, text=True, check=False, errors="replace"
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise BackupRefused(f"{program}: {lines[0]}", hint="see the message")
    return done.stdout


def _without_password(url: URL) -> str:
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string(hide_password=False)
