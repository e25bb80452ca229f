"""The Alembic environment and the migration scripts."""
