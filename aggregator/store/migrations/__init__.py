"""Alembic's folder: the environment and one script for each change of the tables."""
