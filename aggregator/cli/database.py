"""The database as commands use it: opened for one command, its tables up to date, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Database


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    """Open the configured database; a missing SQLite file and its folder are made. Raises StoreError, SecretMissing."""
    from aggregator.config.secrets import database_url
    from aggregator.store import Database

    url = database_url(config)
    if url.startswith("sqlite:///") and not url.endswith((":memory:", "///")):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db = Database.open(url)
    try:
        db.migrate()
        yield db
    finally:
        db.close()


def sync(db: Database, config: Config, now: datetime) -> None:
    """Let the database know the subscriptions as they stand in the file."""
    from aggregator.services.fetching import subscriptions
    from aggregator.store.intake.feeds import sync_subscriptions

    sync_subscriptions(db, subscriptions(config), now)
