"""Checks of the machine: the packages Python finds, the database, its disk, the clock."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import Config, zone
from aggregator.config.secrets import database_url
from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.store import database_folder, meta, open_database
from aggregator.store.errors import StoreError
from aggregator.system import packages as shadow

FULL, TIGHT = 100 * 1024**2, 1024**3  # bytes free: below the first nothing should be written, below the second soon
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right shows an earlier time to this code


def packages() -> Iterator[Finding]:
    """Whether `feeds` and `digests` are ours, and no other distribution brings packages of these names."""
    from importlib.metadata import packages_distributions

    strangers = shadow.problems()
    for stranger in strangers:
        yield error("packages", stranger, "uninstall the other package, or use a virtual environment of its own")
    owners = packages_distributions()
    for name in shadow.OURS:
        others = sorted({owner for owner in owners.get(name, []) if owner != "aggregator-digest"})
        if others:
            yield warning(
                "packages",
                f"{', '.join(others)} brings a package `{name}` too",
                f"pip uninstall {others[0]}, or use a virtual environment",
            )
    if not strangers:
        yield ok("packages", f"Python {sys.version.split()[0]}, feeds and digests are ours")


def database(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether the database opens, is of this version, and takes a write."""
    url = database_url(config)
    folder = database_folder(url)
    if folder is not None:
        yield from _disk(folder)
    try:
        db = open_database(url)
        try:
            meta.put(db, "doctor", now.isoformat())
        finally:
            db.close()
    except StoreError as failure:
        yield error("database", f"{failure} [{failure.code}]", failure.hint)
        return
    yield ok("database", f"{config.storage.url}: open, up to date, writable")


def _disk(folder: Path) -> Iterator[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as failure:
        yield error("disk", f"{folder}: {failure.strerror}", "make the folder, or name another in [storage] url")
        return
    words = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free < FULL:
        yield error("disk", words, "make room; nothing new can be stored soon")
    elif free < TIGHT:
        yield warning("disk", words, "make room, or lower [storage] keep_days")
    else:
        yield ok("disk", words)


def clock(now: datetime, last_seen: datetime | None) -> Iterator[Finding]:
    """Whether the clock can be right: not before this code was written, nor before what the database has recorded."""
    if now < RELEASED:
        yield error(
            "clock", f"it shows {now:%Y-%m-%d}, before this program was written", "set the clock, and let NTP keep it"
        )
    elif last_seen and now < last_seen:
        yield error(
            "clock",
            f"it shows {now:%Y-%m-%d %H:%M} UTC, and the database knows {last_seen:%Y-%m-%d %H:%M}",
            "set the clock, and let NTP keep it",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, local zone {zone.local()}")
