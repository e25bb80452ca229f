"""The database of a test, opened beside the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def sqlite_file(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file for one transaction, and close it: from Python 3.13 an open one is reported as a warning."""
    with closing(sqlite3.connect(path)) as database, database:
        yield database
