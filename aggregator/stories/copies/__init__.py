"""Which entries carry the same text, and which of them wrote it."""
