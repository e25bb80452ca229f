"""Stories, their articles, and the search index."""
