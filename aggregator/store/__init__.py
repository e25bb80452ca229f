"""The database: tables, one file of named functions a topic, one transaction a function.

Every function takes the `Database` first and `now` where time matters. SQLite and PostgreSQL run the same statements; what
they do differently is in `dialect`.
"""

from aggregator.store.database import Database, database_folder, open_database

__all__ = ["Database", "database_folder", "open_database"]
