"""Finds the feeds of a page, and extracts a page's article and metadata."""
