"""Opening the database for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Database


@contextmanager
def opened_database(config: Config) -> Iterator[Database]:
    """Open the configured database and close it at the end. Raises StoreError, SecretMissing."""
    from aggregator.config.secrets import database_url
    from aggregator.store import open_database

    db = open_database(database_url(config))
    try:
        yield db
    finally:
        db.close()
