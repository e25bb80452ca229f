"""The pages to read: editions, today, topics, stories, search."""
