"""The SQL scripts of the installed procrastinate."""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager

from aggregator.store.cluster.jobs import JobScripts


def job_scripts() -> JobScripts:
    """Return the scripts that create and migrate the job tables."""
    folder = Path(SchemaManager.get_migrations_path())
    migrations = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))}
    return JobScripts(SchemaManager.get_schema(), migrations)
