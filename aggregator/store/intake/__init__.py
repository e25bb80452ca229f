"""Feeds, polls, pushes and entries."""
