"""Find the feeds behind a page, and read a page's article and metadata."""
