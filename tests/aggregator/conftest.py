"""What holds for every test of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aggregator.store import Database


@pytest.fixture(autouse=True)
def every_database_is_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test opens: from Python 3.13 an open connection of SQLite is reported when it is forgotten."""
    opened: list[Database] = []
    begin = Database.__init__

    def recorded(self: Database, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        opened.append(self)

    monkeypatch.setattr(Database, "__init__", recorded)
    yield
    for db in opened:
        db.close()
