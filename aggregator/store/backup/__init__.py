"""Copies the database, puts a copy back in its place, and writes its content as JSON lines."""
