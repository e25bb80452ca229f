"""Finds entries with the same text, and the outlet that wrote it."""
