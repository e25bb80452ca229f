"""An address in, entries out. Knows nothing of stories, digests or databases."""
