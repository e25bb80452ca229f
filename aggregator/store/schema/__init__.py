"""The tables, their column types, and the differences between SQLite and PostgreSQL."""
