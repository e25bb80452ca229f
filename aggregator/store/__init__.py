"""The database: tables, one module of functions for each topic, one transaction for each function.

Every function takes the `Database` first, and `now` where time matters. SQLite and PostgreSQL run the same statements;
`schema.dialect` holds the differences.
"""

from aggregator.store.database import Database, database_file, open_database

__all__ = ["Database", "database_file", "open_database"]
