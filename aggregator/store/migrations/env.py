"""Runs the migration scripts inside the transaction that `aggregator.store.schema.migrate` opened."""

from __future__ import annotations

from alembic import context

from aggregator.store.schema.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
