"""Stories in, a delivered edition out. Knows nothing of feeds or databases."""
