"""The tables, their types, and what SQLite and PostgreSQL do differently."""
