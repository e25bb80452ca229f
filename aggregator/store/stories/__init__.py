"""The tables of stories and articles, and the search index."""
