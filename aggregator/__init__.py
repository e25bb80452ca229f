"""The roof over feeds and digests, and the heart: entries become stories."""

__version__ = "0.1.0"
