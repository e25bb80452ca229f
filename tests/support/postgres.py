"""A real PostgreSQL for tests: the one `AGGREGATOR_TEST_POSTGRES` names, or a private cluster of this session.

The cluster lives in a temporary folder and listens on a Unix socket there only. Without a server and without binaries
the tests skip, and say so; with CI=true they fail, so that nobody believes they ran.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c shared_buffers=64MB"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server where databases may be created and dropped."""
    if given := os.environ.get("AGGREGATOR_TEST_POSTGRES"):
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        missing = "no PostgreSQL: set AGGREGATOR_TEST_POSTGRES or install its server (Debian: apt install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with private_cluster(binaries) as url:
        yield url


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`: the newest of Debian's, else the one on the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name.partition(".")[0]))
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def private_cluster(binaries: Path) -> Iterator[str]:
    """Run a cluster of our own; gone without a trace at the end."""
    # A socket's path may have 107 bytes: not pytest's own folder.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    other = as_other_user(home)
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, cwd=home, env={"LC_ALL": "C", "HOME": str(home)}, stdout=subprocess.DEVNULL, **other
        )

    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(
            str(binaries / "pg_ctl"),
            "-D",
            str(data),
            "-w",
            "-l",
            str(home / "log"),
            "-o",
            f"-k {home} {_FAST}",
            "start",
        )
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def as_other_user(home: Path) -> dict[str, Any]:
    """Return the arguments of a process that is to run as somebody else if we are root: the servers refuse root."""
    if os.geteuid() != 0:
        return {}
    user = next(entry for entry in pwd.getpwall() if entry.pw_name in ("postgres", "nobody"))
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Create an empty database on the server and drop it at the end."""
    name = f"aggregator_test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()
