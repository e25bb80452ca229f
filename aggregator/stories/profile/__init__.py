"""What a story is about: topics, interests, likeness to an example."""
