"""Runs tasks by name with ids. The database row is the queue; an engine only fans out."""
