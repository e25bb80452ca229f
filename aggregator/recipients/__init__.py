"""The people who receive digests: subscribing, lists, bounces, fixed texts."""
