"""Checks of the machine: installed packages, database, disk, clock."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import Config, zone
from aggregator.config.secrets import database_url
from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.store import database_file, meta, open_database
from aggregator.store.errors import StoreError
from aggregator.system import packages as installed
from aggregator.system.files import make_private_folder

FULL, NEARLY_FULL = 100 * 1024**2, 1024**3  # free bytes below which the disk is full or nearly full
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)  # a clock that shows an earlier time is wrong

_CLOCK_HINT = "set the clock, and keep it synchronized with NTP"


def check_packages() -> Iterator[Finding]:
    """Check that `feeds` and `digests` are ours, and that no other distribution has packages of these names."""
    from importlib.metadata import packages_distributions

    problems = installed.problems()
    for problem in problems:
        yield error("packages", problem, "uninstall the other package, or use a separate virtual environment")
    distributions = packages_distributions()
    for name in installed.OURS:
        others = sorted(set(distributions.get(name, [])) - {"aggregator-digest"})
        if others:
            yield warning(
                "packages",
                f"{', '.join(others)} also installs a package `{name}`",
                f"pip uninstall {others[0]}, or use a virtual environment",
            )
    if not problems:
        yield ok("packages", f"Python {sys.version.split()[0]}, no other package is in the way")


def check_database(config: Config, now: datetime) -> Iterator[Finding]:
    """Check that the database can be opened, has the current schema and is writable."""
    url = database_url(config)
    file = database_file(url)
    if file is not None:
        yield from _disk(file.parent)
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
        make_private_folder(folder)
        free = shutil.disk_usage(folder).free
    except OSError as failure:
        yield error("disk", f"{folder}: {failure.strerror}", "create the folder, or set another in [storage] url")
        return
    message = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free < FULL:
        yield error("disk", message, "free some space; soon nothing can be stored")
    elif free < NEARLY_FULL:
        yield warning("disk", message, "free some space, or lower [storage] keep_days")
    else:
        yield ok("disk", message)


def check_daemon(holder: str | None) -> Iterator[Finding]:
    """Say whether a daemon serves this database; `holder` is its name in the lease."""
    if holder is None:
        yield ok("daemon", "none runs with this database")
        return
    machine, process = f"{holder}:".split(":")[:2]
    yield ok("daemon", f"runs on {machine}, process {process}")


def check_clock(now: datetime, last_seen: datetime | None) -> Iterator[Finding]:
    """Check that the clock is not before the release of this code, nor before the last time in the database."""
    if now < RELEASED:
        yield error("clock", f"it shows {now:%Y-%m-%d}, before the release of this program", _CLOCK_HINT)
    elif last_seen and now < last_seen:
        message = f"it shows {now:%Y-%m-%d %H:%M} UTC, but the database has {last_seen:%Y-%m-%d %H:%M}"
        yield error("clock", message, _CLOCK_HINT)
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, local zone {zone.local()}")
