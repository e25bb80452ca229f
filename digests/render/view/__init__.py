"""The values that templates are given."""
