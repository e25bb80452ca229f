"""The values that a template sees."""
