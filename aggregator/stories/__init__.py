"""Entries become articles, articles become stories. Pure: no I/O, no clock, no database."""
