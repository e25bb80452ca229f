"""A real pgbouncer before the PostgreSQL of the tests. Without it the tests skip; with CI=true they fail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.support.postgres import as_other_user


def find_pgbouncer() -> str:
    """Return the program; skip or fail the test without it."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if found is None:
        missing = "no pgbouncer (Debian: apt install pgbouncer)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def pgbouncer(database: str, mode: str) -> Iterator[str]:
    """Run a pooler in a mode (`session`, `transaction`) before the database; yield the URL that goes through it."""
    program, url = find_pgbouncer(), make_url(database)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir="/tmp"))
    other = as_other_user(home)
    (home / "users").write_text('"postgres" ""\n')
    (home / "ini").write_text(
        f"[databases]\n* = host={url.query['host']}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"unix_socket_dir =\nauth_type = trust\nauth_file = {home}/users\npool_mode = {mode}\n"
        "default_pool_size = 20\nmax_client_conn = 200\n"
    )
    process = subprocess.Popen(
        [program, "-q", str(home / "ini")], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **other
    )
    try:
        _until_open(port)
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/{url.database}"
    finally:
        process.kill()
        process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
