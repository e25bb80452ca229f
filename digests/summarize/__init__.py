"""Summaries: from the articles of a story to a few sentences, each with its source."""
