"""Digests, editions, summaries and the ledger."""
