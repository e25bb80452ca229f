"""Scores stories by topic, by interest and by similarity to an example."""
